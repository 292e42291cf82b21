"""Automaton: the logit of the state that the symbols of the run lead to.

params   `states`: how many, 0 is the start
blocks   `edges`, states * symbols numbers, at q * symbols + z the state after z in q, -1 where none is known; `again`, one number a
         symbol: where a run that is in no known state goes on, or -1; `value`: the logit of each state; `unknown`: one number, the logit
         in no known state

State: logit, logit before, the state of the automaton (-1: not known).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stepwatch.encode import Point
from stepwatch.memory import restored, whole
from stepwatch.parts import Part
from stepwatch.scorers.base import Change, Scorer

MOST_STATES: Final = 4_096


class Automaton(Scorer):
    """A look-up in a table of moves."""

    needs = frozenset({"symbol"})

    def __init__(self, name: str, symbols: str, size: int, part: Part) -> None:
        super().__init__(name, symbols)
        self._size = size
        states = part.whole("states", 1, MOST_STATES)
        self._edges = part.wholes("edges", -1, states - 1, states * size)
        self._again = part.wholes("again", -1, states - 1, size)
        self._value = [*part.block("value", states), part.block("unknown", 1)[0]]  # the last one is at -1

    @property
    def origin(self) -> float:
        """The logit of the start."""
        return self._value[0]

    def start(self) -> list[Any]:
        """At the start."""
        return [self.origin, self.origin, 0]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Make a move."""
        before, _, place = state
        place = self._edges[place * self._size + symbol] if place >= 0 else self._again[symbol]
        now = self._value[place]
        state[0], state[1], state[2] = now, before, place
        return now

    def load(self, value: Any) -> list[Any]:
        """A state of the run at a state of the machine, or at the unknown one."""
        state: list[Any] = restored(value, [0.0, 0.0, -1], self.name)
        whole(state[2], "state", -1, len(self._value) - 2)
        return state

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """The change of state."""
        place: int = state[2]
        return [(f"{point.key} leads to {'an unknown state' if place < 0 else f'state q{place}'}", state[0] - state[1])]
