"""Text out of traces on pages that people read: nothing in it acts, and nothing in it reads otherwise than it is."""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_<>\[\]#&])")
_CODE: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
"""What stands between two backticks, each alone: Markdown reads nothing else as code here."""


def visible(text: str) -> str:
    """`text` with control characters, direction marks, zero-width characters and lone surrogates spelled out; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() or character in "\n\t" else _spelled(character) for character in text)


def line(text: str) -> str:
    """`text`, visible and on one line, its blanks single."""
    return visible(" ".join(text.split()))


def code(text: str) -> str:
    """`text` as code in Markdown, fit for a cell of a table: on one line, its backticks and bars harmless."""
    return f"`{line(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def markdown(text: str) -> str:
    """`text` on one line that Markdown takes for nothing else; what stands between backticks stays code."""
    parts = _CODE.split(line(text))
    return "".join(f"`{part}`" if place % 2 else _SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts))


def _spelled(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
