"""Asking a language model: an endpoint, a command, or a person with files. Only verbs that were told to ask import this."""
