"""A step that was emitted stays. `else skip` added or removed, or another value that decides whether to skip, is ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.assigns import paired
from stepc.diff.model import Change, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields that skip their step for another reason than before."""
    for item in paired(comparison):
        before, after = bool(item.old and item.old.skip), bool(item.new and item.new.skip)
        if before == after and (not after or item.same_value):
            continue
        message = "steps without it are skipped" if not before else "steps without it are no longer skipped"
        if before == after:
            message = "another value decides whether the step is skipped"
        touches = (Target(item.target.step),)
        yield Change("ORDER", "update", str(item.target), f"{message} in arm {item.arm}", *item.places(comparison), touches)
