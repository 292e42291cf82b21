"""Runs as words over an alphabet of symbols, with a label at every letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
