"""What points are to predict, and how much each counts.

Labels: `eventually` is positive where the run failed; `within` a horizon also only where at most so many points follow. A run that was cut
off after Z points is a known negative for `within` while t + horizon <= Z, and unknown otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stepwatch.training.encoding import Encoded, Flags, Floats

Counted = Literal["run", "root", "point"]

TRUNCATED: float = 0.95
"""Quantile at which weights against censoring are cut."""


@dataclass(frozen=True)
class Targets:
    """For each point: whether the label is known, what it is (0 where it is not known), and the weight of its run."""

    known: Flags
    label: Floats
    run_weight: Floats

    def weights(self, encoded: Encoded, by: Counted) -> Floats:
        """The weights of points: each run counts once (`run`), or each point does (`point`), or between both, a run of T points T^0.5
        (`root`). Points without label count 0."""
        weights = np.where(self.known, self.run_weight, 0.0)
        if by == "point":
            return weights
        counts = np.bincount(encoded.run, weights=self.known, minlength=len(encoded.runs))
        length = np.maximum(counts, 1.0)[encoded.run]
        return weights / {"run": length, "root": np.sqrt(length)}[by]


def targets(encoded: Encoded) -> Targets:
    """The labels of the points of some runs, with weights against censoring."""
    horizon = encoded.plan.horizon
    failed = np.array([run.label is True for run in encoded.runs], dtype=np.bool_)[encoded.run]
    open_ = np.array([run.label is None for run in encoded.runs], dtype=np.bool_)[encoded.run]
    if horizon is None:
        label, known = failed, ~open_
    else:
        label = failed & (encoded.left <= horizon)
        known = ~open_ | (encoded.left >= horizon)
    return Targets(known, label.astype(np.float64), against_censoring(encoded)[encoded.run])


def against_censoring(encoded: Encoded) -> Floats:
    """One weight a run: what it says, times the weight that stands for runs like it that were cut off.

    Inverse probability of censoring: S_C is the Kaplan-Meier estimate of staying uncensored, over lengths in points, where a run that
    ended at Z precedes one that was cut off at Z; a finished run weighs 1 / S_C(Z-). For `within`, points of runs that were cut off
    count with weight 1 where their label is known. Weights are cut at their 0.95 quantile. Without censoring all are 1.
    """
    own = np.array([run.weight for run in encoded.runs])
    cut = np.array([run.label is None for run in encoded.runs], dtype=np.bool_)
    if not cut.any():
        return own
    length = np.array([len(run.points) for run in encoded.runs])
    weights = np.where(cut, 1.0, 1.0 / surviving(length, cut))
    if (~cut).any():
        weights = np.minimum(weights, np.quantile(weights[~cut], TRUNCATED))
    return np.asarray(own * weights, dtype=np.float64)


def surviving(length: np.ndarray[tuple[int], np.dtype[np.int64]], cut: Flags) -> Floats:
    """Kaplan-Meier: the chance that a run is not cut off before its length, for each run; runs that end at a length leave first."""
    times = np.unique(length)
    at_risk = np.array([np.count_nonzero(length >= time) for time in times], dtype=np.float64)
    ended = np.array([np.count_nonzero((length == time) & ~cut) for time in times], dtype=np.float64)
    lost = np.array([np.count_nonzero((length == time) & cut) for time in times], dtype=np.float64)
    exposed = at_risk - ended
    staying = np.cumprod(np.where(exposed > 0, 1.0 - lost / np.maximum(exposed, 1.0), 1.0))
    before = np.r_[1.0, staying[:-1]]
    # Where every run was cut off there is no finished one left to weigh.
    chances: Floats = np.maximum(before, 1e-12)[np.searchsorted(times, length)]
    return chances


def effective(weights: Floats) -> float:
    """Effective sample size: (sum w)^2 / sum w^2."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
