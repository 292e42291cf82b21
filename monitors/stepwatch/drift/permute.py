"""Rearrangements of whole clusters between two sets of runs, the same ones for every statistic: what chance shows at this sample size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REARRANGEMENTS = 999


class Rearrangements:
    """Memberships of the second set: the real one, then rearranged ones, [1 + rearrangements][runs] of 0 and 1.

    A cluster is what one group has on one side; all its runs move together, since they are alike. Runs without a group are clusters of
    their own.
    """

    __slots__ = ("later",)

    def __init__(self, sides: Sequence[bool], groups: Sequence[str], seed: int, rearrangements: int = REARRANGEMENTS) -> None:
        names = [f"{side} {group}" if group else f"run {place}" for place, (side, group) in enumerate(zip(sides, groups, strict=True))]
        _, cluster = np.unique(np.asarray(names), return_inverse=True)
        of_cluster = np.zeros(int(cluster.max()) + 1, dtype=bool)
        of_cluster[cluster] = np.asarray(sides, dtype=bool)
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
