"""Pairs: which step answers which, on which key, and what the answer takes over."""

from __future__ import annotations

from stepc.check import types
from stepc.check.report import after, choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Pair, Step, World
from stepc.diagnostics.model import Label
from stepc.syntax import tree


def pair(world: World, item: tree.Pair, shared: str) -> Pair | None:
    """The checked pair (SV137, SV138, SV215): a text key on both steps, carried fields of one type, optional where they arrive."""
    found: list[Step] = []
    for name in (item.open, item.close):
        step = world.steps.get(name.text)
        if step is None and world.lost:
            continue
        if step is None:
            near = nearest(name.text, world.steps)
            world.report.error(
                "SV137",
                name.span,
                f"there is no step `{name.text}`",
                here="no such step",
                fixes=(replace_by(name.span, near),),
                advice="" if near else "declare it with `step`",
            )
        else:
            found.append(step)
    if len(found) < 2:
        return None
    opened, closed = found
    if opened.name == closed.name:
        world.report.error(
            "SV215", item.close.span, "a pair is of two different steps", here="the same step", advice="name the step that answers"
        )
        return None
    common = [name for name in opened.fields if name in closed.fields]
    for step in (opened, closed):
        key = step.fields.get(item.key.text)
        if key is None:
            near = nearest(item.key.text, common)
            world.report.error(
                "SV138",
                item.key.span,
                f"`{step.name}` has no field `{item.key.text}`",
                here="the key is a field of both steps",
                fixes=(replace_by(item.key.span, near),),
                advice=choose(common),
            )
            return None
        if key.type.name not in ("str", "error") or key.type.optional:
            world.report.error(
                "SV215",
                item.key.span,
                f"the key of a pair is a `str`, and `{item.key.text}` of `{step.name}` is `{show(key.type)}`",
                here=f"`{show(key.type)}`",
                advice="declare the field `str`",
            )
    for carried in item.carry:
        source, target = opened.fields.get(carried.text), closed.fields.get(carried.text)
        if source is None or target is None:
            missing = opened if source is None else closed
            near = nearest(carried.text, common)
            world.report.error(
                "SV138",
                carried.span,
                f"`{missing.name}` has no field `{carried.text}`",
                here="not a field of both steps",
                fixes=(replace_by(carried.span, near),),
                advice=choose(common),
            )
        elif not types.same(source.type, target.type) and "error" not in (source.type.name, target.type.name):
            world.report.error(
                "SV215",
                carried.span,
                f"`{carried.text}` is `{show(source.type)}` in `{opened.name}` and `{show(target.type)}` in `{closed.name}`",
                here="two types",
                advice="give both the same type",
            )
        elif not target.type.optional and not types.is_error(target.type):
            fix = (
                replace_by(after(target.type_span), "?", f"declare `{carried.text}: {show(target.type)}?`")
                if target.type_span is not None
                else None
            )
            world.report.error(
                "SV215",
                carried.span,
                f"a result without a call has no `{carried.text}` to carry, so `{closed.name}` must declare it optional",
                here="may be missing",
                labels=(Label(target.span, "declared here") if target.type_span is not None else None,),
                fixes=(fix,),
            )
    for other in world.pairs.values():
        if other.name == item.name.text:
            continue
        for paired, role in ((opened.name, other.open), (closed.name, other.close)):
            if paired == role:
                world.report.error(
                    "SV215",
                    item.name.span,
                    f"`{paired}` is already part of the pair `{other.name}`",
                    here="paired twice",
                    advice=f"name this pair `{other.name}` to replace the shared one" if other.shared else "keep one of them",
                )
    return Pair(
        item.name.text, item.key.text, item.order, opened.name, closed.name, tuple(name.text for name in item.carry), item.name.span, shared
    )
