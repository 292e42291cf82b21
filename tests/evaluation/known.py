"""Cases of runs of known truth: read as any traces are, and scored by the true chance to fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import synthetic

from stepwatch.evaluation import Cases, Reader

MACHINE = synthetic.machine()
"""Base rate .44, ceilings .51 by position and .76 by state; within 3 points .17, .20 and .37."""


@dataclass
class Ran:
    """An episode as a run of an adapter gives it."""

    id: str
    group: str | None
    dropped: str
    labels: dict[str, Any]
    meta: dict[str, Any]
    steps: list[Any]
    ends: list[int]


def ran(run: synthetic.SyntheticRun, **meta: Any) -> Ran:
    """A synthetic run as an adapter gives it."""
    steps = [step for steps in run.events for step in steps]
    ends = np.cumsum([len(steps) for steps in run.events]).tolist()
    return Ran(run.id, run.group, "", {"failed": run.failed}, meta, steps, ends)


def read(runs: Iterable[synthetic.SyntheticRun], horizon: int | None = None, *, words: bool = False) -> Cases:
    """The decision points of runs; a run that was cut off counts as censored."""
    reader = Reader(synthetic.plan(horizon=horizon), words=words)
    for run in runs:
        reader.add(ran(run), censored=run.censored, decisive_step=None if run.pivot is None else 2 * run.pivot - 1)
    return reader.cases()


def scored(
    runs: list[synthetic.SyntheticRun], horizon: int | None = None, machine: synthetic.Machine = MACHINE, *, words: bool = False
) -> Cases:
    """Cases with the true chance as risk, its logit as score, and the true state as a symbol."""
    cases = read(runs, horizon, words=words)
    paths = {run.id: run.path for run in runs}
    state = np.array([paths[cases.runs[run].id][index - 1] for run, index in zip(cases.run, cases.index, strict=True)])
    eta = (machine.eventually() if horizon is None else machine.within(horizon))[state]
    return replace(cases, score=np.log(eta / (1 - eta)), risk=eta, symbols={"state": state})
