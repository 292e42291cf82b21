"""What an arm is called in accounts and why its events are ignored is text for readers. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms with another reason, or another label although they fire on the same events."""
    for match in comparison.arms:
        old, new = match.old, match.new
        if old is None or new is None:
            continue
        places = (comparison.old.head(old.span), comparison.new.head(new.span))
        if isinstance(old.body, ir.Ignored) and isinstance(new.body, ir.Ignored) and old.body.reason != new.body.reason:
            yield Change("COMPATIBLE", "update", f"match {new.label}", "another reason for ignoring its events", *places)
        if old.label != new.label and shape((old.patterns, old.guard)) == shape((new.patterns, new.guard)):
            yield Change("COMPATIBLE", "update", f"match {new.label}", f"accounts called it `{old.label}` before", *places)
