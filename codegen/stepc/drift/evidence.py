"""Whether two measures of one fact differ by more than chance: tests over documents, which are what is drawn, not their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from stepc.drift.exact import fisher, least, none_of, tarone
from stepc.drift.measure import Measure

_ALL: Final = 0.99
_MOST: Final = 0.5
_JUMP: Final = 0.5
_ENOUGH: Final = 20
_STRICTER: Final = 1_000
"""Places of one document resemble each other: where they are the evidence, the risk is divided by this."""


class Test(NamedTuple):
    """One exact test: its p-value and the least that it could have given."""

    p: float
    least: float


def presence(old: Measure, new: Measure) -> Test:
    """Whether as many documents have it: Fisher's exact test."""
    return Test(fisher(old.some, old.documents, new.some, new.documents), least(old.some + new.some, old.documents, new.documents))


def spread(old: Measure, new: Measure) -> Test:
    """Whether it has the same share in documents: Mood's median test, which is Fisher's test of the documents above the common median.

    The cut is the bin that halves all documents best, the first of several (A. M. Mood, Introduction to the Theory of Statistics, 1950).
    """
    both = [left + right for left, right in zip(old.bins, new.bins, strict=True)]
    total, best, at, below = sum(both), -1, 0, 0
    for index, count in enumerate(both):
        below += count
        if min(below, total - below) > best:
            best, at = min(below, total - below), index
    high_old, high_new = sum(old.bins[at + 1 :]), sum(new.bins[at + 1 :])
    return Test(fisher(high_old, sum(old.bins), high_new, sum(new.bins)), least(high_old + high_new, sum(old.bins), sum(new.bins)))


def level(tests: Sequence[Test], risk: float) -> float:
    """The level of each of several tests for a total risk."""
    return tarone([test.least for test in tests], risk)


def turned(old: Measure, new: Measure, documents: tuple[int, int], risk: float) -> bool:
    """Whether a fact turned over completely, which few documents can show where no test over them could.

    In one set (nearly) every document has it, in the other none; the fact could happen in at least half of all documents of either side
    (`documents`), so that it is none of many rare ones; and, at the share that the one side shows, none at all among the chances of the
    other is a thousand times less probable than `risk` (Laplace's rule of succession for the share).
    """
    if not old.documents or not new.documents:
        return False
    if old.documents < _MOST * documents[0] or new.documents < _MOST * documents[1]:
        return False
    full, bare = (old, new) if old.some * new.documents > new.some * old.documents else (new, old)
    nearly = (full.some >= _ALL * full.documents) and (bare.some <= (1 - _ALL) * bare.documents)
    share = min(1.0, (full.count + 1) / (full.of + 2))
    return nearly and (new.some == 0 or full is new) and none_of(share, bare.of) <= risk / _STRICTER


def jumped(old: Measure, new: Measure) -> bool:
    """Whether a share jumped by more than half and no document of one side reaches those of the other, over enough events to speak of."""
    if min(old.of, new.of) < _ENOUGH or abs(new.share - old.share) <= _JUMP or not old.bins or not new.bins:
        return False
    low, high = (old.bins, new.bins) if new.share > old.share else (new.bins, old.bins)
    return max(index for index, count in enumerate(low) if count) < min(index for index, count in enumerate(high) if count)
