"""The events of a removed arm fall to the arms below it. ORDER, unless neither it nor any of those emitted or remembered anything: then
only accounts change and it is COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.overlap import acts, takers
from stepc.diff.sides import Comparison, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms that only the old spec has."""
    for match in comparison.arms:
        arm = match.old
        if match.new is not None or arm is None:
            continue
        below = takers(comparison.old.program.match, arm)
        silent = not acts(arm.body) and not any(acts(other.body) for other in below)
        message = "the arm is gone" + ("; only accounts change" if silent else ": its events fall to the arms below it")
        touches = () if silent else arm_targets(arm, *below)
        yield Change(
            "COMPATIBLE" if silent else "ORDER", "remove", f"match {arm.label}", message, comparison.old.block(arm.span), None, touches
        )
