"""Where the distance between a monitor and perfection is lost, representation by representation.

A chain raw -> steps -> symbols -> … -> monitor, each a function of the one before. Areas: 1 - AUPRC(s) = [1 - C(first)] + sum of
[C(k-1) - C(k)] + [C(last) - AUPRC(s)]. Brier: BS(s) = E[eta (1 - eta)] of the first + sum of what each further step forgets + the rest,
exactly; the noise terms are estimated from pairs of runs in the same cell, without bias, over the cases whose finest cell holds two runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stepwatch.metrics.ceiling import Cells
from stepwatch.metrics.levels import Floats, Integers


class BrierGaps(NamedTuple):
    """The Brier score of a monitor in parts that add up to it, over the cases that have a twin.

    share     of the mass that has a twin: the parts are about that alone
    cases     how many cases that are
    noise     what no monitor can know that sees the first representation: E[eta (1 - eta)]
    lost      what each further representation forgets
    monitor   the rest: what the monitor itself adds. It is below 0 where the monitor sees more than the last representation
    total     the Brier score
    """

    share: float
    cases: int
    noise: float
    lost: tuple[float, ...]
    monitor: float
    total: float


def brier_gaps(
    chain: Sequence[Integers], runs: Integers, labels: Floats, probabilities: Floats, weights: Floats | None = None
) -> BrierGaps:
    """Take a Brier score apart along a chain of cells, finest first. All NaN but `share` where no case has a twin."""
    inside = np.ones(len(labels)) if weights is None else weights
    twins = Cells(chain[0], runs, labels).twins & (inside > 0)
    share = float(inside[twins].sum() / inside.sum())
    if not twins.any():
        none = float("nan")
        return BrierGaps(share, 0, none, tuple(none for _ in chain[1:]), none, none)
    kept = inside[twins]
    noise = [Cells(cells[twins], runs[twins], labels[twins]).noise(kept) for cells in chain]
    total = float(np.average((probabilities[twins] - labels[twins]) ** 2, weights=kept))
    lost = tuple(later - earlier for earlier, later in pairwise(noise))
    return BrierGaps(share, int(twins.sum()), noise[0], lost, total - noise[-1], total)


def area_gaps(ceilings: Sequence[float], area: float) -> tuple[float, ...]:
    """The parts of 1 - AUPRC(s), given the ceilings along the chain: they sum to it exactly."""
    levels = [1.0, *ceilings, area]
    return tuple(earlier - later for earlier, later in pairwise(levels))
