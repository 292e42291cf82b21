"""Text on a terminal: hostile text made visible, colours, and widths in cells. Knows nothing of specs or traces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

STYLES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "error": "1;31",
    "warning": "1;33",
    "good": "1;32",
    "note": "1;36",
    "place": "1;34",
}
NEWLINE = "⏎"
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts a style around text when colours are wanted, and nothing otherwise."""

    enabled: bool = False

    def __call__(self, style: str, text: str) -> str:
        """`text` in a style of `STYLES`; an empty style leaves it alone."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.enabled and style and text else text


PLAIN = Paint()
"""No colours."""


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str, *, lines: bool = False) -> str:
    """`text` with nothing left that a terminal obeys: tabs become blanks, line ends a mark (or stay, with `lines`), the rest `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    kept = "\n" if lines else ""
    parts: list[str] = []
    for character in text.replace("\r\n", "\n"):
        if character == "\n" and not kept:
            parts.append(f" {NEWLINE} ")
        elif character == "\t":
            parts.append("    " if lines else " ")
        elif character.isprintable() or character == kept:
            parts.append(character)
        elif unicodedata.category(character) == "Zs":
            parts.append(" ")
        else:
            # Control characters; direction marks and zero-width characters, which make text read otherwise than it is; lone surrogates,
            # which no encoding takes; line ends that only some programs know; what this Python knows no width of.
            parts.append(_visible(character))
    return "".join(parts)


def width(text: str) -> int:
    """How many cells an escaped text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def cut(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, with an ellipsis where something was cut."""
    if width(text) <= cells:
        return text
    kept: list[str] = []
    room = max(cells - 1, 0)
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled up with blanks to `cells` cells, the blanks on the left with `right`."""
    blanks = " " * (cells - width(text))
    return blanks + text if right else text + blanks


def fold(text: str, cells: int, *, most: int | None = None) -> list[str]:
    """`text` in lines of at most `cells` cells, broken at blanks where possible; at most `most` lines, the last one marked as cut."""
    lines: list[str] = []
    for line in _broken(text, max(cells, 8)):
        if len(lines) == most:
            lines[-1] = cut(lines[-1], cells - 1).removesuffix(ELLIPSIS) + ELLIPSIS
            break
        lines.append(line)
    return lines or [""]


def _broken(text: str, cells: int) -> Iterator[str]:
    line, used = "", 0
    for word in text.split(" "):
        pieces = list(_pieces(word, cells))
        size = width(pieces[0])
        if line and len(pieces) == 1 and used + 1 + size <= cells:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            yield line
        yield from pieces[:-1]
        line, used = pieces[-1], width(pieces[-1])
    if line:
        yield line


def _pieces(word: str, cells: int) -> Iterator[str]:
    """A word that is longer than a line, in pieces that fill one each."""
    if len(word) * 2 <= cells:
        yield word
        return
    begin, used = 0, 0
    for index, character in enumerate(word):
        size = _cells(character)
        if used + size > cells:
            yield word[begin:index]
            begin, used = index, 0
        used += size
    yield word[begin:]
