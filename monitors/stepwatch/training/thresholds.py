"""Thresholds of alert zones, with what they guarantee.

A zone fires in a run exactly when the run's statistic (`stepwatch.zones.statistic`) is above the threshold. The threshold is an order
statistic of it over runs that did not fail, one of each group, drawn by the seed: with the zone's confidence, at most its budget of such
runs enters it. Where there are too few, the zone is left out and its certificate says how many are missing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from stepwatch.metrics.thresholds import at_place, guaranteed_place, one_per_group, runs_needed
from stepwatch.plan import Zone
from stepwatch.zones import statistic

LOWEST = -1e9
"""Stands for the statistic of a run that is too short for the zone ever to fire in it."""


def set_zones(
    zones: Sequence[Zone], logits: Sequence[Sequence[float]], groups: Sequence[str], seed: int, *, guaranteed: bool = True
) -> list[dict[str, Any]]:
    """The part `zones` of an artefact.

    Args:
        zones: those of the plan.
        logits: of each run that did not fail, point by point, from scorers that have not seen the run.
        groups: of the same runs.
        seed: draws the run of each group.
        guaranteed: False where the scorers of the artefact are not those that gave the logits.
    """
    chosen = one_per_group(groups, seed) if len(groups) else np.zeros(0, dtype=np.int64)
    found = []
    for zone in zones:
        needed = runs_needed(zone.budget, zone.confidence)
        place = guaranteed_place(len(chosen), zone.budget, zone.confidence)
        peaks = np.array([max(statistic(logits[one], zone.hits, zone.window), LOWEST) for one in chosen], dtype=np.float64)
        threshold = None if place is None else at_place(peaks, place)
        if threshold is not None and not (math.isfinite(threshold) and threshold > LOWEST):
            # Most runs are too short for the zone: whatever enters it is rare enough.
            threshold = LOWEST
        certificate = {
            "runs": len(chosen),
            "needed": needed,
            "missing": max(0, needed - len(chosen)),
            "place": place,
            "guaranteed": guaranteed and place is not None,
            "above": None if threshold is None else int(np.count_nonzero(peaks > threshold)),
            "says": _says(zone, len(chosen), needed, place, guaranteed),
        }
        found.append({**asdict(zone), "threshold": threshold, "certificate": certificate})
    return found


def _says(zone: Zone, runs: int, needed: int, place: int | None, guaranteed: bool) -> str:
    budget, confidence = f"{zone.budget:.0%}", f"{zone.confidence:.0%}"
    if place is None:
        return (
            f"left out: {runs} passing runs of as many groups are there, {needed} are needed for a budget of {budget} at a confidence "
            f"of {confidence}; {needed - runs} are missing"
        )
    if not guaranteed:
        return f"out of fold, no guarantee: set on {runs} passing runs of as many groups that scorers like these had not seen"
    return f"with a confidence of {confidence} at most {budget} of passing runs enter it, by {runs} of them, one a group"
