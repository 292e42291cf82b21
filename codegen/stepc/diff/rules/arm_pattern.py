"""An arm fires on the same values. Other patterns are ORDER, unless neither the arm nor what gains or loses its events emits or remembers
anything; the same patterns in another order are COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.overlap import acts, takers
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms with other patterns."""
    for match in comparison.arms:
        old, new = match.old, match.new
        if old is None or new is None or shape(old.patterns) == shape(new.patterns):
            continue
        below = (*takers(comparison.old.program.match, old), *takers(comparison.new.program.match, new))
        same = {shape(item) for item in old.patterns} == {shape(item) for item in new.patterns}
        silent = same or not any(acts(arm.body) for arm in (old, new, *below))
        message = (
            "its patterns stand in another order" if same else "it fires on other values" + ("; only accounts change" if silent else "")
        )
        places = (comparison.old.head(old.span), comparison.new.head(new.span))
        touches = () if silent else arm_targets(old, new, *below)
        yield Change("COMPATIBLE" if silent else "ORDER", "update", f"match {new.label}", message, *places, touches)
