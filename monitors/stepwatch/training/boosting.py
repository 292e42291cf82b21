"""Boosted trees over summary features, counts of steps and logits of other scorers, grown by scikit-learn, written down as plain nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stepwatch.encode import fragment_bucket
from stepwatch.training.design import group_frequency
from stepwatch.training.encoding import Encoded, Floats
from stepwatch.training.linear import fewest_groups

MOST_COUNTED: Final = 24
"""Steps that trees count."""
FEWEST_GROUPS: Final = 10
"""Groups in which such a step must come, or a third of all groups where that is less: what few tasks call for tells these apart."""


@dataclass(frozen=True)
class Shape:
    """How trees are grown."""

    rounds: int = 150
    rate: float = 0.05
    leaves: int = 15
    least: int = 40
    penalty: float = 1.0


@dataclass(frozen=True)
class Boosted:
    """Grown trees; behind the dense features stand counts of the steps `counted`, and the logits of the scorers `inputs`."""

    model: Any
    inputs: tuple[str, ...]
    counted: tuple[str, ...]

    def logits(self, encoded: Encoded, before: Mapping[str, Floats]) -> Floats:
        """The scores of the points of some runs; `before`: the logits of other scorers there."""
        return np.asarray(self.model.decision_function(columns(encoded, before, self.inputs, self.counted)), dtype=np.float64)


def columns(encoded: Encoded, before: Mapping[str, Floats], inputs: Sequence[str], counted: Sequence[str]) -> Floats:
    """What trees ask: dense features, counts of steps, the logits of `inputs`."""
    return np.column_stack([encoded.dense, *tallies(encoded, counted), *(before[name] for name in inputs)])


def frequent(encoded: Encoded, most: int = MOST_COUNTED) -> tuple[str, ...]:
    """The steps, as keys spell them, that come in most groups, and not only in a few."""
    frequency, groups = group_frequency(encoded)
    fewest = fewest_groups(groups, FEWEST_GROUPS)
    ranked = sorted((-int(frequency[bucket]), text) for text, bucket in encoded.fragments.items() if frequency[bucket] >= fewest)
    return tuple(text for _, text in ranked[:most])


def tallies(encoded: Encoded, counted: Sequence[str]) -> list[Floats]:
    """How often each of some steps came so far, and points since it last came, as the scorer of the run time has them."""
    if not counted:
        return []
    came = encoded.tokens[:, list(map(fragment_bucket, counted))].toarray().astype(np.float64)
    starts = encoded.starts
    lengths = np.diff(np.r_[starts, len(encoded)])
    sums = np.cumsum(came, axis=0)
    total = sums - np.repeat(sums[starts] - came[starts], lengths, axis=0)
    row = np.arange(len(encoded))[:, None]
    before = np.repeat(starts, lengths)[:, None] - 1
    last = np.maximum(np.maximum.accumulate(np.where(came > 0, row, -1), axis=0), before)
    return [np.log1p(total), np.log1p(row - last)]


def grow(
    encoded: Encoded, label: Floats, weights: Floats, before: Mapping[str, Floats], inputs: Sequence[str], shape: Shape, seed: int
) -> Boosted:
    """Grow trees on points whose weight is above 0; their scale does not matter."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    known = weights > 0
    # A weight of 1 on average: `min_samples_leaf` counts points, and the penalty is weighed against a point.
    scaled = weights[known] / weights[known].mean()
    model = HistGradientBoostingClassifier(
        learning_rate=shape.rate,
        max_iter=shape.rounds,
        max_leaf_nodes=shape.leaves,
        min_samples_leaf=shape.least,
        l2_regularization=shape.penalty,
        early_stopping=False,
        random_state=seed,
    )
    counted = frequent(encoded)
    model.fit(columns(encoded, before, inputs, counted)[known], label[known], sample_weight=scaled)
    return Boosted(model, tuple(inputs), counted)


def part(grown: Boosted, name: str, prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
    """The scorer as a part of an artefact, with its blocks."""
    blocks = nodes([tree[0].nodes for tree in grown.model._predictors])
    bias = float(np.ravel(grown.model._baseline_prediction)[0])
    value = {
        "kind": "trees",
        "name": name,
        "symbols": "",
        "params": {"bias": bias, "inputs": list(grown.inputs), "counted": list(grown.counted)},
        "blocks": {key: f"{prefix}.{key}" for key in blocks},
    }
    return value, {f"{prefix}.{key}": block for key, block in blocks.items()}


def nodes(trees: Sequence[NDArray[Any]]) -> dict[str, Floats]:
    """The blocks of `stepwatch.nodes` of trees as scikit-learn keeps them; an inner node says the mean of its leaves, by what they hold."""
    found: dict[str, list[float]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    roots = []
    for tree in trees:
        base = len(found["feature"])
        roots.append(float(base))
        order, places = _parents_first(tree)
        means = _means(tree, order)
        for node in order:
            leaf = bool(tree["is_leaf"][node])
            found["feature"].append(-1.0 if leaf else float(tree["feature_idx"][node]))
            found["threshold"].append(0.0 if leaf else float(tree["num_threshold"][node]))
            found["left"].append(0.0 if leaf else float(base + places[tree["left"][node]]))
            found["right"].append(0.0 if leaf else float(base + places[tree["right"][node]]))
            found["value"].append(means[node])
    return {**{name: np.array(values) for name, values in found.items()}, "roots": np.array(roots)}


def _parents_first(tree: NDArray[Any]) -> tuple[list[int], dict[int, int]]:
    order: list[int] = []
    pending = [0]
    while pending:
        node = pending.pop()
        order.append(node)
        if not tree["is_leaf"][node]:
            pending += [int(tree["right"][node]), int(tree["left"][node])]
    return order, {node: place for place, node in enumerate(order)}


def _means(tree: NDArray[Any], order: Sequence[int]) -> dict[int, float]:
    means: dict[int, float] = {}
    for node in reversed(order):
        if tree["is_leaf"][node]:
            means[node] = float(tree["value"][node])
        else:
            left, right = int(tree["left"][node]), int(tree["right"][node])
            held, other = float(tree["count"][left]), float(tree["count"][right])
            means[node] = (held * means[left] + other * means[right]) / (held + other)
    return means
