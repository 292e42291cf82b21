"""The prefix tree of traces, with what runs through each node, and the folding of one subtree into another place.

Merging methods work on this one structure. The tree becomes a graph by redirecting edges; what is not yet decided stays a tree, so a fold
ends. A fold can be taken back as long as nothing else was folded since.
"""

from __future__ import annotations

from collections.abc import Iterable

from stepwatch.automata.traces import Trace, in_order

Undo = list[tuple[int, ...]]


class Tree:
    """Nodes are numbers, 0 is the root. Of node i:

    visits[i], positive[i]    prefixes that end here, and those whose label is true
    failed[i], passed[i]      runs that end here, by outcome
    edges[i], through[i]      by symbol the next node, and how many prefixes went there
    """

    __slots__ = ("edges", "failed", "passed", "positive", "through", "visits")

    def __init__(self, traces: Iterable[Trace]) -> None:
        self.visits: list[int] = []
        self.positive: list[int] = []
        self.failed: list[int] = []
        self.passed: list[int] = []
        self.edges: list[dict[int, int]] = []
        self.through: list[dict[int, int]] = []
        self._node()
        for trace in in_order(traces):
            node = 0
            for symbol, label in zip(trace.symbols, trace.labels, strict=True):
                below = self.edges[node].get(symbol)
                if below is None:
                    below = self.edges[node][symbol] = self._node()
                self.through[node][symbol] = self.through[node].get(symbol, 0) + 1
                node = below
                self.visits[node] += 1
                self.positive[node] += label
            self.failed[node] += trace.failed
            self.passed[node] += not trace.failed
        self.visits[0] = sum(self.through[0].values())

    def __len__(self) -> int:
        return len(self.visits)

    def _node(self) -> int:
        for column in (self.visits, self.positive, self.failed, self.passed):
            column.append(0)
        self.edges.append({})
        self.through.append({})
        return len(self.visits) - 1

    def fold(self, into: int, node: int, undo: Undo | None = None) -> list[tuple[int, int]]:
        """Add the subtree at `node` to what hangs at `into`; gives the pairs that became one. The edge to `node` is redirected before."""
        joined: list[tuple[int, int]] = []
        pending = [(into, node)]
        while pending:
            kept, gone = pending.pop()
            joined.append((kept, gone))
            self._add(kept, gone, 1)
            for symbol in sorted(self.edges[gone]):
                below, count = self.edges[gone][symbol], self.through[gone][symbol]
                there = self.edges[kept].get(symbol)
                if there is None:
                    self.edges[kept][symbol] = below
                    self.through[kept][symbol] = count
                    if undo is not None:
                        undo.append((kept, symbol))
                else:
                    self.through[kept][symbol] += count
                    if undo is not None:
                        undo.append((kept, symbol, count))
                    pending.append((there, below))
            if undo is not None:
                undo.append((kept, gone, 0, 0))
        return joined

    def unfold(self, undo: Undo) -> None:
        """Take back a fold."""
        for change in reversed(undo):
            if len(change) == 2:
                del self.edges[change[0]][change[1]], self.through[change[0]][change[1]]
            elif len(change) == 3:
                self.through[change[0]][change[1]] -= change[2]
            else:
                self._add(change[0], change[1], -1)

    def _add(self, kept: int, gone: int, sign: int) -> None:
        self.visits[kept] += sign * self.visits[gone]
        self.positive[kept] += sign * self.positive[gone]
        self.failed[kept] += sign * self.failed[gone]
        self.passed[kept] += sign * self.passed[gone]
