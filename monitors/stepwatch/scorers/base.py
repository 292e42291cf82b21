"""What all scorers are: causal folds over the decision points of an episode, with constant work a point (linear: a token).

A scorer is a part of the artefact's `parts.scorers`: `{"kind", "name", "symbols", "params", "blocks"}`; `symbols` names the symboliser that
it reads, or is "". Scorers stand in the order in which they are updated: one may read the logits of those in front of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from stepwatch.encode import Point
from stepwatch.memory import restored
from stepwatch.parts import Part, PartError

MOST_SCORERS: Final = 64

Change = tuple[str | int, float]
"""What it is, a token by its number and all else by its name, and by how much it changed the logit."""


class Scorer:
    """A fold. The state is a list that `memory` can save; `update` changes it."""

    needs: frozenset[str] = frozenset()
    summaries: Collection[int] = ()
    """Places of the dense features that change what it says."""
    buckets: Collection[int] = ()
    """Buckets whose tokens change what it says."""
    terms: Mapping[str, float] = MappingProxyType({})
    """Scorers in front whose logits this one adds up, with their weights: their contributions are its own, so often."""

    def __init__(self, name: str, symbols: str) -> None:
        self.name = name
        self.symbols = symbols

    def adopt(self, buckets: Sequence[int]) -> None:
        """Hear what the tokens of points are from now on: places, from 1 on, among these buckets, which hold all that it reads."""

    def start(self) -> list[Any]:
        """The state at the beginning of an episode."""
        raise NotImplementedError

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """The logit after the next point. `symbol` is that of the point, `logits` are those of the scorers in front."""
        raise NotImplementedError

    def load(self, value: Any) -> list[Any]:
        """The state that came back from JSON.

        Raises:
            StateError: it has not the form of `start`, or a place in it is none.
        """
        state: list[Any] = restored(value, self.start(), self.name)
        return state

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """What changed the logit at the point that was just taken in: they sum to the change (at the first point: to the logit less the
        logit of a run that has not begun, `origin`)."""
        raise NotImplementedError

    @property
    def origin(self) -> float:
        """The logit before the first point."""
        raise NotImplementedError


def places(part: Part, before: Sequence[str]) -> list[int]:
    """Where the scorers that a part names as its `inputs` stand among those in front of it."""
    found = part.texts("inputs", MOST_SCORERS)
    unknown = [name for name in found if name not in before]
    if unknown:
        raise PartError(f"{part.at}.inputs: there is no scorer {unknown[0][:60]} in front")
    return [before.index(name) for name in found]
