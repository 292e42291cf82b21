"""Runs as words over an alphabet of symbols, with a label at every letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Trace:
    """A run: one symbol a decision point, the label of each point (what the monitor predicts there), and how the run ended.

    `scores` are the logits of the monitor at the same points, where there is one.
    """

    id: str
    group: str
    symbols: tuple[int, ...]
    labels: tuple[bool, ...]
    failed: bool
    scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.symbols) or (self.scores and len(self.scores) != len(self.symbols)):
            raise ValueError(f"run {self.id}: {len(self.symbols)} symbols, {len(self.labels)} labels, {len(self.scores)} scores")


def base_rate(traces: Iterable[Trace]) -> float:
    """The share of points whose label is true; 0 without points."""
    points = positive = 0
    for trace in traces:
        points += len(trace.labels)
        positive += sum(trace.labels)
    return positive / points if points else 0.0


def in_order(traces: Iterable[Trace]) -> list[Trace]:
    """Traces in an order that does not depend on how they came."""
    return sorted(traces, key=lambda trace: (trace.symbols, trace.id))


class Grouped(Protocol):
    """Anything with an id and a group."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def group(self) -> str:
        """Its group."""
        ...


Item = TypeVar("Item", bound=Grouped)


def split(items: Sequence[Item], shares: Sequence[float], seed: int) -> list[list[Item]]:
    """Runs or traces in parts of about these shares of them; a group stays whole. Groups are drawn in an order fixed by the seed.

    Each group goes where most is missing, large ones first, so that they do not spoil the shares.
    """
    by_group: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.group, item.id)):
        by_group.setdefault(item.group or f"run {item.id}", []).append(item)
    names = sorted(by_group)
    Random(seed).shuffle(names)
    names.sort(key=lambda name: -len(by_group[name]))
    parts: list[list[Item]] = [[] for _ in shares]
    for name in names:
        place = max(range(len(shares)), key=lambda part: (shares[part] * len(items) - len(parts[part]), -part))
        parts[place].extend(by_group[name])
    return parts
