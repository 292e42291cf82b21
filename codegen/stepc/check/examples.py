"""Inline examples: files inside the pack, steps and fields that exist, values that could be."""

from __future__ import annotations

from typing import Any

from stepc import ir
from stepc.check import types
from stepc.check.report import choose, replace_by
from stepc.check.source import leaves_pack
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree


def lower(world: World, items: tuple[tree.Item, ...]) -> tuple[ir.Example, ...]:
    """All examples of a spec; titles are unique, because reports name examples by them."""
    titles: dict[str, Span] = {}
    lowered: list[ir.Example] = []
    for item in items:
        if not isinstance(item, tree.Example):
            continue
        first = titles.setdefault(item.title, item.span)
        if first is not item.span:
            world.report.error(
                "SV131",
                item.span,
                f'two examples are called "{item.title}"',
                here="again",
                labels=(Label(first, "first here"),),
                advice="give each its own title",
            )
        _check(world, item)
        expect = tuple(_expected(world, one) for one in item.expect)
        lowered.append(
            ir.Example(item.title, item.given, item.input.text if item.input is not None else "", item.episode, item.id, expect, item.span)
        )
    return tuple(lowered)


def _check(world: World, item: tree.Example) -> None:
    wrong = leaves_pack(item.given)
    if wrong:
        world.report.error(
            "SV306",
            item.given_span,
            f"the sample's path {wrong}: samples lie beside the spec",
            here=wrong,
            advice='write it relative to the spec, such as "samples/one.json"',
        )
    if item.input is not None and item.input.text not in world.inputs:
        near = nearest(item.input.text, world.inputs)
        world.report.error(
            "SV141",
            item.input.span,
            f"the source has no input `{item.input.text}`",
            here=f"the inputs are {', '.join(f'`{name}`' for name in world.inputs)}" if world.inputs else "no input has a name",
            fixes=(replace_by(item.input.span, near),),
            advice="" if near else "leave it out",
        )


def _expected(world: World, one: tree.StepPattern | tree.Gap) -> ir.StepPattern:
    if isinstance(one, tree.Gap):
        return ir.StepPattern("", {}, True)
    return step_pattern(world, one)


def step_pattern(world: World, one: tree.StepPattern) -> ir.StepPattern:
    """A step type and values of its fields, each one that the field could have."""
    step = world.steps.get(one.step.text)
    if step is None and world.lost:
        return ir.StepPattern(one.step.text, {})
    if step is None:
        near = nearest(one.step.text, world.steps)
        world.report.error(
            "SV137",
            one.step.span,
            f"there is no step `{one.step.text}`",
            here="no such step",
            fixes=(replace_by(one.step.span, near),),
            advice=choose(world.steps),
        )
        return ir.StepPattern(one.step.text, {})
    fields: dict[str, Any] = {}
    for pair in one.fields.pairs if one.fields is not None else ():
        name = pair.key.text
        declared = step.fields.get(name)
        if declared is None:
            near = nearest(name, step.fields)
            world.report.error(
                "SV138",
                pair.key.span,
                f"`{step.name}` has no field `{name}`",
                here=f"its fields are {', '.join(f'`{field}`' for field in step.fields)}",
                fixes=(replace_by(pair.key.span, near),),
                advice=choose(step.fields),
            )
        elif name in fields:
            world.report.error("SV131", pair.key.span, f"`{name}` is expected twice", here="again", advice="keep one of them")
        else:
            fields[name] = _value(world, declared.type, name, pair.value)
    return ir.StepPattern(one.step.text, fields)


def _value(world: World, type_: ir.Type, name: str, written: tree.Literal_ | tree.Name | tree.ObjectPattern) -> Any:
    match written:
        case tree.Name(text=member):
            return _member(world, type_, name, written, member)
        case tree.ObjectPattern(pairs=pairs):
            if type_.name not in ("json", "error"):
                world.report.error(
                    "SV309",
                    written.span,
                    f"`{name}` is `{show(type_)}`, never an object",
                    here="never equal",
                    advice=f"expect a `{show(types.bare(type_))}`",
                )
            return {pair.key.text: _value(world, types.RAW, pair.key.text, pair.value) for pair in pairs}
        case tree.Literal_(value=value):
            if not _may_equal(type_, value):
                enum = world.enums.get(type_.enum) if type_.name == "enum" else None
                near = None
                if enum is not None and isinstance(value, str):
                    near = value if value in enum.members else dict(enum.spellings).get(value) or nearest(value, enum.members)
                world.report.error(
                    "SV309",
                    written.span,
                    f"`{name}` is `{show(type_)}`, so it never equals this",
                    here="never equal",
                    fixes=(replace_by(written.span, near),),
                    advice="members of an enum stand bare in examples" if enum is not None else f"expect a `{show(types.bare(type_))}`",
                )
            return value


def _member(world: World, type_: ir.Type, name: str, written: tree.Name, member: str) -> str:
    if types.is_error(type_):
        return member
    enum = world.enums.get(type_.enum) if type_.name == "enum" else None
    if enum is None:
        world.report.error(
            "SV309",
            written.span,
            f"`{name}` is `{show(type_)}`, and a bare name is a member of an enum",
            here="a bare name",
            fixes=(replace_by(written.span, f'"{member}"') if type_.name in ("str", "json") else None,),
            advice="write a literal",
        )
    elif member not in enum.members:
        near = dict(enum.spellings).get(member) or nearest(member, enum.members)
        world.report.error(
            "SV136",
            written.span,
            f"`{enum.name}` has no member `{member}`",
            here=f"the members are {', '.join(f'`{one}`' for one in enum.members)}",
            fixes=(replace_by(written.span, near),),
            advice=choose(enum.members),
        )
    return member


def _may_equal(type_: ir.Type, value: str | int | float | bool | None) -> bool:
    if type_.name in ("json", "error"):
        return True
    if value is None:
        return type_.optional
    if isinstance(value, bool):
        return type_.name == "bool"
    if isinstance(value, str):
        return type_.name == "str"
    if type_.name == "int":
        return isinstance(value, int)
    return type_.name in ("float", "time")
