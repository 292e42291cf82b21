"""Fields keep their types, optionality and bounds apart (those have rules of their own). Another type is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.shape import required, type_text
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields of another type."""
    for old_step, old, new_step, new in comparison.fields():
        before, after = type_text(required(old.type)), type_text(required(new.type))
        if before != after:
            places = (
                comparison.old.place(old.span, comparison.old.step_file(old_step)),
                comparison.new.place(new.span, comparison.new.step_file(new_step)),
            )
            message = f"type changed from `{before}` to `{after}`"
            yield Change("STEP_TYPE", "update", f"{new_step.name}.{new.name}", message, *places, (Target(new_step.name, new.name),))
