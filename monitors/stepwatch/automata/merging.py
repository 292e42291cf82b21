"""Machines by merging states of the prefix tree: states that are compatible in risk (the default), or that accept and reject alike (RPNI).

Both colour the tree as is usual: red nodes are states for good, blue ones hang below red ones and are decided next; a blue node becomes
red, or is folded into a red one. Everything is decided in an order that the traces fix, so the machine does not depend on their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from stepwatch.automata.traces import Trace
from stepwatch.automata.tree import Tree, Undo

Blue = tuple[int, int, int]
"""Parent, symbol, node."""


def risk_merged(traces: Sequence[Trace], *, alpha: float, support: int, most: int) -> tuple[Tree, list[int]]:
    """The tree with nodes of compatible risk merged, and its red nodes.

    Two nodes are compatible when their shares of positive points differ by less than sqrt(ln(2/a)/2) (1/sqrt n1 + 1/sqrt n2), as do those
    of all nodes below them that one symbol after the other leads to (Hoeffding's bound, as in ALERGIA).

    alpha     a in that bound: the larger it is, the fewer nodes are compatible
    support   points that a node needs to become a state or to be merged; what fewer reach stays unknown
    most      states at most; when they are reached, nodes go to the state that fits best, whether compatible or not
    """
    tree = Tree(traces)
    bound = math.sqrt(math.log(2 / alpha) / 2)
    red = [0]
    while True:
        blue = _blue(tree, red)
        ready = [one for one in blue if tree.visits[one[2]] >= support]
        if not ready:
            return tree, red
        parent, symbol, node = max(ready, key=lambda one: (tree.visits[one[2]], -one[2]))
        fitting = [state for state in red if state and compatible(tree, state, node, bound)]
        if not fitting and len(red) >= most:
            fitting = [state for state in red if state]
        if not fitting:
            red.append(node)
            continue
        _join(tree, (parent, symbol, node), min(fitting, key=lambda state: (round(loss(tree, state, node), 9), state)))


def compatible(tree: Tree, one: int, other: int, bound: float) -> bool:
    """Whether two nodes and what is below both differ in risk by no more than chance would. `other` is the root of a tree."""
    pending = [(one, other)]
    while pending:
        here, there = pending.pop()
        first, second = tree.visits[here], tree.visits[there]
        if not first or not second:
            continue
        allowed = bound * (1 / math.sqrt(first) + 1 / math.sqrt(second))
        if allowed >= 1:  # below there are only fewer: nothing can differ by more
            continue
        if abs(tree.positive[here] / first - tree.positive[there] / second) >= allowed:
            return False
        pending += [(tree.edges[here][symbol], below) for symbol, below in tree.edges[there].items() if symbol in tree.edges[here]]
    return True


def loss(tree: Tree, one: int, other: int) -> float:
    """What merging two nodes costs in log-likelihood of their labels, in nats."""
    first, second = tree.visits[one], tree.visits[other]
    k, j = tree.positive[one], tree.positive[other]
    return _likelihood(k, first) + _likelihood(j, second) - _likelihood(k + j, first + second)


def _likelihood(count: int, total: int) -> float:
    return sum(part * math.log(part / total) for part in (count, total - count) if part > 0)


def rpni(traces: Sequence[Trace], *, support: int, most: int) -> tuple[Tree, list[int]]:
    """Regular positive and negative inference on whole runs: states are merged unless a run that failed would end where one that passed
    does. Words that ended both ways say nothing and are dropped, as in published work; risks are estimated afterwards.

    Nodes are decided from the root on, shorter words first, and folded into the first red node that allows it. `most` ends the search:
    what is undecided then stays unknown, and so does what fewer than `support` points reached.
    """
    ends: dict[tuple[int, ...], set[bool]] = {}
    for trace in traces:
        ends.setdefault(trace.symbols, set()).add(trace.failed)
    tree = Tree(trace for trace in traces if len(ends[trace.symbols]) == 1)
    depth = _depths(tree)
    red = [0]
    while len(red) < most:
        ready = [one for one in _blue(tree, red) if tree.visits[one[2]] >= support]
        if not ready:
            break
        candidate = min(ready, key=lambda one: (depth[one[2]], one[2]))
        if not any(_try(tree, candidate, state, _consistent) for state in red if state):
            red.append(candidate[2])
    return tree, red


def _consistent(tree: Tree, joined: list[tuple[int, int]]) -> bool:
    return all(not (tree.failed[kept] and tree.passed[kept]) for kept, _ in joined)


def _try(tree: Tree, blue: Blue, state: int, allowed: Callable[[Tree, list[tuple[int, int]]], bool]) -> bool:
    """Fold a blue node into a red one if that is allowed; everything is as before where it is not."""
    parent, symbol, node = blue
    undo: Undo = []
    tree.edges[parent][symbol] = state
    if allowed(tree, tree.fold(state, node, undo)):
        return True
    tree.unfold(undo)
    tree.edges[parent][symbol] = node
    return False


def _join(tree: Tree, blue: Blue, state: int) -> None:
    parent, symbol, node = blue
    tree.edges[parent][symbol] = state
    tree.fold(state, node)


def _blue(tree: Tree, red: Sequence[int]) -> list[Blue]:
    states = set(red)
    return [(state, symbol, below) for state in red for symbol, below in sorted(tree.edges[state].items()) if below not in states]


def _depths(tree: Tree) -> list[int]:
    depths = [0] * len(tree)
    pending = [0]
    for node in pending:
        for symbol in sorted(tree.edges[node]):
            below = tree.edges[node][symbol]
            depths[below] = depths[node] + 1
            pending.append(below)
    return depths
