"""Fields of steps stay. A removed (or renamed) one is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields that only the old step has."""
    for old, new in comparison.steps:
        names = {item.name for item in new.fields}
        for item in old.fields:
            if item.name not in names:
                place = comparison.old.place(item.span, comparison.old.step_file(old))
                yield Change(
                    "STEP_TYPE", "remove", f"{old.name}.{item.name}", "the field is gone", place, None, (Target(old.name, item.name),)
                )
