"""Defects of an episode: what the source did that its spec does not allow, counted instead of raised.

The methods that read a value give what it is read as, or None, and count a defect where the value is there and does not fit. Those that
generated code calls only after an inlined test failed return `Any`, so that they fit behind `else` of any read.
"""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

MOST_KINDS: Final = 256
"""How many different (kind, site, line) an episode tells apart; the rest is counted together as `further`."""

MOST_EXACT: Final = 1 << 53
"""Whole numbers below it are exact as floats: a float of such a size may be a large integer that a decoder rounded."""

SMALLEST: Final = -(1 << 63)
LARGEST: Final = (1 << 63) - 1


class Defect(msgspec.Struct, frozen=True):
    """How often one thing went wrong at one place of the spec.

    `site` is the raw path or expression as the spec writes it, `line` the line of the spec (0: not known), `first_event` the index of the
    first event it happened in, -1 outside of events (facts, labels, the file itself).
    """

    kind: str
    site: str
    line: int
    count: int
    first_event: int


class Defects:
    """A bounded collection of defects. `event` is the index of the event in hand, -1 before the first."""

    __slots__ = ("_found", "event")

    def __init__(self) -> None:
        self.event = -1
        self._found: dict[tuple[str, str, int], list[int]] = {}

    def __len__(self) -> int:
        return len(self._found)

    @property
    def places(self) -> KeysView[tuple[str, str, int]]:
        """What went wrong where, as (kind, site, line), also what is yet to come: counting them costs no call."""
        return self._found.keys()

    def __iter__(self) -> Iterator[Defect]:
        """The defects by kind, site and line."""
        for (kind, site, line), (count, first) in sorted(self._found.items()):
            yield Defect(kind, site, line, count, first)

    def add(self, kind: str, site: str, line: int = 0) -> None:
        """Count one defect. Kinds are words: `wrong_type`, `bad_value`, `bad_json`, `not_one_key`, `too_large`, …"""
        key = (kind, site, line)
        entry = self._found.get(key)
        if entry is None:
            if len(self._found) >= MOST_KINDS:
                key = ("further", "", 0)
                entry = self._found.get(key)
            if entry is None:
                self._found[key] = [1, self.event]
                return
        entry[0] += 1

    def wrong_type(self, value: object, site: str, line: int) -> Any:
        """None; a value that is there is of the wrong type."""
        if value is not None:
            self.add("wrong_type", site, line)

    def not_member(self, value: object, site: str, line: int) -> Any:
        """None; a value that is there is no spelling of the enum."""
        if value is not None:
            self.add("bad_value" if type(value) is str else "wrong_type", site, line)

    def no_object(self, value: object, site: str, line: int) -> dict[str, Any]:
        """An empty object in the place of a value that is none."""
        if value is not None:
            self.add("wrong_type", site, line)
        return {}

    def no_list(self, value: object, site: str, line: int) -> list[Any]:
        """An empty list in the place of a value that is none."""
        if value is not None:
            self.add("wrong_type", site, line)
        return []

    def no_text(self, value: object, site: str, line: int) -> str:
        """An empty text in the place of a value that should be one."""
        if value is not None:
            self.add("wrong_type", site, line)
        return ""

    def integer(self, value: object, site: str, line: int) -> int | None:
        """A whole number of 64 bits. A decoder may have turned a large one into a float: whole floats below 2^53 in size are taken."""
        if type(value) is int:
            if SMALLEST <= value <= LARGEST:
                return value
            self.add("bad_value", site, line)
            return None
        if type(value) is float:
            if value.is_integer() and -MOST_EXACT < value < MOST_EXACT:
                return int(value)
            self.add("bad_value", site, line)
            return None
        if value is not None:
            self.add("wrong_type", site, line)
        return None

    def number(self, value: object, site: str, line: int) -> float | None:
        """A number as a float."""
        if type(value) is float:
            return value
        if type(value) is int:
            if SMALLEST <= value <= LARGEST:
                return float(value)
            self.add("bad_value", site, line)
            return None
        if value is not None:
            self.add("wrong_type", site, line)
        return None

    def place(self, value: int | None, site: str, line: int) -> int | None:
        """The index of an event: a whole number that is not negative. Whether the episode is that long, only its reader can say."""
        if value is not None and value < 0:
            self.add("bad_value", site, line)
            return None
        return value

    def items(self, value: object, item: str, site: str, line: int) -> list[Any] | None:
        """A list whose items are all of the type `item`; `item?` lets them be null."""
        if type(value) is not list:
            if value is not None:
                self.add("wrong_type", site, line)
            return None
        kind = item.rstrip("?")
        optional = kind != item
        if kind == "json":
            return value
        if kind in ("int", "float"):
            read = self.integer if kind == "int" else self.number
            numbers = [read(entry, site, line) for entry in value]
            return numbers if optional or None not in numbers else None
        wanted = {"str": str, "bool": bool, "list": list}.get(kind, object)
        for entry in value:
            if type(entry) is not wanted and not (entry is None and optional):
                self.add("wrong_type", site, line)
                return None
        return value

    def members(self, value: object, spellings: Mapping[str, T], site: str, line: int) -> list[T] | None:
        """A list of raw spellings as enum members."""
        if type(value) is not list:
            if value is not None:
                self.add("wrong_type", site, line)
            return None
        found: list[T] = []
        for entry in value:
            if type(entry) is not str or entry not in spellings:
                self.add("bad_value" if type(entry) is str else "wrong_type", site, line)
                return None
            found.append(spellings[entry])
        return found

    def at(self, value: object, key: object, site: str, line: int) -> Any:
        """The value of a key of an object, or the element of a list, when only the run knows which; None where there is none."""
        if type(value) is dict:
            return value.get(key) if type(key) is str else None
        if type(value) is list:
            if type(key) is int and 0 <= key < len(value):
                return value[key]
            if type(key) is not str:
                return None
        if value is not None and key is not None:
            self.add("wrong_type", site, line)
        return None

    def size(self, value: object, site: str, line: int) -> int | None:
        """How many characters, elements or keys."""
        if type(value) is str or type(value) is list or type(value) is dict:
            return len(value)
        if value is not None:
            self.add("wrong_type", site, line)
        return None
