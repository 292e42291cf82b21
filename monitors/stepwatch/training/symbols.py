"""Event abstraction: what becomes a symbol, out of few. Typed keys need no learning; the leaves of a supervised tree and the bins of a
score do, and print as rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.special import xlogy

from stepwatch.training.encoding import Encoded, Floats, Integers

MOST_KEYS: Final = 200
"""Typed keys that are symbols of their own: those that come in most runs."""
FEWEST_RUNS: Final = 5
"""Runs that a typed key must come in; rarer ones share a symbol."""
MOST_KEY_INPUTS: Final = 48
"""Typed keys that a supervised tree may ask for."""
MOST_BINS: Final = 16


def frequent(encoded: Encoded, most: int = MOST_KEYS, fewest: int = FEWEST_RUNS) -> list[str]:
    """The typed keys that come in enough runs, the most frequent first."""
    pairs = np.unique(encoded.run * len(encoded.spellings) + encoded.keys)
    counts = np.bincount(pairs % max(len(encoded.spellings), 1), minlength=len(encoded.spellings))
    ranked = sorted(np.flatnonzero(counts >= fewest), key=lambda key: (-counts[key], encoded.spellings[key]))
    return [encoded.spellings[key] for key in ranked[:most]]


def places(encoded: Encoded, keys: Sequence[str]) -> Integers:
    """For each point the place of its key among some, `len(keys)` for every other."""
    known = {key: place for place, key in enumerate(keys)}
    by_spelling = np.array([known.get(key, len(keys)) for key in encoded.spellings], dtype=np.int64)
    return by_spelling[encoded.keys]


class Typed:
    """Typed keys, rare ones merged."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = list(keys)
        self.size = len(self.keys) + 1

    def symbols(self, encoded: Encoded) -> Integers:
        """The symbol of each point."""
        return places(encoded, self.keys)

    def part(self, prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
        """The part with its blocks."""
        return {"kind": "typed", "params": {"keys": self.keys}, "blocks": {}}, {}


class Leaves:
    """The leaves of a supervised tree over summary features and frequent typed keys."""

    def __init__(self, keys: Sequence[str], blocks: dict[str, Floats], size: int) -> None:
        self.keys = list(keys)
        self.blocks = blocks
        self.size = size

    def inputs(self, encoded: Encoded) -> Floats:
        """What the tree asks."""
        return leaf_inputs(encoded, self.keys)

    def symbols(self, encoded: Encoded) -> Integers:
        """The symbol of each point."""
        inputs, blocks = self.inputs(encoded), self.blocks
        node = np.zeros(len(encoded), dtype=np.int64)
        feature = blocks["feature"].astype(np.int64)
        left, right = blocks["left"].astype(np.int64), blocks["right"].astype(np.int64)
        while True:
            inner = np.flatnonzero(feature[node] >= 0)
            if not len(inner):
                return blocks["value"][node].astype(np.int64)
            here = node[inner]
            goes_left = inputs[inner, feature[here]] <= blocks["threshold"][here]
            node[inner] = np.where(goes_left, left[here], right[here])

    def part(self, prefix: str) -> tuple[dict[str, Any], dict[str, Floats]]:
        """The part with its blocks."""
        named = {key: f"{prefix}.{key}" for key in self.blocks}
        value = {"kind": "tree", "params": {"keys": self.keys, "symbols": self.size}, "blocks": named}
        return value, {f"{prefix}.{key}": block for key, block in self.blocks.items()}


def leaf_inputs(encoded: Encoded, keys: Sequence[str]) -> Floats:
    """Summary features, and 1 in the column of the point's key."""
    place = places(encoded, keys)
    marks = np.zeros((len(encoded), len(keys)))
    known = np.flatnonzero(place < len(keys))
    marks[known, place[known]] = 1.0
    return np.hstack([encoded.dense, marks])


def leaves(encoded: Encoded, label: Floats, weights: Floats, most: int, seed: int, least: int = 50) -> Leaves:
    """Grow a tree of at most so many leaves, at least `least` points in each."""
    from sklearn.tree import DecisionTreeClassifier

    keys = frequent(encoded, MOST_KEY_INPUTS)
    inputs = leaf_inputs(encoded, keys)
    known = weights > 0
    grown = DecisionTreeClassifier(max_leaf_nodes=most, min_samples_leaf=least, random_state=seed)
    grown.fit(inputs[known], label[known] > 0.5, sample_weight=weights[known] / weights[known].mean())
    tree = grown.tree_
    reached = grown.decision_path(inputs[known]).tocsc()
    feature, threshold = tree.feature.astype(np.float64), np.zeros(tree.node_count)
    value = np.zeros(tree.node_count)
    size = 0
    for node in range(tree.node_count):
        if tree.children_left[node] < 0:
            feature[node], value[node] = -1.0, size
            size += 1
        else:
            # scikit-learn compares in single precision; halfway between what goes left and what goes right, doubles agree with it.
            sides = [_column(reached, tree.children_left[node]), _column(reached, tree.children_right[node])]
            column = inputs[known][:, tree.feature[node]]
            threshold[node] = (column[sides[0]].max() + column[sides[1]].min()) / 2.0
    inner = feature >= 0
    blocks = {
        "feature": feature,
        "threshold": threshold,
        "left": np.where(inner, tree.children_left, 0).astype(np.float64),
        "right": np.where(inner, tree.children_right, 0).astype(np.float64),
        "value": value,
        "roots": np.zeros(1),
    }
    return Leaves(keys, blocks, size)


def _column(matrix: Any, node: int) -> Integers:
    found: Integers = matrix.indices[matrix.indptr[node] : matrix.indptr[node + 1]]
    return found


class Bins:
    """Ranges of another scorer's logit."""

    def __init__(self, cuts: Floats) -> None:
        self.cuts = cuts
        self.size = len(cuts) + 1

    def of(self, logits: Floats) -> Integers:
        """The symbols of logits."""
        return np.searchsorted(self.cuts, logits, side="right").astype(np.int64)

    def part(self, prefix: str, scorer: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Floats]]:
        """The part with its block; the blocks of `scorer`, the part of the scorer behind, are its own."""
        return {"kind": "bins", "params": {"scorer": scorer}, "blocks": {"cuts": f"{prefix}.cuts"}}, {f"{prefix}.cuts": self.cuts}


