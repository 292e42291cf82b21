"""What a field is assigned: the value fits the type, and a value that may be absent has exactly one handler (SV203, SV204)."""

from __future__ import annotations

from typing import Literal

from stepc import ir
from stepc.check import expressions, fit, paths, printer, references, types
from stepc.check.fit import Goal
from stepc.check.report import after, replace
from stepc.check.results import SeenPath
from stepc.check.types import show
from stepc.check.world import Declared, Here
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.syntax import tree


def assign(here: Here, declared: Declared, written: tree.RightHandSide, resort: Literal["skip", "drop", ""]) -> ir.AnyExpression:
    """The value of a field. `resort` is the last resort that may stand in this place.

    The result is optional only if the field is, or if the last resort handles it.
    """
    goal = Goal(declared.type, f"`{declared.name}`", declared.span if declared.type_span else None)
    value = expressions.value(here, written.value, goal)
    if written.last_resort is not None and written.last_resort != resort:
        _misplaced(here, written, resort)
        return fit.error_at(value.span)
    if types.is_error(value.type) or types.is_error(declared.type):
        return value
    if written.last_resort is not None:
        if not value.type.optional:
            expressions.needless(here, written.value, written.span, after(written.value.span).to(after(written.span)))
        return value
    if value.type.optional and not declared.type.optional:
        _missing(here, declared, written, value, resort)
        return fit.error_at(value.span)
    return value


def _misplaced(here: Here, written: tree.RightHandSide, resort: str) -> None:
    word = written.last_resort
    where = "a field of `emit`" if word == "skip" else "a field of `start`"
    meaning = "drops the step" if word == "skip" else "drops the episode"
    cut = after(written.value.span).to(after(written.span))
    other = replace(f"use `else {resort}` here", cut, f" else {resort}") if resort else replace("leave it out", cut, "")
    here.report.error("SV210", cut, f"`else {word}` {meaning}, so it stands only in {where}", here="not here", fixes=(other,))


def _missing(here: Here, declared: Declared, written: tree.RightHandSide, value: ir.AnyExpression, resort: str) -> None:
    text = printer.text_of(written.value)
    shown = f"`{text}`" if len(text) <= 70 else "this value"
    is_null = isinstance(value, ir.Constant) and value.value is None
    message = (
        f"`{declared.name}` is `{show(declared.type)}`, and null is no value of it"
        if is_null
        else f"{shown} may be missing, and `{declared.name}` is `{show(types.bare(declared.type))}`"
    )
    end = after(written.span)
    fixes: list[Fix | None] = []
    if resort and not is_null:
        meaning = "drop this step and count it" if resort == "skip" else "drop the episode and count it"
        fixes.append(Fix(meaning, (Edit(end, f" else {resort}"),)))
    default = _default(here, declared) if here.context != "outcome" else None
    if default is not None:
        meaning = "keep the step" if here.context == "match" else "keep the field with a value of its own"
        fixes.append(Fix(meaning, (Edit(written.span, default) if is_null else Edit(end, f" else {default}"),)))
    if declared.type_span is not None:
        fixes.append(
            Fix(
                f"declare `{declared.name}: {show(types.bare(declared.type))}?` and let readers see that it is missing",
                (Edit(after(declared.type_span), "?"),),
            )
        )
    here.report.error(
        "SV203",
        value.span,
        message,
        here=_evidence(here, value),
        labels=(Label(declared.span, "declared here") if declared.type_span is not None else None,),
        fixes=fixes,
        advice="" if fixes else "give a value for the case that it is missing: `… else <value>`",
    )


def _default(here: Here, declared: Declared) -> str | None:
    """A literal of the field's type, as text."""
    match declared.type.name:
        case "str":
            return '""'
        case "int":
            return "0"
        case "float":
            return "0.0"
        case "bool":
            return "false"
        case "json":
            return "{}"
        case "list":
            return "[]"
        case "enum":
            enum = here.world.enums.get(declared.type.enum)
            return f"{enum.name}.{enum.members[0]}" if enum is not None and enum.members else None
        case _:
            return None


def _evidence(here: Here, value: ir.AnyExpression) -> str:
    """What the samples say of the path that may be missing."""
    for place in references.places(here, value):
        seen = here.world.seen.paths.get(paths.show(place)) if here.world.seen is not None else None
        if seen is not None:
            return _counts(seen)
    inner = value.value if isinstance(value, ir.Cast) else value
    match inner:
        case ir.Read():
            return "may be absent, null or of another type"
        case ir.Path():
            return "may be absent or null"
        case ir.Template():
            return "absent when a part of it is"
        case ir.Call(function=function):
            return (
                f"`{function}` may find nothing"
                if not any(argument.type.optional for argument in inner.arguments)
                else "absent when an argument is"
            )
        case _:
            return "may be absent"


def _counts(seen: SeenPath) -> str:
    total = f"{seen.parents:,}"
    parts = [f"{word} in {count:,}" for word, count in (("absent", seen.absent), ("null", seen.null)) if count]
    return f"{' and '.join(parts)} of {total} sampled" if parts else f"always there in {total} sampled, but nothing promises it"
