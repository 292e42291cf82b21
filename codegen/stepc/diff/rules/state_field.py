"""Remembered values begin as they did. What reads the field decides: STEP_VALUE or ORDER; COMPATIBLE when nothing does."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.named import any_name, field_change, fields
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields of `state` added, removed or changed."""
    for old, new in fields(comparison.old.program.state, comparison.new.program.state):
        message = _message(old, new)
        if not message:
            continue
        name = any_name(old, new, lambda item: item.name)
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        yield from comparison.flowing(Change("COMPATIBLE", action_of(old, new), f"state.{name}", message, *places), f"state.{name}")


def _message(old: ir.Field | None, new: ir.Field | None) -> str:
    if old is None or new is None:
        return "a further value is remembered" if old is None else "the value is no longer remembered"
    return field_change(old, new)
