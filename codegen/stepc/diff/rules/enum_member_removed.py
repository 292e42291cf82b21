"""Members that consumers may name stay. A removed member is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Members that only the old enum has."""
    for name, new in comparison.new.enums.items():
        old = comparison.old.enums.get(name)
        for member in old.members if old else ():
            if old is not None and member not in new.members:
                place = comparison.old.spelling(old.span, name, member)
                targets = comparison.reach.targets(f"enum.{name}")
                yield Change("STEP_TYPE", "remove", f"{name}.{member}", "the member is gone", place, None, targets)
