"""How well a score ranks: area under the precision-recall curve, area under the ROC curve."""

from __future__ import annotations

import numpy as np

from stepwatch.metrics.levels import Floats, Masses


def average_precision(masses: Masses) -> float:
    """The step sum of precision over recall, sum (R_j - R_j-1) P_j, as scikit-learn computes it: a tie counts at its worst end.

    NaN where nothing is positive.
    """
    positive, mass = masses
    total = float(positive.sum())
    if total <= 0:
        return float("nan")
    above = np.cumsum(mass)
    precision = np.divide(np.cumsum(positive), above, out=np.zeros_like(above), where=above > 0)
    return float(positive @ precision) / total


def auprc(masses: Masses) -> float:
    """The interpolated area under the precision-recall curve; within a tie, order is random.

    (1/r) sum_j e_j p_j + (a_j - e_j b_j) e_j ln((b_j + m_j) / b_j) with e_j = p_j / m_j and a_j, b_j the positives and the mass above
    level j; the logarithm counts 0 where nothing is above. A constant score reaches the base rate, and no function of what a score
    sees ranks better than its conditional probability. NaN where nothing is positive.
    """
    seen = masses.positive > 0
    total = float(masses.positive.sum())
    if total <= 0:
        return float("nan")
    above_mass = np.cumsum(masses.mass) - masses.mass
    above_positive = np.cumsum(masses.positive) - masses.positive
    p, m, a, b = masses.positive[seen], masses.mass[seen], above_positive[seen], above_mass[seen]
    share = p / m
    ratio = np.divide(m, b, out=np.zeros_like(b), where=b > 0)
    return float(np.sum(share * p + (a - share * b) * share * np.log1p(ratio))) / total


def auroc(masses: Masses) -> float:
    """The chance that a positive case has a higher score than a negative one, ties counting half. NaN where one kind is missing."""
    negative = masses.mass - masses.positive
    pairs = float(masses.positive.sum()) * float(negative.sum())
    if pairs <= 0:
        return float("nan")
    below = _below(negative)
    return float(masses.positive @ (below + negative / 2)) / pairs


def _below(negative: Floats) -> Floats:
    """The mass at lower levels than each."""
    return np.asarray(negative.sum() - np.cumsum(negative), dtype=np.float64)
