"""Whether probabilities mean what they say: predicted and observed shares, bin by bin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stepwatch.metrics.bootstrap import Resamples
from stepwatch.metrics.levels import Floats, Integers


class Bin(NamedTuple):
    """Cases of similar probability: their number, their mean probability, the share that is positive with its interval."""

    cases: int
    predicted: float
    observed: float
    low: float
    high: float


def bins(probabilities: Floats, labels: Floats, resamples: Resamples, count: int = 10) -> list[Bin]:
    """Bins of about equal numbers of cases, from the lowest probability to the highest; equal probabilities share a bin."""
    place = places(probabilities, count)
    size = int(place.max()) + 1
    numbers = np.bincount(place, minlength=size)
    predicted = np.bincount(place, probabilities, size) / numbers
    observed = np.bincount(place, labels, size) / numbers

    def shares(weights: Floats) -> Floats:
        mass = np.bincount(place, weights, size)
        return np.asarray(np.divide(np.bincount(place, weights * labels, size), mass, out=np.full(size, np.nan), where=mass > 0))

    samples = resamples.many(shares)
    found = [resamples.interval(float(observed[number]), samples[:, number], place == number) for number in range(size)]
    return [Bin(int(numbers[number]), float(predicted[number]), *found[number]) for number in range(size)]


def places(values: Floats, count: int) -> Integers:
    """The bin of each value, of at most `count` bins of about equal numbers; equal values are in one bin, and no bin is empty."""
    cuts = np.unique(np.quantile(values, np.arange(1, count) / count, method="lower"))
    _, place = np.unique(np.searchsorted(cuts, values, side="right"), return_inverse=True)
    return np.asarray(place, dtype=np.int64)


def calibration_error(found: list[Bin]) -> float:
    """The mean distance between predicted and observed shares, by cases. For reading, not for choosing: it depends on the bins."""
    numbers = np.array([one.cases for one in found], dtype=np.float64)
    return float(np.average([abs(one.predicted - one.observed) for one in found], weights=numbers))
