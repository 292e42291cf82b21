"""Fitting the maps of `stepwatch.calibration`, and choosing one by Brier score on groups that did not fit it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from stepwatch.calibration import Calibration, calibration
from stepwatch.training.encoding import Floats, Integers

KINDS: Final = ("platt", "beta", "isotonic", "venn_abers")
FEWEST_GROUPS: Final = 40
"""Groups below which only Platt's map, which has two numbers, is fitted."""
FEWEST_POSITIVE: Final = 200
"""Positive points below which maps without a form are not tried."""
LEVELS: Final = 512
"""Different logits that maps without a form tell apart; closer ones share a level."""


@dataclass(frozen=True)
class Fitted:
    """A map as a part of an artefact, with its blocks, and what was tried: Brier score by kind on groups that did not fit it; NaN
    where the others had but one label."""

    part: dict[str, Any]
    blocks: dict[str, Floats]
    tried: dict[str, float]

    @property
    def map(self) -> Calibration:
        """The map."""
        return calibration(self.part, {name: block.tolist() for name, block in self.blocks.items()})


def fit(kind: str, logits: Floats, label: Floats, weights: Floats) -> tuple[dict[str, Any], dict[str, Floats]]:
    """A map of one kind. Points of weight 0 count for nothing, and the scale of weights does not matter: they are brought to a sum that
    is their effective number, so that the one point which some maps add to them weighs as much as it should."""
    seen = weights > 0
    logits, label, weights = logits[seen], label[seen], in_effect(weights[seen])
    if kind == "platt":
        slope, intercept = platt(logits, label, weights)
        return {"kind": kind, "params": {"slope": slope, "intercept": intercept}, "blocks": {}}, {}
    if kind == "beta":
        a, b, intercept = beta(logits, label, weights)
        return {"kind": kind, "params": {"a": a, "b": b, "intercept": intercept}, "blocks": {}}, {}
    at, share, mass = levels(logits, label, weights)
    if kind == "isotonic":
        value = np.clip(_pooled(share, mass), 0.0, 1.0)
        blocks = {"at": at, "value": value}
    else:
        low, high = venn_abers(share, mass)
        blocks = {"at": at, "low": low, "high": high}
    named = {f"calibration.{name}": block for name, block in blocks.items()}
    return {"kind": kind, "params": {}, "blocks": {name: f"calibration.{name}" for name in blocks}}, named


def in_effect(weights: Floats) -> Floats:
    """Weights whose sum is their effective number, (sum w)^2 / sum w^2."""
    return np.asarray(weights * (weights.sum() / (weights @ weights)), dtype=np.float64)


def platt(logits: Floats, label: Floats, weights: Floats) -> tuple[float, float]:
    """Slope (0 at least) and intercept by log loss, with labels drawn in by one run's worth that keeps slopes finite (Platt 1999)."""
    truth = _drawn_in(label, weights)
    found = _logistic(logits[:, None], truth, weights)
    return found[0], found[1]


def beta(logits: Floats, label: Floats, weights: Floats) -> tuple[float, float, float]:
    """a, b (0 at least) and the intercept by log loss."""
    truth = _drawn_in(label, weights)
    found = _logistic(np.column_stack([-np.logaddexp(0.0, -logits), np.logaddexp(0.0, logits)]), truth, weights)
    return found[0], found[1], found[2]


def _drawn_in(label: Floats, weights: Floats) -> Floats:
    positive, total = float(weights @ label), float(weights.sum())
    return np.where(label > 0.5, (positive + 1.0) / (positive + 2.0), 1.0 / (total - positive + 2.0))


def _logistic(inputs: Floats, truth: Floats, weights: Floats) -> list[float]:
    share = weights / weights.sum()
    width = inputs.shape[1]

    def loss(values: Floats) -> tuple[float, Floats]:
        scores = inputs @ values[:-1] + values[-1]
        residual = share * (expit(scores) - truth)
        return float(share @ (np.logaddexp(0.0, scores) - truth * scores)), np.r_[residual @ inputs, residual.sum()]

    bounds = [(0.0, None)] * width + [(None, None)]
    start = np.r_[np.full(width, 1.0), 0.0]
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9})
    return [float(value) for value in result.x]


