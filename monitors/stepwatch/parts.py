"""What an artefact's parts are read with: parameters by name and type, blocks by name and length, one message for all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

Blocks = Mapping[str, Sequence[float]]

MOST_SYMBOLS: Final = 1_024
"""Symbols that one vocabulary may have."""


LARGEST: Final = 1e30
"""Numbers of a part are below it in size, so that sums and squares of them stay finite."""


class PartError(ValueError):
    """A part of an artefact that cannot be what it says it is."""


class Part:
    """One part: `kind`, `params` and `blocks` as the header has them (`blocks` maps the part's own names to those of the file)."""

    __slots__ = ("_all", "_blocks", "_params", "at", "kind")

    def __init__(self, value: Any, blocks: Blocks, at: str) -> None:
        if type(value) is not dict:
            raise PartError(f"{at}: an object is needed")
        self.at = at
        kind = value.get("kind")
        self.kind = kind if type(kind) is str else ""
        self._params: dict[str, Any] = value.get("params") or {}
        self._blocks: dict[str, Any] = value.get("blocks") or {}
        self._all = blocks
        if type(self._params) is not dict or type(self._blocks) is not dict:
            raise PartError(f"{at}: `params` and `blocks` are objects")

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter as it stands."""
        return self._params.get(name, default)

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self._params.get(name, default)
        if type(value) is not int or not least <= value <= most:
            raise PartError(f"{self.at}.{name}: a whole number from {least} to {most} is needed")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        value: Any = self._params.get(name, default)
        if type(value) not in (int, float) or not -LARGEST < value < LARGEST:
            raise PartError(f"{self.at}.{name}: a number of a size below {LARGEST:g} is needed")
        return float(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of some words."""
        value = self._params.get(name)
        if type(value) is not str or value not in choices:
            raise PartError(f"{self.at}.{name}: one of {', '.join(choices)} is needed")
        return value

    def texts(self, name: str, most: int = MOST_SYMBOLS) -> list[str]:
        """A list of different texts."""
        value = self._params.get(name, [])
        if type(value) is not list or len(value) > most or any(type(item) is not str for item in value) or len(set(value)) != len(value):
            raise PartError(f"{self.at}.{name}: a list of at most {most} different texts is needed")
        return value

    def block(self, name: str, count: int | None = None) -> list[float]:
        """A block, of `count` numbers where that is fixed."""
        found = self.optional(name, count)
        if found is None:
            raise PartError(f"{self.at}: the block `{name}` is missing")
        return found

    def optional(self, name: str, count: int | None = None) -> list[float] | None:
        """A block that may be missing."""
        label = self._blocks.get(name)
        if label is None:
            return None
        values = self._all.get(label) if type(label) is str else None
        if values is None or (count is not None and len(values) != count):
            raise PartError(f"{self.at}: the block `{name}` is missing or has not {count} numbers")
        if not all(-LARGEST < value < LARGEST for value in values):
            raise PartError(f"{self.at}: the block `{name}` holds a number of a size of {LARGEST:g} or more")
        return list(values)

    def wholes(self, name: str, least: int, most: int, count: int | None = None) -> list[int]:
        """A block of whole numbers within bounds."""
        values = self.block(name, count)
        if any(not value.is_integer() or not least <= value <= most for value in values):
            raise PartError(f"{self.at}: the block `{name}` holds other numbers than whole ones from {least} to {most}")
        return [int(value) for value in values]

    def rising(self, name: str, count: int | None = None, strictly: bool = False) -> list[float]:
        """A block whose numbers do not fall (or rise)."""
        values = self.block(name, count)
        if any(later < earlier or (strictly and later == earlier) for earlier, later in pairwise(values)):
            raise PartError(f"{self.at}: the numbers of the block `{name}` are not in order")
        return values
