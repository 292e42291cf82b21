"""The types that declarations write: built-in names, enums, lists, `?` and `max`."""

from __future__ import annotations

from stepc import ir
from stepc.check import types
from stepc.check.report import after, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import World
from stepc.syntax import tree

_LARGEST_TEXT = 1 << 20
_NAMES = ("str", "int", "float", "bool", "time", "json", "list", "event")
_HABITS = {
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "double": "float",
    "object": "json",
    "dict": "json",
    "any": "json",
    "array": "list",
    "datetime": "time",
    "timestamp": "time",
}


def resolve(world: World, written: tree.TypeName, maximum: int | None, *, outcome: bool = False) -> ir.Type:
    """The type that is written, or the error type with a diagnostic (SV135, SV212)."""
    name = written.name.text
    enum = world.enums.get(name)
    if enum is not None:
        world.use("enum", name)
    elif name not in _NAMES and world.lost:
        return types.ERROR
    elif name not in _NAMES:
        near = _HABITS.get(name) or nearest(name, [*_NAMES, *world.enums])
        world.report.error(
            "SV135",
            written.name.span,
            f"there is no type `{name}`",
            here="no such type",
            fixes=(replace_by(written.name.span, near),),
            advice="" if near else "declare an enum, or use a built-in type",
        )
        return types.ERROR
    item: ir.Type | None = None
    if name == "list":
        if written.argument is None:
            world.report.error(
                "SV212",
                written.span,
                "a list says what it holds",
                here="of what?",
                fixes=(replace_by(after(written.name.span), "<str>", "a list of texts: `list<str>`"),),
            )
            return types.ERROR
        item = resolve(world, written.argument, None)
        if types.is_error(item):
            return item
        if item.name in ("list", "event"):
            world.report.error(
                "SV212", written.argument.span, f"a list cannot hold `{show(item)}`", here="not in a list", advice="declare it `list<json>`"
            )
            return types.ERROR
    elif written.argument is not None:
        world.report.error(
            "SV212",
            written.argument.span,
            f"`{name}` holds nothing: only `list` takes a type in `<>`",
            here="not here",
            advice=f"write `{name}`",
        )
        return types.ERROR
    if name == "event" and not outcome:
        world.report.error(
            "SV212",
            written.span,
            "an event's place is a label: only `outcome` may have it",
            here="only in `outcome`",
            fixes=(replace_by(written.name.span, "int"),),
        )
        return types.ERROR
    if maximum is not None and (name != "str" or not 1 <= maximum <= _LARGEST_TEXT):
        message = f"`max` bounds texts, and this is `{name}`" if name != "str" else f"`max` is from 1 to {_LARGEST_TEXT:,} characters"
        world.report.error(
            "SV212",
            written.span,
            message,
            here="`max` does not fit",
            advice="leave `max` out" if name != "str" else "choose a bound in that range",
        )
        return types.ERROR
    return ir.Type("enum" if enum is not None else name, written.optional, item, name if enum is not None else "", maximum)
