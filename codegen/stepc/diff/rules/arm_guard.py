"""An arm fires under the same condition. Another guard is ORDER, unless neither the arm nor what gains or loses its events emits or
remembers anything: then only accounts change and it is COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.align import arm_scopes
from stepc.diff.model import Change
from stepc.diff.overlap import acts, takers
from stepc.diff.scope import same
from stepc.diff.sides import Comparison, action_of, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms with another guard, or with one more or less."""
    for match in comparison.arms:
        old, new = match.old, match.new
        if old is None or new is None or same(old.guard, new.guard, arm_scopes(old), arm_scopes(new)):
            continue
        below = (*takers(comparison.old.program.match, old), *takers(comparison.new.program.match, new))
        silent = not any(acts(arm.body) for arm in (old, new, *below))
        message = "it fires under another condition" + ("; only accounts change" if silent else "")
        places = (comparison.old.head(old.span), comparison.new.head(new.span))
        touches = () if silent else arm_targets(old, new, *below)
        action = action_of(old.guard, new.guard)
        yield Change("COMPATIBLE" if silent else "ORDER", action, f"match {new.label}", message, *places, touches)
