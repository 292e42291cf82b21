"""Lines of a text are of the same kinds: a line of another kind is another event, or none. Any change is ACCEPT; where a label or a group
reads lines of the kind, and where a kind stops or starts being sealed, OUTCOME too.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import EVERYTHING, Change
from stepc.diff.named import any_name, by_name
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of, with_category


def changes(comparison: Comparison) -> Iterator[Change]:
    """Kinds added, removed, changed or put in another order."""
    old, new = comparison.old.program.source, comparison.new.program.source
    if not (isinstance(old.event, ir.EventLines) and isinstance(new.event, ir.EventLines)):
        return
    for before, after in by_name(old.event.kinds, new.event.kinds, lambda kind: kind.name):
        if shape(before) == shape(after):
            continue
        name = any_name(before, after, lambda kind: kind.name)
        places = (
            comparison.old.line_with(old.span, name) if before else None,
            comparison.new.line_with(new.span, name) if after else None,
        )
        change = Change("ACCEPT", action_of(before, after), f"source.event {name}", _message(before, after), *places, (EVERYTHING,))
        yield change
        if _unseals(before, after) or "OUTCOME" in comparison.reach.consequences(f"line.{name}"):
            yield with_category(change, "OUTCOME", change.touches)
    kept_old = [kind.name for kind in old.event.kinds if any(other.name == kind.name for other in new.event.kinds)]
    kept_new = [kind.name for kind in new.event.kinds if any(other.name == kind.name for other in old.event.kinds)]
    if kept_old != kept_new:
        message = "kinds stand in another order: a line that fits several is of another kind"
        yield Change("ACCEPT", "move", "source.event", message, None, comparison.new.line_with(new.span, "event"), (EVERYTHING,))


def _unseals(old: ir.LineKind | None, new: ir.LineKind | None) -> bool:
    return (old is not None and old.mode == "sealed") or (new is not None and new.mode == "sealed")


def _message(old: ir.LineKind | None, new: ir.LineKind | None) -> str:
    if old is None or new is None:
        return "a kind of line was added" if old is None else "the kind of line was removed"
    if old.mode != new.mode:
        return f"changed from `{old.mode}` to `{new.mode}`"
    return "other lines are of this kind" if shape(old.pattern) != shape(new.pattern) else "what belongs to its text changed"
