"""An evaluation: from columns to one report of plain values, which pages, tables and terminals only show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from stepwatch.evaluation.alerting import BUDGETS, Alerts, alert_report
from stepwatch.evaluation.cases import Cases, telling_facts, with_domain
from stepwatch.evaluation.ceilings import ceilings
from stepwatch.evaluation.controls import CONTROLS, ORACLES, controls, fold_of, oracles
from stepwatch.evaluation.figures import Figures, Judge, rounded, told
from stepwatch.metrics.alerts import Costs
from stepwatch.metrics.levels import Floats, Integers, Levels
from stepwatch.metrics.ranking import auprc
from stepwatch.metrics.strata import codes
from stepwatch.plan import Rule

SCHEMA: Final = 1
"""The version of the report's form."""

Tell = Callable[[str, int, int], None]


class EvaluationError(ValueError):
    """Runs that nothing can be told from: why, and what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Settings:
    """What bounds an evaluation; all of it enters the report.

    resamples   bootstrap samples of groups behind every interval
    budgets     shares of passing runs that may be alerted
    costs       for the utility of first alerts
    """

    resamples: int = 1000
    seed: int = 7
    budgets: tuple[float, ...] = BUDGETS
    costs: Costs = field(default_factory=Costs)


def evaluate(
    cases: Cases,
    zones: Sequence[Mapping[str, Any]] = (),
    settings: Settings | None = None,
    tell: Tell | None = None,
    rules: Sequence[Rule] = (),
) -> Figures:
    """Judge a monitor's scores and when its rules held, both of which the cases hold. `zones` are those of its artefact.

    Raises:
        EvaluationError: No point has a label, or all have the same, or there is one group only.
    """
    chosen = settings or Settings()
    say = tell or (lambda what, done, of: None)
    cases = with_domain(cases)
    if not cases.known.any():
        raise EvaluationError("no prefix of any run has a known label", "name traces of runs that were not cut off")
    judge = Judge(cases, fold_of(cases, chosen.seed), chosen.resamples, chosen.seed)
    decided(judge)
    fold = judge.fold
    say("ranking", 0, 0)
    report: Figures = {
        "schema": SCHEMA,
        "settings": {"resamples": chosen.resamples, "seed": chosen.seed, "budgets": list(chosen.budgets)},
        "base": judge.base(),
        "facts": telling_facts(cases.runs),
        "monitor": {
            "areas": judge.areas("monitor", cases.score),
            "probabilities": judge.probabilities(cases.risk),
            "along_the_run": judge.along_the_run(cases.score),
            "by_fact": judge.by_fact(cases.score),
            "by_group": judge.by_group(cases.score),
            "curve": judge.curve(cases.score),
        },
        "controls": {},
        "oracles": {},
    }
    for name, scores in controls(cases, fold):
        say(f"control: {name}", 0, 0)
        report["controls"][name] = rival(judge, name, scores, CONTROLS[name])
    for name, scores in oracles(cases):
        report["oracles"][name] = rival(judge, name, scores, ORACLES[name])
    report["shuffled"] = shuffled(judge)
    say("ceilings", 0, 0)
    own = cases.points(judge.known) if not judge.known.all() else cases
    report["ceilings"] = ceilings(judge, representations(own), own.score, own.risk, fold[judge.known])
    say("first alerts", 0, 0)
    found = Alerts(cases, cases.score, fold, chosen.costs, chosen.seed, chosen.resamples)
    report["alerts"] = alert_report(found, zones, chosen.budgets, rules)
    return report


def decided(judge: Judge) -> None:
    """Refuse what nothing can be told from."""
    base = judge.base()
    if base["positive_prefixes"] in (0, base["prefixes"]):
        which = "none" if not base["positive_prefixes"] else "all"
        raise EvaluationError(
            f"{which} of {base['prefixes']:,} prefixes of {base['runs']:,} runs are positive: from one label nothing can be told",
            "name traces with failing and other runs",
        )
    if base["groups"] < 2:
        raise EvaluationError("all runs are of one group; two are needed for intervals and controls", "name traces of more groups")


def rival(judge: Judge, name: str, scores: Floats, what: str) -> Figures:
    """The figures of a control beside those of the monitor."""
    areas = judge.areas(name, scores)
    return {
        "what": what,
        "areas": areas,
        "curve": judge.curve(scores),
        "beyond": {view: judge.difference("monitor", name, view) for view in ("all", "before_last")},
    }


def shuffled(judge: Judge) -> Figures | None:
    """What the monitor loses when the points of a prefix come in another order. None without a model."""
    cases = judge.cases
    if not len(cases.shuffled):
        return None
    drawn = np.isfinite(cases.shuffled)
    truth = judge.truth[drawn]
    if not 0 < truth.sum() < len(truth):
        return None
    straight, mixed = Levels(cases.score[drawn], truth), Levels(cases.shuffled[drawn], truth)
    samples = judge.resamples.many(lambda weights: (auprc(straight.masses(weights)), auprc(mixed.masses(weights))), cases=drawn)
    value = auprc(straight.masses()), auprc(mixed.masses())
    return {
        "prefixes": int(drawn.sum()),
        "rate": rounded(float(truth.mean())),
        "in_order": told(judge.resamples.interval(value[0], samples[:, 0], drawn)),
        "shuffled": told(judge.resamples.interval(value[1], samples[:, 1], drawn)),
        "difference": told(judge.resamples.interval(value[0] - value[1], samples[:, 0] - samples[:, 1], drawn)),
    }


def representations(cases: Cases) -> dict[str, tuple[Integers, Integers]]:
    """The chain of representations, finest first: all typed keys so far (with all symbols), the symbols so far that the model has or, where
    there is an automaton, those that it reads, and its states."""
    symbols = {name: _histories(cases, values) for name, values in cases.symbols.items()}
    steps = codes(cases.history, *(history for history, _ in symbols.values()))
    chain = {"steps": (steps, cases.recent)}
    if len(cases.states):
        chain["symbols"] = symbols["automaton"]
        chain["automaton"] = cases.states, cases.states[:, None]
    elif symbols:
        name = min(symbols, key=lambda one: (len(np.unique(cases.symbols[one])), one))
        chain["symbols"] = symbols[name]
    return chain


def _histories(cases: Cases, symbols: Integers, depth: int = 5) -> tuple[Integers, Integers]:
    """For each point the symbols so far as one number, and the last of them, the latest first."""
    known: dict[tuple[int, int], int] = {}
    history = np.empty(len(cases), dtype=np.int64)
    recent = np.full((len(cases), depth), -1, dtype=np.int64)
    before = 0
    for row, (index, symbol) in enumerate(zip(cases.index.tolist(), symbols.tolist(), strict=True)):
        before = known.setdefault((0 if index == 1 else before, symbol), len(known) + 1)
        history[row] = before
        recent[row, 0] = symbol
        if index > 1:
            recent[row, 1:] = recent[row - 1, :-1]
    return history, recent
