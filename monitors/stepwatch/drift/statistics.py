"""Statistics of two sets of runs for many memberships at once. Each function returns one that maps memberships to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

SMOOTHING = 0.5
MOST_KERNEL = 1_500
"""Runs of a kernel matrix."""


def stability_index(counts: Floats) -> Statistic:
    """The population stability index sum (p - q) ln(p / q) of values counted by run, [runs][values]; counts get 0.5 added."""
    total = counts.sum(axis=0)

    def of(later: Floats) -> Floats:
        there = later @ counts
        here = total - there
        p, q = _shares(here), _shares(there)
        return np.asarray(((p - q) * np.log(p / q)).sum(axis=1))

    return of


def largest_gap(values: Floats) -> Statistic:
    """The statistic of Kolmogorov and Smirnov: the largest difference of the two distribution functions. Ties are one step."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])

    def of(later: Floats) -> Floats:
        there = np.cumsum(later[:, order], axis=1)
        here = np.arange(1, len(values) + 1) - there
        gaps = np.abs(there[:, ends] / np.maximum(there[:, -1:], 1) - here[:, ends] / np.maximum(here[:, -1:], 1))
        return np.asarray(gaps.max(axis=1))

    return of


def mean_embedding(rows: Floats) -> Statistic:
    """The unbiased squared maximum mean discrepancy with a Gaussian kernel of median width, of one vector a run."""
    squares = np.sum(rows * rows, axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * rows @ rows.T, 0.0)
    above = distances[np.triu_indices(len(rows), 1)]
    width = float(np.median(above[above > 0])) if (above > 0).any() else 1.0
    kernel = np.exp(-distances / width)
    np.fill_diagonal(kernel, 0.0)

    def of(later: Floats) -> Floats:
        earlier = 1.0 - later
        n, m = earlier.sum(axis=1), later.sum(axis=1)
        across = np.einsum("ij,ij->i", earlier @ kernel, later)
        within = np.einsum("ij,ij->i", earlier @ kernel, earlier) / np.maximum(n * (n - 1), 1)
        return np.asarray(
            within + np.einsum("ij,ij->i", later @ kernel, later) / np.maximum(m * (m - 1), 1) - 2 * across / np.maximum(n * m, 1)
        )

    return of


def frequencies(counts: Sequence[dict[str, int]], most: int) -> tuple[list[str], Floats]:
    """Counted values as a matrix [runs][values]: the most frequent ones of all runs together, and last all others as one.

    Of equally frequent ones a digest decides: names often say when something came, so that by name one side would be all others.
    """
    total: dict[str, int] = {}
    for run in counts:
        for value, count in run.items():
            total[value] = total.get(value, 0) + count
    names = sorted(total, key=lambda value: (-total[value], sha256(value.encode("utf-8", "replace")).digest(), value))[:most]
    place = {name: number for number, name in enumerate(names)}
    made = np.zeros((len(counts), len(names) + 1))
    for row, run in enumerate(counts):
        for value, count in run.items():
            made[row, place.get(value, len(names))] += count
    return names, made[:, : len(names) + bool(made[:, -1].any())]


def _shares(counts: Floats) -> Floats:
    smoothed = counts + SMOOTHING
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))
