"""A step is emitted under the same condition. Another guard is ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change, Target
from stepc.diff.scope import same
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Emits with another guard, or with one more or less."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if isinstance(old, ir.Emit) and isinstance(new, ir.Emit) and not same(old.guard, new.guard, item.before, item.after):
            places = (comparison.old.head(old.span), comparison.new.head(new.span))
            message = f"emitted under another condition in arm {item.arm}"
            yield Change("ORDER", action_of(old.guard, new.guard), new.step, message, *places, (Target(new.step),))
