"""Runs as columns: every run is encoded once, by the encoder that the live monitor uses, and all scorers learn from the same arrays.

Tokens stay one row a point. What a prefix holds is a cumulative sum within its run, and is never written out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from stepwatch.encode import Encoder, Point
from stepwatch.plan import Plan
from stepwatch.tokens import BUCKETS
from stepwatch.training.data import Run

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Encoded:
    """The decision points of some runs, run after run.

    run      [points] the place of the point's run in `runs`
    index    [points] number of the point in its run, from 1 on
    left     [points] how many points follow
    keys     [points] place of the typed key in `spellings`
    dense    [points, features]
    tokens   [points, buckets] how often each bucket came in the point; the entries of a row are in the order in which they came
    fragments   by what keys spell of a step the bucket of its token
    """

    plan: Plan
    names: tuple[str, ...]
    runs: tuple[Run, ...]
    run: Integers
    index: Integers
    left: Integers
    keys: Integers
    spellings: tuple[str, ...]
    dense: Floats
    tokens: csr_matrix
    fragments: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.run)

    @property
    def starts(self) -> Integers:
        """The row of the first point of each run."""
        return np.flatnonzero(self.index == 1)

    def rows(self, runs: Flags | Integers) -> Integers:
        """The rows of some runs (a mask over runs, or their places), in order."""
        chosen = np.zeros(len(self.runs), dtype=np.bool_)
        chosen[runs] = True
        return np.flatnonzero(chosen[self.run])

    def take(self, runs: Flags | Integers) -> Encoded:
        """Only some of the runs, in their order here."""
        rows = self.rows(runs)
        places, run = np.unique(self.run[rows], return_inverse=True)
        return Encoded(
            self.plan,
            self.names,
            tuple(self.runs[place] for place in places),
            run.astype(np.int64),
            self.index[rows],
            self.left[rows],
            self.keys[rows],
            self.spellings,
            self.dense[rows],
            self.tokens[rows],
            self.fragments,
        )

    def point(self, row: int) -> Point:
        """A point as scorers of symbols get it: without tokens."""
        return Point(int(self.index[row]), self.spellings[self.keys[row]], self.dense[row], ())


def encode(plan: Plan, runs: Sequence[Run], tell: Callable[[str, int, int], None] | None = None) -> Encoded:
    """Encode runs that have decision points."""
    encoder = Encoder(plan)
    width = len(encoder.names)
    total = sum(len(run.points) for run in runs)
    dense = np.empty((total, width))
    spelled: dict[str, int] = {}
    keys = np.empty(total, dtype=np.int64)
    columns: list[NDArray[np.int32]] = []
    values: list[NDArray[np.float32]] = []
    ends = np.zeros(total + 1, dtype=np.int64)
    row = 0
    for number, run in enumerate(runs):
        state = encoder.begin()
        for steps in run.points:
            for step in steps:
                encoder.step(state, step)
            point = encoder.point(state)
            keys[row] = spelled.setdefault(point.key, len(spelled))
            dense[row] = point.dense
            counts: dict[int, int] = {}
            for token in point.tokens:
                counts[token] = counts.get(token, 0) + 1
            columns.append(np.fromiter(counts, dtype=np.int32, count=len(counts)))
            values.append(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
            row += 1
            ends[row] = ends[row - 1] + len(counts)
        if tell is not None and number % 64 == 0:
            tell("encoding runs", number, len(runs))
    lengths = np.array([len(run.points) for run in runs], dtype=np.int64)
    index = np.concatenate([np.arange(1, length + 1) for length in lengths]) if len(runs) else np.zeros(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(runs), dtype=np.int64), lengths)
    tokens = csr_matrix((total, BUCKETS), dtype=np.float32)
    tokens.data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
    tokens.indices = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int32)
    tokens.indptr = ends.astype(np.int32 if ends[-1] < 1 << 31 else np.int64)
    tokens.has_sorted_indices = False
    left, fragments = lengths[owner] - index, dict(sorted(encoder.fragments.items()))
    return Encoded(plan, encoder.names, tuple(runs), owner, index, left, keys, tuple(spelled), dense, tokens, fragments)
