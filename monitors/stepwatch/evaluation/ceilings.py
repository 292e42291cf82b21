"""How good anything could be that sees what this monitor sees, or less; and where the rest is lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from stepwatch.evaluation.figures import Figures, Judge, rounded, told
from stepwatch.metrics.ceiling import Cells, back_off, implied, mixture_bound, mixture_probe, mixture_proven
from stepwatch.metrics.gaps import area_gaps, brier_gaps
from stepwatch.metrics.levels import Floats, Integers, Levels
from stepwatch.metrics.ranking import auprc

IDENTIFIED: Final = 0.5
"""The share of prefixes with a twin in another run below which a representation's ceiling is not identified."""


def ceiling(judge: Judge, cells: Integers, back: Integers, fold: Integers) -> Figures:
    """Bounds of the ceiling of one representation.

    cells   the cell of each case
    back    [cases, depth] symbols of the last points, the latest first: back-off tables over them are the floor
    fold    of each case
    """
    truth, weights = judge.truth, judge.weights
    found = Cells(cells, judge.cases.run, truth)
    plug = judge.resamples.interval(found.plug_in(weights), judge.resamples.samples(found.plug_in, weights))
    pairs = judge.resamples.interval(found.pair_bound(weights), judge.resamples.samples(found.pair_bound, weights))
    floor_scores = back_off(back.tolist(), truth, fold)
    levels = Levels(floor_scores, truth)
    samples = judge.resamples.samples(lambda drawn: auprc(levels.masses(drawn)), weights)
    floor = judge.resamples.interval(auprc(levels.masses(weights)), samples)
    replicated = found.replicated(weights)
    return {
        "cells": found.count,
        "replicated": rounded(replicated),
        "identified": bool(replicated >= IDENTIFIED),
        "plug_in": told(plug),
        "floor": told(floor),
        "pairs": told(pairs),
        # Plug-in is too high on average; with few cells that is less than chance makes, so its upper end counts too.
        "interval": [rounded(floor.low), rounded(min(value if math.isfinite(value) else 1.0 for value in (plug.high, pairs.high)))],
    }


def ceilings(judge: Judge, chain: Mapping[str, tuple[Integers, Integers]], score: Floats, risk: Floats, fold: Integers) -> Figures:
    """Ceilings along a chain of representations, what the score itself shows, and where the distance to perfection is lost.

    chain   by name, finest first: the cell of each case, and the symbols of its last points
    """
    truth, weights = judge.truth, judge.weights
    rate = float(np.average(truth, weights=weights))
    levels = Levels(score, truth)
    masses = levels.masses(weights)
    area = auprc(masses)
    steps = {name: ceiling(judge, cells, back, fold) for name, (cells, back) in chain.items()}
    # What a coarser representation has reached, a finer one can reach too.
    lowest = -1.0
    for one in reversed(steps.values()):
        lowest = max(lowest, one["interval"][0] if one["interval"][0] is not None else -1.0)
        one["interval"][0] = rounded(lowest) if lowest >= 0 else None
    probe = mixture_probe(masses)
    reached = judge.resamples.interval(area, judge.resamples.samples(lambda drawn: auprc(levels.masses(drawn)), weights))
    floors = [one["floor"][0] for one in steps.values()]
    best = max([area, *(value for value in floors if value is not None)])
    proven = mixture_proven(max(reached.low, rate) if math.isfinite(reached.low) else rate, rate)
    return {
        "reached": told(reached),
        "raw": {"at_least": rounded(best), "unobservable_at_most": rounded(1 - best)},
        "chain": steps,
        "implied": rounded(implied(risk, weights)),
        "mixture": {"probe": rounded(probe), "area": rounded(mixture_bound(probe, rate)), "proven": rounded(proven)},
        "gaps": gaps(judge, chain, steps, area, risk),
    }


def gaps(judge: Judge, chain: Mapping[str, tuple[Integers, Integers]], steps: Mapping[str, Figures], area: float, risk: Floats) -> Figures:
    """The distance to perfection, part by part: areas if ceilings are as high as the tables say and if they are as low as what could be
    learnt, and the Brier score, which adds up exactly and without bias over the prefixes that have a twin."""
    names = list(chain)
    columns: dict[str, Any] = {"parts": [f"lost before {names[0]}", *(f"lost by {name}" for name in names[1:]), "lost by the monitor"]}
    if names:
        for key, values in (
            ("auprc_high", [steps[name]["plug_in"][0] for name in names]),
            ("auprc_low", np.maximum.accumulate([steps[name]["floor"][0] for name in reversed(names)])[::-1].tolist()),
        ):
            columns[key] = [rounded(value) for value in area_gaps([float(value) for value in values], area)]
        parts = brier_gaps([cells for cells, _ in chain.values()], judge.cases.run, judge.truth, risk, judge.weights)
        columns["brier"] = [rounded(value) for value in (parts.noise, *parts.lost, parts.monitor)]
        columns["brier_total"] = rounded(parts.total)
        columns["brier_share"] = rounded(parts.share)
        columns["brier_cases"] = parts.cases
    return columns
