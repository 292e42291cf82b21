"""Symbols: what kind of event a decision point is, out of few. Each prints as a rule.

A symboliser is a part `{"kind", "params", "blocks"}` of the artefact's `parts.symbols`, by name:

typed  params `keys`: typed keys of points, in order. The symbol is the place of the point's key; the last symbol (`len(keys)`) is
       every other key.
tree   params `keys` as above, may be empty; blocks of one tree as in `nodes` (`roots` is [0]). Its inputs are the dense features and,
       behind them, for each of `keys` 1 where it is the point's key, else 0. The value of a leaf is its symbol, 0, 1, 2 …; `symbols`:
       how many.
bins   params `scorer`: a whole part of a scorer that reads no symbols, with `name`; block `cuts`, rising: the symbol is the number of
       cuts that the scorer's logit is not below.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, Protocol

from stepwatch import nodes
from stepwatch.encode import Point
from stepwatch.memory import restored
from stepwatch.parts import MOST_SYMBOLS, Blocks, Part, PartError
from stepwatch.scorers.base import Scorer


class Symbols(Protocol):
    """Points to symbols. `size`: how many there are. `needs`, `summaries`, `buckets`: what of a point is read, as for scorers."""

    size: int
    needs: frozenset[str]
    summaries: Collection[int]
    buckets: Collection[int]

    def adopt(self, buckets: Sequence[int]) -> None:
        """Hear what tokens are, as scorers do."""
        ...

    def start(self) -> list[Any]:
        """The state at the beginning of an episode."""
        ...

    def load(self, value: Any) -> list[Any]:
        """The state that came back from JSON. Raises StateError where it is none."""
        ...

    def symbol(self, state: list[Any], point: Point) -> int:
        """The symbol of the next point."""
        ...

    def rules(self) -> list[str]:
        """What each symbol means."""
        ...


class Typed:
    """The typed key itself."""

    needs = frozenset({"symbol"})
    summaries: Collection[int] = ()
    buckets: Collection[int] = ()

    def __init__(self, part: Part) -> None:
        self._keys = part.texts("keys")
        self._places = {key: place for place, key in enumerate(self._keys)}
        self.size = len(self._keys) + 1
        self._find = self._places.get

    def adopt(self, buckets: Sequence[int]) -> None:
        """Reads no tokens."""

    def start(self) -> list[Any]:
        """No state."""
        return []

    def load(self, value: Any) -> list[Any]:
        """No state."""
        return list(restored(value, [], "symbols"))

    def symbol(self, state: list[Any], point: Point) -> int:
        """The place of the key."""
        return self._find(point.key, self.size - 1)

    def rules(self) -> list[str]:
        """The keys."""
        return [*self._keys, "any other"]


class Leaves:
    """The leaf of a tree over summary features and typed keys."""

    def __init__(self, part: Part, names: Sequence[str]) -> None:
        self._keys = part.texts("keys")
        self._names = [*names, *(f"key is {key}:" for key in self._keys)]
        self.size = part.whole("symbols", 1, MOST_SYMBOLS)
        self._root = nodes.trees(part, len(self._names), 0, self.size - 1)[0]
        self.needs = frozenset({"dense"})
        self.summaries: Collection[int] = {place for place in nodes.inputs(self._root) if place < len(names)}
        self.buckets: Collection[int] = ()
        self._dense = len(names)

    def adopt(self, buckets: Sequence[int]) -> None:
        """Reads no tokens."""

    def start(self) -> list[Any]:
        """No state."""
        return []

    def load(self, value: Any) -> list[Any]:
        """No state."""
        return list(restored(value, [], "symbols"))

    def symbol(self, state: list[Any], point: Point) -> int:
        """The leaf."""
        node, values, first, key = self._root, point.dense, self._dense, point.key
        while (place := node[0]) >= 0:
            value = values[place] if place < first else float(key == self._keys[place - first])
            node = node[2] if value <= node[1] else node[3]
        return int(node[1])

    def rules(self) -> list[str]:
        """The tests that lead to each symbol's leaves."""
        found: list[list[str]] = [[] for _ in range(self.size)]
        for value, tests in nodes.rules(self._root, self._names):
            found[int(value)].append(" and ".join(tests) or "always")
        return [", or ".join(ways) or "never" for ways in found]


class Bins:
    """The range that a scorer's logit lies in."""

    def __init__(self, part: Part, scorer: Scorer) -> None:
        if scorer.symbols:
            raise PartError(f"{part.at}: the scorer behind bins reads no symbols")
        self._scorer = scorer
        self._cuts = part.rising("cuts")
        self.size = len(self._cuts) + 1
        if self.size > MOST_SYMBOLS:
            raise PartError(f"{part.at}: at most {MOST_SYMBOLS} symbols are allowed")
        self.needs, self.summaries, self.buckets = scorer.needs, scorer.summaries, scorer.buckets

    def adopt(self, buckets: Sequence[int]) -> None:
        """Hand it on."""
        self._scorer.adopt(buckets)

    def start(self) -> list[Any]:
        """The scorer's state."""
        return self._scorer.start()

    def load(self, value: Any) -> list[Any]:
        """The scorer's state."""
        return self._scorer.load(value)

    def symbol(self, state: list[Any], point: Point) -> int:
        """The range of the logit."""
        return bisect_right(self._cuts, self._scorer.update(state, point, 0, ()))

    def rules(self) -> list[str]:
        """The ranges."""
        name = self._scorer.name
        cuts = [f"{cut:.4g}" for cut in self._cuts]
        if not cuts:
            return ["always"]
        between = [f"{low} <= {name} < {high}" for low, high in pairwise(cuts)]
        return [f"{name} < {cuts[0]}", *between, f"{name} >= {cuts[-1]}"]


def symboliser(value: Any, blocks: Blocks, names: Sequence[str], at: str) -> Symbols:
    """The symboliser of a part; `names` are those of the dense features."""
    from stepwatch.scorers import scorer  # bins hold a scorer, and scorers are built there

    part = Part(value, blocks, at)
    if part.kind == "typed":
        return Typed(part)
    if part.kind == "tree":
        return Leaves(part, names)
    if part.kind == "bins":
        return Bins(part, scorer(part.get("scorer"), blocks, names, {}, [], f"{at}.scorer"))
    raise PartError(f"{at}.kind: typed, tree or bins is needed")
