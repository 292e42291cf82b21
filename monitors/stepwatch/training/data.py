"""Runs as training takes them: decision points with their steps, a label, a group.

A decision point is the end of an event whose steps fit one of the plan's patterns, as in the live monitor; what only the end of the
episode told counts as one last event. Runs that teach nothing are left out and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from stepwatch import dense, facts
from stepwatch.encode import fits
from stepwatch.plan import Plan, group_of

UNSEEN = frozenset({"call_id", "at"})
"""Fields that differ between equal runs: ids and times."""


class Ran(Protocol):
    """An episode that was read: `ends` counts the steps that were there after each event."""

    id: str
    group: str | None
    dropped: str
    labels: dict[str, Any]
    meta: dict[str, Any]
    steps: list[Any]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `label` None: not known, or a run that was cut off before it was known (`censored`); `group` "": none.

    points   the steps since the point before, for each decision point
    weight   how much the run counts, 1 for most
    """

    id: str
    group: str
    label: bool | None
    points: Sequence[Sequence[Any]]
    censored: bool = False
    weight: float = 1.0


@dataclass(slots=True)
class Counts:
    """How many runs were offered, and why some were left out."""

    offered: int = 0
    dropped: int = 0
    without_label: int = 0
    without_group: int = 0
    without_points: int = 0
    repeated: int = 0
    kept: int = 0

    def as_values(self) -> dict[str, int]:
        """The counts by name."""
        names = ("offered", "dropped", "without_label", "without_group", "without_points", "repeated", "kept")
        return {name: getattr(self, name) for name in names}


def points(plan: Plan, steps: Sequence[Any], ends: Sequence[int]) -> Iterator[list[Any]]:
    """The steps of an episode, cut behind each decision point; what follows the last one belongs to none."""
    wanted: dict[str, list[list[tuple[str, Any]]]] = {}
    for pattern in plan.points:
        wanted.setdefault(pattern.step, []).append(list(pattern.fields.items()))
    taken = at = 0
    for end in (*ends, len(steps)):
        if any(_is_point(step, wanted) for step in steps[at:end]):
            yield list(steps[taken:end])
            taken = end
        at = end


def _is_point(step: Any, wanted: dict[str, list[list[tuple[str, Any]]]]) -> bool:
    patterns = wanted.get(facts.type_of(step))
    if patterns is None:
        return False
    return any(all(fits(facts.reader(type(step), (name,))(step)[0], value) for name, value in pairs) for pairs in patterns)


def run_of(plan: Plan, ran: Ran, censored: bool = False) -> Run:
    """An episode as a run."""
    label = ran.labels.get(plan.label)
    cut = censored or not isinstance(label, bool)
    found = () if ran.dropped else tuple(points(plan, ran.steps, ran.ends))
    return Run(ran.id, group_of(plan, ran.id, ran.group, ran.meta), None if cut else label, found, censored)


def collect(plan: Plan, episodes: Iterable[Ran], censored: Callable[[Ran], bool] | None = None) -> tuple[list[Run], Counts]:
    """The runs to learn from, and what was left out. `censored` says which runs were cut off; they are kept without a label."""
    kept: dict[bytes, Run] = {}
    counts = Counts()
    for ran in episodes:
        counts.offered += 1
        if ran.dropped:
            counts.dropped += 1
            continue
        run = run_of(plan, ran, bool(plan.censored) and censored is not None and censored(ran))
        if run.label is None and not run.censored:
            counts.without_label += 1
        elif not run.points:
            counts.without_points += 1
        elif not run.group:
            counts.without_group += 1
        else:
            mark = fingerprint(run, ran.meta)
            counts.repeated += mark in kept
            first = kept.setdefault(mark, run)
            if (run.group, run.id) < (first.group, first.id):
                kept[mark] = run
    runs = in_order(kept.values())
    counts.kept = len(runs)
    return runs, counts


def in_order(runs: Iterable[Run]) -> list[Run]:
    """The one order that training sees runs in, whatever order they came in."""
    return sorted(runs, key=lambda run: (run.group, run.id, steps_mark(run)))


def fingerprint(run: Run, meta: Mapping[str, Any]) -> bytes:
    """Tells runs apart that are not the same data twice: all of their steps, label, group and what else is known of them."""
    told = hashlib.sha256(steps_mark(run, frozenset()))
    told.update(repr((run.group, run.label, run.censored)).encode("utf-8", "replace"))
    told.update(dense.written(dict(meta)).encode("utf-8", "replace"))
    return told.digest()


def steps_mark(run: Run, unseen: frozenset[str] = UNSEEN) -> bytes:
    """Tells sequences of steps apart by all that they say but the fields `unseen`."""
    told = hashlib.sha256()
    for steps in run.points:
        for step in steps:
            told.update(repr(_said(step, unseen)).encode("utf-8", "replace"))
        told.update(b"\n")
    return told.digest()


def _said(step: Any, unseen: frozenset[str]) -> list[Any]:
    kind = type(step)
    names = getattr(kind, "__struct_fields__", None) or (sorted(step) if isinstance(step, dict) else sorted(vars(step)))
    values = facts.reader(kind, tuple(names))(step)
    return [facts.type_of(step), *(dense.written(value) for name, value in zip(names, values, strict=True) if name not in unseen)]
