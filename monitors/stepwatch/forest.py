"""What many small trees say together, without a walk through any of them.

Every tree has a lane of bits in one large number, a bit a leaf, the leftmost leaf lowest. A test that fails, `input <= threshold`, rules
out the leaves of its left side; what a tree says is the lowest bit that no test ruled out ("QuickScorer", Lucchese et al. 2015). The tests
of an input stand by threshold, so which of them fail is one search, and what they rule out together is one number that is there already.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import getitem
from struct import Struct
from typing import Any, Final

from stepwatch.nodes import Node, leaf, value_of

LANES: Final = ((8, "B"), (16, "H"), (32, "I"), (64, "Q"))
"""Leaves that a tree may have, and how its lane is unpacked."""
MOST_BYTES: Final = 16 << 20
"""What the numbers that are there already may take; trees beyond are walked."""


class Forest:
    """Some trees, over the same inputs."""

    def __init__(self, trees: Sequence[Node]) -> None:
        self._trees = trees
        self._values: list[dict[int, float]] = []
        self._alive = self._ones = self._size = 0
        self._work: list[tuple[int, list[float], list[int]]] = []
        lanes = [lane for lane in LANES if lane[0] >= max(map(_count, trees))]
        if lanes:
            self._lay_out(*lanes[0])

    def leaves(self, inputs: Sequence[float]) -> Sequence[Any]:
        """What tells the leaf that each tree leads to from its other leaves."""
        if not self._values:
            return [leaf(tree, inputs) for tree in self._trees]
        left = self._alive
        for place, thresholds, masks in self._work:
            left &= masks[bisect_left(thresholds, inputs[place])]
        # Of each lane the lowest bit: no lane is 0, so that no sum reaches into the next one.
        lowest = left & ((left ^ self._full) + self._ones)
        return self._unpack(lowest.to_bytes(self._size, "little"))

    def total(self, inputs: Sequence[float], start: float) -> float:
        """`start` and the values of all trees, added in their order."""
        if not self._values:
            return sum([value_of(tree, inputs) for tree in self._trees], start)
        return sum(map(getitem, self._values, self.leaves(inputs)), start)

    def _lay_out(self, width: int, code: str) -> None:
        tests: dict[int, dict[float, int]] = {}
        values: list[dict[int, float]] = []
        for place, tree in enumerate(self._trees):
            found: list[float] = []
            _take(tree, found, tests, place * width)
            values.append({1 << leaf: value for leaf, value in enumerate(found)})
            self._alive |= ((1 << len(found)) - 1) << place * width
            self._ones |= 1 << place * width
        self._size = len(self._trees) * width // 8
        self._full = (1 << self._size * 8) - 1
        self._unpack = Struct(f"<{len(self._trees)}{code}").unpack
        if self._size * (len(tests) + sum(map(len, tests.values()))) <= MOST_BYTES:
            self._work = [_ruled_out(place, ruled, self._alive) for place, ruled in sorted(tests.items())]
            self._values = values


def _count(root: Node) -> int:
    """How many leaves a tree has. A tree may be as deep as it has nodes, so none is gone into by recursion before this is known."""
    found, pending = 0, [root]
    while pending:
        node = pending.pop()
        if node[0] < 0:
            found += 1
        else:
            pending += node[2:4]
    return found


def _take(node: Node, found: list[float], tests: dict[int, dict[float, int]], lane: int) -> None:
    """The values of the leaves of a tree from left to right; by input and threshold the leaves that a failed test rules out."""
    if node[0] < 0:
        found.append(node[1])
        return
    first = len(found)
    _take(node[2], found, tests, lane)
    ruled = ((1 << len(found)) - (1 << first)) << lane
    of_input = tests.setdefault(node[0], {})
    of_input[node[1]] = of_input.get(node[1], 0) | ruled
    _take(node[3], found, tests, lane)


def _ruled_out(place: int, ruled: dict[float, int], alive: int) -> tuple[int, list[float], list[int]]:
    """An input, its thresholds, and by how many of them it is above, what is left of all leaves."""
    thresholds = sorted(ruled)
    masks = [alive]
    for threshold in thresholds:
        masks.append(masks[-1] & ~ruled[threshold])
    return place, thresholds, masks
