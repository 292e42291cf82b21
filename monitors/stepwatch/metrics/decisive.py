"""How near a first alert comes to the point that people named as the decisive mistake."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stepwatch.metrics.levels import Integers

NEAR = (0, 1, 3)


class Nearness(NamedTuple):
    """Alerts and decisive points of the same runs.

    alerted   runs with an alert, of `runs`
    before, at, after   shares of all runs
    near      the share of all runs alerted at most so many points from the decisive one, by that number
    distance  quantiles (.25 .5 .75) of alert minus decisive point, of alerted runs: below 0 is before
    """

    runs: int
    alerted: int
    before: float
    at: float
    after: float
    near: dict[int, float]
    distance: tuple[float, ...]


def nearness(first: Integers, decisive: Integers) -> Nearness:
    """First alerts (from 1; 0: none) against decisive points (from 1), one of each a run."""
    alerted = first > 0
    off = (first - decisive)[alerted]
    count = len(first)

    def share(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
        return float(chosen.sum() / count) if count else float("nan")

    return Nearness(
        runs=count,
        alerted=int(alerted.sum()),
        before=share(off < 0),
        at=share(off == 0),
        after=share(off > 0),
        near={within: share(np.abs(off) <= within) for within in NEAR},
        distance=tuple(float(value) for value in np.quantile(off, (0.25, 0.5, 0.75))) if len(off) else (),
    )


def constants(lengths: Integers) -> dict[str, Integers]:
    """Alerts that look at nothing but how long a run turned out to be, or not even that: what an alert has to beat."""
    made = {f"point {place}": np.where(lengths >= place, place, 0) for place in (1, 2, 3, 5)}
    for name, part in (("a quarter of the run", 0.25), ("half of the run", 0.5), ("three quarters", 0.75)):
        made[name] = np.maximum(np.ceil(lengths * part), 1).astype(np.int64)
    return {**made, "the last point": lengths}
