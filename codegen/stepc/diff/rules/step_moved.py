"""The order in which step types are declared means nothing. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Step types declared in another order."""
    before = [name for name in comparison.old.steps if name in comparison.new.steps]
    after = [new.name for _, new in comparison.steps]
    if before != after:
        yield Change("COMPATIBLE", "move", "steps", f"declared in another order: {', '.join(after)}")
