"""Stack: a nonnegative logistic over the logits of scorers in front.

    score = bias + sum_i weights[i] * logit_i

params   `inputs`: names of scorers in front; `bias`
blocks   `weights`, one a name, none below 0

State: score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwatch.encode import Point
from stepwatch.parts import Part, PartError
from stepwatch.scorers.base import Change, Scorer, places


class Stack(Scorer):
    """A weighted sum of scores. What it adds up, `terms` says; of its own it contributes nothing."""

    def __init__(self, name: str, part: Part, before: Sequence[str], origins: Sequence[float]) -> None:
        super().__init__(name, "")
        self._bias = part.number("bias")
        self._places = places(part, before)
        weights = part.block("weights", len(self._places))
        if not weights or min(weights) < 0.0:
            raise PartError(f"{part.at}: the block `weights` is empty or holds a number below 0")
        self._work = list(zip(self._places, weights, strict=True))
        self.terms = {before[place]: weight for place, weight in self._work}
        self._origin = self._bias + sum([weight * origins[place] for place, weight in self._work])

    @property
    def origin(self) -> float:
        """The weighted origins of what it adds up."""
        return self._origin

    def start(self) -> list[Any]:
        """The origin."""
        return [self._origin]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add up."""
        score = self._bias
        for place, weight in self._work:
            score += weight * logits[place]
        state[0] = score
        return score

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """None but those of its terms."""
        return []
