"""Intervals by resampling whole groups: prefixes of a run, and runs of a task, are no independent evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from stepwatch.metrics.levels import Floats


class Interval(NamedTuple):
    """An estimate with a percentile interval."""

    value: float
    low: float
    high: float


class Resamples:
    """Bootstrap samples of groups as weights of cases. The same seed and groups give the same samples, so that two monitors can be
    compared sample by sample.

    groups   the group of each case, any values that sort
    """

    __slots__ = ("_group", "_weights")

    def __init__(self, groups: Sequence[str] | NDArray[np.generic], resamples: int = 1000, seed: int = 7) -> None:
        names, inverse = np.unique(np.asarray(groups), return_inverse=True)
        count = len(names)
        random = np.random.default_rng(seed)
        drawn = random.multinomial(count, np.full(count, 1.0 / count), size=resamples)
        self._weights = drawn.astype(np.float32)
        self._group = inverse

    def __len__(self) -> int:
        return len(self._weights)

    def interval(self, value: float, samples: Floats, cases: NDArray[np.bool_] | None = None) -> Interval:
        """An estimate with the 95 % interval of its figures under these resamples; `cases` are those that the figure is about."""
        groups = self._weights.shape[1] if cases is None else len(np.unique(self._group[cases]))
        return interval(value, samples, groups)

    def samples(self, figure: Callable[[Floats], float], weights: Floats | None = None, cases: NDArray[np.bool_] | None = None) -> Floats:
        """A figure, as a function of one weight a case, under every resample.

        weights   weights that cases have anyway, multiplied in
        cases     which cases the figure is about; it then gets weights of those alone
        """
        group = self._group if cases is None else self._group[cases]
        made = np.empty(len(self._weights))
        for index, row in enumerate(self._weights):
            drawn = row[group].astype(np.float64)
            made[index] = figure(drawn if weights is None else drawn * weights)
        return made

    def many(
        self, figures: Callable[[Floats], Sequence[float] | Floats], weights: Floats | None = None, cases: NDArray[np.bool_] | None = None
    ) -> Floats:
        """Several figures at once under every resample: [resamples, figures]. Otherwise as `samples`."""
        group = self._group if cases is None else self._group[cases]
        made = []
        for row in self._weights:
            drawn = row[group].astype(np.float64)
            made.append(figures(drawn if weights is None else drawn * weights))
        return np.array(made, dtype=np.float64)


def interval(value: float, samples: Floats, groups: int, confidence: float = 0.95) -> Interval:
    """An estimate with the expanded percentiles of its resamples; samples in which the figure does not exist are left out.

    Resamples of n groups are narrower than the truth is far away, by sqrt((n - 1) / n), and by Student's t instead of a normal
    deviate: percentiles are taken further out by as much (Hesterberg 2015, What Teachers Should Know About the Bootstrap).

    >>> f"{expanded(10, 0.95):.4f} {expanded(1000, 0.95):.4f}"
    '0.0086 0.0248'
    """
    known = samples[np.isfinite(samples)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    tail = expanded(groups, confidence)
    low, high = np.quantile(known, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def expanded(groups: int, confidence: float) -> float:
    """The share of resamples beyond each end of an interval that so many groups were resampled for."""
    if groups < 2:
        return 0.0
    deviate = stdtrit(groups - 1, (1 - confidence) / 2)
    return float(ndtr(deviate * (groups / (groups - 1)) ** 0.5))
