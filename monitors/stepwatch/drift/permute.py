"""Rearrangements of whole clusters between two sets of runs, the same ones for every statistic: what chance shows at this sample size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REARRANGEMENTS = 999


Clusters = tuple[list[list[int]], list[list[int]]]
"""The places of the runs of each cluster of the first set, and of the second."""


def clusters_of(sides: Sequence[bool], groups: Sequence[str]) -> Clusters:
    """Runs that are alike: what one group has on one side; a run without a group is one of its own. In the order of their first runs."""
    found: dict[tuple[bool, str, int], list[int]] = {}
    for place, (side, group) in enumerate(zip(sides, groups, strict=True)):
        found.setdefault((bool(side), group, -1 if group else place), []).append(place)
    return [places for key, places in found.items() if not key[0]], [places for key, places in found.items() if key[0]]


class Rearrangements:
    """Memberships of the second set: the real one, then rearranged ones, [1 + rearrangements][runs] of 0 and 1.

    All runs of a cluster move together.
    """

    __slots__ = ("later",)

    def __init__(self, sides: Sequence[bool], groups: Sequence[str], seed: int, rearrangements: int = REARRANGEMENTS) -> None:
        before, after = clusters_of(sides, groups)
        cluster = np.zeros(len(sides), dtype=np.int64)
        for number, places in enumerate((*before, *after)):
            cluster[places] = number
        of_cluster = np.arange(len(before) + len(after)) >= len(before)
        draw = np.random.default_rng(seed)
        rows = [of_cluster, *(draw.permutation(of_cluster) for _ in range(rearrangements))]
        self.later: Floats = np.stack([row[cluster] for row in rows]).astype(np.float64)

    def chance(self, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
        """The statistic of the real sides, and the share of rearrangements that reach it (the real one counted).

        statistic   one value for each row of memberships
        """
        values = statistic(self.later)
        real = float(values[0])
        return real, float(np.mean(values >= real - 1e-12))
