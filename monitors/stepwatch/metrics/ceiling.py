"""How well anything could rank that sees only a given representation of a prefix: the observability ceiling and bounds of it.

A representation puts cases into cells. With eta the share of positives of a cell, `auprc` of cells in the order of eta is the most that
any score of the representation reaches (the set of highest eta of a given mass holds the most positives).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np

from stepwatch.metrics.levels import Floats, Integers, Levels, Masses
from stepwatch.metrics.ranking import auprc


def plug_in(positive: Floats, mass: Floats) -> float:
    """The ceiling of a table of cells as if its shares were the truth; too high in samples, and 1 where every cell is a single case."""
    seen = mass > 0
    share = positive[seen] / mass[seen]
    order = np.argsort(-share, kind="stable")
    return auprc(Masses(positive[seen][order], mass[seen][order]))


def mixture_share(positive: Floats, mass: Floats) -> float:
    """a* = 1 - inf P1/P0: the largest part of the positives that differs from the negatives at all."""
    negative = mass - positive
    rate = positive.sum() / mass.sum()
    odds = np.divide(positive, negative, out=np.full(len(mass), np.inf), where=negative > 0)
    least = float(odds[mass > 0].min())
    return 1.0 - least * (1 - float(rate)) / float(rate)


def mixture_bound(share: float, rate: float) -> float:
    """A(a, r): the area when the differing part `share` of the positives is told apart for certain and the rest not at all."""
    certain = share * rate
    return auprc(Masses(np.array([certain, rate - certain]), np.array([certain, 1.0 - certain])))


def mixture_probe(masses: Masses) -> float:
    """How much of the positives a score shows to differ from the negatives: 1 - min over thresholds of (1 - TPR) / (1 - FPR).

    It bounds a* from below, so `mixture_bound` of it is no upper bound of the ceiling; it is there to compare with published figures.
    """
    positive, negative = masses.positive, masses.mass - masses.positive
    if positive.sum() <= 0 or negative.sum() <= 0:
        return math.nan
    missed = 1.0 - np.cumsum(positive) / positive.sum()
    kept = 1.0 - np.cumsum(negative) / negative.sum()
    inside = kept > 1e-12
    return float(1.0 - min(1.0, (np.maximum(missed[inside], 0.0) / kept[inside]).min(initial=1.0)))


def mixture_proven(area: float, rate: float) -> float:
    """The least a* that an achieved area proves: the inverse of A(a, r) in a; 0 where the area is no more than the base rate."""
    low, high = 0.0, 1.0
    if not area > rate:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mixture_bound(middle, rate) < area else (low, middle)
    return low


def variance_bound(rate: float, variance: float, points: int = 4000) -> float:
    """CS(r, v): the most that any representation reaches whose eta has this mean and variance.

    The top set of mass t holds at most min(t, r, t r + sqrt(t (1 - t) v)) positives (Cauchy-Schwarz), so a recall q takes at least the
    mass t(q) at which that reaches q r: the smaller root of (r² + v) t² - (2 r² q + v) t + r² q², and q r at least. The precision
    q r / t(q) falls with q; its integral is taken with left ends, so that the result is a bound whatever the number of points.
    """
    recalls = np.arange(points) / points
    squared = rate * rate
    half = 2 * squared * recalls + variance
    root = np.sqrt(np.maximum(variance * (variance + 4 * squared * recalls * (1 - recalls)), 0.0))
    # The smaller root, written so that nothing cancels.
    below = half + root
    needed = np.divide(2 * squared * recalls**2, below, out=recalls.copy(), where=below > 0)
    needed = np.maximum(needed, recalls * rate)
    precision = np.divide(recalls * rate, needed, out=np.ones(points), where=needed > 0)
    return float(np.minimum(precision, 1.0).mean())


def pair_second_moment(positive: Floats, mass: Floats) -> float:
    """An estimate of E[eta^2] from pairs of cases of the same cell: unbiased where every cell has two; a single case counts as if its
    eta were its label, which errs upwards."""
    pairs = mass >= 2
    twins = mass[pairs] * positive[pairs] * (positive[pairs] - 1) / (mass[pairs] * (mass[pairs] - 1))
    return float((twins.sum() + positive[~pairs].sum()) / mass.sum())


class Cells:
    """Cases in the cells of a representation. Only cases of different runs are independent: pairs are made of those alone.

    cells    the cell of each case, any integers
    runs     the run of each case, any integers
    labels   0 or 1
    """

    __slots__ = ("_labels", "_of_pair", "_pair", "cell", "count", "runs_of_cell")

    def __init__(self, cells: Integers, runs: Integers, labels: Floats) -> None:
        _, self.cell = np.unique(cells, return_inverse=True)
        self.count = int(self.cell.max()) + 1 if len(cells) else 0
        _, run = np.unique(runs, return_inverse=True)
        width = int(run.max()) + 1 if len(run) else 1
        both, self._pair = np.unique(self.cell.astype(np.int64) * width + run, return_inverse=True)
        self._of_pair = both // width
        self._labels = labels.astype(np.float64)
        self.runs_of_cell = np.bincount(self._of_pair, minlength=self.count)

    def table(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """How much is positive in each cell, and how much there is."""
        inside = np.ones(len(self.cell)) if weights is None else weights
        return _sums(self.cell, inside * self._labels, self.count), _sums(self.cell, inside, self.count)

    @property
    def twins(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """The cases whose cell holds another run too."""
        return np.asarray(self.runs_of_cell[self.cell] >= 2)

    def replicated(self, weights: Floats | None = None) -> float:
        """The share of the mass in cells of two runs or more: about the rest, the data alone say nothing."""
        inside = np.ones(len(self.cell)) if weights is None else weights
        return float(inside[self.twins].sum() / inside.sum())

    def plug_in(self, weights: Floats | None = None) -> float:
        """The ceiling as if the shares of the cells were the truth."""
        return plug_in(*self.table(weights))

    def second_moment(self, weights: Floats | None = None) -> float:
        """E[eta²] from pairs of different runs of a cell: (k² - sum k_i²) / (n² - sum n_i²) with k_i, n_i those of run i.

        Unbiased where every cell holds two runs; what a single run holds counts as if its eta were its label, which errs upwards.
        """
        estimate, mass, positive = self._moments(weights)
        known = np.isfinite(estimate)
        return float((mass[known] @ estimate[known] + positive[~known].sum()) / mass.sum())

    def noise(self, weights: Floats | None = None) -> float:
        """E[eta (1 - eta)], what nobody can know who sees the cell alone, over the cells of two runs or more: unbiased there.

        NaN where there is no such cell.
        """
        estimate, mass, positive = self._moments(weights)
        known = np.isfinite(estimate)
        total = mass[known].sum()
        return float((positive[known].sum() - mass[known] @ estimate[known]) / total) if total > 0 else math.nan

    def pair_bound(self, weights: Floats | None = None, points: int = 1000) -> float:
        """CS(r, v) with v from pairs: an upper estimate of the ceiling."""
        positive, mass = self.table(weights)
        rate = float(positive.sum() / mass.sum())
        if rate <= 0:
            return math.nan
        return variance_bound(rate, max(self.second_moment(weights) - rate * rate, 0.0), points)

    def _moments(self, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
        """By cell: the estimate of eta² from pairs (NaN where there are none), the mass, the positive mass."""
        inside = np.ones(len(self.cell)) if weights is None else weights
        k = _sums(self._pair, inside * self._labels, len(self._of_pair))
        n = _sums(self._pair, inside, len(self._of_pair))
        positive, mass = _sums(self._of_pair, k, self.count), _sums(self._of_pair, n, self.count)
        pairs = mass**2 - _sums(self._of_pair, n**2, self.count)
        won = positive**2 - _sums(self._of_pair, k**2, self.count)
        some = (pairs > 1e-9) & (self.runs_of_cell >= 2)
        return np.divide(won, pairs, out=np.full(self.count, np.nan), where=some), mass, positive


def _sums(places: Integers, weights: Floats, count: int) -> Floats:
    """The sum of the weights at each place."""
    return np.asarray(np.bincount(places, weights, count), dtype=np.float64)


def back_off(cells: Sequence[Sequence[Hashable]], labels: Floats, folds: Integers, prior: float = 2.0) -> Floats:
    """A score for each case from tables of the other folds: eta of a cell is (k + a eta of the coarser one) / (n + a) with a = `prior`.

    cells   for each case its cells from coarse to fine; what cannot be looked up counts as the coarser cell
    folds   the fold of each case; groups must not straddle them
    """
    scores = np.zeros(len(cells))
    for fold in np.unique(folds):
        counts: dict[tuple[Hashable, ...], list[float]] = {}
        inside = folds == fold
        for index in np.flatnonzero(~inside).tolist():
            path, label = tuple(cells[index]), float(labels[index])
            for depth in range(len(path) + 1):
                found = counts.setdefault(path[:depth], [0.0, 0.0])
                found[0] += label
                found[1] += 1.0
        for index in np.flatnonzero(inside).tolist():
            path, eta = tuple(cells[index]), 0.5
            for depth in range(len(path) + 1):
                known = counts.get(path[:depth])
                if known is None:
                    break
                eta = (known[0] + prior * eta) / (known[1] + prior)
            scores[index] = eta
    return scores


def cross_fitted(cells: Sequence[Sequence[Hashable]], labels: Floats, folds: Integers, prior: float = 2.0) -> float:
    """The area reached on held-out folds by back-off tables: a lower estimate of the ceiling, and of what can be learnt."""
    return auprc(Levels(back_off(cells, labels, folds, prior), labels).masses())


def implied(probabilities: Floats, weights: Floats | None = None) -> float:
    """The area that probabilities promise if they are calibrated; where the score does not reach it, they are not."""
    return auprc(Levels(probabilities, probabilities).masses(weights))
