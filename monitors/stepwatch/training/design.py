"""The linear scorer's view of runs, factorised: prefixes are cumulative sums of sparse rows of points, and are never written out.

With f(c) the weight of a count, a prefix holds f(c_b) of each bucket b. Point by point that changes by f(c_b) - f(c_b before), so

    sum_b w_b f(c_b) = cumulative sum over the run of (increments @ w)

and the gradient is the transposed: increments^T @ (sum of what comes from this point to the end of the run).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from stepwatch.scorers.linear import MOST_COUNTED, NO_CAP
from stepwatch.tokens import BUCKETS
from stepwatch.training.encoding import Encoded, Floats, Integers


@dataclass(frozen=True)
class Form:
    """How tokens count: `weighting`, `norm` and `cap` as in the scorer; `scale`: none, or idf (rare buckets count more); `dense`: whether
    summary features enter beside them; `rare`: whether tokens of few groups count too."""

    weighting: str = "log"
    norm: str = "l2"
    cap: int = NO_CAP
    scale: str = "none"
    dense: bool = False
    rare: bool = False


@dataclass(frozen=True)
class Design:
    """increments, last   [points, active buckets], already scaled; prefix_norm, last_norm: [points], 1 / N and 1 / M; dense: standardised
    summary features; starts: rows where runs begin."""

    increments: csr_matrix
    last: csr_matrix
    increments_turned: csr_matrix
    last_turned: csr_matrix
    prefix_norm: Floats
    last_norm: Floats
    dense: Floats
    starts: Integers

    def scores(self, weights: Floats, bias: float) -> Floats:
        """The scores of all points; `weights`: of the prefix, of the last point, of the dense features, one behind the other."""
        buckets = self.increments.shape[1]
        prefix = within_runs(self.increments @ weights[:buckets], self.starts) * self.prefix_norm
        last = (self.last @ weights[buckets : 2 * buckets]) * self.last_norm
        return np.asarray(prefix + last + self.dense @ weights[2 * buckets :] + bias, dtype=np.float64)

    def gradient(self, residual: Floats) -> Floats:
        """The gradient of a sum over points, whose derivatives by the scores are `residual`."""
        prefix = self.increments_turned @ from_end(residual * self.prefix_norm, self.starts)
        return np.concatenate([prefix, self.last_turned @ (residual * self.last_norm), residual @ self.dense])

    def take(self, rows: Integers, starts: Integers) -> Design:
        """Some whole runs."""
        increments, last = self.increments[rows], self.last[rows]
        return Design(
            increments,
            last,
            increments.T.tocsr(),
            last.T.tocsr(),
            self.prefix_norm[rows],
            self.last_norm[rows],
            self.dense[rows],
            starts,
        )


def within_runs(values: Floats, starts: Integers) -> Floats:
    """Cumulative sums that begin anew at each start."""
    total = np.cumsum(values)
    before = total[starts] - values[starts]
    lengths = np.diff(np.r_[starts, len(values)])
    return total - np.repeat(before, lengths)


def from_end(values: Floats, starts: Integers) -> Floats:
    """Sums from each point to the end of its run."""
    total = np.cumsum(values)
    ends = np.r_[starts[1:], len(values)] - 1
    lengths = np.diff(np.r_[starts, len(values)])
    return np.repeat(total[ends], lengths) - total + values


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
    owner = encoded.run[row]
    # Entries by run and bucket, points in their order: what came before in the same run stands in front.
    order = np.lexsort((row, column, owner))
    first = np.r_[True, (owner[order][1:] != owner[order][:-1]) | (column[order][1:] != column[order][:-1])] if len(order) else seen[:0]
    sums = np.cumsum(count[order], dtype=np.float64)
    lead = np.flatnonzero(first)
    before = np.repeat(sums[lead] - count[order][lead], np.diff(np.r_[lead, len(order)])) if len(order) else sums
    after = sums - before
    earlier = after - count[order]
    gained_sorted = weigh(after, form) - weigh(earlier, form)
    squares_sorted = weigh(after, form) ** 2 - weigh(earlier, form) ** 2
    new_sorted = first
    gained, squares, new = np.empty(len(order)), np.empty(len(order)), np.empty(len(order), dtype=np.bool_)
    gained[order], squares[order], new[order] = gained_sorted, squares_sorted, new_sorted
    kept = _counted(owner, column, new, len(active))
    gained, squares = np.where(kept, gained, 0.0), np.where(kept, squares, 0.0)
    shape = (len(encoded), len(active))
    scaled = scale[column]
    increments = csr_matrix((gained * scaled, (row, column)), shape=shape)
    last_values = weigh(count, form)
    last = csr_matrix((last_values * scaled, (row, column)), shape=shape)
    if form.norm == "l2":
        total = within_runs(_summed(row, squares * scaled**2, len(encoded)), encoded.starts)
        prefix_norm = 1.0 / np.sqrt(np.where(total > 1e-9, total, 1.0))
        total = _summed(row, (last_values * scaled) ** 2, len(encoded))
        last_norm = 1.0 / np.sqrt(np.where(total > 1e-9, total, 1.0))
    else:
        prefix_norm = last_norm = np.ones(len(encoded))
    dense = (np.clip(encoded.dense[:, : len(center)], *bounds) - center) / width
    return Design(increments, last, increments.T.tocsr(), last.T.tocsr(), prefix_norm, last_norm, dense, encoded.starts)


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
