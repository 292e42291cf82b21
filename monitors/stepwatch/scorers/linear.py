"""Linear: weights of hashed tokens of the run so far, of the last point, of all points as evidence that fades, and of the summary features.

    score = bias + sum_b cumulative[b] * f(c_b) * scale[b] / N  +  sum_b last[b] * f(l_b) * scale[b] / M  +  E  +  sum_j dense[j] * d_j
    E     = decay * E of the point before  +  sum_b evidence[b] * f(l_b) * scale[b] / M

c_b: how often bucket b came so far; l_b the same in the last point. f by `weighting`: count f(c) = min(c, cap), log f(c) = 1 + ln of
that, binary f(c) = 1, and f(0) = 0. N and M by `norm`: none 1; l2 sqrt(sum_b (f(c_b) * scale[b])²) over the buckets of `at`, and that of
the last point. d_j = dense feature j, kept within [low[j], high[j]] where these are given. Training folds means and scales of the dense
features into `dense` and `bias`.

What the run so far says is a mean, and says no more at the end of a long run than of a short one. E is a sum: what points say one after the
other adds up, as log-likelihoods do, and what is long past counts less and less.

params   `bias`; `weighting`; `norm`; `cap`, 1 to 255; `decay` in [0, 1], 0 if missing
blocks   `at`: bucket numbers, rising; `cumulative`, `last`, `evidence`, `scale` as long as it, each may be missing (scale: ones); `dense`,
         `low`, `high` as long as the dense features, each may be missing. Tokens of other buckets count for nothing.

At most `MOST_COUNTED` different buckets of a run are counted; what comes new beyond counts for nothing in the cumulative part.
Without `cumulative` nothing of a run needs to be counted, nor with weighting count, norm none and cap 255: the cumulative part has no cap
then.

State: score, cumulative sum, sum of squares, last part, dense part, evidence, the same six before the point; by place among the buckets how
often a bucket came (with weighting binary the number of the point in which it first came); the dense features of the point and of the one
before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from stepwatch.encode import MOST_TOKENS, Point
from stepwatch.parts import LARGEST, Part, PartError
from stepwatch.scorers.base import Change, Scorer
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
        cap = part.whole("cap", 1, NO_CAP, NO_CAP)
        self._once = weighting == "binary" or cap == 1
        self._cap = cap
        self._decay = part.number("decay", 0.0)
        if not 0.0 <= self._decay <= 1.0:
            raise PartError(f"{part.at}: `decay` lies in [0, 1]")
        self._values = values(weighting, cap)
        pairs = list(pairwise(self._values))
        self._rise, self._growth = [new - old for old, new in pairs], [new * new - old * old for old, new in pairs]
        """What one more occurrence adds to f and to its square."""
        self._values += self._values[-1:] * (MOST_TOKENS + 2)  # of as many as a point may add to a count
        at = part.wholes("at", 0, BUCKETS - 1)
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PartError(f"{part.at}: the buckets of the block `at` are not in order")
        scale = part.optional("scale", len(at)) or [1.0] * len(at)
        none = [0.0] * len(at)
        given = [part.optional(name, len(at)) for name in ("cumulative", "last", "evidence")]
        self._whole = given[0] is not None
        """Whether the run so far says something, not its points alone."""
        self._counts = self._whole and (self._norm or weighting != "count" or cap != NO_CAP)
        cumulative, last, evidence = (block or none for block in given)
        self._entries = {
            bucket: (one * one, one * often, one * (here + lasting), one * lasting)
            for bucket, one, often, here, lasting in zip(at, scale, cumulative, last, evidence, strict=True)
            if self._norm or often or here or lasting
        }
        """By bucket the square of its scale, and its scaled weights: of the run so far, of the last point with the evidence it adds, and of
        that evidence alone."""
        self._even = all(row[0] == 1.0 for row in self._entries.values())
        """Whether no bucket has a scale of its own."""
        self.buckets = self._entries.keys()
        self.adopt(list(self._entries))
        dense = part.optional("dense", len(names))
        lows = part.optional("low", len(names)) or [-LARGEST] * len(names)
        highs = part.optional("high", len(names)) or [LARGEST] * len(names)
        if any(low > high for low, high in zip(lows, highs, strict=True)):
            raise PartError(f"{part.at}: a number of `low` is above that of `high`")
        self._bounded = [(place, weight, lows[place], highs[place]) for place, weight in enumerate(dense or ()) if weight]
        """Place, weight, least and most of each dense feature whose weight is not 0."""
        self.summaries = [place for place, *_ in self._bounded]
        self._names = names
        self._width = len(names) if dense else 0
        self.needs = frozenset({"tokens"} if dense is None else {"tokens", "dense"})
        self._origin = self._bias + self._of_dense([0.0] * len(names))

    @property
    def origin(self) -> float:
        """The score of a run without tokens, its dense features at 0."""
        return self._origin

    def adopt(self, buckets: Sequence[int]) -> None:
        """Lay the weights out by place: in a list they are found faster than by a key."""
        nothing = (0.0, 0.0, 0.0, 0.0)
        self._rows = [nothing, *(self._entries.get(bucket, nothing) for bucket in buckets)]
        self._columns = [[row[at] for row in self._rows].__getitem__ for at in (2, 3)]
        self._own = frozenset(place for place, bucket in enumerate(buckets, 1) if bucket in self._entries)
        self._others = len(self._own) < len(buckets)

    def start(self) -> list[Any]:
        """Nothing counted."""
        parts = [self._origin, 0.0, 0.0, 0.0, self._origin - self._bias, 0.0]
        return [*parts, *parts, {}, [0.0] * self._width, [0.0] * self._width]

    def update(self, state: list[Any], point: Point, symbol: int, logits: Sequence[float]) -> float:
        """Add the tokens of the point."""
        state[6:12] = state[0:6]
        found: Sequence[int] = point.tokens
        if self._others:
            found = list(filter(self._own.__contains__, found))
        if not self._counts:
            if self._whole:
                state[1] += sum([self._rows[place][1] for place in found])
            last = self._of_point(found)
        elif self._once:
            last = self._count_once(state, found, point.index)
        else:
            last = self._count(state, found)
        score = self._bias + self._shared(state, *last)
        if self._width:
            state[14], state[13] = state[13], point.dense
            state[4] = self._of_dense(point.dense)
            score += state[4]
        state[0] = score
        return score

    def contributions(self, state: list[Any], point: Point, symbol: int) -> list[Change]:
        """What each token and each summary feature changed."""
        found = [*self._of_tokens(state, point)]
        if self._width:
            now, before = state[13], state[14]
            for place, weight, low, high in self._bounded:
                value, old = now[place], before[place]
                if value != old:
                    change = weight * (max(low, min(high, value)) - max(low, min(high, old)))
                    if change:
                        found.append((self._names[place], change))
        return found

    # ---- parts of the sum --------------------------------------------------------------------------------------------

    def _of_point(self, found: Sequence[int]) -> tuple[float, float, float]:
        """The sum of the last point's weights, of those of them that are evidence, and of squares."""
        different = dict.fromkeys(found)
        here, lasting = [sum(map(column, different)) for column in self._columns]
        square = float(len(different)) if self._even else sum([self._rows[place][0] for place in different])
        if not self._once and len(different) < len(found):
            for place, times in Counter(found).items():
                if times > 1:
                    scale, _, last, evidence = self._rows[place]
                    inside = self._values[times]
                    here += last * (inside - 1.0)
                    lasting += evidence * (inside - 1.0)
                    square += scale * (inside * inside - 1.0)
        return here, lasting, square

    def _count(self, state: list[Any], found: Iterable[int]) -> tuple[float, float, float]:
        """Count what came, and what `_of_point` says."""
        rows, value, rise, growth, cap = self._rows, self._values, self._rise, self._growth, self._cap
        total, square, counts = state[1], state[2], state[12]
        room, count_of = MOST_COUNTED - len(counts), counts.get
        here, lasting, here_square = 0.0, 0.0, 0.0
        for place, times in Counter(found).items():
            scale, cumulative, last, evidence = rows[place]
            before = count_of(place, 0)
            if times == 1:  # f(1) is 1 in every weighting
                here += last
                lasting += evidence
                here_square += scale
                if before:
                    counts[place] = before + 1
                    if before < cap:
                        total += cumulative * rise[before]
                        square += scale * growth[before]
                elif room > 0:
                    room -= 1
                    counts[place] = 1
                    total += cumulative
                    square += scale
                continue
            inside = value[times]
            here += last * inside
            lasting += evidence * inside
            here_square += scale * inside * inside
            if not before:
                if room <= 0:
                    continue
                room -= 1
            counts[place] = before + times
            if before < cap:
                old, new = value[before], value[before + times]
                total += cumulative * (new - old)
                square += scale * (new * new - old * old)
        state[1], state[2] = total, square
        return here, lasting, here_square

    def _count_once(self, state: list[Any], found: Iterable[int], index: int) -> tuple[float, float, float]:
        """The same where f is 1 of any count."""
        rows = self._rows
        total, square, counts = state[1], state[2], state[12]
        room = MOST_COUNTED - len(counts)
        here, lasting, here_square = 0.0, 0.0, 0.0
        for place in dict.fromkeys(found):
            scale, cumulative, last, evidence = rows[place]
            here += last
            lasting += evidence
            here_square += scale
            if place not in counts and room > 0:
                room -= 1
                counts[place] = index
                total += cumulative
                square += scale
        state[1], state[2] = total, square
        return here, lasting, here_square

    def _shared(self, state: list[Any], here: float, lasting: float, here_square: float) -> float:
        """The cumulative part and that of the last point, each divided by its norm, and the evidence of the points before it."""
        cumulative = float(state[1])
        if self._norm:
            over = _over(here_square)
            here *= over
            lasting *= over
            cumulative *= _over(state[2])
        faded = self._decay * float(state[5])
        state[3], state[5] = here - lasting, faded + lasting
        return cumulative + here + faded

    def _of_dense(self, values: Sequence[float]) -> float:
        return sum(
            [
                weight * (low if (value := values[place]) < low else high if value > high else value)
                for place, weight, low, high in self._bounded
            ]
        )

    def _of_tokens(self, state: list[Any], point: Point) -> Iterator[Change]:
        """The changes of the cumulative part and of that of the last point, token by token."""
        value, cap, counts = self._values, self._cap, state[12]
        found = Counter(filter(self._own.__contains__, point.tokens))
        scale_all = _over(state[2]) if self._norm else 1.0
        squares = [self._rows[place][0] * value[times] ** 2 for place, times in found.items()]
        scale_last = _over(sum(squares)) if self._norm else 1.0
        for place, times in found.items():
            _, cumulative, last, _ = self._rows[place]
            inside = value[times]
            change = last * inside * scale_last
            if not self._counts:  # without a cumulative part its weights are 0
                change += cumulative * times
            elif self._once:
                change += cumulative * scale_all if counts.get(place) == point.index else 0.0
            elif place in counts:
                after = counts[place]
                if after - times < cap:
                    change += cumulative * (value[after] - value[after - times]) * scale_all
            if change:
                yield place, change
        if self._norm:
            diluted = state[7] * (scale_all - _over(state[8]))
            if diluted:
                yield "a longer run: what came before weighs less", diluted
        if state[9]:
            yield "the point before is past", -state[9]
        if state[11] and self._decay != 1.0:
            yield "what points before said fades", (self._decay - 1.0) * state[11]


def values(weighting: str, cap: int) -> list[float]:
    """f of 0 … cap."""
    make: Callable[[int], float] = {"count": float, "log": lambda count: 1.0 + math.log(count), "binary": lambda count: 1.0}[weighting]
    return [0.0, *(make(count) for count in range(1, cap + 1))]


def _over(square: float) -> float:
    return 1.0 / math.sqrt(square) if square > 0.0 else 0.0
