"""Specs held against traces: coverage, examples, detection, and the paths that samples show."""
