"""Additive belief: the log-likelihood ratio of the symbols so far under failing and other runs, symbol by symbol given the one before.

    b_0 = prior,   b_t = prior + decay * (b_{t-1} - prior) + table[z_{t-1}, z_t]

params   `prior`: logit; `decay` in (0, 1], 1 for labels about the whole run, less for windowed ones (what is past counts less and less);
         `clip` > 0: b_t stays within prior ± clip
blocks   `start`, one number a symbol: log P1(z_1) / P0(z_1); `table`, symbols², row by row: log P1(z | q) / P0(z | q) at q * symbols + z

State: b_t, b_{t-1}, z_t, z_{t-1} (-1: none).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwatch.encode import Point
from stepwatch.memory import whole
from stepwatch.parts import Part, PartError
from stepwatch.scorers.base import Change, Scorer


class Belief(Scorer):
    """A running log-likelihood ratio. Exactly additive: it explains itself."""

    needs = frozenset({"symbol"})

    def __init__(self, name: str, symbols: str, size: int, part: Part) -> None:
        super().__init__(name, symbols)
        self._size = size
        self._prior = part.number("prior")
        self._decay = part.number("decay", 1.0)
        self._clip = part.number("clip", 30.0)
        if not 0.0 < self._decay <= 1.0 or self._clip <= 0.0:
            raise PartError(f"{part.at}: `decay` lies in (0, 1], `clip` above 0")
        self._start = part.block("start", size)
        self._table = part.block("table", size * size)

    @property
    def origin(self) -> float:
        """The prior."""
        return self._prior

    def start(self) -> list[Any]:
        """The prior, and no symbol."""
        return [self._prior, self._prior, -1, -1]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add the ratio of the symbol."""
        before, last, prior = state[0], state[2], self._prior
        ratio = self._start[symbol] if last < 0 else self._table[last * self._size + symbol]
        moved = self._decay * (before - prior) + ratio
        if moved > self._clip:
            moved = self._clip
        elif moved < -self._clip:
            moved = -self._clip
        now: float = prior + moved
        state[0], state[1], state[2], state[3] = now, before, symbol, last
        return now

    def load(self, value: Any) -> list[Any]:
        """A state whose symbols and nodes are there."""
        state = super().load(value)
        whole(state[2], "symbol", -1, self._size - 1)
        whole(state[3], "symbol", -1, self._size - 1)
        return state

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """The ratio of the symbol, and what was forgotten."""
        now, before, _, last = state
        ratio = self._start[symbol] if last < 0 else self._table[last * self._size + symbol]
        rest = now - before - ratio
        found: list[Change] = [(f"{point.key} next", ratio)]
        return [*found, ("what is past counts less", rest)] if rest else found
