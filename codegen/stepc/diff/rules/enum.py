"""An enum of step fields stays: consumers name it. Removed or renamed STEP_TYPE, a new one COMPATIBLE (a field that uses it is reported
itself). An enum that no step uses is COMPATIBLE either way.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.named import any_name, by_name
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Enums added or removed."""
    for old, new in by_name(comparison.old.program.enums, comparison.new.program.enums, lambda enum: enum.name):
        if old is not None and new is not None:
            continue
        name = any_name(old, new, lambda enum: enum.name)
        breaks = new is None and _in_steps(comparison.old.program, name)
        places = (
            comparison.old.block(old.span, old.origin) if old else None,
            comparison.new.block(new.span, new.origin) if new else None,
        )
        message = "the enum is gone" if new is None else "a further enum"
        yield Change("STEP_TYPE" if breaks else "COMPATIBLE", action_of(old, new), f"enum {name}", message, *places)


def _in_steps(program: ir.Program, enum: str) -> bool:
    types = [item.type for step in program.steps for item in step.fields]
    return any(enum in (declared.enum, declared.item.enum if declared.item else "") for declared in types)
