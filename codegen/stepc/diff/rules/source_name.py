"""A source keeps its name: it is the `source` of every step line and the module that consumers import. A new name is STEP_TYPE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """The rename of the source."""
    old, new = comparison.old.program.source, comparison.new.program.source
    if old.name != new.name:
        message = f"renamed from `{old.name}` to `{new.name}`: the generated module is renamed with it"
        yield Change("STEP_TYPE", "update", "source", message, comparison.old.head(old.span), comparison.new.head(new.span))
