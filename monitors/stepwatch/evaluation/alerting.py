"""First alerts: of rules, at the zones that a monitor was shipped with, and at stated budgets with thresholds that other runs of these
traces set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stepwatch.evaluation.cases import Cases
from stepwatch.evaluation.figures import Figures, rounded
from stepwatch.metrics import alerts, decisive, thresholds
from stepwatch.metrics.alerts import Costs
from stepwatch.metrics.bootstrap import Interval, Resamples
from stepwatch.metrics.levels import Floats, Integers
from stepwatch.plan import Rule

BUDGETS: Final = (0.01, 0.05, 0.10)
CONFIDENCE: Final = 0.90
LEADS: Final = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
WINDOW: Final = 3
"""An alert is early when more decision points follow than this; the horizon of the label where it has one."""

NEVER: Final = np.iinfo(np.int64).max

Flags = NDArray[np.bool_]


class Alerts:
    """First alerts of a score over runs whose outcome is known.

    scores   one a case of `cases`; runs whose label is not known are left out
    fold     of each case: groups do not straddle folds
    """

    def __init__(self, cases: Cases, scores: Floats, fold: Integers, costs: Costs, seed: int = 7, resamples: int = 1000) -> None:
        known = np.array([one.label is not None for one in cases.runs], dtype=np.bool_)
        rows = known[cases.run]
        self.cases = cases.take(known)
        self.scores = scores[rows]
        self.fold = fold[rows][self.cases.index == 1]
        self.failed = np.array([one.label is True for one in self.cases.runs], dtype=np.bool_)
        self.groups = np.array([one.group for one in self.cases.runs])
        self.lengths = self.cases.lengths
        self.costs = costs
        self.seed = seed
        self.early = (cases.horizon or WINDOW) + 1
        self.ahead = tuple(sorted({1, 3, 5, 10, self.early}))
        self.resamples = Resamples(self.groups, resamples, seed)

    @property
    def told(self) -> bool:
        """Whether there are failing runs and others: without both, no figure of alerts says anything."""
        return bool(self.failed.any() and not self.failed.all())

    def zone(self, threshold: float, hits: int = 1, window: int = 1) -> Integers:
        """The first alert of each run (0: none)."""
        return alerts.first_alerts(alerts.policy(self.scores, self.cases.run, hits, window), self.cases.run, threshold)

    def rule(self, name: str) -> Integers:
        """The point of each run at which a rule first held (0: never)."""
        return self._first(self.cases.held[name])

    def figures(self, first: Integers) -> Figures:
        """What these first alerts are worth. The interval of a share is the wider of two at each end: the exact one, which takes runs for
        independent, and that of resampled groups, since runs of one group may be alike."""
        found = alerts.alert_figures(first, self.lengths, self.failed, self.ahead)
        shares = (
            (found.far, ~self.failed),
            (found.recall, self.failed),
            (self._share(first, self.early), self.failed),
            (self._precision(first), first > 0),
        )
        drawn = self.resamples.many(lambda weights: self.weighted(first, weights)[: len(shares)])
        by_group = [self.resamples.interval(exact[0], column, of) for (exact, of), column in zip(shares, drawn.T, strict=True)]
        far, recall, early, precision = (_wider(exact, grouped) for (exact, _), grouped in zip(shares, by_group, strict=True))
        return {
            "false_alarms": found.false_alarms,
            "passing": found.passing,
            "false_alarm_rate": [*map(rounded, far)],
            "found": found.found,
            "failing": found.failing,
            "recall": [*map(rounded, recall)],
            "early_recall": [*map(rounded, early)],
            "early_means": self.early,
            "ahead": {str(steps): rounded(share) for steps, share in found.early.items()},
            "found_ahead": [[lead, rounded(self._share(first, lead)[0])] for lead in LEADS],
            "lead": [*map(rounded, found.lead)],
            "lead_share": [*map(rounded, found.lead_share)],
            "false_alarm_rate_by_group": [rounded(by_group[0].low), rounded(by_group[0].high)],
            "precision": [*map(rounded, precision)],
            "saved": rounded(found.saved),
            "lost": rounded(found.lost),
            "utility": rounded(alerts.utility(first, self.lengths, self.failed, self.costs)),
        }

    def zones(self, zones: Sequence[Mapping[str, Any]]) -> list[Figures]:
        """The zones that an artefact holds, with the guarantee that each was given in training."""
        made = []
        for zone in zones:
            hits, window = int(zone.get("hits", 1)), int(zone.get("window", 1))
            told: Figures = {
                "name": zone["name"],
                "budget": zone["budget"],
                "confidence": zone.get("confidence"),
                "hits": hits,
                "window": window,
            }
            told["certificate"] = dict(zone.get("certificate") or {})
            told["threshold"] = zone.get("threshold")
            if zone.get("threshold") is not None:
                told["figures"] = self.figures(self.zone(float(zone["threshold"]), hits, window))
            made.append(told)
        return made

    def at_budget(self, budget: float) -> Figures:
        """First alerts under a budget of false alarms, with the threshold for each fold set by the passing runs of the other folds.

        One passing run of each group sets it, so that they are independent. Where there are enough, the threshold keeps the budget with
        confidence; with fewer, on average; with still fewer, it cannot be set, and the certificate says what is missing.
        """
        peaks = alerts.peaks(self.scores, self.cases.run)
        first, guarantees, counts = self.under(budget, peaks)
        weakest = max(guarantees, key=GUARANTEES.index)
        # On average over draws, one more run than needed for the last place.
        needed_on_average = math.ceil(1 / budget - 1e-9) - 1
        return {
            "budget": budget,
            "guarantee": weakest,
            "independent_passing_runs": min(counts) if counts else 0,
            "needed_for_confidence": thresholds.runs_needed(budget, CONFIDENCE),
            "needed_on_average": needed_on_average,
            "confidence": CONFIDENCE,
            "met": weakest != "none",
            "figures": self.figures(first),
            "at_best": self.at_best(budget, peaks),
        }

    def under(self, budget: float, peaks: Floats) -> tuple[Integers, list[str], list[int]]:
        """The first alerts under a budget; for each fold the guarantee, and how many independent passing runs set its threshold."""
        first = np.zeros(len(peaks), dtype=np.int64)
        guarantees, counts = [], []
        for number in np.unique(self.fold):
            passing = np.flatnonzero((self.fold != number) & ~self.failed)
            chosen = passing[thresholds.one_per_group(self.groups[passing], self.seed)] if len(passing) else passing
            guarantee, place = _place(len(chosen), budget)
            guarantees.append(guarantee)
            counts.append(len(chosen))
            inside = self.fold == number
            first[inside] = self.zone(thresholds.at_place(peaks[chosen], place))[inside]
        return first, guarantees, counts

    def at_best(self, budget: float, peaks: Floats) -> Figures:
        """The most that any threshold finds if these very runs set it: no promise, and what no better threshold can beat. `most` is the
        upper end of its exact interval."""
        passing = np.sort(peaks[~self.failed])
        allowed = math.floor(budget * len(passing) + 1e-9)
        threshold = float(passing[len(passing) - 1 - allowed]) if len(passing) > allowed else -math.inf
        hit = int((self.failed & (peaks > threshold)).sum())
        share, _, high = alerts.clopper_pearson(hit, int(self.failed.sum()))
        return {"recall": rounded(share), "most": rounded(high)}

    def decisive(self, firsts: Mapping[str, Integers]) -> Figures | None:
        """How near alerts come to the points that people named as decisive, beside constants. None where nobody named any."""
        point = np.array([one.decisive for one in self.cases.runs], dtype=np.int64)
        named = point > 0
        if not named.any():
            return None
        rows = {**{name: first[named] for name, first in firsts.items()}, **decisive.constants(self.lengths[named])}
        rows["the highest risk"] = self._highest()[named]
        found = {}
        for name, first in rows.items():
            near = decisive.nearness(first, point[named])
            found[name] = {
                "alerted": near.alerted,
                "before": rounded(near.before),
                "at": rounded(near.at),
                "after": rounded(near.after),
                "near": {str(steps): rounded(share) for steps, share in near.near.items()},
                "distance": [*map(rounded, near.distance)],
            }
        monitors = [*firsts, "the highest risk"]
        return {"runs": int(named.sum()), "monitors": monitors, "rows": found}

    def _highest(self) -> Integers:
        """The first point at which each run's score is as high as it gets."""
        peaks = alerts.peaks(self.scores, self.cases.run)[self.cases.run]
        return self._first(self.scores == peaks)

    def _first(self, there: Flags) -> Integers:
        """The first point of each run at which something is there (0: nowhere)."""
        place = np.where(there, self.cases.index, NEVER)
        found = np.minimum.reduceat(place, np.flatnonzero(self.cases.index == 1))
        return np.asarray(np.where(found == NEVER, 0, found), dtype=np.int64)

    def _share(self, first: Integers, lead: int) -> tuple[float, float, float]:
        hit = (first > 0) & self.failed & (self.lengths - first >= lead)
        return alerts.clopper_pearson(int(hit.sum()), int(self.failed.sum()))

    def weighted(self, first: Integers, weights: Floats | None = None) -> tuple[float, ...]:
        """The figures of `alerts.WEIGHTED` with one weight a run."""
        return alerts.weighted(first, self.lengths, self.failed, self.costs, self.early, weights)

    def _precision(self, first: Integers) -> tuple[float, float, float]:
        return alerts.clopper_pearson(int(((first > 0) & self.failed).sum()), int((first > 0).sum()))


