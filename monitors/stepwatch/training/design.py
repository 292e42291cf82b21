"""The linear scorer's view of runs, factorised: prefixes are cumulative sums of sparse rows of points, and are never written out.

With f(c) the weight of a count, a prefix holds f(c_b) of each bucket b. Point by point that changes by f(c_b) - f(c_b before), so

    sum_b w_b f(c_b) = cumulative sum over the run of (increments @ w)

and the gradient is the transposed: increments^T @ (sum of what comes from this point to the end of the run). Evidence that fades is the
same over the last points, its sums decaying from one point to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.sparse import csr_matrix

from stepwatch.scorers.linear import MOST_COUNTED, NO_CAP
from stepwatch.tokens import BUCKETS
from stepwatch.training.encoding import Encoded, Floats, Integers


@dataclass(frozen=True)
class Form:
    """How tokens count.

    weighting, norm, cap   as in the scorer
    scale                  none, or idf: rare buckets count more
    dense                  whether summary features enter beside them
    rare                   whether tokens of few groups count too
    cumulative             whether the run so far counts, beside its last point
    decay                  how much of the evidence of a point is left at the next; None: there is none
    """

    weighting: str = "log"
    norm: str = "l2"
    cap: int = NO_CAP
    scale: str = "none"
    dense: bool = False
    rare: bool = False
    cumulative: bool = True
    decay: float | None = None

    def __str__(self) -> str:
        there = {
            f"{self.weighting} counts": True,
            "rare tokens too": self.rare,
            "summary features": self.dense,
            "evidence that adds up": self.decay is not None,
            "no cumulative part": not self.cumulative,
        }
        return ", ".join(name for name, is_there in there.items() if is_there)


@dataclass(frozen=True)
class Design:
    """increments, last   [points, active buckets], already scaled; prefix_norm, last_norm: [points], 1 / N and 1 / M; dense: standardised
    summary features; starts: rows where runs begin; blocks: what there are weights for of each bucket, in their order."""

    increments: csr_matrix
    last: csr_matrix
    increments_turned: csr_matrix
    last_turned: csr_matrix
    prefix_norm: Floats
    last_norm: Floats
    dense: Floats
    starts: Integers
    blocks: tuple[str, ...]
    decay: float

    @property
    def tokens(self) -> int:
        """How many weights of tokens there are."""
        return int(self.last.shape[1]) * len(self.blocks)

    def scores(self, weights: Floats, bias: float) -> Floats:
        """The scores of all points; `weights`: of each block, then of the dense features, one behind the other."""
        buckets, found = self.last.shape[1], np.full(len(self.last_norm), bias)
        for place, block in enumerate(self.blocks):
            mine = weights[place * buckets : (place + 1) * buckets]
            if block == "cumulative":
                found += within_runs(self.increments @ mine, self.starts) * self.prefix_norm
            elif block == "last":
                found += (self.last @ mine) * self.last_norm
            else:
                found += within_runs((self.last @ mine) * self.last_norm, self.starts, self.decay)
        return np.asarray(found + self.dense @ weights[self.tokens :], dtype=np.float64)

    def gradient(self, residual: Floats) -> Floats:
        """The gradient of a sum over points, whose derivatives by the scores are `residual`."""
        parts = []
        for block in self.blocks:
            if block == "cumulative":
                parts.append(self.increments_turned @ from_end(residual * self.prefix_norm, self.starts))
            elif block == "last":
                parts.append(self.last_turned @ (residual * self.last_norm))
            else:
                parts.append(self.last_turned @ (from_end(residual, self.starts, self.decay) * self.last_norm))
        return np.concatenate([*parts, residual @ self.dense])


def within_runs(values: Floats, starts: Integers, decay: float = 1.0) -> Floats:
    """Cumulative sums that begin anew at each start; from one value to the next, so much is left of a sum."""
    if not len(values):
        return values
    total: Floats = np.asarray(lfilter([1.0], [1.0, -decay], values), dtype=np.float64)
    lengths = np.diff(np.r_[starts, len(values)])
    left: Floats = np.repeat(np.where(starts > 0, total[starts - 1], 0.0), lengths)
    """What is still there of the runs before."""
    if decay != 1.0:
        left *= decay ** (np.arange(len(values)) - np.repeat(starts, lengths) + 1)
    return total - left


def from_end(values: Floats, starts: Integers, decay: float = 1.0) -> Floats:
    """Sums from each point to the end of its run, which decay the other way round: the transposed of `within_runs`."""
    ends = np.r_[starts[1:], len(values)]
    return within_runs(values[::-1], len(values) - ends[::-1], decay)[::-1]


def weigh(counts: NDArray[Any], form: Form) -> Floats:
    """f of counts."""
    inside = np.minimum(counts.astype(np.float64), form.cap)
    if form.weighting == "binary":
        return (inside > 0).astype(np.float64)
    if form.weighting == "log":
        return np.where(inside > 0, 1.0 + np.log(np.maximum(inside, 1.0)), 0.0)
    return inside


def group_frequency(encoded: Encoded) -> tuple[Integers, int]:
    """In how many groups each bucket comes, and how many groups there are."""
    tokens = encoded.tokens
    numbers: dict[str, int] = {}
    of_run = np.array([numbers.setdefault(run.group, len(numbers)) for run in encoded.runs], dtype=np.int64)
    owner = np.repeat(of_run[encoded.run], np.diff(tokens.indptr))
    pairs = np.unique(owner * BUCKETS + tokens.indices)
    return np.bincount(pairs % BUCKETS, minlength=BUCKETS).astype(np.int64), len(numbers)


def design(
    encoded: Encoded, active: Integers, scale: Floats, form: Form, center: Floats, width: Floats, bounds: tuple[Floats, Floats]
) -> Design:
    """The view of some runs, with these buckets (rising) and scales; dense features are cut to `bounds`, then (x - center) / width."""
    tokens = encoded.tokens
    place = np.full(BUCKETS, -1, dtype=np.int64)
    place[active] = np.arange(len(active))
    at = place[tokens.indices]
    seen = at >= 0
    row = np.repeat(np.arange(len(encoded)), np.diff(tokens.indptr))[seen]
    column, count = at[seen], tokens.data[seen]
    scaled, shape = scale[column], (len(encoded), len(active))
    last_values = weigh(count, form)
    last, increments = csr_matrix((last_values * scaled, (row, column)), shape=shape), csr_matrix(shape)
    prefix_norm = last_norm = np.ones(len(encoded))
    if form.norm == "l2":
        last_norm = _over(_summed(row, (last_values * scaled) ** 2, len(encoded)))
    if form.cumulative:
        gained, squares = _gained(encoded.run[row], row, column, count, len(active), form)
        increments = csr_matrix((gained * scaled, (row, column)), shape=shape)
        if form.norm == "l2":
            prefix_norm = _over(within_runs(_summed(row, squares * scaled**2, len(encoded)), encoded.starts))
    dense = (np.clip(encoded.dense[:, : len(center)], *bounds) - center) / width
    turned = increments.T.tocsr(), last.T.tocsr()
    return Design(increments, last, *turned, prefix_norm, last_norm, dense, encoded.starts, weighed(form), form.decay or 0.0)


def weighed(form: Form) -> tuple[str, ...]:
    """The weights that a bucket has, in their order."""
    there = {"cumulative": form.cumulative, "last": True, "evidence": form.decay is not None}
    return tuple(name for name, is_there in there.items() if is_there)


def _gained(owner: Integers, row: Integers, column: Integers, count: NDArray[Any], buckets: int, form: Form) -> tuple[Floats, Floats]:
    """What each entry adds to f of its bucket's count in its run, and to the square of that."""
    # Entries by run and bucket, points in their order: what came before in the same run stands in front.
    order = np.lexsort((row, column, owner))
    if not len(order):
        return np.zeros(0), np.zeros(0)
    first = np.r_[True, (owner[order][1:] != owner[order][:-1]) | (column[order][1:] != column[order][:-1])]
    sums = np.cumsum(count[order], dtype=np.float64)
    lead = np.flatnonzero(first)
    after = sums - np.repeat(sums[lead] - count[order][lead], np.diff(np.r_[lead, len(order)]))
    before = after - count[order]
    gained, squares, new = np.empty(len(order)), np.empty(len(order)), np.empty(len(order), dtype=np.bool_)
    gained[order] = weigh(after, form) - weigh(before, form)
    squares[order] = weigh(after, form) ** 2 - weigh(before, form) ** 2
    new[order] = first
    kept = _counted(owner, column, new, buckets)
    return np.where(kept, gained, 0.0), np.where(kept, squares, 0.0)


def _over(square: Floats) -> Floats:
    """1 over the root, and 1 where there is nothing."""
    return np.asarray(1.0 / np.sqrt(np.where(square > 1e-9, square, 1.0)), dtype=np.float64)


def _counted(owner: Integers, column: Integers, new: NDArray[np.bool_], buckets: int) -> NDArray[np.bool_]:
    """Which entries are of buckets that their run counts: the first `MOST_COUNTED` different ones of each run, as they came."""
    counted = np.ones(len(owner), dtype=np.bool_)
    so_far = np.cumsum(new)
    begin = np.r_[True, owner[1:] != owner[:-1]] if len(owner) else counted
    lengths = np.diff(np.r_[np.flatnonzero(begin), len(owner)])
    place: Integers = so_far - np.repeat((so_far - new)[np.flatnonzero(begin)], lengths)
    late = new & (place > MOST_COUNTED)
    if late.any():
        counted = ~np.isin(owner * buckets + column, (owner * buckets + column)[late])
    return counted


def _summed(row: Integers, values: Floats, rows: int) -> Floats:
    """Sums by row."""
    return np.asarray(np.bincount(row, weights=values, minlength=rows), dtype=np.float64)
