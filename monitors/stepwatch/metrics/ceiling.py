"""How well anything could rank that sees only a given representation of a prefix: the observability ceiling and bounds of it.

A representation puts cases into cells. With eta the share of positives of a cell, `auprc` of cells in the order of eta is the most that
any score of the representation reaches (the set of highest eta of a given mass holds the most positives).
"""

from __future__ import annotations

import numpy as np

from stepwatch.metrics.levels import Floats, Levels, Masses
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


def variance_bound(rate: float, variance: float, points: int = 4000) -> float:
    """CS(r, v): the most that any representation reaches whose eta has this mean and variance.

    The top set of mass t holds at most min(t, r, t r + sqrt(t (1 - t) v)) positives (Cauchy-Schwarz). The curve of precision over
    recall under that bound is integrated with right ends, so that the result is a bound whatever the number of points.
    """
    mass = np.linspace(0.0, 1.0, 20 * points + 1)
    most = np.minimum(np.minimum(mass, rate), mass * rate + np.sqrt(mass * (1 - mass) * variance))
    most = np.maximum.accumulate(most)
    recalls = np.arange(points) / points
    # The least mass for a recall; one grid step less keeps the bound on the safe side. Precision falls with recall, so left ends bound it.
    place = np.maximum(np.searchsorted(most, recalls * rate) - 1, 0)
    needed = mass[place]
    precision = np.divide(recalls * rate, needed, out=np.ones(points), where=needed > 0)
    return float(np.minimum(precision, 1.0).mean())


def pair_second_moment(positive: Floats, mass: Floats) -> float:
    """An estimate of E[eta^2] from pairs of cases of the same cell: unbiased where every cell has two; a single case counts as if its
    eta were its label, which errs upwards."""
    pairs = mass >= 2
    twins = mass[pairs] * positive[pairs] * (positive[pairs] - 1) / (mass[pairs] * (mass[pairs] - 1))
    return float((twins.sum() + positive[~pairs].sum()) / mass.sum())


def cross_fitted(cells: list[tuple[str, ...]], labels: Floats, folds: Floats, prior: float = 2.0) -> float:
    """The area reached on held-out folds by back-off tables: a lower estimate of the ceiling, and of what can be learnt.

    cells   for each case its cells from coarse to fine; eta of a cell is (k + a eta of the coarser one) / (n + a) with a = `prior`
    folds   the fold of each case; groups must not straddle them
    """
    scores = np.zeros(len(cells))
    for fold in np.unique(folds):
        counts: dict[tuple[str, ...], tuple[float, float]] = {}
        inside = folds == fold
        for index in np.flatnonzero(~inside):
            for depth in range(len(cells[index]) + 1):
                key = cells[index][:depth]
                positive, mass = counts.get(key, (0.0, 0.0))
                counts[key] = positive + float(labels[index]), mass + 1.0
        for index in np.flatnonzero(inside):
            eta = 0.5
            for depth in range(len(cells[index]) + 1):
                found = counts.get(cells[index][:depth])
                if found is None:
                    break
                eta = (found[0] + prior * eta) / (found[1] + prior)
            scores[index] = eta
    return auprc(Levels(scores, labels).masses())
