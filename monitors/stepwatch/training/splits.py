"""Who is kept apart from whom: groups stay whole, failures are spread evenly, and equal runs stand on one side.

Deterministic: groups are dealt in an order that the seed and their names fix, whatever order runs came in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from stepwatch.training.data import Run, steps_mark
from stepwatch.training.encoding import Integers


def components(runs: Sequence[Run]) -> Integers:
    """The component of each run: runs of one group, and runs with equal steps, belong together. Numbered as they first come."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for run in runs:
        one, other = root(("group", run.group)), root(steps_mark(run))
        if one != other:
            parent[other] = one
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(root(("group", run.group)), len(numbers)) for run in runs], dtype=np.int64)


def kept(runs: Sequence[Run], share: float, seed: int) -> tuple[list[Run], int]:
    """The runs of all but about this share of components, and how many runs were left out. A component is drawn by the seed and the first
    of its groups' names alone, so that more runs of them change nothing."""
    if not share:
        return list(runs), 0
    owner = components(runs).tolist()
    named: dict[int, str] = {}
    for run, own in zip(runs, owner, strict=True):
        named[own] = min(named.get(own, run.group), run.group)

    def drawn(group: str) -> float:
        return int(hashlib.sha256(f"{seed}/{group}".encode("utf-8", "replace")).hexdigest()[:13], 16) / 16**13

    chosen = [run for run, own in zip(runs, owner, strict=True) if drawn(named[own]) >= share]
    return chosen, len(runs) - len(chosen)


def dealt(runs: Sequence[Run], groups: Integers, shares: Sequence[float], seed: int) -> Integers:
    """The part of each run, 0, 1, 2 …, so that parts have about these shares of the runs, failing and others, and no group straddles.

    Groups are taken from the largest to the smallest, equal ones in an order drawn by the seed; each goes where most is lacking of what
    it holds.
    """
    count = int(groups.max()) + 1 if len(groups) else 0
    held = np.zeros((count, 2))
    for run, group in zip(runs, groups, strict=True):
        held[group, 1 if run.label else 0] += 1
    first = {int(group): place for place, group in reversed(list(enumerate(groups)))}
    drawn = [hashlib.sha256(f"{seed}\0{runs[first[group]].group}".encode("utf-8", "replace")).digest() for group in range(count)]
    wanted = np.outer(np.asarray(shares) / np.sum(shares), held.sum(axis=0))
    totals = np.maximum(held.sum(axis=0), 1.0)
    filled = np.zeros_like(wanted)
    part = np.zeros(count, dtype=np.int64)
    spread = np.maximum(wanted, 1e-12)
    for group in sorted(range(count), key=lambda one: (-held[one].sum(), drawn[one])):
        lacking = ((wanted - filled) / spread) @ (held[group] / totals)
        part[group] = int(np.argmax(np.round(lacking, 12)))
        filled[part[group]] += held[group]
    return part[groups]


def folds(runs: Sequence[Run], groups: Integers, count: int, seed: int) -> Integers:
    """Equal parts, for cross-fitting."""
    return dealt(runs, groups, [1.0] * count, seed)
