"""Fields that a monitor reads and that tell the outcome in a way that honest fields do not: looked for before anything is learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from stepwatch import audit, facts
from stepwatch.plan import Plan
from stepwatch.training.data import Run

MOST_STEPS: Final = 60_000
"""Steps that are looked at; above, runs are sampled by the hash of their id."""


def leaks(plan: Plan, runs: Sequence[Run], seed: int, tell: Callable[[str, int, int], None] | None = None) -> audit.Report:
    """The audit of the fields that the plan's features read, on the runs that are learned from."""
    read: dict[str, set[str]] = {}
    for feature in plan.features:
        for step in feature.steps:
            read.setdefault(step, set()).add(feature.field)
    settings = audit.Settings(label=plan.label, seed=seed, steps=MOST_STEPS, shuffles=199, resamples=200)
    return audit.audit_runs((_audited(run, read) for run in runs), settings, tell)


def _audited(run: Run, read: dict[str, set[str]]) -> audit.Run:
    rows = []
    for index, steps in enumerate(run.points):
        for step in steps:
            kind = facts.type_of(step)
            names = tuple(sorted(read.get(kind, ())))
            values = facts.reader(type(step), names)(step)
            rows.append(audit.StepRow(kind, dict(zip(names, values, strict=True)), index))
    return audit.Run(run.id, run.label, run.group, rows)


def as_values(report: audit.Report) -> list[dict[str, Any]]:
    """The findings that somebody must look at, as JSON."""
    return [
        {"field": one.field, "verdict": one.verdict, "reasons": list(one.reasons), "trait": one.trait.text if one.trait else ""}
        for one in report.findings
        if one.verdict in ("leak", "suspicious")
    ]
