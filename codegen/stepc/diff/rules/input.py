"""Files that belonged to the source still do, under the same input, cut at the same banners. A further input behind the others is
COMPATIBLE; a first one narrows "every file" to its glob, and anything else decides anew which input a file belongs to: ACCEPT.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import EVERYTHING, Change
from stepc.diff.named import any_name, by_name
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Inputs added, removed, changed or put in another order."""
    old, new = comparison.old.program.source, comparison.new.program.source
    for before, after in by_name(old.inputs, new.inputs, _name):
        if shape(before) == shape(after):
            continue
        path = f"source.input {any_name(before, after, _name)}".rstrip()
        places = (comparison.old.line_with(old.span, "input", _name(before)), comparison.new.line_with(new.span, "input", _name(after)))
        shown = (places[0] if before else None, places[1] if after else None)
        widens = before is None and bool(old.inputs) and after is new.inputs[-1]
        action = action_of(before, after)
        yield Change("COMPATIBLE" if widens else "ACCEPT", action, path, _message(before, after), *shown, () if widens else (EVERYTHING,))
    kept_old = [item.name for item in old.inputs if any(other.name == item.name for other in new.inputs)]
    kept_new = [item.name for item in new.inputs if any(other.name == item.name for other in old.inputs)]
    if kept_old != kept_new:
        message = "inputs stand in another order: a file that fits several belongs to another one"
        yield Change("ACCEPT", "move", "source.input", message, None, comparison.new.line_with(new.span, "input"), (EVERYTHING,))


def _name(item: ir.Input | None) -> str:
    return item.name if item is not None else ""


def _message(old: ir.Input | None, new: ir.Input | None) -> str:
    if old is None or new is None:
        given = new or old
        glob = given.glob if given else ""
        return f"files `{glob}` are {'read' if old is None else 'no longer read'}"
    if old.glob != new.glob:
        return f"the glob changed from `{old.glob}` to `{new.glob}`"
    return "its banners changed" if shape(old.banners) != shape(new.banners) else "its episode rule changed"
