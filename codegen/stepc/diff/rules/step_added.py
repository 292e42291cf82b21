"""A new step type is a new kind of input for monitors: FEATURE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Step types that only the new spec declares."""
    for name, step in comparison.new.steps.items():
        if name not in comparison.old.steps:
            place = comparison.new.block(step.span, comparison.new.step_file(step))
            yield Change("FEATURE", "insert", name, "a further step type", None, place, (Target(name),))
