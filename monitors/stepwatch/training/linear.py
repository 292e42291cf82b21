"""The linear scorer's fit: penalised logistic regression on the factorised design, by L-BFGS along a path of penalties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from stepwatch.training.design import Design, Form, design, group_frequency, weighed
from stepwatch.training.encoding import Encoded, Floats, Integers

PENALTIES: Final = (1e-3, 4e-4, 1.5e-4)
"""Candidates, the strongest first; the mean loss of a point is weighed against half the squared norm of the weights."""
EVIDENCE_PENALTIES: Final = (8e-3, 3e-3, 1e-3, 4e-4)
"""The same where points add up as evidence: their sums are larger than means are."""
FEWEST_GROUPS: Final = 20
"""Groups in which a bucket must come to get a weight, or a third of all groups where that is less: rarer words tell groups apart."""
RARE_GROUPS: Final = 3
"""The same of the scorer that is there for rare words."""
MOST_ACTIVE: Final = 24_000
"""Buckets that a fit looks at: those that come in most groups."""
DENSE_PENALTY: Final = 300.0
"""The penalty of dense features, as a multiple of that of buckets: standardised, they are that much larger than the shares of words."""


@dataclass(frozen=True)
class Basis:
    """What a design is made with, learned from the runs that are fitted."""

    form: Form
    active: Integers
    scale: Floats
    center: Floats
    width: Floats
    low: Floats
    high: Floats

    def design(self, encoded: Encoded) -> Design:
        """The view of some runs."""
        return design(encoded, self.active, self.scale, self.form, self.center, self.width, (self.low, self.high))


@dataclass(frozen=True)
class Linear:
    """A fitted linear scorer."""

    basis: Basis
    weights: Floats
    bias: float
    penalty: float

    def logits(self, encoded: Encoded) -> Floats:
        """The scores of the points of some runs."""
        return self.basis.design(encoded).scores(self.weights, self.bias)


def basis(encoded: Encoded, weights: Floats, form: Form, most: int = MOST_ACTIVE) -> Basis:
    """Buckets, scales and bounds from the runs to be fitted; `weights` are those of points."""
    frequency, groups = group_frequency(encoded)
    enough = np.flatnonzero(frequency >= fewest_groups(groups, RARE_GROUPS if form.rare else FEWEST_GROUPS))
    if len(enough) > most:
        enough = np.sort(enough[np.argsort(-frequency[enough], kind="stable")[:most]])
    scale = np.ones(len(enough))
    if form.scale == "idf":
        scale = np.log((1.0 + groups) / (1.0 + frequency[enough])) + 1.0
    if not form.dense:
        none = np.zeros(0)
        return Basis(form, enough, scale, none, none, none, none)
    total = max(float(weights.sum()), 1e-300)
    seen = encoded.dense[weights > 0] if (weights > 0).any() else np.zeros((1, encoded.dense.shape[1]))
    low, high = seen.min(axis=0), seen.max(axis=0)
    center = weights @ encoded.dense / total
    width = np.sqrt(np.maximum(weights @ (encoded.dense - center) ** 2 / total, 0.0))
    # A feature that never changed says nothing, and must not blow up where it once does.
    still = width < 1e-9
    return Basis(form, enough, scale, center, np.where(still, 1.0, width), low, high)


def penalties_of(form: Form) -> tuple[float, ...]:
    """The penalties that are tried."""
    return PENALTIES if form.decay is None else EVIDENCE_PENALTIES


def fewest_groups(groups: int, fewest: int = FEWEST_GROUPS) -> int:
    """In how many groups something must come to count."""
    return max(min(fewest, groups // 3), 1)


def fit_path(made: Design, label: Floats, weights: Floats, penalties: Sequence[float], iterations: int = 60) -> list[tuple[Floats, float]]:
    """Weights and bias for each penalty, each fit begun from the one before."""
    total = float(weights.sum())
    share = weights / total
    rate = min(max(float(share @ label), 1e-6), 1 - 1e-6)
    heavy = np.r_[np.ones(made.tokens), np.full(made.dense.shape[1], DENSE_PENALTY)]
    start = np.zeros(len(heavy) + 1)
    start[-1] = np.log(rate / (1 - rate))
    found = []
    for penalty in penalties:
        strength = penalty * heavy

        def loss(values: Floats, strength: Floats = strength) -> tuple[float, Floats]:
            inner = values[:-1]
            scores = made.scores(inner, values[-1])
            cost = float(share @ (np.logaddexp(0.0, scores) - label * scores)) + 0.5 * float(strength @ (inner * inner))
            residual = share * (expit(scores) - label)
            return cost, np.r_[made.gradient(residual) + strength * inner, residual.sum()]

        result = minimize(
            loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "ftol": 1e-7, "gtol": 1e-6, "maxcor": 10}
        )
        start = np.asarray(result.x, dtype=np.float64)
        found.append((start[:-1].copy(), float(start[-1])))
    return found


def part(fitted: Linear, name: str, prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
    """The scorer as a part of an artefact, with its blocks; buckets whose weights are 0 are left out where the norm does not need them."""
    form, base = fitted.basis.form, fitted.basis
    buckets = len(base.active)
    names = weighed(form)
    *tokens, dense = np.split(fitted.weights, [buckets * place for place in range(1, len(names) + 1)])
    blocks: dict[str, Floats] = {"at": base.active.astype(np.float64), **dict(zip(names, tokens, strict=True))}
    if form.scale != "none":
        blocks["scale"] = base.scale
    bias = fitted.bias
    if len(dense):
        blocks |= {"dense": dense / base.width, "low": base.low, "high": base.high}
        bias -= float(dense @ (base.center / base.width))
    params = {"bias": bias, "weighting": form.weighting, "norm": form.norm, "cap": form.cap}
    if form.decay is not None:
        params["decay"] = form.decay
    value = {"kind": "linear", "name": name, "symbols": "", "params": params, "blocks": {key: f"{prefix}.{key}" for key in blocks}}
    return value, {f"{prefix}.{key}": one for key, one in blocks.items()}
