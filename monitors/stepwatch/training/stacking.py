"""The stack: nonnegative weights for the out-of-fold logits of scorers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from stepwatch.training.encoding import Floats

PENALTY: Final = 0.1
"""What half the squared distance from the expected weights costs, against the mean loss of a point."""


def fit_stack(logits: Floats, label: Floats, weights: Floats, expected: Sequence[float], penalty: float = PENALTY) -> tuple[Floats, float]:
    """Weights, none below 0, and a bias, by log loss; `logits`: [points, scorers]. The scale of the weights of points does not matter.

    Weights are drawn towards `expected` ones, brought to a sum of 1: a mean of logits is hard to beat, and groups are few.
    """
    share = weights / weights.sum()
    width = logits.shape[1]
    center = np.asarray(expected, dtype=np.float64) / np.sum(expected)
    start = np.r_[center, 0.0]

    def loss(values: Floats) -> tuple[float, Floats]:
        scores = logits @ values[:-1] + values[-1]
        away = values[:-1] - center
        cost = float(share @ (np.logaddexp(0.0, scores) - label * scores)) + 0.5 * penalty * float(away @ away)
        residual = share * (expit(scores) - label)
        return cost, np.r_[residual @ logits + penalty * away, residual.sum()]

    bounds = [(0.0, None)] * width + [(None, None)]
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200, "ftol": 1e-10, "gtol": 1e-8})
    return np.asarray(result.x[:-1], dtype=np.float64), float(result.x[-1])


def part(names: Sequence[str], weights: Floats, bias: float, name: str, prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
    """The scorer as a part of an artefact, with its blocks."""
    value = {
        "kind": "stack",
        "name": name,
        "symbols": "",
        "params": {"bias": bias, "inputs": list(names)},
        "blocks": {"weights": f"{prefix}.weights"},
    }
    return value, {f"{prefix}.weights": weights}
