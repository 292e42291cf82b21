"""The same comparison under further assignments of tasks to folds: how much of a lead is luck of the draw.

With some hundred runs, which tasks share a fold moves a figure by more than methods differ. What is judged here is the mean over
assignments; resamples of groups are the same for each of them and for every method.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from baselines import BASELINES, CONTROLS, Baselines
from judged import Figures, Judge, rounded
from kept import Kept
from prefixes import SEED, refolded

from stepwatch.metrics import Levels, auprc

SEEDS: Final = (SEED, 8, 9)
MINE: Final = "stack"


def repeated(judge: Judge, first: Kept, baselines: Baselines, anew: frozenset[str]) -> Figures:
    """The best rival by its mean over the assignments, and ours."""
    prefixes, label = judge.prefixes, judge.label
    kept = [first]
    for seed in SEEDS[1:]:
        one = Kept(refolded(prefixes, seed), label)
        one.fill(baselines, anew, (MINE,))
        kept.append(one)
    levels = {name: [Levels(one.scores[name], judge.truth) for one in kept] for name in (*CONTROLS, *BASELINES, MINE)}
    each = {name: [auprc(one.masses()) for one in found] for name, found in levels.items()}
    best = max((*CONTROLS, *BASELINES), key=lambda name: float(np.mean(each[name])))
    areas = {
        name: np.mean([judge.resamples.samples(lambda weights, one=one: auprc(one.masses(weights))) for one in levels[name]], axis=0)
        for name in (best, MINE)
    }
    means = {name: float(np.mean(found)) for name, found in each.items()}
    return {
        "seeds": list(SEEDS),
        "best": best,
        "auprc": {name: [*map(rounded, judge.resamples.interval(means[name], areas[name]))] for name in (best, MINE)},
        "each": {name: [*map(rounded, found)] for name, found in each.items()},
        "beyond": [*map(rounded, judge.resamples.interval(means[MINE] - means[best], areas[MINE] - areas[best]))],
    }
