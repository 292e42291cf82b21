"""The steps of an event keep their order. An `emit` or loop moved past another is ORDER; past one whose guard excludes its own,
COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.align import emitted
from stepc.diff.model import Change
from stepc.diff.overlap import exclusive
from stepc.diff.sides import Comparison, step_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Emits and loops that changed places within their block."""
    for item in comparison.statements:
        old, new = item.match.old, item.match.new
        if not item.match.moved or old is None or not isinstance(new, ir.Emit | ir.Each):
            continue
        rivals = [other for other in item.match.crossed if not _apart(new, other)]
        names = emitted([new])
        past = ", ".join(dict.fromkeys(emitted(rivals or item.match.crossed)))
        message = f"moved past {past} in arm {item.arm}" + ("" if rivals else ", never emitted for the same event")
        places = (comparison.old.head(old.span), comparison.new.head(new.span))
        touches = step_targets((*names, *emitted(item.match.crossed)))
        yield Change("ORDER" if rivals else "COMPATIBLE", "move", ", ".join(dict.fromkeys(names)), message, *places, touches)


def _apart(one: ir.AnyStatement, other: ir.AnyStatement) -> bool:
    return isinstance(one, ir.Emit) and isinstance(other, ir.Emit) and exclusive(one.guard, other.guard)
