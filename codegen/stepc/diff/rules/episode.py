"""Documents are cut into the same episodes. Another episode rule is ACCEPT."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import EVERYTHING, Change
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of `episode`."""
    old, new = comparison.old.program.source, comparison.new.program.source
    if shape(old.episode) != shape(new.episode):
        places = (comparison.old.line_with(old.span, "episode"), comparison.new.line_with(new.span, "episode"))
        yield Change("ACCEPT", "update", "source.episode", "inputs are cut into other episodes", *places, (EVERYTHING,))
