"""Constant: a score that nothing moves, of a monitor that has rules alone and has learned nothing.

    score = bias

params   `bias`

State: empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwatch.encode import Point
from stepwatch.parts import Part
from stepwatch.scorers.base import Change, Scorer


class Constant(Scorer):
    """The same at every point."""

    def __init__(self, name: str, part: Part) -> None:
        super().__init__(name, "")
        self._bias = part.number("bias", 0.0)

    @property
    def origin(self) -> float:
        """The same as later."""
        return self._bias

    def start(self) -> list[Any]:
        """Nothing to remember."""
        return []

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """The same, whatever came."""
        return self._bias

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """Nothing changes it."""
        return []
