"""Linear: weights of hashed tokens of the run so far, of the last point, and of the summary features.

    score = bias + sum_b cumulative[b] * f(c_b) * scale[b] / N  +  sum_b last[b] * f(l_b) * scale[b] / M  +  sum_j dense[j] * d_j

c_b: how often bucket b came so far; l_b the same in the last point. f by `weighting`: count f(c) = min(c, cap), log f(c) = 1 + ln of
that, binary f(c) = 1, and f(0) = 0. N and M by `norm`: none 1; l2 sqrt(sum_b (f(c_b) * scale[b])²) over the buckets of `at`, and that of
the last point. d_j = dense feature j, kept within [low[j], high[j]] where these are given. Training folds means and scales of the dense
features into `dense` and `bias`.

params   `bias`; `weighting`; `norm`; `cap`, 1 to 255
blocks   `at`: bucket numbers, rising; `cumulative`, `last`, `scale` as long as it, each may be missing (scale: ones); `dense`, `low`,
         `high` as long as the dense features, each may be missing. Tokens of other buckets count for nothing.

At most `MOST_COUNTED` different buckets of a run are counted; what comes new beyond counts for nothing in the cumulative part.
With weighting count, norm none and cap 255 nothing needs to be counted, and every occurrence adds (there is no cap then).

State: score, cumulative sum, sum of squares, last part, dense part, the same five before the point, {bucket: count}, the dense features of
the point and of the one before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from stepwatch.encode import Point
from stepwatch.parts import Part, PartError
from stepwatch.scorers.base import Contribution, Names, Scorer
from stepwatch.tokens import BUCKETS

MOST_COUNTED: Final = 4_096
"""Different buckets of one run that are counted."""
NO_CAP: Final = 255


class Linear(Scorer):
    """An incremental dot product."""

    def __init__(self, name: str, part: Part, names: Sequence[str]) -> None:
        super().__init__(name, "")
        self._bias = part.number("bias")
        weighting = part.choice("weighting", ("count", "log", "binary"))
        self._norm = part.choice("norm", ("none", "l2")) == "l2"
        self._cap = part.whole("cap", 1, NO_CAP, NO_CAP)
        self._values = values(weighting, self._cap)
        self._counts = self._norm or weighting != "count" or self._cap != NO_CAP
        at = part.wholes("at", 0, BUCKETS - 1)
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PartError(f"{part.at}: the buckets of the block `at` are not in order")
        scale = part.optional("scale", len(at)) or [1.0] * len(at)
        self._cumulative = _weights(at, part.optional("cumulative", len(at)), scale)
        self._last = _weights(at, part.optional("last", len(at)), scale)
        self._squares = dict(zip(at, [one * one for one in scale], strict=True))
        self._dense = part.optional("dense", len(names))
        self._low, self._high = part.optional("low", len(names)), part.optional("high", len(names))
        if self._low and self._high and any(low > high for low, high in zip(self._low, self._high, strict=True)):
            raise PartError(f"{part.at}: a number of `low` is above that of `high`")
        self._names = names
        self.needs = frozenset({"tokens"} if self._dense is None else {"tokens", "dense"})

    @property
    def origin(self) -> float:
        """The score of a run without tokens, its dense features at 0."""
        return self._bias + self._of_dense([0.0] * len(self._names))

    def start(self) -> list[Any]:
        """Nothing counted."""
        origin = self.origin
        parts = [origin, 0.0, 0.0, 0.0, origin - self._bias]
        width = len(self._names) if self._dense else 0
        return [*parts, *parts, {}, [0.0] * width, [0.0] * width]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add the tokens of the point."""
        state[5:10] = state[0:5]
        found = point.tokens
        if not self._counts:
            state[1] += sum([self._cumulative.get(bucket, 0.0) for bucket in found])
            state[3] = sum([self._last.get(bucket, 0.0) for bucket in found])
            score: float = self._bias + state[1] + state[3]
        else:
            score = self._bias + self._counted(state, Counter(found))
        if self._dense is not None:
            state[12], state[11] = state[11], point.dense
            state[4] = self._of_dense(point.dense)
            score += state[4]
        state[0] = score
        return score

    def contributions(self, state: list[Any], point: Point, symbol: int, names: Names) -> list[Contribution]:
        """What each token and each summary feature changed."""
        found = [*self._of_tokens(state, point, names)]
        if self._dense is not None:
            now, before = state[11], state[12]
            for place, weight in enumerate(self._dense):
                change = weight * (self._within(place, now[place]) - self._within(place, before[place]))
                if change:
                    found.append((-1, self._names[place], change))
        return found

    # ---- parts of the sum --------------------------------------------------------------------------------------------

    def _counted(self, state: list[Any], found: Counter[int]) -> float:
        """The cumulative part and that of the last point, where counts matter."""
        counts, value, cap = state[10], self._values, self._cap
        known, cumulative, last = self._squares, self._cumulative, self._last
        total, square = state[1], state[2]
        here, here_square = 0.0, 0.0
        room = MOST_COUNTED - len(counts)
        for bucket, times in found.items():
            scale = known.get(bucket)
            if scale is None:
                continue
            inside = value[times if times < cap else cap]
            here += last.get(bucket, 0.0) * inside
            here_square += scale * inside * inside
            before = counts.get(bucket)
            if before is None:
                if room <= 0:
                    continue
                room -= 1
                before = 0
            after = counts[bucket] = before + times
            if before < cap:
                old, new = value[before], value[after if after < cap else cap]
                total += cumulative.get(bucket, 0.0) * (new - old)
                square += scale * (new * new - old * old)
        state[1], state[2] = total, square
        if not self._norm:
            state[3] = here
            return float(total + here)
        state[3] = here / math.sqrt(here_square) if here_square > 0.0 else 0.0
        return float((total / math.sqrt(square) if square > 0.0 else 0.0) + state[3])

    def _of_dense(self, values: Sequence[float]) -> float:
        if self._dense is None:
            return 0.0
        if self._low is None and self._high is None:
            return sum([weight * value for weight, value in zip(self._dense, values, strict=True)])
        return sum([weight * self._within(place, values[place]) for place, weight in enumerate(self._dense)])

    def _within(self, place: int, value: float) -> float:
        if self._low is not None and value < self._low[place]:
            return self._low[place]
        if self._high is not None and value > self._high[place]:
            return self._high[place]
        return value

    def _of_tokens(self, state: list[Any], point: Point, names: Names) -> Iterator[Contribution]:
        """The changes of the cumulative part and of that of the last point, token by token."""
        value, cap, counts = self._values, self._cap, state[10]
        found = Counter(point.tokens)
        scale_all = _over(state[2]) if self._norm else 1.0
        squares = sum(self._squares.get(bucket, 0.0) * value[min(times, cap)] ** 2 for bucket, times in found.items())
        scale_last = _over(squares) if self._norm else 1.0
        for bucket, times in found.items():
            number, name = names.get(bucket, (-1, f"token {bucket}"))
            inside: float = value[min(times, cap)] if self._counts else times
            change = self._last.get(bucket, 0.0) * inside * scale_last
            if not self._counts:
                change += self._cumulative.get(bucket, 0.0) * times
            elif bucket in counts:
                after = counts[bucket]
                change += self._cumulative.get(bucket, 0.0) * (value[min(after, cap)] - value[min(after - times, cap)]) * scale_all
            if change:
                yield number, name, change
        if self._norm:
            diluted = state[6] * (scale_all - _over(state[7]))
            if diluted:
                yield -1, "a longer run: what came before weighs less", diluted
        if state[8]:
            yield -1, "the point before is past", -state[8]


def values(weighting: str, cap: int) -> list[float]:
    """f of 0 … cap."""
    make: Callable[[int], float] = {"count": float, "log": lambda count: 1.0 + math.log(count), "binary": lambda count: 1.0}[weighting]
    return [0.0, *(make(count) for count in range(1, cap + 1))]


def _weights(at: list[int], weights: list[float] | None, scale: list[float]) -> dict[int, float]:
    """Scaled weights by bucket, those that are none left out."""
    if weights is None:
        return {}
    return {bucket: weight * one for bucket, weight, one in zip(at, weights, scale, strict=True) if weight * one}


def _over(square: float) -> float:
    return 1.0 / math.sqrt(square) if square > 0.0 else 0.0
