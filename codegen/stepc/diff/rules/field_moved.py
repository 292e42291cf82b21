"""Fields keep their order: steps are built and matched by position too. Another order is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Steps whose common fields stand in another order."""
    for old, new in comparison.steps:
        before = [item.name for item in old.fields if any(other.name == item.name for other in new.fields)]
        after = [item.name for item in new.fields if any(other.name == item.name for other in old.fields)]
        if before != after:
            places = (
                comparison.old.block(old.span, comparison.old.step_file(old)),
                comparison.new.block(new.span, comparison.new.step_file(new)),
            )
            message = f"its fields stand in another order: {', '.join(after)}"
            yield Change("STEP_TYPE", "move", new.name, message, *places)
