"""Synthetic runs as training takes them."""

from __future__ import annotations

from functools import cache
from typing import Any

import synthetic

from stepwatch.plan import Plan
from stepwatch.training import Run


@cache
def some(count: int = 160, seed: int = 1, groups: int = 0, censoring: float = 0.0) -> tuple[Run, ...]:
    made = synthetic.runs(synthetic.machine(), count, seed=seed, groups=groups, censoring=censoring, length=6)
    return tuple(Run(one.id, one.group, one.failed, one.events, one.censored) for one in made)


def plan(scorer: str = "linear", horizon: int | None = None, **changes: Any) -> Plan:
    return synthetic.plan(scorer, horizon, **changes)
