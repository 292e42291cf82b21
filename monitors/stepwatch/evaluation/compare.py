"""Several scores on the very same prefixes: every figure of each, and every difference from the first with a paired interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from stepwatch.evaluation.alerting import GUARANTEES, Alerts
from stepwatch.evaluation.cases import Cases, with_domain
from stepwatch.evaluation.controls import CONTROLS, controls, fold_of
from stepwatch.evaluation.evaluation import SCHEMA, Settings, Tell, decided
from stepwatch.evaluation.figures import Figures, Judge, told
from stepwatch.metrics.alerts import WEIGHTED, peaks
from stepwatch.metrics.brier import brier
from stepwatch.metrics.levels import Floats

VIEWS = ("all", "before_last", "per_run", "per_run_before_last")
CHEAP = ("base rate", "position", "who and where", "group")
"""Controls that stand in a comparison: those that cost next to nothing."""


class Rival(NamedTuple):
    """A column of scores, and probabilities where it has them."""

    score: Floats
    risk: Floats | None


def compare(cases: Cases, rivals: Mapping[str, Rival], settings: Settings | None = None, tell: Tell | None = None) -> Figures:
    """Compare scores; each is held against the first. Controls are judged beside them.

    Raises:
        EvaluationError: nothing can be told from these runs.
    """
    chosen = settings or Settings()
    say = tell or (lambda what, done, of: None)
    cases = with_domain(cases)
    judge = Judge(cases, fold_of(cases, chosen.seed), chosen.resamples, chosen.seed)
    decided(judge)
    fold = judge.fold
    names = list(rivals)
    everyone = dict(rivals)
    everyone |= {name: Rival(scores, None) for name, scores in controls(replace(cases, words=()), fold) if name in CHEAP}
    report: Figures = {
        "schema": SCHEMA,
        "settings": {"resamples": chosen.resamples, "seed": chosen.seed, "budgets": list(chosen.budgets)},
        "base": judge.base(),
        "first": names[0],
        "scores": {},
    }
    first_alerts: dict[str, dict[str, Floats]] = {}
    briers: dict[str, Floats] = {}
    for name, rival in everyone.items():
        say(name, len(report["scores"]), len(everyone))
        made: Figures = {"what": CONTROLS.get(name, ""), "control": name not in rivals, "areas": judge.areas(name, rival.score)}
        if rival.risk is not None:
            made["probabilities"] = judge.probabilities(rival.risk)
            briers[name] = _briers(judge, rival.risk)
        found = Alerts(cases, rival.score, fold, chosen.costs, chosen.seed, chosen.resamples)
        made["alerts"] = {}
        first_alerts[name] = {}
        if found.told:
            for budget in chosen.budgets:
                key = f"{budget:g}"
                made["alerts"][key], first_alerts[name][key] = _alerts(found, budget)
        report["scores"][name] = made
    for name in everyone:
        if name != names[0]:
            report["scores"][name]["less_than_first"] = _differences(judge, names[0], name, first_alerts, briers)
    return report


def _alerts(found: Alerts, budget: float) -> tuple[Figures, Floats]:
    """First alerts under a budget: their figures, and the same figures under every resample (the first row is the estimate)."""
    first, guarantees, counts = found.under(budget, peaks(found.scores, found.cases.run))
    samples = found.resamples.many(lambda weights: found.weighted(first, weights))
    value = found.weighted(first)
    made: Figures = {figure: told(found.resamples.interval(value[place], samples[:, place])) for place, figure in enumerate(WEIGHTED)}
    made["guarantee"] = max(guarantees, key=GUARANTEES.index)
    made["independent_passing_runs"] = min(counts)
    return made, np.vstack([value, samples])


def _differences(judge: Judge, first: str, name: str, alerts: Mapping[str, Mapping[str, Floats]], briers: Mapping[str, Floats]) -> Figures:
    """The first score's figures less those of another, each with the interval of the paired difference."""
    made: dict[str, Any] = {view: judge.difference(first, name, view) for view in VIEWS}
    made["alerts"] = {}
    for budget, mine in alerts[first].items():
        off = mine - alerts[name][budget]
        made["alerts"][budget] = {
            figure: told(judge.resamples.interval(off[0, place], off[1:, place])) for place, figure in enumerate(WEIGHTED)
        }
    if first in briers and name in briers:
        off = briers[first] - briers[name]
        made["brier"] = told(judge.resamples.interval(off[0], off[1:]))
    return made


def _briers(judge: Judge, risk: Floats) -> Floats:
    own = risk if len(risk) == len(judge.cases) else risk[judge.known]
    samples = judge.resamples.samples(lambda weights: brier(own, judge.truth, weights), judge.weights)
    return np.asarray(np.r_[brier(own, judge.truth, judge.weights), samples])
