"""How good probabilities are: the Brier score, and Murphy's parts of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stepwatch.metrics.levels import Floats, Levels


class Murphy(NamedTuple):
    """Brier = uncertainty - resolution + reliability, exact over the distinct values of the probability (Murphy 1973)."""

    uncertainty: float
    resolution: float
    reliability: float

    @property
    def brier(self) -> float:
        """The score that the parts make up."""
        return self.uncertainty - self.resolution + self.reliability


def brier(probabilities: Floats, labels: Floats, weights: Floats | None = None) -> float:
    """The mean squared error of probabilities, weighted; 0 is best."""
    return float(np.average((probabilities - labels) ** 2, weights=weights))


def murphy(probabilities: Floats, labels: Floats, weights: Floats | None = None) -> Murphy:
    """The parts of the Brier score; each distinct probability is a bin of its own."""
    positive, mass = Levels(probabilities, labels).masses(weights)
    values = np.unique(probabilities)[::-1]
    total = mass.sum()
    rate = positive.sum() / total
    seen = mass > 0
    share = np.divide(positive, mass, out=np.zeros_like(mass), where=seen)
    return Murphy(
        uncertainty=float(rate * (1 - rate)),
        resolution=float(mass @ (np.where(seen, share - rate, 0.0) ** 2) / total),
        reliability=float(mass @ (np.where(seen, values - share, 0.0) ** 2) / total),
    )
