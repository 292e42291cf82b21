"""The text of a spec: parsing into a syntax tree, formatting."""

from stepc.syntax.formatter import Unformattable, format_text
from stepc.syntax.parser import Parsed, parse

__all__ = ["Parsed", "Unformattable", "format_text", "parse"]
