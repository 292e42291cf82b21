"""Words for what the grammar expects: never the name of a terminal."""

from __future__ import annotations

from difflib import get_close_matches

from stepc.syntax import tables
from stepc.syntax.machine import END_OF_TEXT, NEWLINE, Place, Token, feed

_KINDS = {
    "NAME": "a name",
    "FIELD": "a path such as `.name`",
    "GLOB_FIELD": "a path such as `.name`",
    "GLOB": "a key",
    "INT": "a whole number",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "REGEX": "a pattern such as `/^x/`",
    "COMPARE": "a comparison",
    "GAP": "`…`",
    NEWLINE: "the end of the line",
}
_SILENT = frozenset({END_OF_TEXT, "DOC", "TEMPLATE_HEAD", "TEMPLATE_MIDDLE", "TEMPLATE_TAIL"})
_VALUE = frozenset({"NAME", "STRING", "NUMBER", "LPAR", "LSQB", "LBRACE", "FIELD", "TRUE"})
_BEHIND_VALUE = ("COMPARE", "IN", "AND", "OR", "ELSE")


def fits(place: Place, terminal: str) -> bool:
    """Whether the grammar allows a terminal at this place."""
    return feed(place, Token(terminal, tables.FIXED_TERMINALS.get(terminal, "x"), place.offset, place.offset)) is not None


def expected(place: Place) -> list[str]:
    """All terminals that the grammar allows at this place, sorted."""
    state = tables.state(place.top.state)
    return sorted(terminal for terminal in state.shifts.keys() | state.reductions.keys() if fits(place, terminal))


def wants_value(place: Place) -> bool:
    """Whether an expression may begin here."""
    return all(fits(place, terminal) for terminal in ("NAME", "STRING", "LPAR", "NUMBER"))


def expected_words(place: Place) -> list[str]:
    """The keywords that the grammar allows at this place."""
    return [tables.KEYWORD_TERMINALS[terminal] for terminal in expected(place) if terminal in tables.KEYWORD_TERMINALS]


def in_words(place: Place) -> str:
    """What may stand here, for people: "expected `{` or `when`"."""
    terminals = set(expected(place)) - _SILENT
    said: list[str] = []
    if terminals >= _VALUE:
        said.append("a value")
        terminals = {terminal for terminal in terminals if not fits_as_value(terminal)}
    if terminals >= set(_BEHIND_VALUE):
        terminals -= {*_BEHIND_VALUE, "FIELD", "LSQB", "LPAR"}
    elif NEWLINE in terminals:
        terminals -= {"FIELD", "LSQB", "GLOB_FIELD", "CHOICE_OPEN"} if "COMMA" in terminals or "EQUAL" in terminals else set()
    for terminal in sorted(terminals, key=lambda name: (name not in _KINDS, name)):
        word = _KINDS.get(terminal) or f"`{tables.FIXED_TERMINALS[terminal]}`"
        if word not in said:
            said.append(word)
    if not said:
        return "nothing more is expected"
    if len(said) > 8:
        said = [*said[:7], "…"]
        return "expected one of " + ", ".join(said)
    return "expected " + (said[0] if len(said) == 1 else ", ".join(said[:-1]) + " or " + said[-1])


def fits_as_value(terminal: str) -> bool:
    """Whether a terminal can begin an expression."""
    return terminal in _VALUE or terminal in {"REGEX", "FALSE", "NULL", "DOT", "HAS", "PRESENT", "ABSENT", "NONEMPTY", "NOT", "IF"}


def closest(word: str, choices: list[str]) -> str | None:
    """The choice that was probably meant."""
    lowered = word.lower()
    for choice in choices:
        if choice == lowered or (len(word) >= 3 and (choice.startswith(lowered) or lowered.startswith(choice))):
            return choice
    found = get_close_matches(lowered, choices, n=1, cutoff=0.6)
    return found[0] if found else None
