"""Absorbing chain: the logit of failing before the run is done, by where the run is.

Training solves the chain with its competing ends, failed and done (eventually), or walks it so many points ahead (within); here the answer
is looked up by the last symbol, or by the last two.

params   `order`: 1 or 2
blocks   `value`: of order 1 one logit a symbol; of order 2 (symbols + 1) * symbols, at q * symbols + z for z after q, with q = symbols
         at the first point; `origin`: one number, the logit before the first point

State: logit, logit before, last symbol (-1: none).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwatch.encode import Point
from stepwatch.memory import whole
from stepwatch.parts import Part
from stepwatch.scorers.base import Change, Scorer


class Chain(Scorer):
    """The absorption risk of the state that the run is in."""

    needs = frozenset({"symbol"})

    def __init__(self, name: str, symbols: str, size: int, part: Part) -> None:
        super().__init__(name, symbols)
        self._size = size
        self._order = part.whole("order", 1, 2)
        self._value = part.block("value", size if self._order == 1 else (size + 1) * size)
        self._origin = part.block("origin", 1)[0]

    @property
    def origin(self) -> float:
        """The logit before the first point."""
        return self._origin

    def start(self) -> list[Any]:
        """No symbol."""
        return [self._origin, self._origin, -1]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Look the state up."""
        before, _, last = state
        if self._order == 1:
            now = self._value[symbol]
        else:
            now = self._value[(last if last >= 0 else self._size) * self._size + symbol]
        state[0], state[1], state[2] = now, before, symbol
        return now

    def load(self, value: Any) -> list[Any]:
        """A state whose symbols and nodes are there."""
        state = super().load(value)
        whole(state[2], "symbol", -1, self._size - 1)
        return state

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """The change of state."""
        return [(f"{point.key} next", state[0] - state[1])]
