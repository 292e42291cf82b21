"""A loop walks the same list, so that it emits as many steps. Another list, and a loop that comes or goes with its emits, is ORDER; other
names for its elements are COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.align import emitted
from stepc.diff.model import Change
from stepc.diff.scope import same
from stepc.diff.sides import Comparison, action_of, step_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Loops added, removed, or over another list."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if not (isinstance(old, ir.Each | None) and isinstance(new, ir.Each | None)):
            continue
        touches = step_targets(emitted([loop for loop in (old, new) if loop is not None]))
        path = f"each in {item.arm}"
        places = (comparison.old.block(old.span) if old else None, comparison.new.block(new.span) if new else None)
        if old is None or new is None:
            steps = ", ".join(target.step for target in touches) or "nothing"
            message = f"a loop that emits {steps} {'was added' if old is None else 'is gone'}"
            yield Change("ORDER" if touches else "COMPATIBLE", action_of(old, new), path, message, *places, touches)
            continue
        heads = (comparison.old.head(old.span), comparison.new.head(new.span))
        if not same(old.items, new.items, item.before, item.after):
            yield Change("ORDER", "update", path, "it walks another list", *heads, touches)
        elif (old.names, old.position) != (new.names, new.position):
            yield Change("COMPATIBLE", "update", path, "its elements have other names", *heads)
