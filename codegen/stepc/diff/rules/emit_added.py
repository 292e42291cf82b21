"""A new `emit` adds steps. ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Emits that only the new block has."""
    for arm, match in ((item.arm, item.match) for item in comparison.statements):
        if match.old is None and isinstance(match.new, ir.Emit):
            place = comparison.new.block(match.new.span)
            yield Change("ORDER", "insert", match.new.step, f"emitted too in arm {arm}", None, place, (Target(match.new.step),))
