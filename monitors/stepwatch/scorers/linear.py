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
from stepwatch.parts import LARGEST, Part, PartError
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
        pairs = list(pairwise(self._values))
        self._rise, self._growth = [new - old for old, new in pairs], [new * new - old * old for old, new in pairs]
        """What one more occurrence adds to f and to its square."""
        self._counts = self._norm or weighting != "count" or self._cap != NO_CAP
        at = part.wholes("at", 0, BUCKETS - 1)
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PartError(f"{part.at}: the buckets of the block `at` are not in order")
        scale = part.optional("scale", len(at)) or [1.0] * len(at)
        none = [0.0] * len(at)
        cumulative, last = part.optional("cumulative", len(at)) or none, part.optional("last", len(at)) or none
        self._entries = {
            bucket: (one * one, one * often, one * here)
            for bucket, one, often, here in zip(at, scale, cumulative, last, strict=True)
            if self._norm or often or here
        }
        """By bucket the square of its scale, its scaled cumulative weight and that of the last point."""
        self._dense = part.optional("dense", len(names))
        lows = part.optional("low", len(names)) or [-LARGEST] * len(names)
        highs = part.optional("high", len(names)) or [LARGEST] * len(names)
        if any(low > high for low, high in zip(lows, highs, strict=True)):
            raise PartError(f"{part.at}: a number of `low` is above that of `high`")
        self._bounded = [] if self._dense is None else list(zip(self._dense, lows, highs, strict=True))
        """Weight, least and most of each dense feature."""
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
            known = [entry for entry in map(self._entries.get, found) if entry is not None]
            state[1] += sum([entry[1] for entry in known])
            state[3] = sum([entry[2] for entry in known])
            score: float = self._bias + state[1] + state[3]
        else:
            entries = self._entries
            score = self._bias + self._counted(state, Counter([bucket for bucket in found if bucket in entries]))
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
            for place, (weight, low, high) in enumerate(self._bounded):
                change = weight * (max(low, min(high, now[place])) - max(low, min(high, before[place])))
                if change:
                    found.append((-1, self._names[place], change))
        return found

    # ---- parts of the sum --------------------------------------------------------------------------------------------

    def _counted(self, state: list[Any], found: Counter[int]) -> float:
        """The cumulative part and that of the last point, where counts matter; `found` holds buckets with weights alone."""
        counts, value, cap = state[10], self._values, self._cap
        entries, count_of, rise, growth = self._entries, counts.get, self._rise, self._growth
        total, square = state[1], state[2]
        here, here_square = 0.0, 0.0
        room = MOST_COUNTED - len(counts)
        for bucket, times in found.items():
            scale, cumulative, last = entries[bucket]
            before = count_of(bucket, 0)
            if times == 1:  # f(1) is 1 in every weighting
                here += last
                here_square += scale
                if before:
                    counts[bucket] = before + 1
                    if before < cap:
                        total += cumulative * rise[before]
                        square += scale * growth[before]
                elif room > 0:
                    room -= 1
                    counts[bucket] = 1
                    total += cumulative
                    square += scale
                continue
            inside = value[times if times < cap else cap]
            here += last * inside
            here_square += scale * inside * inside
            if not before:
                if room <= 0:
                    continue
                room -= 1
            after = counts[bucket] = before + times
            if before < cap:
                old, new = value[before], value[after if after < cap else cap]
                total += cumulative * (new - old)
                square += scale * (new * new - old * old)
        state[1], state[2] = total, square
        if not self._norm:
            state[3] = here
            return float(total + here)
        part: float = here / math.sqrt(here_square) if here_square > 0.0 else 0.0
        state[3] = part
        return part + (total / math.sqrt(square) if square > 0.0 else 0.0)

    def _of_dense(self, values: Sequence[float]) -> float:
        return sum(
            [
                weight * (low if value < low else high if value > high else value)
                for value, (weight, low, high) in zip(values, self._bounded, strict=False)
            ]
        )

    def _of_tokens(self, state: list[Any], point: Point, names: Names) -> Iterator[Contribution]:
        """The changes of the cumulative part and of that of the last point, token by token."""
        value, cap, counts = self._values, self._cap, state[10]
        found = Counter(point.tokens)
        scale_all = _over(state[2]) if self._norm else 1.0
        known = {bucket: self._entries[bucket] for bucket in found if bucket in self._entries}
        squares = sum(entry[0] * value[min(found[bucket], cap)] ** 2 for bucket, entry in known.items())
        scale_last = _over(squares) if self._norm else 1.0
        for bucket, (_, cumulative, last) in known.items():
            times = found[bucket]
            number, name = names.get(bucket, (-1, f"token {bucket}"))
            inside: float = value[min(times, cap)] if self._counts else times
            change = last * inside * scale_last
            if not self._counts:
                change += cumulative * times
            elif bucket in counts:
                after = counts[bucket]
                change += cumulative * (value[min(after, cap)] - value[min(after - times, cap)]) * scale_all
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


def _over(square: float) -> float:
    return 1.0 / math.sqrt(square) if square > 0.0 else 0.0
