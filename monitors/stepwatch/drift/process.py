"""Evidence that grows run by run and may be looked at after each: a bet against exchangeability, and one against a false-alarm budget.

Both take the numbers that they are given for independent: of runs that are alike, one (`report.firsts`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

BETS: Final = (-0.9, -0.5, -0.25, 0.25, 0.5, 0.9)
"""Bets that p-values are small (above 0) or large (below 0); capital is spread over them."""
SHIFT: Final = 0.01
"""The share of capital that is spread anew before each bet, so that a change that comes late is not missed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The capital after all runs, the most it ever was, and the number of the run (from 1 on) at which it first was enough for an alarm; 0
    if never. If nothing changed, the chance that it ever reaches 1 / level is at most `level`, however long one looks."""

    last: float
    highest: float
    alarm: int
    level: float


def exchangeability(old: Sequence[float], new: Sequence[float], *, level: float = 0.05, seed: int = 7) -> Evidence:
    """A conformal test martingale on one number a run: each new run's rank among all before it is a p-value, and bets are laid on p-values
    that are too small or too large. Ties are broken at random, by the seed."""
    from bisect import bisect_left, bisect_right, insort

    draw = Random(seed)
    before = sorted(old)
    capital = [1.0 / len(BETS)] * len(BETS)
    values: list[float] = []
    for number in new:
        above = len(before) - bisect_right(before, number)
        ties = bisect_right(before, number) - bisect_left(before, number)
        p = (above + draw.random() * (ties + 1)) / (len(before) + 1)
        insort(before, number)
        whole = sum(capital)
        capital = [
            ((1 - SHIFT) * share + SHIFT * whole / len(BETS)) * (1 + bet * (1 - 2 * p)) for share, bet in zip(capital, BETS, strict=True)
        ]
        values.append(sum(capital))
    return _evidence(values, level)


def false_alarms(alerted: Sequence[bool], budget: float, *, level: float = 0.05) -> Evidence:
    """Evidence that more than `budget` of runs that pass are alerted. `alerted` tells it of each run that passed, in their order."""
    bets = [share / budget for share in (0.1, 0.3, 0.6)]
    capital = [1.0 / len(bets)] * len(bets)
    values: list[float] = []
    for one in alerted:
        capital = [share * (1 + bet * (one - budget)) for share, bet in zip(capital, bets, strict=True)]
        values.append(sum(capital))
    return _evidence(values, level)


def _evidence(values: list[float], level: float) -> Evidence:
    alarm = next((place for place, value in enumerate(values, start=1) if value >= 1 / level), 0)
    return (
        Evidence(values[-1] if values else 1.0, max(values, default=1.0), alarm, level)
        if not values or math.isfinite(max(values))
        else (Evidence(math.inf, math.inf, alarm, level))
    )
