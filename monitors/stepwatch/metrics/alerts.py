"""Figures about runs and their first alert: how many alarms are false, how many failures are found, and how far ahead.

A run has decision points 1..T. Its first alert is at A, 0 where there is none; its lead is T - A decision points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepwatch.metrics.levels import Floats, Integers

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
AHEAD = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """What first alerts are worth.

    false_alarms, passing   runs without a failure that were alerted, and all of them; `far` is the share with its 95 % interval
    found, failing          failing runs that were alerted at any point, and all of them; `recall` is the share with its interval
    early                   the share of failing runs alerted at least so many points before their last, by that number
    lead, lead_share        quantiles (.1 .25 .5 .75 .9) of the lead of found failures: in points, and as a share of the run
    precision               failing runs among alerted ones
    saved, lost             points after the first alert, as a share of all points: of failing runs, and of false alarms
    """

    false_alarms: int
    passing: int
    far: tuple[float, float, float]
    found: int
    failing: int
    recall: tuple[float, float, float]
    early: dict[int, float]
    lead: tuple[float, ...]
    lead_share: tuple[float, ...]
    precision: float
    saved: float
    lost: float


def clopper_pearson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float, float]:
    """The share and its exact binomial interval; NaN and the whole range where there are no trials."""
    if total <= 0:
        return float("nan"), 0.0, 1.0
    from scipy.special import betaincinv  # comes with scikit-learn; the other figures do without

    tail = (1 - confidence) / 2
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1 - tail)) if count < total else 1.0
    return count / total, low, high


def first_alerts(scores: Floats, runs: Integers, threshold: float) -> Integers:
    """The first decision point of each run whose score is above the threshold, from 1; 0 where none is.

    scores, runs   one a point, the points of a run one after another in order; runs are numbered 0, 1, … in order
    """
    starts = _starts(runs)
    place = np.arange(len(runs)) - np.repeat(starts, np.diff(np.r_[starts, len(runs)])) + 1
    far = len(runs) + 1
    first = np.minimum.reduceat(np.where(scores > threshold, place, far), starts)
    return np.where(first == far, 0, first).astype(np.int64)


def policy(scores: Floats, runs: Integers, hits: int = 1, window: int = 1) -> Floats:
    """What an alert compares with its threshold: the `hits`-th highest score of the last `window` points of the run, at each point.

    Minus infinity while a run has fewer points than `hits`. An alert that needs `hits` of the last `window` scores above a threshold
    fires just where this is above it, so that one number a run, the highest of these, decides whether it is alerted at all.
    """
    if not 1 <= hits <= window:
        raise ValueError(f"hits lie between 1 and the window, not {hits} of {window}")
    if window == 1:
        return scores
    lagged = np.full((window, len(scores)), -np.inf)
    for lag in range(min(window, len(scores))):
        lagged[lag, lag:] = np.where(runs[lag:] == runs[: len(runs) - lag], scores[: len(scores) - lag], -np.inf)
    return np.asarray(np.partition(lagged, window - hits, axis=0)[window - hits], dtype=np.float64)


def peaks(scores: Floats, runs: Integers) -> Floats:
    """The highest score of each run; points of a run stand one after another, runs are numbered 0, 1, … in order."""
    starts = _starts(runs)
    return np.asarray(np.maximum.reduceat(scores, starts), dtype=np.float64)


def _starts(runs: Integers) -> Integers:
    """Where runs begin."""
    return np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]][: len(runs)])


def alert_figures(first: Integers, lengths: Integers, failed: NDArray[np.bool_], ahead: Sequence[int] = AHEAD) -> AlertFigures:
    """The figures of runs: first alert (0: none), number of decision points, outcome; one of each a run."""
    alerted = first > 0
    lead = np.where(alerted, lengths - first, 0)
    hit, wrong = alerted & failed, alerted & ~failed
    failing, passing = int(failed.sum()), int((~failed).sum())
    leads, shares = lead[hit], lead[hit] / np.maximum(lengths[hit], 1)
    return AlertFigures(
        false_alarms=int(wrong.sum()),
        passing=passing,
        far=clopper_pearson(int(wrong.sum()), passing),
        found=int(hit.sum()),
        failing=failing,
        recall=clopper_pearson(int(hit.sum()), failing),
        early={steps: float((hit & (lead >= steps)).sum() / failing) if failing else float("nan") for steps in ahead},
        lead=tuple(float(value) for value in np.quantile(leads, QUANTILES)) if len(leads) else (),
        lead_share=tuple(float(value) for value in np.quantile(shares, QUANTILES)) if len(leads) else (),
        precision=float(hit.sum() / alerted.sum()) if alerted.any() else float("nan"),
        saved=_share(lead[hit], lengths[failed]),
        lost=_share(lead[wrong], lengths[~failed]),
    )


@dataclass(frozen=True, slots=True)
class Costs:
    """What a run costs and what an intervention is worth, in one unit.

    failure        a run that fails
    intervention   an intervention, needed or not
    false_alarm    disturbing a run that would not have failed, on top
    effect         the chance that an intervention prevents the failure, if it comes early enough
    least_lead     decision points that have to be left for it to have that chance
    step           a decision point that is not run because the run was stopped at its first alert (0: nobody stops runs)
    """

    failure: float = 10.0
    intervention: float = 1.0
    false_alarm: float = 2.0
    effect: float = 0.5
    least_lead: int = 1
    step: float = 0.0


def utility(first: Integers, lengths: Integers, failed: NDArray[np.bool_], costs: Costs) -> float:
    """What first alerts save on average, a run; 0 is no monitor, below it none is better."""
    return weighted(first, lengths, failed, costs, 1)[WEIGHTED.index("utility")]


WEIGHTED = ("false_alarm_rate", "recall", "early_recall", "precision", "saved", "lost", "utility")


def weighted(
    first: Integers, lengths: Integers, failed: NDArray[np.bool_], costs: Costs, early: int, weights: Floats | None = None
) -> tuple[float, ...]:
    """The figures of `WEIGHTED` with one weight a run: what resampling needs. NaN where there is nothing to divide by.

    early   decision points that have to follow an alert for it to count as early
    """
    inside = np.ones(len(first)) if weights is None else weights
    alerted, lead = first > 0, np.where(first > 0, lengths - first, 0)
    bad, good = inside * failed, inside * ~failed
    value = costs.effect * costs.failure * (alerted & failed & (lead >= costs.least_lead)) - costs.intervention * alerted
    value = value - costs.false_alarm * (alerted & ~failed) + costs.step * lead

    def share(part: float, whole: float) -> float:
        return part / whole if whole > 0 else float("nan")

    return (
        share(float(good @ alerted), float(good.sum())),
        share(float(bad @ alerted), float(bad.sum())),
        share(float(bad @ (alerted & (lead >= early))), float(bad.sum())),
        share(float(bad @ alerted), float(inside @ alerted)),
        share(float(bad @ lead), float(bad @ lengths)),
        share(float(good @ lead), float(good @ lengths)),
        share(float(inside @ value), float(inside.sum())),
    )


def _share(part: Integers, whole: Integers) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() else float("nan")
