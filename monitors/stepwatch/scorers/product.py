"""Product: the chance that two things come together, from a scorer for each: that the run fails, and that it ends soon.

    score = logit(sigmoid(first) * sigmoid(second)), at most `MOST` in size

params   `inputs`: the names of two scorers in front

State: the logits of the two, and those of the point before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from stepwatch.encode import Point
from stepwatch.parts import Part, PartError
from stepwatch.scorers.base import Change, Scorer, places

MOST: Final = 30.0


class Product(Scorer):
    """Two chances multiplied."""

    def __init__(self, name: str, part: Part, before: Sequence[str], origins: Sequence[float]) -> None:
        super().__init__(name, "")
        found = places(part, before)
        if len(found) != 2:
            raise PartError(f"{part.at}.inputs: two names are needed")
        self._first, self._second = found
        self._names = [before[place] for place in found]
        self._origins = [origins[place] for place in found]

    @property
    def origin(self) -> float:
        """The product of the origins."""
        return both(*self._origins)

    def start(self) -> list[Any]:
        """The origins."""
        return [*self._origins, *self._origins]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Multiply."""
        first, second = logits[self._first], logits[self._second]
        state[2:4] = state[0:2]
        state[0], state[1] = first, second
        return both(first, second)

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """What each of the two changed: the mean of changing it before the other and after it."""
        first, second, first_before, second_before = state
        now, before = both(first, second), both(first_before, second_before)
        one, other = both(first, second_before), both(first_before, second)
        changes = ((one - before) + (now - other)) / 2.0, ((other - before) + (now - one)) / 2.0
        return [(name, change) for name, change in zip(self._names, changes, strict=True) if change]


def both(first: float, second: float) -> float:
    """The logit of the product of two chances that are given as logits.

    >>> round(both(0.0, 0.0), 6)
    -1.098612
    """
    # 1 / (s(a) s(b)) - 1 = e^-a + e^-b + e^(-a - b)
    a, b = max(min(first, MOST), -MOST), max(min(second, MOST), -MOST)
    score = -math.log(math.exp(-a) + math.exp(-b) + math.exp(-a - b))
    return max(min(score, MOST), -MOST)
