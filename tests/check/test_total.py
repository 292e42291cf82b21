"""The checker never raises, whatever the tree: expressions, statements and names of real specs are shuffled among each other."""

from __future__ import annotations

import random
import typing
from collections.abc import Iterator
from inspect import get_annotations
from pathlib import Path

import pytest
from msgspec.structs import fields, replace

from stepc.check import check
from stepc.diagnostics.registry import pages
from stepc.front import SHIPPED, Vocabularies
from stepc.syntax import parse, tree

ROOT = Path(__file__).parents[2]
EXPRESSIONS = typing.get_args(tree.Expression)
STATEMENTS = typing.get_args(tree.Statement)
SWAPPED = (
    tree.Name,
    tree.TypeName,
    tree.RightHandSide,
    tree.PathPattern,
    tree.LineKind,
    tree.Regex,
    tree.Path,
    tree.FieldDeclaration,
    tree.Paths,
)


def texts() -> list[str]:
    specs = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").glob("*.stepview"))]
    return [
        *specs,
        *(text for page in pages().values() for text in (page.bad, page.good)),
        (SHIPPED / "agent.stepview").read_text(encoding="utf-8"),
    ]


def nodes(node: tree.Node, slot: str = "") -> Iterator[tuple[tree.Node, str]]:
    """All nodes with the annotation of the field they stand in."""
    yield node, slot
    for one in fields(node):
        value = getattr(node, one.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, tree.Node):
                yield from nodes(item, _annotation(type(node), one.name))


def _annotation(kind: type[tree.Node], name: str) -> str:
    return next(str(found[name]) for found in map(get_annotations, kind.__mro__) if name in found)


def group(node: tree.Node, slot: str) -> str | None:
    """What may stand in the node's place: nodes of one group."""
    if "Expression" in slot and isinstance(node, EXPRESSIONS):
        return "expression"
    if "Statement" in slot and isinstance(node, STATEMENTS):
        return "statement"
    return type(node).__name__ if isinstance(node, SWAPPED) else None


def swapped(node: tree.Node, target: tree.Node, other: tree.Node) -> tree.Node:
    """The tree with `target`, found by identity, replaced by `other`."""
    if node is target:
        return other
    changes = {}
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, tuple):
            items = tuple(swapped(item, target, other) if isinstance(item, tree.Node) else item for item in value)
            if any(new is not old for new, old in zip(items, value, strict=True)):
                changes[one.name] = items
        elif isinstance(value, tree.Node):
            new = swapped(value, target, other)
            if new is not value:
                changes[one.name] = new
    return replace(node, **changes) if changes else node


@pytest.mark.parametrize("seed", range(6))
def test_no_tree_makes_the_checker_raise(seed: int) -> None:
    chance = random.Random(seed)
    trees = [parsed for text in texts() if (parsed := parse(text).tree) is not None]
    pool: dict[str, list[tree.Node]] = {}
    for one in trees:
        for node, slot in nodes(one):
            if (kind := group(node, slot)) is not None:
                pool.setdefault(kind, []).append(node)
    vocabulary = Vocabularies(None).find
    for _ in range(40):
        mutant = chance.choice(trees)
        for _ in range(chance.randint(1, 6)):
            targets = [(node, kind) for node, slot in nodes(mutant) if (kind := group(node, slot)) is not None]
            target, kind = chance.choice(targets)
            new = swapped(mutant, target, chance.choice(pool[kind]))
            assert isinstance(new, tree.File)
            mutant = new
        checked = check(mutant, file="mutant.stepview", vocabulary=vocabulary)
        errors = [diagnostic for diagnostic in checked.diagnostics if diagnostic.severity == "error"]
        if mutant.vocabulary is None:
            assert (checked.program is None) == bool(errors)
        for diagnostic in checked.diagnostics:
            assert diagnostic.fixes or diagnostic.advice, diagnostic
