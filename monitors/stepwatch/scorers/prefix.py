"""Prefix tree: the shrunken value of the symbols from the beginning of the run, and of the last few symbols.

Training shrinks each node's logit towards its parent's; here a node is only looked up. The score is

    mix * value(deepest node that the run's symbols reached from the root of the trie)
    + (1 - mix) * value(deepest node of the suffix tree that the last symbols reach, the last one first)

params   `mix` in [0, 1]; `order`: at most so many last symbols, 0 to 8
blocks   `prefix_parent`, `prefix_symbol`, `prefix_value`: one number a node; node 0 is the root (parent -1, symbol -1), a parent stands in
         front of its children. `suffix_parent`, `suffix_symbol`, `suffix_value` likewise: the first level is the last symbol.

State: node of the trie, 1 while the run is on the trie, score, score before, the last `order` symbols (-1: none), the last one first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stepwatch.encode import Point
from stepwatch.memory import whole
from stepwatch.parts import Part, PartError
from stepwatch.scorers.base import Change, Scorer

MOST_ORDER: Final = 8


class Prefix(Scorer):
    """Values of prefixes and suffixes, with back-off to shorter ones."""

    needs = frozenset({"symbol"})

    def __init__(self, name: str, symbols: str, size: int, part: Part) -> None:
        super().__init__(name, symbols)
        self._size = size
        self._mix = part.number("mix")
        if not 0.0 <= self._mix <= 1.0:
            raise PartError(f"{part.at}.mix: a number from 0 to 1 is needed")
        self._order = part.whole("order", 0, MOST_ORDER)
        self._trie, self._values = self._tree(part, "prefix")
        self._backwards, self._suffixes = self._tree(part, "suffix")

    def _tree(self, part: Part, name: str) -> tuple[dict[int, int], list[float]]:
        values = part.block(f"{name}_value")
        if not values:
            raise PartError(f"{part.at}: the tree `{name}` has no root")
        parents = part.wholes(f"{name}_parent", -1, len(values) - 1, len(values))
        symbols = part.wholes(f"{name}_symbol", -1, self._size - 1, len(values))
        edges: dict[int, int] = {}
        for node in range(1, len(values)):
            if not 0 <= parents[node] < node or symbols[node] < 0:
                raise PartError(f"{part.at}: node {node} of the tree `{name}` stands in front of its parent or has no symbol")
            edges[parents[node] * self._size + symbols[node]] = node
        return edges, values

    @property
    def origin(self) -> float:
        """The value of the roots."""
        return self._mix * self._values[0] + (1.0 - self._mix) * self._suffixes[0]

    def start(self) -> list[Any]:
        """At the roots."""
        return [0, 1, self.origin, self.origin, [-1] * self._order]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Go down one edge, and look the suffix up."""
        node, on, before, _, last = state
        size = self._size
        if on:
            below = self._trie.get(node * size + symbol)
            if below is None:
                on = 0
            else:
                node = below
        order = self._order
        if order:
            last.insert(0, symbol)
            last.pop()
        place, find = 0, self._backwards.get
        for item in last:
            deeper = find(place * size + item) if item >= 0 else None
            if deeper is None:
                break
            place = deeper
        mix = self._mix
        now: float = mix * self._values[node] + (1.0 - mix) * self._suffixes[place]
        state[0], state[1], state[2], state[3] = node, on, now, before
        return now

    def load(self, value: Any) -> list[Any]:
        """A state whose symbols and nodes are there."""
        state = super().load(value)
        whole(state[0], "node", 0, len(self._values) - 1)
        return state

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """The step down the trees."""
        return [(f"{point.key} next", state[2] - state[3])]
