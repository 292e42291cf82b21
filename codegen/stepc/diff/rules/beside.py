"""A side document stays where it is looked for. What reads it decides: labels or groups OUTCOME, steps STEP_VALUE or ORDER, nobody
COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.named import any_name, by_name
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Side documents added, removed, or looked for elsewhere."""
    old, new = comparison.old.program.source, comparison.new.program.source
    for before, after in by_name(old.beside, new.beside, lambda item: item.name):
        if shape(before) == shape(after):
            continue
        name = any_name(before, after, lambda item: item.name)
        places = (
            comparison.old.place(before.template.span) if before else None,
            comparison.new.place(after.template.span) if after else None,
        )
        change = Change("COMPATIBLE", action_of(before, after), f"source.beside {name}", _message(before, after), *places)
        yield from comparison.flowing(change, f"beside.{name}")


def _message(old: ir.Beside | None, new: ir.Beside | None) -> str:
    if old is None or new is None:
        return "a side document is read" if old is None else "the side document is no longer read"
    if shape(old.template) != shape(new.template):
        return "it is looked for under another name"
    return "other paths of it may be read before the first event"
