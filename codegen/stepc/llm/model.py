"""What is asked and what is answered, whoever is asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]
Why = Literal["unreachable", "timeout", "refused", "failed", "bad reply", "budget", "waiting"]

BYTES_OF_A_TOKEN = 3
"""Tokenizers make about four bytes of English or code one token; three keeps an estimate above the count."""
_MOST_BYTES_OF_A_TOKEN = 16
_ENVELOPE = 256 << 10
"""Bytes of a reply besides its text: ids, usage, reasoning that a server adds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given.

    reply_tokens  the longest reply that is wanted
    grammar       a Lark grammar that the reply must fit, for transports that can hold a model to one; empty: free text
    """

    messages: tuple[Message, ...]
    reply_tokens: int = 8_000
    grammar: str = ""

    @property
    def text(self) -> str:
        """The conversation as one document, for a command or for a person to paste."""
        if len(self.messages) == 1:
            return self.messages[0].text.rstrip("\n") + "\n"
        heading = {"system": "Instructions", "user": "Request", "assistant": "Your reply before"}
        return "\n\n".join(f"===== {heading[message.role]} =====\n\n{message.text.strip()}" for message in self.messages) + "\n"

    @property
    def most_reply_bytes(self) -> int:
        """A reply with more bytes than these is not read to its end: nothing that was asked for is that long."""
        return self.reply_tokens * _MOST_BYTES_OF_A_TOKEN + _ENVELOPE

    @property
    def tokens(self) -> int:
        """An estimate of its length, on the high side."""
        return sum(estimated_tokens(message.text) + 8 for message in self.messages) + estimated_tokens(self.grammar)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one exchange. `told` is False where nobody counted them and they are estimates."""

    prompt_tokens: int
    reply_tokens: int
    told: bool = True

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.reply_tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: data, whatever it says.

    model        who answered, as it calls itself
    cost         in dollars; None where nobody knows
    cut          it ended at a bound rather than where the model wanted
    constrained  the model was held to the grammar
    logged       it comes from the log and was not asked for again
    """

    text: str
    model: str
    usage: Usage
    cost: float | None = None
    cut: bool = False
    constrained: bool = False
    logged: bool = False


class AskError(Exception):
    """There is no reply. The text is one sentence for the user, `advice` says what to do."""

    def __init__(self, why: Why, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.why: Why = why
        self.advice = advice


class Transport(Protocol):
    """Somebody who can be asked. `identity` names who it is: the same prompt to the same one need not be asked twice."""

    @property
    def identity(self) -> str: ...

    def ask(self, prompt: Prompt) -> Reply:
        """The reply to a prompt.

        Raises:
            AskError: there is none.
        """
        ...


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, on the high side."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_OF_A_TOKEN)


def estimated(prompt: Prompt, reply: str) -> Usage:
    """The usage of an exchange that nobody counted."""
    return Usage(prompt.tokens, estimated_tokens(reply), told=False)


def key_of(identity: str, prompt: Prompt) -> str:
    """What a reply is filed under: the hash of who is asked and of everything that is asked."""
    content = [identity, [[message.role, message.text] for message in prompt.messages], prompt.reply_tokens, prompt.grammar]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
