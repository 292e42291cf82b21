"""A `let` is judged by its uses, once, where it stands: ORDER where a guard, a loop or a skip reads it, STEP_VALUE where a field or a
remembered value does, COMPATIBLE where only accounts do. One that comes, goes or moves changes nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.scope import same
from stepc.diff.sides import Comparison, action_of
from stepc.diff.uses import uses_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Lets whose value changed, and lets that came, went or moved."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if not (isinstance(old, ir.Let | None) and isinstance(new, ir.Let | None)):
            continue
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        if old is None or new is None:
            name = old.name if old else new.name if new else ""
            yield Change(
                "COMPATIBLE", action_of(old, new), f"let {name}", f"a name in arm {item.arm}; its uses are reported themselves", *places
            )
        elif not same(old.value, new.value, item.before, item.after):
            uses = uses_of(new.name, item.blocks, comparison.reach)
            yield Change(uses.category, "update", f"let {new.name}", f"its value changed in arm {item.arm}", *places, uses.touches)
        elif item.match.moved:
            yield Change("COMPATIBLE", "move", f"let {new.name}", f"another place in arm {item.arm}", *places)
