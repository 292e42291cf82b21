"""How well one column tells the outcome: AUC with an interval by group, AUC within strata, purity of a value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.columns import Frame
from stepwatch.audit.model import Interval

Column = NDArray[np.float32]
LENGTH = "the run's length"
"""How the run's length is named where it explains a relation."""


def auc(column: Column, labels: NDArray[np.float32]) -> float:
    """The chance that a run with the outcome true has a larger value than one with it false, ties counting half; NaN-valued runs left
    out; 0.5 when either outcome is missing."""
    finite = np.isfinite(column)
    values, truth = column[finite], labels[finite] > 0
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return 0.5
    _, inverse = np.unique(values, return_inverse=True)
    pos = np.bincount(inverse[truth], minlength=int(inverse.max()) + 1).astype(np.float64)
    neg = np.bincount(inverse[~truth], minlength=len(pos)).astype(np.float64)
    below = np.cumsum(neg) - neg
    return float((pos * (below + neg / 2)).sum() / (positives * negatives))


def stratified_auc(column: Column, labels: NDArray[np.float32], strata: NDArray[np.int64]) -> float | None:
    """AUC over pairs of runs of the same stratum; None when such pairs are too few to say (under 2 % of all pairs, or 200)."""
    finite = np.isfinite(column)
    truth = labels > 0
    total = float((truth & finite).sum()) * float((~truth & finite).sum())
    pairs = won = 0.0
    for stratum in np.unique(strata):
        inside = finite & (strata == stratum)
        here = float((truth & inside).sum()) * float((~truth & inside).sum())
        if here:
            pairs += here
            won += here * auc(column[inside], labels[inside])
    return won / pairs if pairs >= max(200.0, 0.02 * total) else None


class Resamples:
    """Bootstrap samples of groups, the same for every trait, so that two traits can be compared sample by sample."""

    def __init__(self, frame: Frame, resamples: int, seed: int) -> None:
        self.frame = frame
        count = int(frame.groups.max()) + 1
        random = np.random.default_rng(seed + 1)
        self.weights = random.multinomial(count, np.full(count, 1.0 / count), size=resamples).astype(np.float32)

    def aucs(self, column: Column) -> NDArray[np.float64]:
        """The AUC of a column under each sample; 0.5 where a sample lacks one outcome."""
        finite = np.flatnonzero(np.isfinite(column))
        values = column[finite]
        order = finite[np.argsort(values, kind="stable")]
        ordered = column[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
        if len(starts) < 2:
            return np.full(len(self.weights), 0.5)
        weights = self.weights[:, self.frame.groups[order]]
        truth = self.frame.labels[order]
        pos = np.add.reduceat(weights * truth, starts, axis=1, dtype=np.float64)
        neg = np.add.reduceat(weights * (1 - truth), starts, axis=1, dtype=np.float64)
        below = np.cumsum(neg, axis=1) - neg
        pairs = pos.sum(axis=1) * neg.sum(axis=1)
        won = (pos * (below + neg / 2)).sum(axis=1)
        return np.asarray(np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), 0.5))


def interval(value: float, samples: NDArray[np.float64]) -> Interval:
    """An estimate with the 2.5 % and 97.5 % percentiles of its bootstrap samples."""
    low, high = np.quantile(samples, [0.025, 0.975])
    return Interval(value, min(value, float(low)), max(value, float(high)))


@dataclass(frozen=True, slots=True)
class Purity:
    """How far a value settles the outcome.

    `share` of the `runs` that show it have outcome `outcome`; they come from `groups` groups; `low` is a 95 % lower bound of the share
    with runs of one group counted once unless their group has both outcomes; `expected` is the share that the runs' strata would explain
    (the share of all runs at least), `by_length` the one that their lengths would; `covers` is the part of that outcome's runs that show
    the value; `auc` is what the value reaches alone.
    """

    outcome: bool
    share: float
    low: float
    runs: int
    groups: int
    covers: float
    expected: float
    by_length: float
    auc: float

    def beyond(self, least: float, explained: float) -> bool:
        """Whether the share is surely at least `least`, and surely leaves less than half of the doubt that an explanation leaves."""
        return self.low >= max(least, explained + (1 - explained) / 2)


def purity(showing: NDArray[np.bool_], frame: Frame) -> Purity:
    """How far showing a value settles the outcome. `showing` marks the runs that show it; not empty."""
    labels = frame.labels > 0
    truth = labels[showing]
    outcome = bool(truth.mean() >= 0.5)
    hits = truth == outcome
    share = float(hits.mean())
    inside = frame.groups[showing]
    kinds = np.bincount(frame.groups, weights=labels)
    sizes = np.bincount(frame.groups)
    mixed = (kinds > 0) & (kinds < sizes)
    of_group = np.bincount(inside, minlength=len(sizes))
    unmixed = int(((of_group > 0) & ~mixed).sum())
    trials = unmixed + int(of_group[mixed].sum())
    told = labels == outcome
    strata = [codes for _, codes in sorted(frame.strata.items()) if not settles(codes, labels)]
    expected = max([float(told.mean()), *(explained(codes, told, showing) for codes in strata)])
    by_length = explained(frame.length_bin, told, showing)
    false_finds = float((~hits).sum() / max(1, int((~told).sum())))
    covers = float(hits.sum() / max(1, int(told.sum())))
    groups = int((of_group > 0).sum())
    alone = 0.5 + 0.5 * (covers - false_finds)
    return Purity(outcome, share, lower_bound(share, trials), int(showing.sum()), groups, covers, expected, by_length, alone)


def explained(codes: NDArray[np.int64], told: NDArray[np.bool_], showing: NDArray[np.bool_]) -> float:
    """The share of an outcome that runs of the same codes as those showing a value have."""
    rates = np.bincount(codes, weights=told) / np.maximum(np.bincount(codes), 1)
    return float(rates[codes[showing]].mean())


def settles(codes: NDArray[np.int64], labels: NDArray[np.bool_]) -> bool:
    """Whether a stratum all but tells the outcome itself, and so must not explain anything away."""
    rates = np.bincount(codes, weights=labels) / np.maximum(np.bincount(codes), 1)
    value = auc(rates[codes].astype(np.float32), labels.astype(np.float32))
    return value >= 0.85


def lower_bound(share: float, trials: int) -> float:
    """95 % lower bound of a share seen in `trials` independent trials (Wilson, one-sided; exact when the share is 1)."""
    if trials <= 0:
        return 0.0
    if share >= 1.0:
        return float(0.05 ** (1.0 / trials))
    z = 1.6449
    centre = share + z * z / (2 * trials)
    margin = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, (centre - margin) / (1 + z * z / trials))
