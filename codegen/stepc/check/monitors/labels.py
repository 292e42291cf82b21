"""What only training reads: the label, the group, and which runs were cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from stepc import ir
from stepc.check import expressions, printer, types
from stepc.check.monitors import bounds
from stepc.check.report import choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import ROOTS, Here, World
from stepc.diagnostics.model import Label
from stepc.syntax import tree

_GROUPS: Final = ("str", "enum", "int")


def predict(world: World, written: tree.Predict) -> tuple[str, int | None]:
    """The label and the horizon."""
    name = written.label.text
    declared = world.outcome.get(name)
    horizon = written.horizon
    within = None if horizon is None else bounds.whole(world, horizon, "the horizon, in decision points,", 1, bounds.LONGEST_HORIZON)
    if declared is None or declared.type.name not in ("bool", "error"):
        labels = [field.name for field in world.outcome.values() if field.type.name == "bool"]
        near = nearest(name, labels) or (labels[0] if len(labels) == 1 else None)
        message = (
            f"`outcome` has no field `{name}`" if declared is None else f"a label is true or false, and `{name}` is `{show(declared.type)}`"
        )
        world.report.error(
            "SV508",
            written.label.span,
            message,
            here="no label",
            labels=(Label(declared.span, "declared here"),) if declared is not None else (),
            fixes=(replace_by(written.label.span, near),),
            advice=choose(labels) if labels else "declare `failed: bool? = …` in `outcome`",
        )
    return name, within


def group(world: World, written: tree.Expression | None, name: tree.Name) -> str:
    """The field of `meta` whose values a split keeps together."""
    if written is None:
        if "group" not in world.meta:
            world.report.error(
                "SV509",
                name.span,
                "nothing says which runs belong together, and runs of one task in training and in test would flatter the monitor",
                here="no group",
                advice="write `group: str? = …` in `meta`, or `group meta.<field>` in the monitor",
            )
        return "group"
    field = _meta_field(written)
    declared = world.meta.get(field) if field is not None else None
    if field is not None and declared is not None and declared.type.name in (*_GROUPS, "error"):
        return field
    candidates = [one.name for one in world.meta.values() if one.type.name in _GROUPS]
    bare = written.base.text if isinstance(written, tree.Path) and isinstance(written.base, tree.Name) and not written.segments else ""
    near = bare if bare in candidates else nearest(field or bare, candidates) if field or bare else None
    if field is not None and declared is not None:
        message = f"a group is a name or a whole number, and `meta.{field}` is `{show(declared.type)}`"
    elif field is not None:
        message = f"`meta` has no field `{field}`"
    else:
        message = "a group is a field of `meta`"
    world.report.error(
        "SV509",
        written.span,
        message,
        here="no group",
        fixes=(replace_by(written.span, f"meta.{near}" if near and near != field else None),),
        advice=choose(f"meta.{one}" for one in candidates),
    )
    return "group"


def _meta_field(written: tree.Expression) -> str | None:
    match written:
        case tree.Path(base=tree.Name(text="meta"), segments=(tree.Field(key=key),)):
            return key
        case _:
            return None


def censored(world: World, written: tree.Expression | None) -> tuple[ir.AnyExpression | None, str]:
    """The condition on a run that was cut off before its end was known, and its text."""
    if written is None:
        return None, ""
    wrong = [path for path in _paths(written) if not _is_label(world, path)]
    for path in wrong:
        _no_label(world, path)
    if wrong:
        return None, ""
    lowered = expressions.condition(Here(world, "outcome", fields=world.outcome), written, "`censored when`")
    return (None if types.is_error(lowered.type) else lowered), printer.text_of(written)


def _paths(node: Any) -> Iterator[tree.Path]:
    """The paths of an expression, outermost first."""
    pending: list[Any] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, tree.Path):
            yield one
        if isinstance(one, tuple):
            pending.extend(reversed(one))
        elif isinstance(one, tree.Node):
            pending.extend(getattr(one, name) for name in reversed(msgspec.structs.asdict(one)))


def _is_label(world: World, path: tree.Path) -> bool:
    """Whether a path is one that `censored` may read, or one that the rules for expressions report better."""
    match path.base:
        case None:
            return False
        case tree.Call():
            return True
        case tree.Name(text=name) if name in ROOTS:
            return name in ("meta", "outcome")
        case tree.Name(text=name):
            return name in world.outcome


def _no_label(world: World, path: tree.Path) -> None:
    name = path.base.text if isinstance(path.base, tree.Name) else ""
    meant = f"meta.{name}" if name in world.meta and name not in ROOTS else nearest(name, world.outcome) if name not in ROOTS else None
    if meant is None and path.base is None and path.segments and isinstance(path.segments[0], tree.Field):
        near = nearest(path.segments[0].key, world.outcome) or (path.segments[0].key if path.segments[0].key in world.outcome else None)
        meant = near if len(path.segments) == 1 else None
    world.report.error(
        "SV511",
        path.span,
        f"`censored when` reads what is known of the finished run, fields of `outcome` and `meta`, and not `{printer.text_of(path)}`",
        here="no field of `outcome` or `meta`",
        fixes=(replace_by(path.span, meant),),
        advice="make it a field of `outcome`, such as `ended: str? = …`, and ask for that",
    )
