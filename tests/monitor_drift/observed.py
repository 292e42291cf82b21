"""Runs of a known machine as observations."""

from __future__ import annotations

import numpy as np
import synthetic
from automata.escalation import MACHINE

from stepwatch.drift import Observation
from stepwatch.drift.observe import Counter

LOGITS = np.log(MACHINE.eventually() / (1 - MACHINE.eventually()))


def observations(count: int, seed: int, *, groups: int = 0, effect: float = 0.0, drift: bool = False) -> list[Observation]:
    """What runs show to somebody who knows the machine's risks."""
    made = []
    for run in synthetic.runs(MACHINE, count, seed=seed, groups=groups, effect=effect, drift=drift, length=3):
        seen, before = Counter(), ""
        for steps in run.events:
            for step in steps:
                seen.add("step type", type(step).__name__)
                if isinstance(step, synthetic.ToolResult):
                    seen.add("ToolResult.tool", step.tool)
                    seen.add("ToolResult.error", str(step.error))
            key = " ".join(f"{type(step).__name__}({getattr(step, 'tool', '')},{getattr(step, 'error', '')})" for step in steps)
            seen.add("typed key", key)
            seen.add("pair of typed keys", f"{before} > {key}")
            before = key
        highest = float(max(LOGITS[state] for state in run.path))
        risk = float(MACHINE.eventually()[run.path[-1]])
        made.append(
            Observation(
                run.id if not seed else f"{seed}/{run.id}", run.group if groups else "", seen.counts,
                {"points": float(len(run.path)), "highest logit": highest}, risk > 0.9, risk, run.failed,
            )
        )  # fmt: skip
    return made
