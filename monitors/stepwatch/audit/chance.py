"""What chance alone would show, for all traits of all fields at once.

The largest standardised score over every trait under each of many rearrangements of the labels gives one line that a trait must pass.
The chance that any trait of a harmless data set passes it is bounded, however many traits there are and however they hang together.
Runs of one group (task) are alike, so runs are not simply shuffled. Two tests share the error between them:

- within groups: labels are exchanged among the runs of a group (runs that are alone in their group form one block). What a task's own
  words and difficulty explain is no finding here.
- between groups: each group's whole contribution to the score changes its sign at random. This sees what differs from group to group,
  and has power where groups are small or of one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.columns import Frame

Matrix = NDArray[np.float32]
FAMILIES = 3
LEAST_EXCHANGEABLE = 3.0
LEAST_GROUPS = 8


class Test(Protocol):
    """Scores traits and remembers the largest score under each rearrangement."""

    method: str

    def scores(self, columns: Matrix, families: NDArray[np.int64]) -> NDArray[np.float64]:
        """Absolute standardised scores of columns (runs × traits), and take them into the record of what chance shows."""

    def lines(self, level: float) -> NDArray[np.float64]:
        """For each family the score that chance passes with probability `level` over all its traits scored so far."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The tests of one audit."""

    tests: tuple[Test, ...]

    @property
    def method(self) -> str:
        """What was done, in words."""
        return "; ".join(test.method for test in self.tests)

    def scores(self, columns: Matrix, families: NDArray[np.int64]) -> NDArray[np.float64]:
        """Scores of columns (runs × traits, each of a family) by test: an array of tests × traits."""
        return np.stack([test.scores(columns, families) for test in self.tests])

    def lines(self, level: float) -> NDArray[np.float64]:
        """Each test's lines by family; the probability that chance passes any of them is at most `level`."""
        return np.stack([test.lines(level / len(self.tests) / FAMILIES) for test in self.tests])


def centred_ranks(column: Matrix) -> Matrix:
    """Mid-ranks of a number scaled to -0.5..0.5; missing values count as the middle."""
    finite = np.isfinite(column)
    ranks = np.zeros(len(column), dtype=np.float32)
    values = column[finite]
    if len(values):
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        middle = (ends - counts + ends - 1) / 2
        ranks[finite] = (middle[inverse] + 0.5) / len(values) - 0.5
    return ranks