def cuts(logits: Floats, label: Floats, weights: Floats, most: int = MOST_BINS) -> Floats:
    """Cuts of a score by minimum description length (Fayyad and Irani 1993): the best cut of a range is accepted while

        gain > (log2(N - 1) + log2(3^k - 2) - k H(S) + k1 H(S1) + k2 H(S2)) / N

    with k classes in the range and k1, k2 on its sides. The ranges with the largest gain in all are cut first, at most `most` come out.
    """
    known = np.flatnonzero(weights > 0)
    order = known[np.argsort(logits[known], kind="stable")]
    score, truth = logits[order], label[order]
    mass = weights[order] / weights[order].mean()
    positive, total = np.r_[0.0, np.cumsum(mass * truth)], np.r_[0.0, np.cumsum(mass)]
    candidates = np.flatnonzero(np.diff(score) > 0) + 1
    found: list[float] = []
    pending = [_best(positive, total, candidates, 0, len(score))]
    while pending and len(found) + 1 < most:
        pending.sort(key=lambda one: (one[0], -one[1]))
        _, cut, low, high = pending.pop()
        if cut < 0:
            continue
        found.append(float(score[cut - 1] + score[cut]) / 2.0)
        pending += [_best(positive, total, candidates, low, cut), _best(positive, total, candidates, cut, high)]
    return np.unique(np.array(found))


def _best(positive: Floats, total: Floats, candidates: Integers, low: int, high: int) -> tuple[float, int, int, int]:
    """The gain (times the mass) of the best cut of a range, and where it is, -1 where none is accepted."""
    inside = candidates[(candidates > low) & (candidates < high)]
    count = total[high] - total[low]
    if not len(inside) or count <= 2.0:
        return 0.0, -1, low, high
    whole = _entropy(positive[high] - positive[low], count)
    left, right = total[inside] - total[low], total[high] - total[inside]
    left_entropy = _entropy(positive[inside] - positive[low], left)
    right_entropy = _entropy(positive[high] - positive[inside], right)
    gains = whole - (left * left_entropy + right * right_entropy) / count
    best = int(np.argmax(np.round(gains, 12)))
    classes = 2 if whole > 0 else 1
    sides = [2 if entropy > 0 else 1 for entropy in (float(left_entropy[best]), float(right_entropy[best]))]
    cost = np.log2(max(count - 1.0, 1.0)) + np.log2(3.0**classes - 2.0) - classes * whole
    cost += sides[0] * float(left_entropy[best]) + sides[1] * float(right_entropy[best])
    accepted = float(gains[best]) > float(cost) / count
    return float(gains[best]) * count, int(inside[best]) if accepted else -1, low, high


def _entropy(positive: Any, mass: Any) -> Any:
    """Binary entropy in bits of a share of mass."""
    share = np.clip(positive / np.maximum(mass, 1e-300), 0.0, 1.0)
    return -(xlogy(share, share) + xlogy(1.0 - share, 1.0 - share)) / np.log(2.0)
