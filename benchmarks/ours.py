"""Monitors as they ship, out of fold: trained by `stepwatch.training` on four folds, scored by the run time's model on the fifth.

The plan is that of the monitor beside the adapter; the label is set by the benchmark. Everything that training chooses (penalties, numbers
of trees, weights of a stack) it chooses out of fold within the four folds.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prefixes import FOLDS, HORIZON, SEED, Case, Prefixes

from stepwatch import plan as plans
from stepwatch.model import Model
from stepwatch.plan import Plan
from stepwatch.training import Run, Settings
from stepwatch.training.encoding import Encoded, encode
from stepwatch.training.fitting import fit_encoded

METHODS: Final = ("table", "linear", "stack")

INSIDE: Final = 3
"""Folds of cross-fitting within the runs that are trained on; what ships has five, which costs half as much again."""

Floats = NDArray[np.float64]


def plan_of(source: str, label: str) -> Plan:
    """The plan of a source's monitor with the label of the benchmark."""
    module = importlib.import_module(f"stepc_adapters.{source}_watch")
    return replace(plans.from_json(module.PLAN), horizon=None if label == "eventually" else HORIZON)


def scores(prefixes: Prefixes, label: str, names: tuple[str, ...] = METHODS) -> Iterator[tuple[str, Floats]]:
    """Out-of-fold logits of every prefix, by scorer."""
    if not names:
        return
    runs = [Run(case.id, case.group, case.failed, case.points) for case in prefixes.cases]
    encoded = encode(plan_of(prefixes.source, label), runs)
    folds = prefixes.fold[encoded.starts]
    made = {name: np.zeros(len(encoded)) for name in names}
    for number in range(FOLDS):
        held_out = folds == number
        rows = encoded.rows(held_out)
        cases = [case for case, held in zip(prefixes.cases, held_out, strict=True) if held]
        for name in names:
            begin = time.perf_counter()
            made[name][rows] = scored(fitted(encoded, ~held_out, name), cases)
            print(f"  fold {number}, {name}: {time.perf_counter() - begin:.1f} s", file=sys.stderr, flush=True)
    yield from made.items()


def fitted(encoded: Encoded, runs: NDArray[np.bool_], scorer: str) -> Model:
    """A monitor that was trained on some of the runs."""
    return fit_encoded(encoded.take(runs), Settings(seed=SEED, folds=INSIDE, scorer=scorer)).model()


def scored(model: Model, cases: list[Case]) -> Floats:
    """The logit at each decision point of these runs, by the run time's model."""
    logits = []
    for case in cases:
        run = model.begin()
        for steps in case.points:
            for step in steps:
                model.step(run, step)
            logits.append(model.advance(run))
    return np.array(logits)
