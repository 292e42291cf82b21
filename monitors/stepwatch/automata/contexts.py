"""Machines whose states are what came last: the last symbol alone, or as much of the past as tells something (a suffix tree)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stepwatch.automata.traces import Trace

Word = tuple[int, ...]
Counts = dict[Word, list[int]]
"""By context its points and how many of them are positive."""


def follows(symbols: int) -> list[Word]:
    """The contexts of one symbol: |A| + 1 states, the baseline that any other machine has to beat."""
    return [(), *((symbol,) for symbol in range(symbols))]


def suffixes(traces: Sequence[Trace], *, cost: float, support: int, most: int, longest: int) -> list[Word]:
    """The contexts of a probabilistic suffix tree: a context is told apart from the shorter one where that pays.

    A context of n points is kept when n KL(its risk || that of the context without its oldest symbol) exceeds `cost` ln N, N being all
    points; the likeliest `most` are kept. For the machine to be deterministic all prefixes of a context are contexts too.
    """
    counts = count(traces, longest)
    points = sum(len(trace.symbols) for trace in traces)
    least = cost * math.log(max(points, 2))
    gains = {
        word: gain
        for word, (visits, positive) in counts.items()
        if len(word) > 1 and visits >= support and (gain := visits * _divergence((visits, positive), counts[word[1:]])) > least
    }
    single = [word for word, (visits, _) in counts.items() if len(word) == 1 and visits >= support]
    kept: set[Word] = {(), *sorted(single, key=lambda word: (-counts[word][0], word))[: most - 1]}
    for word in sorted(gains, key=lambda word: (-gains[word], len(word), word)):
        needed = {word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1)} - kept
        if len(kept) + len(needed) <= most:
            kept |= needed
    return sorted(kept, key=lambda word: (len(word), word))


def count(traces: Sequence[Trace], longest: int) -> Counts:
    """Points and positive points behind every context of up to `longest` symbols."""
    counts: Counts = {}
    for trace in traces:
        for end, label in enumerate(trace.labels, start=1):
            for length in range(1, min(longest, end) + 1):
                found = counts.setdefault(trace.symbols[end - length : end], [0, 0])
                found[0] += 1
                found[1] += label
    return counts


def edges(contexts: Sequence[Word], symbols: int, seen: Counts, support: int) -> list[list[int]]:
    """The next state of every state: the longest context that the past with the next symbol ends with. An edge that fewer than `support`
    points took leads to UNKNOWN."""
    place = {word: number for number, word in enumerate(contexts)}
    rows: list[list[int]] = []
    for word in contexts:
        row = []
        for symbol in range(symbols):
            grown = (*word, symbol)
            often = seen.get(grown, seen.get((symbol,), [0, 0]))[0] if word else seen.get((symbol,), [0, 0])[0]
            while grown not in place and grown:
                grown = grown[1:]
            row.append(place[grown] if grown and often >= support else -1)
        rows.append(row)
    return rows


def _divergence(counted: Sequence[int], wider: Sequence[int]) -> float:
    """KL of two Bernoulli laws in nats, the second one of a context that holds the first."""
    visits, positive = counted
    share, other = positive / visits, wider[1] / wider[0]
    return sum(part * math.log(part / of) for part, of in ((share, other), (1 - share, 1 - other)) if part > 0)
