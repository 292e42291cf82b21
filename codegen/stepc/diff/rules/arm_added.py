"""A new arm takes events from the arms below it. ORDER, unless neither it nor any of those emits or remembers anything: then only accounts
change and it is COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.overlap import acts, takers
from stepc.diff.sides import Comparison, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms that only the new spec has."""
    for match in comparison.arms:
        arm = match.new
        if match.old is not None or arm is None:
            continue
        below = takers(comparison.new.program.match, arm)
        silent = not acts(arm.body) and not any(acts(other.body) for other in below)
        message = "a further arm" + ("; only accounts change" if silent else " takes events from the arms below it")
        touches = () if silent else arm_targets(arm, *below)
        yield Change(
            "COMPATIBLE" if silent else "ORDER", "insert", f"match {arm.label}", message, None, comparison.new.block(arm.span), touches
        )
