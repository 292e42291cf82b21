"""Scores sorted once, so that thousands of weightings of the same runs cost one pass each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Masses(NamedTuple):
    """Weight by distinct score, from the highest score to the lowest: how much is positive, and how much there is at all."""

    positive: Floats
    mass: Floats


class Levels:
    """The distinct values of a score in descending order, and where each case stands among them.

    scores   one a case, any finite numbers
    labels   one a case, truth as 0 or 1 (or a share of it)
    """

    __slots__ = ("_labels", "_starts", "order")

    def __init__(self, scores: Floats, labels: Floats) -> None:
        if scores.shape != labels.shape or not len(scores):
            raise ValueError(f"{len(scores)} scores and {len(labels)} labels; at least one of each is needed, and as many")
        if not np.isfinite(scores).all():
            raise ValueError("a score is not finite")
        self.order: Integers = np.argsort(-scores, kind="stable").astype(np.int64)
        ordered = scores[self.order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self._labels = labels[self.order].astype(np.float64)

    def masses(self, weights: Floats | None = None) -> Masses:
        """The masses with one weight a case, none below 0; without weights every case counts 1."""
        inside = np.ones(len(self.order)) if weights is None else weights[self.order]
        positive = inside * self._labels
        if len(self._starts) == len(self.order):
            return Masses(positive, inside)
        return Masses(np.add.reduceat(positive, self._starts), np.add.reduceat(inside, self._starts))
