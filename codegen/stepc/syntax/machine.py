"""The parser proper: a contextual lexer, the token filter and an LALR automaton over persistent values.

A `Place` holds everything that the next step depends on, and nothing is ever changed in one. Keeping a place is therefore a
snapshot: error recovery continues from an earlier one, and a repair is tried by parsing on from it and looking how far that gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stepc.syntax import _grammar, tables


class Token(NamedTuple):
    """A piece of text with its offsets. `type` is the terminal, or "" for a character that begins no token."""

    type: str
    text: str
    start: int
    end: int


class Node(NamedTuple):
    """A node of the concrete tree: the kept tokens and nodes of a rule, and the whole stretch it covers."""

    kind: str
    children: tuple[Node | Token, ...]
    start: int
    end: int
    depth: int


class Spliced(NamedTuple):
    """The values of a rule that has no node of its own: they become children of the next node above."""

    parts: tuple[Value, ...]
    start: int
    end: int
    depth: int


Value = Node | Token | Spliced


class Frame(NamedTuple):
    """One entry of the parser's stack, with the entries below it."""

    state: int
    value: Value | None
    below: Frame | None


class Open(NamedTuple):
    """An open bracket, with the ones around it and how many there are with it."""

    token: Token
    around: Open | None
    depth: int


class Place(NamedTuple):
    """Where the parser is: the offset of the next token, its stack, the open brackets and the token before."""

    offset: int
    top: Frame
    brackets: Open | None
    previous: Token | None


class Refused(NamedTuple):
    """A token that the filter or the grammar does not take, and why: `grammar`, `space`, `touch`, `reserved` or `deep`."""

    token: Token
    why: str


MOST_OPEN = 200
"""Brackets that may be open at once."""

BEGIN = Place(0, Frame(tables.START, None, None), None, None)

_TOUCHING = frozenset({"NAME", "FIELD", "GLOB_FIELD", "RSQB", "RPAR", "OPTIONAL"})
_FIELDS = frozenset({"FIELD", "GLOB_FIELD"})
_OPENING = frozenset({"LPAR", "LSQB", "LBRACE", "CHOICE_OPEN", "TEMPLATE_HEAD"})
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE", "TEMPLATE_TAIL"})
_JOINING = frozenset({"LPAR", "LSQB", "CHOICE_OPEN"})
NEWLINE = "_NL"
END_OF_TEXT = "$END"


def is_word(character: str) -> bool:
    """Whether two of these side by side need a space between them."""
    return character.isalnum() or character == "_"


def skip_blanks(text: str, offset: int) -> int:
    """The offset behind blanks and comments."""
    found = tables.ignored().match(text, offset)
    return found.end() if found else offset


def scan(text: str, offset: int, state: tables.State) -> Token:
    """The token at `offset`, read as what `state` expects where that is possible."""
    found = state.pattern.match(text, offset)
    if found is None:
        found = tables.any_pattern().match(text, offset)
        if found is None:
            return Token("", text[offset : offset + 1], offset, offset + 1)
    kind = found.lastgroup or ""
    word = found.group()
    if kind in ("NAME", "GLOB"):
        keyword = _grammar.KEYWORDS.get(word)
        if keyword is not None and (state.accepts(keyword) or (word in tables.RESERVED and not state.accepts("GLOB"))):
            kind = keyword
    return Token(kind, word, offset, found.end())


def next_token(text: str, place: Place) -> Token | Refused:
    """The next token that reaches the grammar, or why the filter refuses it. Newlines that mean nothing are passed over."""
    state = tables.state(place.top.state)
    offset, previous = place.offset, place.previous
    while True:
        offset = skip_blanks(text, offset)
        if offset >= len(text):
            if previous is None or previous.type != NEWLINE:
                return Token(NEWLINE, "", offset, offset)
            return Token(END_OF_TEXT, "", offset, offset)
        token = scan(text, offset, state)
        if token.type != NEWLINE:
            break
        if not (place.brackets is not None and place.brackets.token.type in _JOINING) and (previous is None or previous.type != NEWLINE):
            return token
        offset = token.end
    if token.type in _OPENING and place.brackets is not None and place.brackets.depth >= MOST_OPEN:
        return Refused(token, "deep")
    if previous is not None and previous.type != NEWLINE:
        touches = previous.end == token.start
        if touches and is_word(previous.text[-1]) and is_word(token.text[0]):
            return Refused(token, "space")
        attached = token.type in _FIELDS or token.type == "LSQB" or (token.type == "LPAR" and previous.type == "NAME")
        if attached and not touches and previous.type in _TOUCHING:
            return Refused(token, "touch")
    return token


def feed(place: Place, token: Token) -> Place | None:
    """The place behind `token`, or None where the grammar does not allow it."""
    top = place.top
    while True:
        state = tables.state(top.state)
        target = state.shifts.get(token.type)
        if target is not None:
            return Place(token.end, Frame(target, token, top), _brackets(place.brackets, token), token)
        number = state.reductions.get(token.type)
        if number is None:
            return None
        top = _reduce(top, tables.rules()[number])
        if token.type == END_OF_TEXT and top.state == tables.END:
            return Place(token.end, top, place.brackets, token)


def _brackets(around: Open | None, token: Token) -> Open | None:
    if token.type in _OPENING:
        return Open(token, around, around.depth + 1 if around is not None else 1)
    if token.type in _CLOSING and around is not None:
        return around.around
    return around


def _reduce(top: Frame, rule: tables.Rule) -> Frame:
    if rule.renames:  # most reductions: one kept value under another name
        assert top.below is not None
        return Frame(tables.state(top.below.state).gotos[rule.origin], top.value, top.below)
    values: list[Value] = []
    frame: Frame | None = top
    for _ in rule.mask:
        assert frame is not None and frame.value is not None
        values.append(frame.value)
        frame = frame.below
    assert frame is not None
    values.reverse()
    kept = tuple(value for value, keep in zip(values, rule.mask, strict=True) if keep)
    start, end = values[0].start, values[-1].end
    depth = max((value.depth for value in kept if not isinstance(value, Token)), default=0)
    made: Value
    if rule.splice:
        made = kept[0] if len(kept) == 1 else Spliced(kept, start, end, depth)
    elif rule.pass_through and len(kept) == 1:
        made = kept[0]
    else:
        made = Node(rule.kind, tuple(_flat(kept)), start, end, depth + 1)
    return Frame(tables.state(frame.state).gotos[rule.origin], made, frame)


def _flat(values: tuple[Value, ...]) -> Iterator[Node | Token]:
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, Spliced):
            waiting.extend(reversed(value.parts))
        else:
            yield value


def step(text: str, place: Place) -> tuple[Token, Place] | Refused:
    """Read one token and move on."""
    token = next_token(text, place)
    if isinstance(token, Refused):
        return token
    after = feed(place, token)
    if after is None:
        return Refused(token, "reserved" if token.text in tables.RESERVED else "grammar")
    return token, after
