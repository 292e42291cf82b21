"""Texts are cut where they were: another `max` is STEP_VALUE, a wider one too, since long texts change."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Text fields with another bound."""
    for old_step, old, new_step, new in comparison.fields():
        if old.type.maximum != new.type.maximum and old.type.name == new.type.name:
            places = (
                comparison.old.place(old.span, comparison.old.step_file(old_step)),
                comparison.new.place(new.span, comparison.new.step_file(new_step)),
            )
            message = f"cut at {_bound(new.type.maximum)} instead of {_bound(old.type.maximum)}"
            yield Change("STEP_VALUE", "update", f"{new_step.name}.{new.name}", message, *places, (Target(new_step.name, new.name),))


def _bound(maximum: int | None) -> str:
    return "the default bound" if maximum is None else f"{maximum:,} characters"
