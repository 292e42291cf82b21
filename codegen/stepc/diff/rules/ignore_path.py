"""An ignored path is one that no rule reads: adding or removing one changes coverage reports only. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.paths import path_changes
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Ignored paths added or removed."""
    programs = (comparison.old.program.ignore, comparison.new.program.ignore)
    messages = ("left out of coverage", "coverage asks for it again")
    yield from path_changes(comparison, *programs, "COMPATIBLE", "ignore", messages)
