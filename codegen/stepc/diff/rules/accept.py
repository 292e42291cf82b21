"""Documents that were accepted stay accepted. Without `accept` every document is, so removing it is COMPATIBLE; any other change is
ACCEPT.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of `accept`."""
    old, new = comparison.old.program.source.accept, comparison.new.program.source.accept
    if shape(old) == shape(new):
        return
    places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
    action = action_of(old, new)
    message = {
        "insert": "documents it does not accept are refused",
        "remove": "every document is accepted",
        "update": "it accepts other documents",
    }
    yield Change("COMPATIBLE" if new is None else "ACCEPT", action, "source.accept", message[action], *places)
