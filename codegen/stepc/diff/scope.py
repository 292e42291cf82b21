"""Locals of arms and blocks, in the two ways a comparison needs them.

`inlined` replaces a `let` by the shape of its value, so that renaming or moving one is no change. `named` keeps the names of lets, so that
an expression whose text stands still is not blamed for a `let` that changed. Loop variables and named groups stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stepc import ir
from stepc.diff.shape import Shape, shape


@dataclass(slots=True)
class Scopes:
    """What is in force at one point of an arm."""

    inlined: dict[str, Shape] = field(default_factory=dict)
    named: dict[str, Shape] = field(default_factory=dict)
    depth: int = 0

    def copy(self) -> Scopes:
        """An independent copy, for an inner block."""
        return Scopes(dict(self.inlined), dict(self.named), self.depth)

    def with_lets(self, statements: Iterable[ir.AnyStatement]) -> Scopes:
        """The scope of a whole block: no name is bound twice, so its lets can all be known from its beginning."""
        inner = self.copy()
        for statement in statements:
            if isinstance(statement, ir.Let):
                inner.inlined[statement.name] = shape(statement.value, inner.inlined)
                inner.named[statement.name] = ("let", statement.name)
        return inner

    def inside(self, statement: ir.Each) -> Scopes:
        """The scope of a loop's body."""
        inner = self.copy()
        inner.depth += 1
        for place, name in enumerate(statement.names):
            inner.inlined[name] = inner.named[name] = ("loop", self.depth, place)
        if statement.position:
            inner.inlined[statement.position] = inner.named[statement.position] = ("position", self.depth)
        return inner


def same(old: object, new: object, before: Scopes, after: Scopes) -> bool:
    """Whether two expressions mean the same, or differ only through a `let` that is reported itself."""
    if shape(old, before.inlined) == shape(new, after.inlined):
        return True
    return shape(old, before.named) == shape(new, after.named)
