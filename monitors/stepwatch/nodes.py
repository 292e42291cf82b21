"""Binary decision trees as flat blocks and as nested pairs that plain Python walks fast.

Blocks, one number a node, all trees behind each other (node 0 of a tree is its root, children stand behind their parents):

    feature     place of the tested input; -1 for a leaf
    threshold   go left where input <= threshold (0 for a leaf)
    left, right places of the children among all nodes (0 for a leaf)
    value       what the node says; of an inner node the mean of what is below it
    roots       places of the roots
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from stepwatch.parts import Part, PartError

MOST_NODES: Final = 1 << 20

Node = tuple[Any, ...]
"""A leaf is (-1, value); an inner node is (feature, threshold, left, right, value)."""


def trees(part: Part, inputs: int, least: float = -1e300, most: float = 1e300) -> list[Node]:
    """The trees of a part, over so many inputs; the values of leaves lie within bounds."""
    features = part.wholes("feature", -1, inputs - 1)
    count = len(features)
    if not 0 < count <= MOST_NODES:
        raise PartError(f"{part.at}: from 1 to {MOST_NODES} nodes are needed")
    thresholds, values = part.block("threshold", count), part.block("value", count)
    left, right = part.wholes("left", 0, count - 1, count), part.wholes("right", 0, count - 1, count)
    built: list[Node | None] = [None] * count
    for place in range(count - 1, -1, -1):
        if features[place] < 0:
            if not least <= values[place] <= most:
                raise PartError(f"{part.at}: a leaf says what none may say")
            built[place] = (-1, values[place])
            continue
        yes, no = (built[side] if side > place else None for side in (left[place], right[place]))
        if yes is None or no is None:
            raise PartError(f"{part.at}: a node stands in front of its parent")
        built[place] = (features[place], thresholds[place], yes, no, values[place])
    roots = [built[root] for root in part.wholes("roots", 0, count - 1)]
    found = [root for root in roots if root is not None]
    if not found:
        raise PartError(f"{part.at}: no tree has a root")
    return found


def leaf(node: Node, inputs: Sequence[float]) -> Node:
    """The leaf that the inputs lead to."""
    while (feature := node[0]) >= 0:
        node = node[2] if inputs[feature] <= node[1] else node[3]
    return node


def value_of(node: Node, inputs: Sequence[float]) -> float:
    """What the leaf says that the inputs lead to."""
    value: float = leaf(node, inputs)[1]
    return value


def add_path(changes: list[float], node: Node, inputs: Sequence[float], times: float = 1.0) -> None:
    """Add, by input, what each test from the root to the leaf changed: in all the leaf's value less the root's, so many times."""
    while (feature := node[0]) >= 0:
        below = node[2] if inputs[feature] <= node[1] else node[3]
        changes[feature] += times * (below[-1] - node[-1])
        node = below


def inputs(node: Node) -> Iterator[int]:
    """The inputs that a tree tests."""
    pending = [node]
    while pending:
        here = pending.pop()
        if here[0] >= 0:
            yield here[0]
            pending += here[2:4]


def rules(node: Node, names: Sequence[str]) -> list[tuple[float, list[str]]]:
    """The leaves from left to right: what each says, and the tests that lead there."""
    found: list[tuple[float, list[str]]] = []
    pending: list[tuple[Node, list[str]]] = [(node, [])]
    while pending:
        here, tests = pending.pop()
        if here[0] < 0:
            found.append((here[1], tests))
            continue
        feature, threshold, yes, no, _ = here
        pending.append((no, [*tests, f"{names[feature]} > {threshold:.6g}"]))
        pending.append((yes, [*tests, f"{names[feature]} <= {threshold:.6g}"]))
    return found
