"""`id` and `group` decide which label a run gets and which side of a split it falls on: any change is OUTCOME. Other fields reach the
readers of `episodes.jsonl` only: removed or retyped STEP_TYPE, another value STEP_VALUE, a new field COMPATIBLE; OUTCOME where a label
reads them, or a monitor groups runs by them.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Category, Change
from stepc.diff.named import any_name, declared_type, field_change, fields
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Fields of `meta` added, removed or changed."""
    grouping = {monitor.group for side in (comparison.old, comparison.new) for monitor in side.program.monitors}
    for old, new in fields(comparison.old.program.meta, comparison.new.program.meta):
        message = _message(old, new)
        if not message:
            continue
        name = any_name(old, new, lambda item: item.name)
        places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
        outcome = "OUTCOME" in comparison.reach.consequences(f"meta.{name}")
        category: Category = "OUTCOME" if outcome or name in grouping else _category(old, new)
        yield Change(category, action_of(old, new), f"meta.{name}", message, *places)


def _message(old: ir.Field | None, new: ir.Field | None) -> str:
    if old is None or new is None:
        return "episodes have a further field" if old is None else "episodes lose the field"
    return field_change(old, new)


def _category(old: ir.Field | None, new: ir.Field | None) -> Category:
    if old is None:
        return "COMPATIBLE"
    return "STEP_TYPE" if new is None or declared_type(old) != declared_type(new) else "STEP_VALUE"
