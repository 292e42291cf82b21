"""Reasons, grouping and order of the lines of `sealed`, `secret` and `ignore` are text for readers. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.paths import reasons
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Paths with another reason, and blocks whose lines stand in another order."""
    old, new = comparison.old.program, comparison.new.program
    blocks = (("sealed", old.sealed, new.sealed), ("secret", old.secret, new.secret), ("ignore", old.ignore, new.ignore))
    for name, before, after in blocks:
        earlier = reasons(before)
        edited = False
        for path, (reason, rule) in reasons(after).items():
            if path in earlier and earlier[path][0] != reason:
                places = (comparison.old.head(earlier[path][1].span), comparison.new.head(rule.span))
                yield Change("COMPATIBLE", "update", f"{name} {path}", "another reason", *places)
                edited = True
        if not edited and _paths(before) == _paths(after) and shape(before) != shape(after):
            yield Change("COMPATIBLE", "move", name, "its lines stand in another order", None, comparison.new.head(after[0].span))


def _paths(rules: tuple[ir.PathRule, ...]) -> set[str]:
    return set(reasons(rules))
