"""The format of the files stays: files of another format are refused. A new format is ACCEPT."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import EVERYTHING, Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of `format`."""
    old, new = comparison.old.program.source, comparison.new.program.source
    if old.format != new.format:
        message = f"changed from `{old.format}` to `{new.format}`"
        places = (comparison.old.line_with(old.span, "format"), comparison.new.line_with(new.span, "format"))
        yield Change("ACCEPT", "update", "source.format", message, *places, (EVERYTHING,))
