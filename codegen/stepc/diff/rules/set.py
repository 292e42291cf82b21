"""What is remembered stays the same: what reads the state field decides, STEP_VALUE or ORDER; COMPATIBLE when nothing does."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.scope import same
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Sets added, removed, or of another value."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if not (isinstance(old, ir.Set | None) and isinstance(new, ir.Set | None)):
            continue
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        name = old.name if old else new.name if new else ""
        if old is None or new is None:
            message = f"{'set too' if old is None else 'no longer set'} in arm {item.arm}"
        elif not same(old.value, new.value, item.before, item.after):
            message = f"set to another value in arm {item.arm}"
        elif item.match.moved:
            message = f"set at another place in arm {item.arm}"
        else:
            continue
        yield from comparison.flowing(Change("COMPATIBLE", action_of(old, new), f"state.{name}", message, *places), f"state.{name}")
