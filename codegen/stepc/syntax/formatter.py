"""One way to lay out a spec: the same tokens and comments, canonical blanks.

Line breaks inside brackets stay where the writer put them, and so do comments and single blank lines; nothing is reordered and no line
is rewrapped. Works on tokens and the text between them, so nothing that the tree does not hold is lost.
"""

from __future__ import annotations

from stepc.syntax.machine import NEWLINE, Token
from stepc.syntax.parser import parse, read_tokens

_OPENING = frozenset({"LPAR", "LSQB", "LBRACE", "CHOICE_OPEN", "TEMPLATE_HEAD"})
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE", "TEMPLATE_TAIL"})
_TOUCHING = frozenset({"NAME", "FIELD", "GLOB_FIELD", "RSQB", "RPAR", "OPTIONAL"})
_ATTACHED = frozenset({"FIELD", "GLOB_FIELD", "LSQB", "LPAR", "CHOICE_OPEN"})
_TIGHT_BEHIND = frozenset({"LPAR", "LSQB", "CHOICE_OPEN", "TEMPLATE_HEAD", "TEMPLATE_MIDDLE", "LESSTHAN"})
_TIGHT_BEFORE = frozenset(
    {"RPAR", "RSQB", "COMMA", "COLON", "OPTIONAL", "TEMPLATE_MIDDLE", "TEMPLATE_TAIL", "LESSTHAN", "MORETHAN"},
)


class Unformattable(Exception):  # noqa: N818 - a state of the text, not a fault
    """The text has syntax errors; `parse` says which."""


def format_text(text: str) -> str:
    """The text in canonical layout. Formatting twice changes nothing; comments and the syntax tree stay. Raises `Unformattable`."""
    tokens = read_tokens(text) if parse(text).tree is not None else None
    if tokens is None:
        raise Unformattable
    layout = _Layout(text, [token for token in tokens if token.type != NEWLINE][:-1])
    return layout.written()


class _Gap:
    """What stands between two tokens: a comment on the line before, then whole lines, each a comment or blank ("").

    `rest` is what the last line begins with: only at the end of the text can that be a comment.
    """

    def __init__(self, text: str) -> None:
        pieces = [piece.strip(" \t\r\ufeff") for piece in text.split("\n")]
        self.breaks = len(pieces) > 1
        self.trailing = pieces[0]
        self.lines = pieces[1:-1]
        self.rest = pieces[-1] if self.breaks else ""

    @property
    def comments(self) -> bool:
        return bool(self.trailing) or any(self.lines)


class _Bracket:
    """An open bracket: the line that opened it, and how it is laid out."""

    def __init__(self, token: Token, line: int, broken: bool, tight: bool) -> None:
        self.token = token
        self.line = line
        self.broken = broken
        self.tight = tight


class _Layout:
    """Writes tokens line by line."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._tokens = tokens
        ends = [0, *(token.end for token in tokens)]
        starts = [*(token.start for token in tokens), len(text)]
        self._gaps = [_Gap(text[end:start]) for end, start in zip(ends, starts, strict=True)]
        self._broken = self._broken_braces()
        self._open: list[_Bracket] = []
        self._lines: list[str] = []
        self._line = ""
        self._first = ""

    def written(self) -> str:
        """The whole text."""
        head, *between, tail = self._gaps
        self._comments([head.trailing, *head.lines] if head.trailing else head.lines)
        previous: Token | None = None
        for number, token in enumerate(self._tokens):
            if previous is not None:
                self._between(previous, token, between[number - 1], number)
            self._token(token, number)
            previous = token
        self._end_line(tail.trailing)
        self._comments([*tail.lines, tail.rest])
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "\n".join(self._lines) + "\n"

    def _broken_braces(self) -> frozenset[int]:
        """The numbers of the opening braces with a line break right inside them, not only inside a bracket in them."""
        waiting: list[int] = []
        broken = set()
        for number, token in enumerate(self._tokens):
            if waiting and self._gaps[number].breaks:
                broken.add(waiting[-1])
            if token.type in _OPENING:
                waiting.append(number)
            elif token.type in _CLOSING:
                waiting.pop()
        return frozenset(broken)

    def _between(self, previous: Token, token: Token, gap: _Gap, number: int) -> None:
        empty = previous.type == "LBRACE" and token.type == "RBRACE"
        if empty and not gap.comments:
            return
        inner = self._open[-1] if self._open else None
        at_brace = previous.type == "LBRACE" or token.type == "RBRACE"
        if gap.breaks or (at_brace and inner is not None and inner.broken and inner.token.type == "LBRACE"):
            self._end_line(gap.trailing)
            lines = gap.lines
            if previous.type in _OPENING or previous.type == "DOC":
                lines = _without_blanks(lines, first=True)
            if token.type in _CLOSING:
                lines = _without_blanks(lines, first=False)
            self._comments(lines)
        elif self._spaced(previous, token, number):
            self._line += " "

    def _token(self, token: Token, number: int) -> None:
        if token.type in _CLOSING and self._open:
            closed = self._open.pop()
            if not self._line:
                self._line = self._indent(closed.line)
        elif not self._line:
            self._line = self._indent()
            self._first = token.type
        self._line += token.text.rstrip() if token.type == "DOC" else token.text
        if token.type in _OPENING:
            self._open.append(_Bracket(token, len(self._lines), number in self._broken, self._is_tight(token, number)))

    def _is_tight(self, token: Token, number: int) -> bool:
        """Whether a brace belongs to a step pattern, which is written `Said{by: user}`."""
        if token.type != "LBRACE" or number == 0:
            return False
        around = self._open[-1] if self._open else None
        if around is not None and around.token.type == "LBRACE" and around.tight:
            return True
        named = self._tokens[number - 1].type == "NAME"
        return named and ((around is not None and around.token.type in ("LSQB", "LPAR")) or self._first in ("SCORE", "RULE"))

    def _indent(self, closed: int = -1) -> str:
        """Two spaces for every line that opened a bracket still open, except the line whose bracket is being closed."""
        return "  " * len({bracket.line for bracket in self._open} - {closed})

    def _spaced(self, previous: Token, token: Token, number: int) -> bool:
        if previous.type in _TIGHT_BEHIND or token.type in _TIGHT_BEFORE:
            return False
        if previous.type == "DOT" and token.type == "LSQB":
            return False
        if token.type in _ATTACHED and previous.end == token.start and previous.type in _TOUCHING:
            return False
        if token.type == "LPAR" and previous.type in ("SAME", "COUNT"):
            return False
        innermost = self._open[-1] if self._open else None
        if innermost is not None and innermost.token.type == "CHOICE_OPEN" and token.type == "RBRACE":
            return False
        if innermost is not None and innermost.tight and (previous.type == "LBRACE" or token.type == "RBRACE"):
            return False
        return not (previous.type == "NAME" and self._is_tight(token, number))

    def _end_line(self, comment: str) -> None:
        line = self._line.rstrip(" ")
        if comment:
            line = f"{line}  {comment}" if line else comment
        self._lines.append(line)
        self._line = ""

    def _comments(self, lines: list[str]) -> None:
        """Comments on lines of their own, with at most one blank line between things and none at the beginning of the file."""
        for line in lines:
            if line:
                self._lines.append(self._indent() + line)
            elif self._lines and self._lines[-1]:
                self._lines.append("")


def _without_blanks(lines: list[str], *, first: bool) -> list[str]:
    """Lines without the blank ones at their beginning or end."""
    kept = list(lines)
    while kept and not kept[0 if first else -1]:
        kept.pop(0 if first else -1)
    return kept
