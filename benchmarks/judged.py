"""Scores of prefixes to the figures of the monitor benchmark, with intervals by group."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from prefixes import FOLDS, SEED, Prefixes

from stepwatch.metrics import Levels, Resamples, Strata, alert_figures, auprc, average_precision, first_alerts

BUDGETS: Final = (0.01, 0.05, 0.10)
RESAMPLES: Final = 1000
DIGITS: Final = 4
AHEAD: Final = 3
"""Points still to come at an alert that counts as early."""

Floats = NDArray[np.float64]
Figures = dict[str, Any]


def rounded(value: float) -> float | None:
    """A figure as it is stored; None where it does not exist."""
    return None if not math.isfinite(value) else round(value, DIGITS)


class Judge:
    """Judges scores of one source and label; resamples are shared by all methods, so that differences are paired."""

    def __init__(self, prefixes: Prefixes, label: str) -> None:
        self.prefixes = prefixes
        self.label = label
        self.truth = prefixes.label(label)
        self.before = prefixes.left > 0
        self.resamples = Resamples(prefixes.group, RESAMPLES, SEED)
        lengths = np.bincount(prefixes.case)
        self.per_run = 1.0 / lengths[prefixes.case]
        self._areas: dict[str, Floats] = {}

    def base(self) -> Figures:
        """What there is to judge on, and the oracles: what knowing only the points left, or only the outcome, would reach."""
        prefixes = self.prefixes
        failing = np.bincount(prefixes.case)[[case.failed for case in prefixes.cases]]
        made: Figures = {
            "runs": len(prefixes.cases),
            "failing": int(sum(case.failed for case in prefixes.cases)),
            "long_enough": rounded(float((failing > AHEAD).mean())),
            "groups": len(set(prefixes.group.tolist())),
            "prefixes": len(prefixes.case),
            "left_out": prefixes.left_out,
            "rate": rounded(float(self.truth.mean())),
            "rate_before_last": rounded(float(self.truth[self.before].mean())),
            "rate_per_run": rounded(float(np.average(self.truth, weights=self.per_run))),
        }
        if self.label != "eventually":
            made["oracle_clock"] = rounded(auprc(Levels(-prefixes.left.astype(float), self.truth).masses()))
            made["oracle_outcome"] = rounded(auprc(Levels(prefixes.failed.astype(float), self.truth).masses()))
        return made

    def judge(self, name: str, scores: Floats) -> Figures:
        """The figures of a method."""
        before, truth = self.before, self.truth
        levels, early = Levels(scores, truth), Levels(scores[before], truth[before])
        strata = Strata(scores[before], self.prefixes.failed[before].astype(float), self.prefixes.stratum[before])
        self._areas[name] = self.resamples.samples(lambda weights: auprc(levels.masses(weights)))
        early_areas = self.resamples.samples(lambda weights: auprc(early.masses(weights)), cases=before)
        equal = self.resamples.samples(strata.auroc, cases=before)
        return {
            "auprc": [*map(rounded, self.resamples.interval(auprc(levels.masses()), self._areas[name]))],
            "auprc_before_last": [*map(rounded, self.resamples.interval(auprc(early.masses()), early_areas, before))],
            "auprc_per_run": rounded(auprc(levels.masses(self.per_run))),
            "average_precision": rounded(average_precision(levels.masses())),
            "auroc_at_equal": [*map(rounded, self.resamples.interval(strata.auroc(), equal, before))],
            "alerts": {f"{budget:.2f}": self.alerts(scores, budget) for budget in BUDGETS},
        }

    def difference(self, name: str, other: str, values: dict[str, Figures]) -> list[float | None]:
        """How much more area a method has than another, with the interval of the paired difference."""
        difference = values[name]["auprc"][0] - values[other]["auprc"][0]
        return [*map(rounded, self.resamples.interval(difference, self._areas[name] - self._areas[other]))]

    def alerts(self, scores: Floats, budget: float) -> Figures:
        """First alerts under a budget of false alarms: with thresholds from the other folds, as one would set them; and with one
        threshold for all that just keeps the budget on these very runs, for comparison at equal false alarms."""
        prefixes = self.prefixes
        lengths = np.bincount(prefixes.case)
        starts = np.r_[0, np.cumsum(lengths)[:-1]]
        peaks = np.maximum.reduceat(scores, starts)
        failed = prefixes.failed[starts]
        fold = prefixes.fold[starts]
        first = np.zeros(len(lengths), dtype=np.int64)
        for number in range(FOLDS):
            threshold = conformal(peaks[(fold != number) & ~failed], budget)
            inside = fold == number
            first[inside] = first_alerts(scores, prefixes.case, threshold)[inside]
        passing = np.sort(peaks[~failed])
        exact = first_alerts(scores, prefixes.case, float(passing[len(passing) - 1 - math.floor(budget * len(passing))]))
        return {"other_folds": _told(first, lengths, failed), "equal_rate": _told(exact, lengths, failed)}


def conformal(peaks: Floats, budget: float) -> float:
    """The order statistic ceil((n + 1)(1 - budget)) of the highest scores of runs that pass; none is alerted where n is too small."""
    place = math.ceil((len(peaks) + 1) * (1 - budget))
    return float(np.sort(peaks)[place - 1]) if place <= len(peaks) else math.inf


def _told(first: NDArray[np.int64], lengths: NDArray[np.int64], failed: NDArray[np.bool_]) -> Figures:
    figures = alert_figures(first, lengths, failed)
    return {
        "far": [*map(rounded, figures.far)],
        "recall": [*map(rounded, figures.recall)],
        "early": {str(steps): rounded(share) for steps, share in figures.early.items()},
        "lead": [*map(rounded, figures.lead)],
        "precision": rounded(figures.precision),
        "saved": rounded(figures.saved),
        "lost": rounded(figures.lost),
    }
