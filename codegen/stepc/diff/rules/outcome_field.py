"""Labels keep their definitions. Any change of `outcome`, an added field too, and of the label predicted by default is OUTCOME."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.named import any_name, field_change, fields
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields of `outcome` added, removed or changed, and the default label."""
    old_program, new_program = comparison.old.program, comparison.new.program
    for old, new in fields(old_program.outcome, new_program.outcome):
        message = _message(old, new)
        if not message:
            continue
        name = any_name(old, new, lambda item: item.name)
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        yield Change("OUTCOME", action_of(old, new), f"outcome.{name}", message, *places)
    if old_program.label != new_program.label:
        message = f"the label predicted by default changed from `{old_program.label}` to `{new_program.label}`"
        yield Change("OUTCOME", "update", "outcome", message)


def _message(old: ir.Field | None, new: ir.Field | None) -> str:
    if old is None or new is None:
        return "a further label" if old is None else "the label is gone"
    return field_change(old, new)
