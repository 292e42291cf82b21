"""Episodes are cut into the same events. Another event path, other columns, or another way of cutting is ACCEPT."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import EVERYTHING, Change
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of `event`; kinds of lines and of events have rules of their own."""
    old, new = comparison.old.program.source, comparison.new.program.source
    if isinstance(old.event, ir.EventLines) and isinstance(new.event, ir.EventLines):
        return
    if shape(_cut(old.event)) != shape(_cut(new.event)):
        places = (comparison.old.line_with(old.span, "event"), comparison.new.line_with(new.span, "event"))
        yield Change("ACCEPT", "update", "source.event", "episodes are cut into other events", *places, (EVERYTHING,))


def _cut(event: ir.AnyEvent) -> object:
    """What cuts an episode into events."""
    return event.segments if isinstance(event, ir.EventPath) else event
