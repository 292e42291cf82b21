"""A machine that is known: errors escalate, a repair resets them, and what is broken stays so. Runs of it as traces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import synthetic

from stepwatch.automata import Trace

ALPHABET = ("ok", "error", "repair")
EDGES = ((1, 2, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1), (4, 4, 4))
MACHINE = synthetic.Machine(
    emit=np.array([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1], [0.5, 0.35, 0.15], [0.5, 0.4, 0.1], [0.5, 0.45, 0.05]]),
    follow=np.array(EDGES),
    stop=np.array([0.0, 0.1, 0.1, 0.1, 0.1]),
    fail=np.array([0.0, 0.05, 0.2, 0.6, 0.95]),
)


@cache
def traces(count: int, seed: int = 0, groups: int = 0) -> tuple[Trace, ...]:
    """Runs with the label `eventually`."""
    made = synthetic.runs(MACHINE, count, seed=seed, groups=groups)
    return tuple(
        Trace(run.id, run.group, tuple(run.latent), (bool(run.failed),) * len(run.latent), bool(run.failed))
        for run in made
        if run.failed is not None
    )


def parts(runs: Sequence[Trace]) -> tuple[Sequence[Trace], ...]:
    """Half of the runs, a quarter and a quarter: by what is in their ids, not by how they came."""
    ordered = sorted(runs, key=lambda trace: trace.id)
    return ordered[::2], ordered[1::4], ordered[3::4]
