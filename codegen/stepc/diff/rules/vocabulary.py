"""What a spec takes from a vocabulary is compared where it is declared. That a vocabulary came, went or changed is COMPATIBLE by itself."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Vocabularies used by one side only, or of another content."""
    before, after = dict(comparison.old.program.vocabularies), dict(comparison.new.program.vocabularies)
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        message = (
            "now used"
            if old is None
            else "no longer used"
            if new is None
            else "its content changed: what this spec takes from it is reported itself"
        )
        yield Change("COMPATIBLE", action_of(old, new), f"use {name}", message)
