"""A field keeps its value on existing data. Another expression is STEP_VALUE, and so is carrying a field over that was assigned, or the
reverse. A field that only one side declares is reported at its declaration.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.assigns import paired
from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields with another value."""
    for item in paired(comparison):
        if item.same_value:
            continue
        message = f"its value changed in arm {item.arm}"
        if item.old is None or item.new is None:
            message = f"{'assigned instead of carried over' if item.old is None else 'carried over instead of assigned'} in arm {item.arm}"
        touches = comparison.reach.targets(item.target)
        yield Change("STEP_VALUE", "update", str(item.target), message, *item.places(comparison), touches)