GUARANTEES: Final = ("confidence", "average", "none")
"""Strongest first: the budget holds with confidence; on average over draws of the runs that set it; no threshold can be set."""


def _wider(exact: tuple[float, float, float], grouped: Interval) -> tuple[float, float, float]:
    """A share with the interval that holds both; what cannot be resampled leaves the exact one."""
    value, low, high = exact
    return value, float(np.fmin(low, grouped.low)), float(np.fmax(high, grouped.high))


def earliest(firsts: Sequence[Integers]) -> Integers:
    """The first of several first alerts (0: none) of each run."""
    found = np.min([np.where(first > 0, first, NEVER) for first in firsts], axis=0)
    return np.asarray(np.where(found == NEVER, 0, found), dtype=np.int64)


def _place(runs: int, budget: float) -> tuple[str, int | None]:
    place = thresholds.guaranteed_place(runs, budget, CONFIDENCE)
    if place is not None:
        return "confidence", place
    place = thresholds.expected_place(runs, budget)
    return ("average", place) if place is not None else ("none", None)


def alert_report(
    found: Alerts, zones: Sequence[Mapping[str, Any]] = (), budgets: Sequence[float] = BUDGETS, rules: Sequence[Rule] = ()
) -> Figures:
    """Everything about first alerts; without runs of both outcomes only how near they come to decisive points.

    `together` is the first of any zone or rule, as a host gets it; None where there is one alone, or none.
    """
    told = found.told
    shipped = found.zones(zones)
    held = {rule.name: found.rule(rule.name) for rule in rules}
    firsts = {
        f"zone {zone['name']}": found.zone(float(zone["threshold"]), int(zone.get("hits", 1)), int(zone.get("window", 1)))
        for zone in zones
        if zone.get("threshold") is not None
    }
    firsts |= {f"rule {name}": first for name, first in held.items()}
    return {
        "told": told,
        "early_means": found.early,
        "costs": asdict(found.costs),
        "zones": shipped if told else [],
        "rules": [
            {"name": rule.name, "zone": rule.zone, "message": rule.message, "figures": found.figures(held[rule.name])} for rule in rules
        ]
        if told
        else [],
        "together": found.figures(earliest(list(firsts.values()))) if told and len(firsts) > 1 else None,
        "budgets": [found.at_budget(budget) for budget in budgets] if told else [],
        "decisive": found.decisive(firsts),
    }