def levels(logits: Floats, label: Floats, weights: Floats, most: int = LEVELS) -> tuple[Floats, Floats, Floats]:
    """At most so many levels of logits: their highest logit, the share of positive mass, the mass."""
    at, place = np.unique(logits, return_inverse=True)
    if len(at) > most:
        mass = np.cumsum(np.bincount(place, weights=weights))
        bin_of = np.minimum((mass - 1e-12) / mass[-1] * most, most - 1).astype(np.int64)
        used, coarse = np.unique(bin_of, return_inverse=True)
        last = np.searchsorted(coarse, np.arange(len(used)), side="right") - 1
        at, place = at[last], coarse[place]
    mass = np.bincount(place, weights=weights)
    share = np.bincount(place, weights=weights * label) / mass
    return at, share, np.asarray(mass, dtype=np.float64)


def _pooled(share: Floats, mass: Floats) -> Floats:
    """Isotonic regression."""
    from sklearn.isotonic import isotonic_regression

    return np.asarray(isotonic_regression(share, sample_weight=mass), dtype=np.float64)


def venn_abers(share: Floats, mass: Floats) -> tuple[Floats, Floats]:
    """For a point in front of the first level, on it, behind it and so on: its value in the isotonic fit of the levels and of the point
    itself, with label 0 and with label 1."""
    count = len(share)
    found = np.zeros((2, 2 * count + 1))
    for truth in (0, 1):
        for cell in range(2 * count + 1):
            place = cell // 2
            if cell % 2:
                one, held = share.copy(), mass.copy()
                held[place] += 1.0
                one[place] = (share[place] * mass[place] + truth) / held[place]
            else:
                one, held = np.insert(share, place, float(truth)), np.insert(mass, place, 1.0)
            found[truth, cell] = _pooled(one, held)[place]
    low, high = np.clip(np.maximum.accumulate(found, axis=1), 0.0, 1.0)
    return low, np.maximum(low, high)


def choose(logits: Floats, label: Floats, weights: Floats, groups: Integers, fold: Integers) -> Fitted:
    """The map whose Brier score is lowest where it was not fitted, fitted on everything.

    groups   [points] the component of each point's run; fold: [points] equal for points of one component
    """
    known = weights > 0
    positive = int(np.count_nonzero(label[known] > 0.5))
    negative = int(np.count_nonzero(known)) - positive
    kinds = ["platt"]
    if len(np.unique(groups[known])) >= FEWEST_GROUPS:
        kinds.append("beta")
        if min(positive, negative) >= FEWEST_POSITIVE:
            kinds += ["isotonic", "venn_abers"]
    tried = {}
    for kind in kinds:
        errors, judged = np.zeros(len(logits)), np.zeros(len(logits))
        for number in np.unique(fold):
            rest = np.where(fold == number, 0.0, weights)
            here = np.flatnonzero((fold == number) & known)
            if not (rest @ label > 0 and rest @ (1.0 - label) > 0):
                continue
            part, blocks = fit(kind, logits, label, rest)
            errors[here] = (_risks(part, blocks, logits[here]) - label[here]) ** 2
            judged[here] = weights[here]
        tried[kind] = float(judged @ errors / judged.sum()) if judged.any() else math.nan
    chosen = min(kinds, key=lambda kind: (round(tried[kind], 6), KINDS.index(kind)))
    part, blocks = fit(chosen, logits, label, weights)
    return Fitted(part, blocks, tried)


def _risks(part: dict[str, Any], blocks: dict[str, Floats], logits: Floats) -> Floats:
    made = calibration(part, {name: block.tolist() for name, block in blocks.items()})
    return np.array([made.risk(logit)[0] for logit in logits.tolist()])
