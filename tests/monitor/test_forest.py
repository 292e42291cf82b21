"""Trees that are searched say what trees say that are walked."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.forest import Forest
from stepwatch.nodes import Node, leaf, value_of

WIDTH = 4
NUMBERS = st.integers(-3, 3).map(lambda number: number / 2)
"""Few, so that inputs are often equal to thresholds."""


def inner(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(st.integers(0, WIDTH - 1), NUMBERS, below, below, NUMBERS)


TREES = st.recursive(st.tuples(st.just(-1), st.floats(-1, 1)), inner, max_leaves=40)
INPUTS = st.lists(NUMBERS, min_size=WIDTH, max_size=WIDTH)


@settings(max_examples=300)
@given(st.lists(TREES, min_size=1, max_size=8), INPUTS, INPUTS, st.floats(-1, 1))
def test_a_search_finds_what_a_walk_finds(trees: list[Any], inputs: list[float], other: list[float], start: float) -> None:
    forest = Forest(trees)
    assert forest.total(inputs, start) == sum([value_of(tree, inputs) for tree in trees], start)
    same = [one == two for one, two in zip(forest.leaves(inputs), forest.leaves(other), strict=True)]
    for tree, still in zip(trees, same, strict=True):
        if still:
            assert leaf(tree, inputs) == leaf(tree, other)


def test_a_tree_with_too_many_leaves_is_walked() -> None:
    tree: Node = (-1, 0.0)
    for number in range(5_000):  # deeper than Python goes into by recursion
        tree = (0, float(-number), (-1, float(number)), tree, 0.0)
    forest = Forest([tree, (-1, 2.0)])
    for number in (0.5, -100.0, -6_000.0):
        assert forest.total([number], 1.0) == 1.0 + value_of(tree, [number]) + 2.0
