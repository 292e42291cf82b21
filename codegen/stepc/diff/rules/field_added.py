"""A new field is a new input of monitors: FEATURE. An optional one behind all others widens the step and is COMPATIBLE: nobody has to read
it, and steps built by position stay right. One that pushes others back is STEP_TYPE besides.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison, with_category


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields that only the new step has."""
    for old, new in comparison.steps:
        names = {item.name for item in old.fields}
        for place, item in enumerate(new.fields):
            if item.name in names:
                continue
            last = all(other.name not in names for other in new.fields[place:])
            where = comparison.new.place(item.span, comparison.new.step_file(new))
            message = "a further field" if last else "a further field before others: positional arguments and patterns shift"
            touches = (Target(new.name, item.name),)
            change = Change("FEATURE", "insert", f"{new.name}.{item.name}", message, None, where, touches)
            yield with_category(change, "COMPATIBLE" if last and item.type.optional else "FEATURE", touches)
            if not last:
                yield with_category(change, "STEP_TYPE", touches)
