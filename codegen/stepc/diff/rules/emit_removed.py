"""An `emit` that is gone takes its steps away. ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Emits that only the old block has."""
    for arm, match in ((item.arm, item.match) for item in comparison.statements):
        if match.new is None and isinstance(match.old, ir.Emit):
            place = comparison.old.block(match.old.span)
            yield Change("ORDER", "remove", match.old.step, f"no longer emitted in arm {arm}", place, None, (Target(match.old.step),))
