"""Boosted trees over summary features, counts of some steps, and the logits of scorers in front.

    score = bias + sum over trees of the value of the leaf that the inputs lead to

The learning rate is folded into the values. The inputs are the dense features; behind them, for each of `counted`, log(1 + how often it
came), and then for each of them log(1 + points since it came, or points so far where it never did); behind these the logits of `inputs`.

params   `bias`; `inputs`: names of scorers in front, may be empty; `counted`: steps as keys spell them, `ToolCall(search)`, may be empty
blocks   those of `nodes`

State: score, the inputs of the point and of the one before, 1 once there was a point, for each of `counted` how often it came, and the
number of the last point in which it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import eq
from typing import Any, Final

from stepwatch import nodes
from stepwatch.dense import logs
from stepwatch.encode import Point, fragment_bucket
from stepwatch.forest import Forest
from stepwatch.parts import Part
from stepwatch.scorers.base import Change, Scorer, places

MOST_COUNTED: Final = 256
"""Steps that trees count."""


def input_names(counted: Sequence[str]) -> list[str]:
    """What the inputs are called that count steps."""
    return [*(f"{text} total" for text in counted), *(f"{text} since" for text in counted)]


class Trees(Scorer):
    """A sum of trees."""

    def __init__(self, name: str, part: Part, names: Sequence[str], before: Sequence[str]) -> None:
        super().__init__(name, "")
        self._bias = part.number("bias")
        self._places = places(part, before)
        counted = part.texts("counted", MOST_COUNTED)
        self._counted = [fragment_bucket(text) for text in counted]
        self.buckets = set(self._counted)
        self.needs = frozenset({"dense", "tokens"} if counted else {"dense"})
        self.adopt(self._counted)
        self._names = [*names, *input_names(counted), *(before[place] for place in self._places)]
        self._trees = nodes.trees(part, len(self._names))
        self.summaries = {place for tree in self._trees for place in nodes.inputs(tree) if place < len(names)}
        self._forest = Forest(self._trees)
        self._root: float = self._bias + sum(tree[-1] for tree in self._trees)

    @property
    def origin(self) -> float:
        """What the roots say: the mean of what they were fitted on."""
        return self._root

    def start(self) -> list[Any]:
        """No inputs."""
        width, counted = len(self._names), len(self._counted)
        return [self._root, [0.0] * width, [0.0] * width, 0, 0, [0] * counted, [0] * counted]

    def adopt(self, buckets: Sequence[int]) -> None:
        """Know the steps that are counted by what their tokens are from now on."""
        token_of = {bucket: token for token, bucket in enumerate(buckets, 1)}
        self._count_of: dict[int, list[int]] = {}
        for place, bucket in enumerate(self._counted):
            self._count_of.setdefault(token_of[bucket], []).append(place)

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add up what the trees say."""
        inputs = [*point.dense, *self._tallies(state, point), *[logits[place] for place in self._places]]
        score = self._forest.total(inputs, self._bias)
        state[0], state[1], state[2], state[3], state[4] = score, inputs, state[1], 1, state[3]
        return score

    def _tallies(self, state: list[Any], point: Point) -> list[float]:
        """Count the steps of the point; the inputs that say so."""
        if not self._counted:
            return []
        counts, last, index = state[5], state[6], point.index
        for token in filter(self._count_of.__contains__, point.tokens):
            for place in self._count_of[token]:
                counts[place] += 1
                last[place] = index
        return logs([*counts, *[index - one for one in last]])

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """What the tests of each input changed on the ways through the trees, less what they had changed before."""
        changes = [0.0] * len(self._names)
        _, now, before, _, followed, *_ = state
        # A tree that leads to the same leaf as before changed nothing.
        same = map(eq, self._forest.leaves(now), self._forest.leaves(before)) if followed else repeat(False)
        for node, still in zip(self._trees, same, strict=False):
            if still:
                continue
            nodes.add_path(changes, node, now)
            if followed:
                nodes.add_path(changes, node, before, -1.0)
        return [(name, change) for name, change in zip(self._names, changes, strict=True) if change]
