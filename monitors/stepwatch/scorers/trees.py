"""Boosted trees over summary features and the logits of scorers in front.

    score = bias + sum over trees of the value of the leaf that the inputs lead to

The learning rate is folded into the values. The inputs are the dense features and, behind them, the logits of `inputs` in their order.

params   `bias`; `inputs`: names of scorers in front, may be empty
blocks   those of `nodes`

State: score, the inputs of the point and of the one before, 1 once there was a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import eq
from typing import Any

from stepwatch import nodes
from stepwatch.encode import Point
from stepwatch.forest import Forest
from stepwatch.parts import Part
from stepwatch.scorers.base import Change, Scorer, places


class Trees(Scorer):
    """A sum of trees."""

    needs = frozenset({"dense"})

    def __init__(self, name: str, part: Part, names: Sequence[str], before: Sequence[str]) -> None:
        super().__init__(name, "")
        self._bias = part.number("bias")
        self._places = places(part, before)
        self._names = [*names, *(before[place] for place in self._places)]
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
        width = len(self._names)
        return [self._root, [0.0] * width, [0.0] * width, 0, 0]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add up what the trees say."""
        inputs = [*point.dense, *[logits[place] for place in self._places]]
        score = self._forest.total(inputs, self._bias)
        state[0], state[1], state[2], state[3], state[4] = score, inputs, state[1], 1, state[3]
        return score

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """What the tests of each input changed on the ways through the trees, less what they had changed before."""
        changes: dict[int, float] = {}
        _, now, before, _, followed = state
        # A tree that leads to the same leaf as before changed nothing.
        same = map(eq, self._forest.leaves(now), self._forest.leaves(before)) if followed else repeat(False)
        for node, still in zip(self._trees, same, strict=False):
            if still:
                continue
            for place, change in nodes.path(node, now):
                changes[place] = changes.get(place, 0.0) + change
            if followed:
                for place, change in nodes.path(node, before):
                    changes[place] = changes.get(place, 0.0) - change
        return [(self._names[place], change) for place, change in sorted(changes.items()) if change]
