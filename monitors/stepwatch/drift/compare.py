"""The tests: one a channel, each with a p-value that knows how many runs there are and that runs of a group are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stepwatch.drift.observe import Observation
from stepwatch.drift.permute import Clusters, Rearrangements, clusters_of
from stepwatch.drift.statistics import MOST_KERNEL, frequencies, largest_gap, mean_embedding, stability_index

LEAST_RUNS: Final = 8
"""Runs that each side needs."""
MOST_BINS: Final = 64
MOST_TOLD: Final = 5

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """A value whose share changed: its shares before and after, of all values of the channel."""

    value: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Check:
    """One test.

    channel   what was compared
    method    how: `stability index`, `distribution`, `sequence`, `unseen values`
    value     the statistic
    p         the chance of at least this value if nothing changed
    adjusted  p after Holm's correction for all checks
    changes   what changed most, largest first
    """

    channel: str
    method: str
    value: float
    p: float
    adjusted: float
    changes: tuple[Change, ...] = ()

    def holds(self, level: float) -> bool:
        """Whether chance is no good explanation."""
        return self.adjusted < level


def compare(old: Sequence[Observation], new: Sequence[Observation], *, seed: int = 7, tell: Tell | None = None) -> list[Check]:
    """Every channel and number that both sets have, sorted by p. Outcomes are not looked at.

    Raises:
        ValueError: One side has fewer than `LEAST_RUNS` runs.
    """
    for name, runs in (("old", old), ("new", new)):
        if len(runs) < LEAST_RUNS:
            raise ValueError(f"the {name} side has {len(runs)} runs; at least {LEAST_RUNS} are needed to tell change from chance")
    runs = [*sorted(old, key=lambda one: one.id), *sorted(new, key=lambda one: one.id)]
    sides = [False] * len(old) + [True] * len(new)
    groups = [one.group for one in runs]
    rearranged, clusters = Rearrangements(sides, groups, seed), clusters_of(sides, groups)
    channels = sorted({channel for one in runs for channel in one.counts})
    numbers = sorted({name for one in runs for name in one.numbers})
    found: list[Check] = []
    for done, channel in enumerate([*channels, *numbers]):
        if tell is not None:
            tell("comparing", done, len(channels) + len(numbers))
        if channel in channels:
            counts = [dict(one.counts.get(channel, {})) for one in runs]
            found.append(_shares(channel, counts, sides, rearranged))
            found.append(_unseen(channel, counts, clusters))
        else:
            found += _numbers(channel, runs, sides, seed)
    found += _sequence(runs, sides, seed)
    return sorted(_holm(found), key=lambda check: (check.p, check.channel, check.method))


def _shares(channel: str, counts: list[dict[str, int]], sides: list[bool], rearranged: Rearrangements) -> Check:
    names, table = frequencies(counts, MOST_BINS)
    value, p = rearranged.chance(stability_index(table))
    later = np.asarray(sides)
    before, after = table[~later].sum(axis=0), table[later].sum(axis=0)
    before, after = before / max(before.sum(), 1), after / max(after.sum(), 1)
    order = sorted(range(len(names)), key=lambda place: (-abs(after[place] - before[place]), names[place]))
    changes = tuple(Change(names[place], float(before[place]), float(after[place])) for place in order[:MOST_TOLD])
    return Check(channel, "stability index", value, p, 1.0, changes)


def _unseen(channel: str, counts: list[dict[str, int]], clusters: Clusters) -> Check:
    """New clusters with a value that no old one had, against old ones with a value that no other old one had (the missing mass of Good and
    Turing by whole clusters). Fisher's exact test, one-sided."""
    from scipy.stats import hypergeom

    before, after = ([set[str]().union(*[counts[place] for place in places]) for places in side] for side in clusters)
    having: dict[str, int] = {}
    for values in before:
        for value in values:
            having[value] = having.get(value, 0) + 1
    alone = sum(any(having[value] == 1 for value in values) for values in before)
    new = [values - having.keys() for values in after]
    strange = sum(map(bool, new))
    p = float(hypergeom.sf(strange - 1, len(before) + len(after), alone + strange, len(after)))
    often: dict[str, int] = {}
    for values in new:
        for value in values:
            often[value] = often.get(value, 0) + 1
    told = sorted(often, key=lambda value: (-often[value], value))[:MOST_TOLD]
    changes = tuple(Change(value, 0.0, often[value] / len(new)) for value in told)
    return Check(channel, "unseen values", strange / len(new), min(p, 1.0), 1.0, changes)


def _numbers(name: str, runs: list[Observation], sides: list[bool], seed: int) -> list[Check]:
    known = [place for place, one in enumerate(runs) if name in one.numbers]
    inside = [sides[place] for place in known]
    if sum(inside) < LEAST_RUNS or len(inside) - sum(inside) < LEAST_RUNS:
        return []
    values = np.array([runs[place].numbers[name] for place in known], dtype=np.float64)
    if values.min() == values.max():
        return []
    rearranged = Rearrangements(inside, [runs[place].group for place in known], seed)
    value, p = rearranged.chance(largest_gap(values))
    later = np.asarray(inside)
    changes = (Change("median", float(np.median(values[~later])), float(np.median(values[later]))),)
    return [Check(name, "distribution", value, p, 1.0, changes)]


def _sequence(runs: list[Observation], sides: list[bool], seed: int) -> list[Check]:
    """How values follow each other: the distance of mean embeddings of each run's shares of pairs."""
    channel = "pair of typed keys"
    if not any(channel in one.counts for one in runs):
        return []
    kept = list(range(len(runs)))
    if len(runs) > MOST_KERNEL:
        draw = np.random.default_rng(seed)
        kept = sorted(draw.choice(len(runs), MOST_KERNEL, replace=False).tolist())
    _, table = frequencies([dict(runs[place].counts.get(channel, {})) for place in kept], MOST_BINS)
    rows = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    rearranged = Rearrangements([sides[place] for place in kept], [runs[place].group for place in kept], seed)
    value, p = rearranged.chance(mean_embedding(rows))
    return [Check(channel, "sequence", value, p, 1.0)]


def _holm(checks: list[Check]) -> list[Check]:
    """Holm's step-down correction."""
    order = sorted(range(len(checks)), key=lambda place: (checks[place].p, checks[place].channel, checks[place].method))
    worst, made = 0.0, list(checks)
    for rank, place in enumerate(order):
        one = checks[place]
        worst = max(worst, min(1.0, one.p * (len(checks) - rank)))
        made[place] = Check(one.channel, one.method, one.value, one.p, worst, one.changes)
    return made
