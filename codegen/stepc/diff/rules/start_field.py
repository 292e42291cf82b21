"""Facts known before the first event keep their values where something reads them: labels or groups OUTCOME, steps STEP_VALUE or ORDER,
nobody COMPATIBLE. A field that begins or ceases to drop episodes, or reads another value to decide it, is ACCEPT besides.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import EVERYTHING, Change
from stepc.diff.named import any_name, field_change, fields
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of, with_category


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields of `start` added, removed or changed."""
    for old, new in fields(comparison.old.program.start, comparison.new.program.start):
        message = _message(old, new)
        if not message:
            continue
        name = any_name(old, new, lambda item: item.name)
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        change = Change("COMPATIBLE", action_of(old, new), f"start.{name}", message, *places)
        drops = _drop(old) != _drop(new)
        if drops:
            yield with_category(change, "ACCEPT", (EVERYTHING,))
        if not drops or comparison.reach.consequences(f"start.{name}") != ("COMPATIBLE",):
            yield from comparison.flowing(change, f"start.{name}")


def _message(old: ir.Field | None, new: ir.Field | None) -> str:
    if old is None or new is None:
        return "a fact known before the first event" if old is None else "no longer known before the first event"
    return field_change(old, new)


def _drop(item: ir.Field | None) -> object:
    """What decides whether the episode is dropped: nothing, or the value that must be there."""
    return shape(item.value) if item is not None and item.last_resort == "drop" else None
