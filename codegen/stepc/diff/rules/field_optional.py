"""A field made optional is STEP_TYPE. One that becomes required is COMPATIBLE: who handles None may go on."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Category, Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields made optional or required."""
    for old_step, old, new_step, new in comparison.fields():
        if old.type.optional != new.type.optional:
            places = (
                comparison.old.place(old.span, comparison.old.step_file(old_step)),
                comparison.new.place(new.span, comparison.new.step_file(new_step)),
            )
            message = "now optional: readers must handle None" if new.type.optional else "now always there"
            category: Category = "STEP_TYPE" if new.type.optional else "COMPATIBLE"
            yield Change(category, "update", f"{new_step.name}.{new.name}", message, *places, (Target(new_step.name, new.name),))
