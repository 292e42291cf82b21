"""The order of members means nothing: they are names. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Members that both enums have in another order."""
    for name, new in comparison.new.enums.items():
        old = comparison.old.enums.get(name)
        if old is None:
            continue
        before = [member for member in old.members if member in new.members]
        if before != [member for member in new.members if member in old.members]:
            places = (comparison.old.block(old.span, old.origin), comparison.new.block(new.span, new.origin))
            yield Change("COMPATIBLE", "move", f"enum {name}", "its members stand in another order", *places)
