"""One score on the judged prefixes: every ranking figure with its interval, and all of them on the same resamples of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stepwatch.evaluation.cases import Cases, telling_facts
from stepwatch.metrics.bootstrap import Interval, Resamples
from stepwatch.metrics.brier import brier, murphy
from stepwatch.metrics.levels import Floats, Integers, Levels
from stepwatch.metrics.ranking import auprc, auroc, average_precision
from stepwatch.metrics.reliability import bins, calibration_error, places
from stepwatch.metrics.strata import Strata, codes

DIGITS: Final = 4
AREAS: Final = ("auprc", "average_precision", "auroc")
PARTS: Final = 5
"""Parts of a run, first fifth to last."""
BINS: Final = 10
LEAST: Final = 20
"""Positive points that it takes to tell figures of a part."""

Figures = dict[str, Any]


def rounded(value: float) -> float | None:
    """A figure as reports hold it; None where it does not exist."""
    return round(float(value), DIGITS) + 0.0 if math.isfinite(value) else None


def told(found: Interval) -> list[float | None]:
    """An estimate with its interval, as reports hold it."""
    return [rounded(value) for value in found]


class Judge:
    """Judges scores of the same cases. Resamples are shared by all, so that a difference between two scores is a paired one.

    cases    points without a known label are left out here, once and for all
    fold     of each run: what controls are fitted on, and not, differs from fold to fold, so that only scores of one fold are compared
             where figures stand for equals
    """

    def __init__(self, cases: Cases, fold: Integers, resamples: int = 1000, seed: int = 7) -> None:
        self.known = cases.known
        self.fold = fold[cases.run]
        self.cases = cases if self.known.all() else cases.points(self.known)
        self.truth = self.cases.truth
        everything = cases.weights()
        self.weights = None if everything is None else everything[self.known]
        self.before = self.cases.left > 0
        self.per_run = self.cases.per_run * (1.0 if self.weights is None else self.weights)
        self.resamples = Resamples(self.cases.groups, resamples, seed)
        self._areas: dict[tuple[str, str], Floats] = {}

    def base(self) -> Figures:
        """What there is to judge on."""
        cases, truth = self.cases, self.truth
        labels = [one.label for one in cases.runs]
        return {
            "runs": len(cases.runs),
            "failing": sum(label is True for label in labels),
            "passing": sum(label is False for label in labels),
            "cut_off": sum(label is None for label in labels),
            "groups": len({one.group for one in cases.runs}),
            "prefixes": len(cases),
            "positive_prefixes": int(truth.sum()),
            "rate": rounded(float(np.average(truth, weights=self.weights))),
            "rate_before_last": rounded(self._rate(self.before)),
            "rate_per_run": rounded(float(np.average(truth, weights=self.per_run))),
            "share_at_last": rounded(float(truth[~self.before].sum() / truth.sum())) if truth.sum() else None,
            "points_per_run": [rounded(float(value)) for value in np.quantile(cases.lengths, (0.1, 0.5, 0.9))],
        }

    def areas(self, name: str, scores: Floats) -> Figures:
        """How well a score (one a case of the whole, higher is riskier) ranks: all points, all but the last of each run, and runs counted
        once each; with what it can tell about the outcome among points of equal place."""
        scores = self._own(scores)
        made: Figures = {}
        for view, cases, weights in (
            ("all", None, self.weights),
            ("before_last", self.before, None if self.weights is None else self.weights[self.before]),
            ("per_run", None, self.per_run),
            ("per_run_before_last", self.before, self.per_run[self.before]),
        ):
            made[view] = self._areas_of(name, view, scores, cases, weights)
        made["auroc_at_equal_place"] = self.at_equal_place(scores)
        return made

    def at_equal_place(self, scores: Floats) -> list[float | None]:
        """The chance that of two runs at the same decision point, before the last, with equal facts of meta, the failing one is scored
        higher: what is left when the clock and the kind of run are taken away."""
        cases, before = self.cases, self.before
        facts = [cases.fact(name).tolist() for name in telling_facts(cases.runs)]
        told_runs = before & np.array([one.label is not None for one in cases.runs])[cases.run]
        if not told_runs.any():
            return [None, None, None]
        stratum = codes(self.fold[self.known], cases.index, *facts)
        strata = Strata(scores[told_runs], cases.failed[told_runs].astype(float), stratum[told_runs])
        return told(self.resamples.interval(strata.auroc(), self.resamples.samples(strata.auroc, cases=told_runs), told_runs))

    def probabilities(self, risks: Floats) -> Figures:
        """How far probabilities can be trusted: the Brier score, its parts, and bins of predicted against observed shares."""
        risks = self._own(risks)
        truth, weights = self.truth, self.weights
        parts = murphy(risks, truth, weights)
        samples = self.resamples.samples(lambda drawn: brier(risks, truth, drawn), weights)
        found = bins(risks, truth, self.resamples, BINS)
        # With thousands of different probabilities every one would be a level of its own, and each case its own evidence.
        binned = murphy(np.array([one.predicted for one in found])[places(risks, BINS)], truth, weights)
        return {
            "brier": told(self.resamples.interval(brier(risks, truth, weights), samples)),
            "brier_of_base_rate": rounded(parts.uncertainty),
            "skill": rounded(1.0 - parts.brier / parts.uncertainty) if parts.uncertainty > 0 else None,
            "uncertainty": rounded(binned.uncertainty),
            "resolution": rounded(binned.resolution),
            "reliability": rounded(binned.reliability),
            "within_bins": rounded(parts.brier - binned.brier),
            "calibration_error": rounded(calibration_error(found)),
            "bins": [[one.cases, *map(rounded, one[1:])] for one in found],
        }

    def along_the_run(self, scores: Floats) -> list[Figures]:
        """Figures by part of the run, first fifth to last. Where a part begins depends on how long the run became: nobody knows that while
        it runs, so this is for understanding alone."""
        scores = self._own(scores)
        cases = self.cases
        part = np.minimum((PARTS * (cases.index - 1)) // np.maximum(cases.index + cases.left, 1), PARTS - 1)
        return [{"part": f"{number + 1} of {PARTS}", **self._part(scores, part == number)} for number in range(PARTS)]

    def by_fact(self, scores: Floats) -> dict[str, list[Figures]]:
        """Figures by each fact of meta that has few values."""
        scores = self._own(scores)
        made: dict[str, list[Figures]] = {}
        for name in telling_facts(self.cases.runs):
            column = self.cases.fact(name)
            made[name] = [{"value": str(value), **self._part(scores, column == value)} for value in np.unique(column)]
        return made

    def by_group(self, scores: Floats, most: int = 12) -> list[Figures]:
        """The groups with the most runs."""
        scores = self._own(scores)
        names, counts = np.unique([one.group for one in self.cases.runs], return_counts=True)
        largest = sorted(zip(-counts, names.tolist(), strict=True))[:most]
        groups = self.cases.groups
        return [{"value": str(name), **self._part(scores, groups == name)} for _, name in largest]

    def curve(self, scores: Floats, points: int = 60) -> list[list[float | None]]:
        """Precision over recall, at some recalls."""
        positive, mass = Levels(self._own(scores), self.truth).masses(self.weights)
        recall, precision = np.cumsum(positive) / positive.sum(), np.cumsum(positive) / np.cumsum(mass)
        wanted = np.arange(1, points + 1) / points
        place = np.minimum(np.searchsorted(recall, wanted - 1e-12), len(recall) - 1)
        return [[rounded(recall[at]), rounded(precision[at])] for at in np.unique(place)]

    def difference(self, name: str, other: str, view: str = "all") -> dict[str, list[float | None]]:
        """How much more of each area one score has than another, on the same resamples. Both have been judged before."""
        found = {}
        mine, theirs = self._areas[name, view], self._areas[other, view]
        cases = self.before if view.endswith("before_last") else None
        for place, area in enumerate(AREAS):
            off = float(mine[0, place] - theirs[0, place])
            found[area] = told(self.resamples.interval(off, mine[1:, place] - theirs[1:, place], cases))
        return found

    def _own(self, scores: Floats) -> Floats:
        return scores if len(scores) == len(self.cases) else scores[self.known]

    def _rate(self, kept: NDArray[np.bool_]) -> float:
        if not kept.any():
            return math.nan
        return float(np.average(self.truth[kept], weights=None if self.weights is None else self.weights[kept]))

    def _areas_of(self, name: str, view: str, scores: Floats, cases: NDArray[np.bool_] | None, weights: Floats | None) -> Figures:
        chosen, truth = (scores, self.truth) if cases is None else (scores[cases], self.truth[cases])
        if not len(chosen):
            self._areas[name, view] = np.full((len(self.resamples) + 1, 3), np.nan)
            return {area: [None, None, None] for area in AREAS}
        levels = Levels(chosen, truth)

        def figures(drawn: Floats | None) -> Sequence[float]:
            masses = levels.masses(drawn)
            return auprc(masses), average_precision(masses), auroc(masses)

        value = figures(weights)
        samples = self.resamples.many(figures, weights, cases)
        self._areas[name, view] = np.vstack([value, samples])
        return {area: told(self.resamples.interval(value[place], samples[:, place], cases)) for place, area in enumerate(AREAS)}

    def _part(self, scores: Floats, inside: NDArray[np.bool_]) -> Figures:
        """Figures of some of the cases; areas only where there is enough to tell them from."""
        cases, truth = self.cases, self.truth[inside]
        runs = np.unique(cases.run[inside])
        labels = [cases.runs[number].label for number in runs.tolist()]
        found: Figures = {
            "runs": len(runs),
            "failing": sum(label is True for label in labels),
            "prefixes": int(inside.sum()),
            "rate": rounded(float(truth.mean())) if len(truth) else None,
            "auprc": None,
            "auroc": None,
        }
        if LEAST <= truth.sum() < len(truth):
            levels = Levels(scores[inside], truth)

            def areas(drawn: Floats | None) -> Sequence[float]:
                masses = levels.masses(drawn)
                return auprc(masses), auroc(masses)

            value, samples = areas(None), self.resamples.many(areas, cases=inside)
            found["auprc"] = told(self.resamples.interval(value[0], samples[:, 0], inside))
            found["auroc"] = told(self.resamples.interval(value[1], samples[:, 1], inside))
        return found
