"""What an event without steps is called concerns accounts alone: steps stay. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.scope import Scopes
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Last lines of blocks (`otherwise => …`) added, removed or changed."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if not (isinstance(old, ir.Leftover | None) and isinstance(new, ir.Leftover | None)):
            continue
        if old and new and not item.match.moved and _same(old, new, item.before, item.after):
            continue
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        action = "move" if item.match.moved else action_of(old, new)
        message = "events without steps are accounted otherwise"
        yield Change("COMPATIBLE", action, f"match {item.arm}", message, *places)


def _same(old: ir.Leftover, new: ir.Leftover, before: Scopes, after: Scopes) -> bool:
    reasons = (getattr(old.action, "reason", None), getattr(new.action, "reason", None))
    return reasons[0] == reasons[1] and shape(old, before.inlined) == shape(new, after.inlined)
