"""Step types stay. A removed (or renamed) one is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Step types that only the old spec declares."""
    for name, step in comparison.old.steps.items():
        if name not in comparison.new.steps:
            place = comparison.old.block(step.span, comparison.old.step_file(step))
            yield Change("STEP_TYPE", "remove", name, "the step type is gone", place, None, (Target(name),))
