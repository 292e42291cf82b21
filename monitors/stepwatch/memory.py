"""State that outlives a process: nested lists of numbers, texts and bounded tables, as JSON and back, checked against what they should be.

A state is checked when it comes back because it was in somebody else's hands: a resumed episode must be as bounded as any other.
"""

from __future__ import annotations

import sys
from typing import Any, Final

LARGEST: Final = (1 << 64) - 1
"""The largest whole number of a state: what a window of 64 steps remembers has as many bits."""
LONGEST: Final = 8_192
"""Characters of a text and entries of a table."""


class StateError(ValueError):
    """A saved state that cannot be resumed; the message says why."""


def saved(value: Any) -> Any:
    """A state as JSON: a table becomes the list of its pairs, in its own order."""
    if type(value) is dict:
        return [[key, item] for key, item in value.items()]
    if type(value) is list:
        return [saved(item) for item in value]
    if type(value) in (set, frozenset):
        return sorted(value)
    return value


def restored(value: Any, like: Any, where: str = "state") -> Any:
    """The state that JSON says, of the form of `like`, which is such a state at its beginning.

    Lists have the length of their model and numbers its type; whole numbers are from 0 on, or from the model's where that is below; an
    empty set or table of it takes at most `LONGEST` whole numbers (with numbers); a text may be any.

    Raises:
        StateError: It has another form.
    """
    if type(like) is list:
        if type(value) is not list or len(value) != len(like):
            raise StateError(f"{where}: a list of {len(like)} is needed")
        return [restored(item, model, f"{where}[{i}]") for i, (item, model) in enumerate(zip(value, like, strict=True))]
    if type(like) is set:
        return set(wholes(value, LONGEST, where))
    if type(like) is dict:
        return _table(value, where)
    if type(like) is str:
        if type(value) is not str or len(value) > LONGEST:
            raise StateError(f"{where}: a text is needed")
        return value
    if type(like) is float:
        if not finite(value):
            raise StateError(f"{where}: a number is needed")
        return float(value)
    return whole(value, where, min(like, 0))


def finite(value: Any) -> bool:
    """Whether a value that came out of JSON is a number that a float can hold."""
    return type(value) in (int, float) and -sys.float_info.max <= value <= sys.float_info.max


def whole(value: Any, where: str, least: int = 0, most: int = LARGEST) -> int:
    """A whole number within bounds."""
    if type(value) is not int or not least <= value <= most:
        raise StateError(f"{where}: a whole number from {least} to {most} is needed")
    return value


def wholes(value: Any, most: int, where: str) -> list[int]:
    """A list of at most `most` whole numbers."""
    if type(value) is not list or len(value) > most:
        raise StateError(f"{where}: a list of at most {most} whole numbers is needed")
    return [whole(item, where) for item in value]


def _table(value: Any, where: str) -> dict[int, Any]:
    if type(value) is not list or len(value) > LONGEST:
        raise StateError(f"{where}: a list of at most {LONGEST} pairs is needed")
    table: dict[int, Any] = {}
    for pair in value:
        if type(pair) is not list or len(pair) != 2 or not finite(pair[1]):
            raise StateError(f"{where}: pairs of numbers are needed")
        table[whole(pair[0], where)] = pair[1] if type(pair[1]) is float else whole(pair[1], where)
    return table
