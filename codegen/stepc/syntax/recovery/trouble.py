"""A refused token with all that a repair may look at, and repairs as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stepc.syntax import machine
from stepc.syntax.machine import END_OF_TEXT, NEWLINE, Place, Refused, Token
from stepc.syntax.recovery.draft import Change, apply
from stepc.syntax.recovery.words import fits

_FAR_ENOUGH = 80
"""Tokens behind a repair after which it counts as right even though the line has not ended."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A way to set a mistake right, and what to tell about it.

    A `certain` repair is one that can only be meant so, whatever else is wrong on the line; others must let the parser reach the end of
    the line. `shown` is the stretch under the caret. Without a `title` the change only serves to go on and is not offered.
    """

    code: str
    message: str
    shown: tuple[int, int]
    here: str
    changes: tuple[Change, ...]
    title: str = ""
    advice: str = ""
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """The refused token in the draft.

    `trail` holds the tokens before it, each with the place before it; from `begin` on they are of the same statement.
    """

    text: str
    trail: tuple[tuple[Place, Token], ...]
    begin: int
    place: Place
    token: Token
    why: str

    @property
    def previous(self) -> Token | None:
        """The token before, line breaks aside."""
        return next((token for _, token in reversed(self.trail) if token.type != NEWLINE), None)

    @property
    def at_line_end(self) -> bool:
        """Whether the line, or the text, ends too early."""
        return self.token.type in (NEWLINE, END_OF_TEXT)

    @property
    def behind(self) -> int:
        """The offset behind the last token that was taken."""
        return self.previous.end if self.previous is not None else self.place.offset

    @property
    def statement(self) -> tuple[Token, ...]:
        """The tokens of the statement so far."""
        return tuple(token for _, token in self.trail[self.begin :])

    @property
    def first(self) -> Token:
        """The first token of the statement."""
        return self.statement[0] if self.statement else self.token

    @property
    def begins_statement(self) -> bool:
        """Whether the refused token is the first of its statement."""
        return self.begin == len(self.trail)

    @property
    def line_end(self) -> int:
        """The offset at which the line of the token ends, before blanks."""
        end = self.text.find("\n", self.token.start)
        end = len(self.text) if end < 0 else end
        return self.token.start + len(self.text[self.token.start : end].rstrip())

    @property
    def rest(self) -> str:
        """The line from the token on."""
        return self.text[self.token.start : self.line_end]

    @property
    def bracket(self) -> Token | None:
        """The innermost open bracket."""
        return self.place.brackets.token if self.place.brackets is not None else None

    def fits(self, terminal: str) -> bool:
        """Whether the grammar would take this terminal instead."""
        return fits(self.place, terminal)

    def place_before(self, offset: int) -> tuple[int, Place]:
        """The last place whose next token ends before `offset`, with its number in the trail: a change at `offset` is read from there."""
        for number in range(len(self.trail) - 1, -1, -1):
            place, token = self.trail[number]
            if token.end < offset:
                return number, place
        return 0, self.trail[0][0] if self.trail else self.place


Finder = Callable[[Trouble], Iterator[Repair]]


@dataclass(frozen=True, slots=True)
class Trial:
    """How far the parser gets with a repair; `reached` is an offset in the text without it."""

    reaches_line_end: bool
    passes: bool
    reached: int


def attempt(trouble: Trouble, changes: tuple[Change, ...]) -> Trial:
    """Parse on with `changes` made."""
    text = apply(trouble.text, changes)
    shift = 0
    goal = trouble.token.start if trouble.at_line_end else trouble.token.end
    edge = 0
    for change in changes:
        edge = change.start + shift + len(change.text)
        shift += len(change.text) - (change.end - change.start)
    goal = max(goal + shift, edge)
    _, place = trouble.place_before(changes[0].start)
    beyond = 0
    while True:
        result = machine.step(text, place)
        if isinstance(result, Refused):
            return Trial(False, place.offset >= goal and result.token.start >= goal, place.offset - shift)
        token, place = result
        if token.type in (NEWLINE, END_OF_TEXT) and token.start >= goal:
            return Trial(True, True, place.offset - shift)
        if token.start >= goal:
            beyond += 1
            if beyond > _FAR_ENOUGH:
                return Trial(True, True, place.offset - shift)
