"""A step that was emitted stays. `else skip` added or removed, or another value that decides whether to skip, is ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.assigns import paired
from stepc.diff.model import Change, Place, Target
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields that skip their step for another reason than before."""
    for item in paired(comparison):
        before, after = bool(item.old and item.old.skip), bool(item.new and item.new.skip)
        if before == after and (not after or item.same_value):
            continue
        message = "steps without it are skipped" if after else "steps without it are no longer skipped"
        if item.same_value and before != after and _written_alike(item.places(comparison)):
            # The checker proved on one side that the value is always there; what it proved it by is reported itself.
            message = "it may be missing now, and steps without it are skipped" if after else "it can no longer be missing"
        if before == after:
            message = "another value decides whether the step is skipped"
        touches = (Target(item.target.step),)
        yield Change("ORDER", "update", str(item.target), f"{message} in arm {item.arm}", *item.places(comparison), touches)


def _written_alike(places: tuple[Place, Place]) -> bool:
    return places[0].text == places[1].text
