"""The first arm that matches wins. Moving an arm past one that the same event can fire is ORDER; past arms that patterns or guards keep
apart, or where neither emits or remembers anything, COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.overlap import acts, can_both_match
from stepc.diff.sides import Comparison, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms that changed places."""
    for match in comparison.arms:
        arm = match.new
        if not match.moved or match.old is None or arm is None:
            continue
        rivals = [other for other in match.crossed if can_both_match(arm, other) and (acts(arm.body) or acts(other.body))]
        if rivals:
            message = f"moved past {', '.join(other.label for other in rivals)}, which the same event can fire"
        else:
            message = "moved past arms that cannot fire on the same event, or that emit no more than it does"
        places = (comparison.old.head(match.old.span), comparison.new.head(arm.span))
        touches = arm_targets(arm, *(rivals or match.crossed))
        yield Change("ORDER" if rivals else "COMPATIBLE", "move", f"match {arm.label}", message, *places, touches)
