"""What a machine is worth on runs that it has not seen: fidelity to the scorer that it stands for, structure, and stability."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepwatch.automata.machine import UNKNOWN, Machine
from stepwatch.automata.traces import Trace
from stepwatch.metrics import Levels, Resamples, auprc, clopper_pearson
from stepwatch.metrics.levels import Floats

ALERTED = 0.10
"""Share of points that both the machine and the scorer alert on when their alerts are compared."""
AHEAD = 3
RESAMPLES = 500
"""Resamples of groups behind an interval."""


@dataclass(frozen=True, slots=True)
class Structure:
    """How a machine fits runs.

    known       share of points in a known state
    trusted     share of points in a state whose risk rests on enough points
    followed    share of points that an edge led to (coming back from an unknown state is none)
    """

    states: int
    edges: int
    known: float
    trusted: float
    followed: float

    def as_values(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def outputs(machine: Machine, traces: Sequence[Trace]) -> Floats:
    """The risk at every point of the traces, in order; the base rate where the machine abstains."""
    return np.array([machine.risk(state) for trace in traces for state in machine.run(trace.symbols)], dtype=np.float64)


def labels(traces: Sequence[Trace]) -> Floats:
    """The labels of every point, in order."""
    return np.array([label for trace in traces for label in trace.labels], dtype=np.float64)


def structure(machine: Machine, traces: Sequence[Trace]) -> Structure:
    """How the machine fits runs."""
    points = known = trusted = kept = 0
    for trace in traces:
        before = 0
        for state in machine.run(trace.symbols):
            points += 1
            known += state != UNKNOWN
            trusted += machine.trusted(state)
            kept += state != UNKNOWN and before != UNKNOWN
            before = state
    total = max(points, 1)
    return Structure(len(machine), len(machine.transitions()), known / total, trusted / total, kept / total)


def worth(machine: Machine, traces: Sequence[Trace]) -> dict[str, Any]:
    """Area under the precision-recall curve (interpolated) with its 95 % interval by resampled groups, and Brier score of the machine's
    risks, with the base rate."""
    risks, truth = outputs(machine, traces), labels(traces)
    levels = Levels(risks, truth)
    resamples = _resamples(traces)
    area = resamples.interval(auprc(levels.masses()), resamples.samples(lambda weights: auprc(levels.masses(weights))))
    return {"auprc": area.value, "auprc_interval": [area.low, area.high], **_brier(risks, truth)}


def brier(machine: Machine, traces: Sequence[Trace]) -> float:
    """The Brier score of the machine's risks."""
    return _brier(outputs(machine, traces), labels(traces))["brier"]


def _brier(risks: Floats, truth: Floats) -> dict[str, float]:
    return {"brier": float(np.mean((risks - truth) ** 2)), "rate": float(truth.mean())}


def _resamples(traces: Sequence[Trace]) -> Resamples:
    """Groups resampled, for one value a point."""
    return Resamples([trace.group for trace in traces for _ in trace.symbols], RESAMPLES)


def fidelity(machine: Machine, traces: Sequence[Trace], risk_of: Callable[[float], float]) -> dict[str, Any]:
    """Agreement with the scorer whose logits the traces carry.

    risk_of   the scorer's logit as a probability

    Alerts are compared where each alerts on its highest tenth of points (ties by order of the runs). `disagreement_bound` is the exact
    95 % bound on how often alerts differ, from one point a run. `behind` is how much more area the scorer has, with the 95 % interval of
    the paired difference by resampled groups; `kept_lift` (area - rate) / (area of the scorer - rate).
    """
    risks = outputs(machine, traces)
    logits = np.array([score for trace in traces for score in trace.scores], dtype=np.float64)
    truth = labels(traces)
    other = np.array([risk_of(float(score)) for score in logits])
    mine, its = _highest(risks), _highest(logits)
    agreement = float(np.mean(mine == its))
    chance = float(mine.mean() * its.mean() + (1 - mine.mean()) * (1 - its.mean()))
    one = _one_a_run(traces)
    differing = int(np.sum(mine[one] != its[one]))
    own, scorer, rate = Levels(risks, truth), Levels(logits, truth), float(truth.mean())
    ours, theirs = auprc(own.masses()), auprc(scorer.masses())
    resamples = _resamples(traces)
    drawn = resamples.samples(lambda weights: auprc(scorer.masses(weights)) - auprc(own.masses(weights)))
    behind = resamples.interval(theirs - ours, drawn)
    return {
        "agreement": agreement,
        "kappa": (agreement - chance) / (1 - chance) if chance < 1 else math.nan,
        "disagreement_bound": clopper_pearson(differing, len(one), 0.90)[2],
        "mean_difference": float(np.mean(np.abs(risks - other))),
        "rank_correlation": _correlation(_ranks(risks), _ranks(logits)),
        "auprc": ours,
        "auprc_scorer": theirs,
        "behind": [behind.value, behind.low, behind.high],
        "kept_lift": (ours - rate) / (theirs - rate) if theirs > rate else math.nan,
        "early": _early(mine, traces),
        "early_scorer": _early(its, traces),
    }


def stability(machines: Sequence[Machine], traces: Sequence[Trace]) -> dict[str, float]:
    """How much machines of resampled runs differ: their sizes, their outputs, and how they part the points (adjusted Rand index)."""
    from sklearn.metrics import adjusted_rand_score

    sizes = [len(machine) for machine in machines]
    given = [outputs(machine, traces) for machine in machines]
    parts = [[state for trace in traces for state in machine.run(trace.symbols)] for machine in machines]
    pairs = [(a, b) for a in range(len(machines)) for b in range(a)]
    if not pairs:
        return {"machines": len(machines), "states_mean": float(np.mean(sizes)) if sizes else math.nan, "states_sd": 0.0}
    return {
        "machines": len(machines),
        "states_mean": float(np.mean(sizes)),
        "states_sd": float(np.std(sizes)),
        "output_difference": float(np.mean([np.mean(np.abs(given[a] - given[b])) for a, b in pairs])),
        "rand": float(np.mean([adjusted_rand_score(parts[a], parts[b]) for a, b in pairs])),
    }


def _highest(values: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """True for the values above the .9 quantile: at most a tenth of them."""
    return np.asarray(values > np.quantile(values, 1 - ALERTED))


def _one_a_run(traces: Sequence[Trace]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """One point of every run, drawn by a fixed seed."""
    draw = np.random.default_rng(7)
    lengths = np.array([len(trace.symbols) for trace in traces])
    starts = np.cumsum(lengths) - lengths
    some = lengths > 0
    return np.asarray(starts[some] + (draw.random(int(some.sum())) * lengths[some]).astype(np.int64))


def _early(alerts: np.ndarray[Any, np.dtype[np.bool_]], traces: Sequence[Trace]) -> float:
    """The share of failing runs with an alert at least three points before their last."""
    found = failing = start = 0
    for trace in traces:
        end = start + len(trace.symbols)
        if trace.failed:
            failing += 1
            found += bool(alerts[start : max(start, end - AHEAD)].any())
        start = end
    return found / failing if failing else math.nan


def _ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=np.float64)


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return math.nan
    return float(np.corrcoef(one, other)[0, 1])
