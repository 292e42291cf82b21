"""The brackets of a text, seen without its grammar: what strings, patterns and comments hold does not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from stepc.syntax.recovery.draft import Change
from stepc.syntax.spans import Places

# Neither part ever fails behind its first character, so that a hostile line is read once.
_PIECE = re.compile(r'(?P<opaque>//[^\n]*|"(?:[^"\\\n]|\\[^\n]?)*+"?|/(?:[^/\\\n]|\\[^\n]?)++/?)|(?P<sign>[{}()\[\]\n])')


class Sign(NamedTuple):
    """A bracket or a line break, and its offset."""

    text: str
    offset: int


def signs(text: str, offset: int = 0) -> Iterator[Sign]:
    """Brackets and line breaks from `offset` on."""
    for found in _PIECE.finditer(text, offset):
        piece = found.group()
        if found.lastgroup == "sign":
            yield Sign(piece, found.start())
        elif piece[0] != piece[-1] and piece[0] == '"' and piece.rstrip().endswith("{"):
            yield Sign("{", found.start() + piece.rindex("{"))  # a text that was never closed hides no block


def statement_end(text: str, offset: int) -> int:
    """The offset behind the statement that begins at `offset`: its line, or as far as the brackets it opens go.

    A statement whose brackets are never closed counts as its first line.
    """
    braces, others, first_line = 0, 0, len(text)
    for sign in signs(text, offset):
        match sign.text:
            case "{":
                braces += 1
            case "}":
                braces -= 1
                if braces < 0:
                    return min(first_line, sign.offset)
            case "(" | "[":
                others += 1
            case ")" | "]":
                others = max(0, others - 1)
            case _:
                first_line = min(first_line, sign.offset + 1)
                if braces == 0 and others == 0:
                    return sign.offset + 1
    return first_line


class Imbalance(NamedTuple):
    """A brace too few or too many. `place` is the brace to show; `changes` set it right."""

    missing: bool
    place: int
    changes: tuple[Change, ...]


class _Line(NamedTuple):
    """A line: its offsets, the one of its first character that is no blank, and how far that is indented."""

    start: int
    end: int
    first: int
    indent: int


class _Lines:
    """The lines of a text, each looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = Places(text)
        self._known: dict[int, _Line] = {}

    def at(self, offset: int) -> _Line:
        """The line of an offset."""
        start = self._places.line_start(offset)
        if start not in self._known:
            end = self._text.find("\n", start)
            body = self._text[start : len(self._text) if end < 0 else end]
            blanks = body[: len(body) - len(body.lstrip())]
            self._known[start] = _Line(start, start + len(body), start + len(blanks), len(blanks.expandtabs(2)))
        return self._known[start]


def imbalance(text: str) -> Imbalance | None:
    """The first brace that indentation shows to be missing or too many, where braces do not balance; None where they do."""
    braces = [sign for sign in signs(text) if sign.text in "{}"]
    surplus = sum(1 if sign.text == "{" else -1 for sign in braces)
    if surplus == 0:
        return None
    return _unclosed(text, braces) if surplus > 0 else _unopened(text, braces)


def _unclosed(text: str, braces: list[Sign]) -> Imbalance:
    """The innermost block that a line no deeper than its opener interrupts."""
    lines = _Lines(text)
    events: list[tuple[int, str]] = [(sign.offset, sign.text) for sign in braces]
    events += [(start, "line") for start in _statement_lines(text)]
    open_blocks: list[tuple[int, _Line]] = []
    last_end = 0
    for offset, kind in sorted(events, key=lambda event: (event[0], event[1] != "line")):
        if kind == "{":
            open_blocks.append((offset, lines.at(offset)))
        elif kind == "}":
            if open_blocks:
                open_blocks.pop()
        else:
            line = lines.at(offset)
            if open_blocks and text[offset] != "}" and line.indent <= open_blocks[-1][1].indent and line.start > open_blocks[-1][0]:
                return _close(text, *open_blocks[-1], last_end)
            if open_blocks and text[offset] == "}" and line.indent < open_blocks[-1][1].indent:
                return _close(text, *open_blocks[-1], last_end)
            last_end = line.end
    return _close(text, *open_blocks[-1], last_end) if open_blocks else Imbalance(True, braces[-1].offset, ())


def _statement_lines(text: str) -> Iterator[int]:
    """The offset of the first character of every line that is neither blank nor a comment, and not inside ( or [."""
    depth, offset = 0, 0
    inside: list[int] = []
    for sign in signs(text):
        if sign.text in "([":
            depth += 1
        elif sign.text in ")]":
            depth = max(0, depth - 1)
        elif sign.text == "\n":
            if depth:
                inside.append(sign.offset + 1)
        else:
            depth = 0
    skipped = frozenset(inside)
    for line in text.split("\n"):
        stripped = line.lstrip()
        if stripped and not stripped.startswith("//") and offset not in skipped:
            yield offset + len(line) - len(stripped)
        offset += len(line) + 1


def _close(text: str, opener: int, line: _Line, last_end: int) -> Imbalance:
    """Close a block behind its last line: on a line of its own, or on the same line where it was begun in the middle of one."""
    begins_line = not text[opener + 1 : line.end].split("//")[0].strip()
    if begins_line:
        body = text[line.start : line.end]
        indent = body[: len(body) - len(body.lstrip())]
        return Imbalance(True, opener, (Change(last_end, last_end, f"\n{indent}}}"),))
    behind = _code_end(text, line.start, last_end)
    return Imbalance(True, opener, (Change(behind, behind, " }"),))


def _code_end(text: str, start: int, end: int) -> int:
    """The end of the code of a line, before a trailing comment and blanks."""
    comment = end
    for found in _PIECE.finditer(text, start, end):
        if found.lastgroup == "opaque" and found.group().startswith("//"):
            comment = found.start()
    return start + len(text[start:comment].rstrip())


def _unopened(text: str, braces: list[Sign]) -> Imbalance | None:
    """The first closing brace that stands elsewhere than its block began, or that closes nothing."""
    lines = _Lines(text)
    open_blocks: list[_Line] = []
    for sign in braces:
        line = lines.at(sign.offset)
        if sign.text == "{":
            open_blocks.append(line)
            continue
        begins_line = line.first == sign.offset
        if not open_blocks or (begins_line and open_blocks[-1].indent != line.indent):
            alone = begins_line and not text[sign.offset + 1 : line.end].strip()
            change = Change(line.start, min(line.end + 1, len(text)), "") if alone else Change(sign.offset, sign.offset + 1, "")
            return Imbalance(False, sign.offset, (change,))
        open_blocks.pop()
    return None
