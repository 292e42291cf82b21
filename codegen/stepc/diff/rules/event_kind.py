"""Events are of the same kinds. Where a sealed kind comes, goes or takes other events, or a kind stops or starts being sealed, other events
reach `match`: ORDER, and OUTCOME. Of other kinds, what reads their first or last event decides: labels or groups OUTCOME, other fields of
`meta` STEP_VALUE, nobody COMPATIBLE.
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
    old, new = comparison.old.program.source.event, comparison.new.program.source.event
    if not (isinstance(old, ir.EventPath) and isinstance(new, ir.EventPath)):
        return
    for before, after in by_name(old.kinds, new.kinds, lambda kind: kind.name):
        if shape(before) == shape(after):
            continue
        name = any_name(before, after, lambda kind: kind.name)
        places = (comparison.old.place(before.span) if before else None, comparison.new.place(after.span) if after else None)
        change = Change("COMPATIBLE", action_of(before, after), f"source.event {name}", _message(before, after), *places)
        if "sealed" in {kind.mode for kind in (before, after) if kind is not None}:
            yield with_category(change, "ORDER", (EVERYTHING,))
            yield with_category(change, "OUTCOME", (EVERYTHING,))
        else:
            yield from comparison.flowing(change, f"line.{name}")
    kept_old = [kind.name for kind in old.kinds if any(other.name == kind.name for other in new.kinds)]
    kept_new = [kind.name for kind in new.kinds if any(other.name == kind.name for other in old.kinds)]
    for kind, was in zip((kind for kind in new.kinds if kind.name in kept_new), kept_old, strict=True):
        if kind.name != was:
            message = "asked at another place: an event that fits several kinds is of another one"
            change = Change("COMPATIBLE", "move", f"source.event {kind.name}", message, None, comparison.new.place(kind.span))
            yield from comparison.flowing(change, f"line.{kind.name}")


def _message(old: ir.EventKind | None, new: ir.EventKind | None) -> str:
    if old is None or new is None:
        return "a kind of event was added" if old is None else "the kind of event was removed"
    return f"changed from `{old.mode}` to `{new.mode}`" if old.mode != new.mode else "other events are of this kind"
