"""Traces without a trained monitor: the typed keys of decision points as symbols, nothing learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stepwatch.automata.gather import Run
from stepwatch.automata.traces import Trace
from stepwatch.encode import Encoder
from stepwatch.plan import Plan

OTHER = "any other"


def traces(plan: Plan, runs: Iterable[Run], *, least: int = 10, most: int = 64) -> tuple[list[Trace], list[str]]:
    """The labelled runs as traces, and the alphabet: the `most` most frequent keys that came `least` times, and all others as one."""
    encoder = Encoder(plan, {"symbol"})
    keyed = [(run, _keys(encoder, run.points)) for run in runs if run.label is not None]
    often: dict[str, int] = {}
    for _, keys in keyed:
        for key in keys:
            often[key] = often.get(key, 0) + 1
    alphabet = sorted((key for key, count in often.items() if count >= least), key=lambda key: (-often[key], key))[:most]
    place = {key: number for number, key in enumerate(alphabet)}
    made = []
    for run, keys in keyed:
        count, failed = len(keys), bool(run.label)
        labels = tuple(failed and (plan.horizon is None or count - index <= plan.horizon) for index in range(1, count + 1))
        made.append(Trace(run.id, run.group or f"run {run.id}", tuple(place.get(key, len(alphabet)) for key in keys), labels, failed))
    return made, [*alphabet, OTHER]


def _keys(encoder: Encoder, points: Sequence[Sequence[Any]]) -> list[str]:
    state = encoder.begin()
    found = []
    for steps in points:
        for step in steps:
            encoder.step(state, step)
        found.append(encoder.point(state).key)
    return found
