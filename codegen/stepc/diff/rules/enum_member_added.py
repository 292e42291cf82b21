"""A new member is a new value of a feature: monitors have not seen it. FEATURE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Members that only the new enum has."""
    for name, new in comparison.new.enums.items():
        old = comparison.old.enums.get(name)
        for member in new.members if old else ():
            if old is not None and member not in old.members:
                place = comparison.new.spelling(new.span, name, member)
                targets = comparison.reach.targets(f"enum.{name}")
                yield Change("FEATURE", "insert", f"{name}.{member}", "a further member", None, place, targets)
