"""What is sealed stays sealed. A path more or less changes what may count as a verdict, whoever reads it: OUTCOME."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.paths import path_changes
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Sealed paths added or removed."""
    programs = (comparison.old.program.sealed, comparison.new.program.sealed)
    yield from path_changes(comparison, *programs, "OUTCOME", "sealed", ("now sealed", "no longer sealed"))