def blocks_of(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Block codes: groups of two and more runs each a block, single runs together one block."""
    sizes = np.bincount(groups)
    return np.where(sizes[groups] > 1, groups, len(sizes)).astype(np.int64)


def chance_for(frame: Frame, shuffles: int, seed: int) -> Chance:
    """The tests that the data allow: the one within groups needs labels that can be exchanged, the one between them eight groups."""
    blocks = blocks_of(frame.groups)
    labels = frame.labels.astype(np.float64)
    within = labels - block_means(blocks, labels)
    tests: list[Test] = []
    if float(within @ within) >= LEAST_EXCHANGEABLE:
        tests.append(Shuffles(frame, blocks, shuffles, seed))
    if not tests or int(frame.groups.max()) + 1 >= LEAST_GROUPS:
        tests.append(SignChanges(frame, shuffles, seed))
    return Chance(tuple(tests))


def block_means(blocks: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each run's block mean."""
    sums = np.bincount(blocks, weights=values)
    sizes = np.bincount(blocks)
    return np.asarray((sums / np.maximum(sizes, 1))[blocks])


class _Largest:
    """The largest score so far under each rearrangement, by family."""

    def __init__(self, rearrangements: int) -> None:
        self.values = np.zeros((FAMILIES, rearrangements))

    def take(self, scores: NDArray[np.float64], families: NDArray[np.int64]) -> None:
        for family in range(FAMILIES):
            of_family = scores[:, families == family]
            if of_family.shape[1]:
                np.maximum(self.values[family], np.abs(of_family).max(axis=1), out=self.values[family])

    def lines(self, level: float) -> NDArray[np.float64]:
        rearrangements = self.values.shape[1]
        place = min(int(np.ceil((rearrangements + 1) * (1 - level))), rearrangements) - 1
        return np.asarray(np.sort(self.values, axis=1)[:, place])


class Shuffles:
    """Labels exchanged within blocks."""

    def __init__(self, frame: Frame, blocks: NDArray[np.int64], shuffles: int, seed: int) -> None:
        self.order = np.argsort(blocks, kind="stable")
        sorted_blocks = blocks[self.order]
        self.starts = np.flatnonzero(np.r_[True, sorted_blocks[1:] != sorted_blocks[:-1]])
        self.sizes = np.diff(np.r_[self.starts, len(blocks)])
        labels = frame.labels[self.order].astype(np.float64)
        means = np.repeat(np.add.reduceat(labels, self.starts) / self.sizes, self.sizes)
        centred = labels - means
        self.spread = np.add.reduceat(centred * centred, self.starts)
        random = np.random.default_rng(seed)
        rows = np.empty((shuffles, len(labels)), dtype=np.float32)
        block_number = np.repeat(np.arange(len(self.sizes)), self.sizes)
        for row in range(shuffles):
            rows[row] = centred[np.lexsort((random.random(len(labels)), block_number))]
        self.shuffled = rows
        self.centred = centred
        self.largest = _Largest(shuffles)
        mixed = int(self.sizes[self.spread > 0].sum())
        self.method = f"labels shuffled {shuffles} times within groups ({mixed} of {len(labels)} runs can be exchanged)"

    def scores(self, columns: Matrix, families: NDArray[np.int64]) -> NDArray[np.float64]:
        """Score columns (runs × traits, rows in frame order)."""
        values = columns[self.order]
        sizes = self.sizes[:, None]
        sums = np.add.reduceat(values, self.starts, axis=0, dtype=np.float64)
        squares = np.add.reduceat(values * values, self.starts, axis=0, dtype=np.float64)
        inner = np.maximum(squares - sums * sums / sizes, 0.0)
        variance = (inner * (self.spread / np.maximum(self.sizes - 1, 1))[:, None]).sum(axis=0)
        usable = variance > 1e-9
        scale = np.where(usable, np.sqrt(np.where(usable, variance, 1.0)), np.inf)
        observed = np.abs(self.centred @ values) / scale
        self.largest.take((self.shuffled @ values) / scale, families)
        return np.asarray(observed, dtype=np.float64)

    def lines(self, level: float) -> NDArray[np.float64]:
        """For each family the score that chance passes with probability `level`."""
        return self.largest.lines(level)


class SignChanges:
    """Each group's whole contribution changes its sign."""

    def __init__(self, frame: Frame, shuffles: int, seed: int) -> None:
        self.groups = frame.groups
        self.centred = frame.labels.astype(np.float64) - float(frame.labels.mean())
        count = int(frame.groups.max()) + 1
        random = np.random.default_rng(seed)
        self.signs = (random.integers(0, 2, size=(shuffles, count)) * 2 - 1).astype(np.float32)
        self.order = np.argsort(frame.groups, kind="stable")
        self.starts = np.searchsorted(frame.groups[self.order], np.arange(count))
        self.largest = _Largest(shuffles)
        self.method = f"the signs of {count} groups changed {shuffles} times"

    def scores(self, columns: Matrix, families: NDArray[np.int64]) -> NDArray[np.float64]:
        """Score columns (runs × traits, rows in frame order)."""
        values = columns - columns.mean(axis=0, dtype=np.float64).astype(np.float32)
        parts = np.add.reduceat((values * self.centred[:, None].astype(np.float32))[self.order], self.starts, axis=0)
        variance = (parts.astype(np.float64) ** 2).sum(axis=0)
        usable = variance > 1e-9
        scale = np.where(usable, np.sqrt(np.where(usable, variance, 1.0)), np.inf)
        observed = np.abs(parts.sum(axis=0, dtype=np.float64)) / scale
        self.largest.take((self.signs @ parts) / scale, families)
        return np.asarray(observed, dtype=np.float64)

    def lines(self, level: float) -> NDArray[np.float64]:
        """For each family the score that chance passes with probability `level`."""
        return self.largest.lines(level)
