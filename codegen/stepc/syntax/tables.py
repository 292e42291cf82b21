"""The parse tables as Python values, decoded from `_grammar.py` only as far as a text needs them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from stepc.syntax import _grammar

RESERVED = frozenset(
    {"true", "false", "null", "if", "then", "else", "and", "or", "not", "in", "has", "present", "absent", "nonempty"}
    | {"when", "otherwise", "skip", "drop"}
)
"""Words that can never be names; every other keyword is one only where the grammar asks for it."""

START = _grammar.START
END = _grammar.END


class Rule(NamedTuple):
    """What a reduction does: `mask` says which of its values are kept; `splice` and `pass_through` say how they are put together.

    A rule that only `renames` has one value and makes nothing of it.
    """

    origin: int
    kind: str
    mask: tuple[bool, ...]
    splice: bool
    pass_through: bool
    renames: bool


class State(NamedTuple):
    """One parser state: shift to a state by terminal, reduce a rule by terminal, continue after a reduction by origin."""

    shifts: dict[str, int]
    reductions: dict[str, int]
    gotos: dict[int, int]
    pattern: re.Pattern[str]

    def accepts(self, terminal: str) -> bool:
        """Whether the table has an action; a reduction may still find later that the terminal does not fit."""
        return terminal in self.shifts or terminal in self.reductions


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by number."""
    table = []
    for line in _grammar.RULES.splitlines():
        origin, kind, mask = line.split(" ")
        splice, pass_through = kind.startswith("_"), kind.startswith("?")
        kept = tuple(sign == "1" for sign in mask)
        table.append(Rule(int(origin), kind.lstrip("?"), kept, splice, pass_through, kept == (True,) and (splice or pass_through)))
    return tuple(table)


@cache
def _rows() -> list[str]:
    return _grammar.STATES.rstrip("\n").split("\n\n")


@cache
def state(number: int) -> State:
    """One state, decoded when a text first reaches it."""
    shifts: dict[str, int] = {}
    reductions: dict[str, int] = {}
    gotos: dict[int, int] = {}
    for word in _rows()[number].split():
        symbol, sign, target = word.partition("<")
        if sign:
            reductions[symbol] = int(target)
            continue
        symbol, _, target = word.partition(">")
        if symbol.isdecimal():
            gotos[int(symbol)] = int(target)
        else:
            shifts[symbol] = int(target)
    return State(shifts, reductions, gotos, _pattern(frozenset(_matchable(shifts.keys() | reductions.keys()))))


KEYWORD_TERMINALS = {terminal: word for word, terminal in _grammar.KEYWORDS.items()}
FIXED_TERMINALS = KEYWORD_TERMINALS | {terminal: text for text, terminal in _grammar.PUNCTUATION.items()}
"""The text of every terminal that has only one."""

_PUNCTUATION = {terminal: text for text, terminal in _grammar.PUNCTUATION.items()}


def _matchable(terminals: set[str]) -> set[str]:
    """The terminals to look for in the text: a keyword is found as a word, a newline may stand anywhere."""
    return {"NAME" if terminal in KEYWORD_TERMINALS else terminal for terminal in terminals} | {"_NL"}


@cache
def _pattern(terminals: frozenset[str]) -> re.Pattern[str]:
    groups = [f"(?P<{name}>{text})" for name, text in _grammar.PATTERNS.items() if name in terminals]
    groups += [f"(?P<{name}>{re.escape(text)})" for name, text in _PUNCTUATION.items() if name in terminals]
    return re.compile("|".join(groups))


@cache
def any_pattern() -> re.Pattern[str]:
    """Every terminal at once, for text that the state at hand has no place for. Terminals that need a context are left out."""
    contextual = ("GLOB", "GLOB_FIELD", "TEMPLATE_MIDDLE", "TEMPLATE_TAIL", "INT")
    names = [name for name in _grammar.PATTERNS if name not in contextual]
    groups = [f"(?P<{name}>{_grammar.PATTERNS[name]})" for name in names]
    groups += [f"(?P<{name}>{re.escape(text)})" for name, text in _PUNCTUATION.items()]
    return re.compile("|".join(groups))


@cache
def ignored() -> re.Pattern[str]:
    """Blanks and comments between tokens."""
    return re.compile(f"(?:{_grammar.IGNORED})+")
