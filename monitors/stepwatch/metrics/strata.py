"""Ranking among equals: the area under the ROC curve over pairs of the same stratum alone, such as the same step index and model.

What a stratum's cases share can then win no pair: a monitor that only counts steps, or only knows who is acting, reaches one half.
"""

from __future__ import annotations

import numpy as np

from stepwatch.metrics.levels import Floats, Integers


class Strata:
    """Scores sorted once within their strata. `scores` finite, `labels` 0 or 1, `strata` any integers; one of each a case."""

    __slots__ = ("_begin", "_labels", "_of_level", "_order", "_starts")

    def __init__(self, scores: Floats, labels: Floats, strata: Integers) -> None:
        self._order = np.lexsort((scores, strata))
        stratum, value = strata[self._order], scores[self._order]
        new_stratum = np.r_[True, stratum[1:] != stratum[:-1]]
        self._starts = np.flatnonzero(new_stratum | np.r_[True, value[1:] != value[:-1]])
        self._begin = np.flatnonzero(new_stratum[self._starts])  # the first level of each stratum
        self._of_level = np.cumsum(new_stratum)[self._starts] - 1
        self._labels = labels[self._order].astype(np.float64)

    def pairs(self, weights: Floats | None = None) -> tuple[float, float]:
        """The weight of pairs of one positive and one negative of a stratum, and of those that the score orders rightly (ties half)."""
        if not len(self._order):
            return 0.0, 0.0
        inside = np.ones(len(self._order)) if weights is None else weights[self._order]
        positive = np.add.reduceat(inside * self._labels, self._starts)
        negative = np.add.reduceat(inside * (1.0 - self._labels), self._starts)
        below = np.cumsum(negative) - negative
        below -= below[self._begin][self._of_level]  # what lower strata hold is no rival
        of_stratum = np.add.reduceat(negative, self._begin)[self._of_level]
        return float(positive @ of_stratum), float(positive @ (below + negative / 2))

    def auroc(self, weights: Floats | None = None) -> float:
        """The share of pairs that are ordered rightly. NaN where no stratum has both kinds."""
        pairs, won = self.pairs(weights)
        return won / pairs if pairs > 0 else float("nan")


def codes(*columns: list[str] | list[int] | Integers) -> Integers:
    """One number for each combination of columns."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, inverse = np.unique(np.asarray(column), return_inverse=True)
        _, combined = np.unique(combined * (int(inverse.max(initial=0)) + 1) + inverse, return_inverse=True)
    return np.asarray(combined, dtype=np.int64)
