"""Events are told apart by the same value. Another subject of `match` decides anew what every event becomes: ORDER."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import EVERYTHING, Change
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of what `match` looks at."""
    old, new = comparison.old.program.match.subject, comparison.new.program.match.subject
    if shape(old) != shape(new):
        places = (comparison.old.place(old.span), comparison.new.place(new.span))
        yield Change("ORDER", "update", "match", "events are told apart by another value", *places, (EVERYTHING,))
