"""The text of a spec: parsing into a syntax tree, formatting."""

from stepc.syntax.parser import Parsed, parse

__all__ = ["Parsed", "parse"]
