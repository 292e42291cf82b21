"""The defects of a run, with their places: what could not be read, or did not fit, counted instead of raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

MOST_KINDS: Final = 1_000
"""Different (kind, site, line) that a run tells apart; the rest is counted together as `further`."""

MOST_PLACES: Final = 5
"""Places kept of each."""


class Place(msgspec.Struct, frozen=True):
    """Where something happened. `episode` is its index in the file and `event` its index in the episode, -1 where it is not in one."""

    file: str
    episode: int = -1
    event: int = -1

    def __str__(self) -> str:
        """`runs/a.jsonl, episode 3, event 12`."""
        episode = f", episode {self.episode}" if self.episode >= 0 else ""
        event = f", event {self.event}" if self.event >= 0 else ""
        return f"{self.file}{episode}{event}"


class RunDefect(msgspec.Struct):
    """How often one thing went wrong. `site` is a raw path or expression of the spec at `line`, empty for what the readers found.

    `detail` says more about the first case; `places` are the first few.
    """

    kind: str
    site: str
    line: int
    detail: str
    count: int = 0
    places: list[Place] = msgspec.field(default_factory=list)


class Problems:
    """A bounded collection of defects. Iterates by kind, site and line."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int], RunDefect] = {}

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[RunDefect]:
        for key in sorted(self._found):
            yield self._found[key]

    @property
    def total(self) -> int:
        """How many defects were counted."""
        return sum(defect.count for defect in self._found.values())

    def add(self, kind: str, place: Place, detail: str = "", *, site: str = "", line: int = 0, count: int = 1) -> None:
        """Count a defect `count` times, at one place."""
        key = (kind, site, line)
        defect = self._found.get(key)
        if defect is None:
            if len(self._found) >= MOST_KINDS:
                key, detail = ("further", "", 0), ""
            defect = self._found.setdefault(key, RunDefect(*key, detail))
        defect.count += count
        if len(defect.places) < MOST_PLACES:
            defect.places.append(place)
