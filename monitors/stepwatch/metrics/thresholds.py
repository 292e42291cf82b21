"""Thresholds from runs that did not fail, with what they guarantee about the share of such runs that are alerted.

One number a run decides: the highest value of the series that an alert compares with its threshold (`alerts.policy`). A threshold is an
order statistic of those numbers over independent runs, so no more is assumed than that coming runs are like these; an alert needs a
value strictly above it, because values may be equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stepwatch.metrics.levels import Floats, Integers


def runs_needed(budget: float, confidence: float) -> int:
    """The fewest runs that a guaranteed threshold takes: n >= ln(1 - confidence) / ln(1 - budget).

    Raises:
        ValueError: One of them does not lie between 0 and 1.
    """
    _shares(budget, confidence)
    needed = math.ceil(math.log1p(-confidence) / math.log1p(-budget) - 1e-9)
    return max(needed, 1)


def guaranteed_place(runs: int, budget: float, confidence: float) -> int | None:
    """Which order statistic of n runs keeps the budget with this confidence, from 1 for the lowest; None where n is too small.

    The smallest k with P(Bin(n, 1 - budget) >= k) <= 1 - confidence: with that chance at most, over the draw of these runs, more than
    `budget` of all passing runs lie above the k-th (Neyman-Pearson classification by order statistics).
    """
    _shares(budget, confidence)
    if runs < runs_needed(budget, confidence):
        return None
    from scipy.special import bdtrc  # P(Bin(n, p) > k)

    places = np.arange(1, runs + 1)
    chances = bdtrc(places - 1, runs, 1.0 - budget)
    fitting = np.flatnonzero(chances <= (1.0 - confidence) * (1 + 1e-12))
    return int(places[fitting[0]]) if len(fitting) else None


def expected_place(runs: int, budget: float) -> int | None:
    """Which order statistic keeps the budget on average over the draw of the runs: ceil((n + 1)(1 - budget)); None where n is too small."""
    _shares(budget, 0.5)
    place = math.ceil((runs + 1) * (1.0 - budget) - 1e-9)
    return place if place <= runs else None


def at_place(peaks: Floats, place: int | None) -> float:
    """The threshold that an order statistic gives; infinite, so that nothing is alerted, where there is none."""
    return math.inf if place is None else float(np.partition(peaks, place - 1)[place - 1])


def one_per_group(groups: Sequence[str] | NDArray[np.str_], seed: int = 7) -> Integers:
    """One run of each group, by place: runs of one group are no independent draws, and a guarantee counts independent ones alone.

    Which run it is depends on the seed and on the group's name and size alone.
    """
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(str(group), []).append(place)
    drawn = np.random.default_rng(seed)
    return np.array([places[group][int(drawn.integers(len(places[group])))] for group in sorted(places)], dtype=np.int64)


def _shares(budget: float, confidence: float) -> None:
    if not (0.0 < budget < 1.0 and 0.0 < confidence < 1.0):
        raise ValueError(f"a budget and a confidence lie between 0 and 1, not {budget} and {confidence}")
