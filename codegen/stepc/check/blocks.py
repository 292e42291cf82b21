"""The blocks `start`, `meta`, `outcome` and `state`: declared fields with their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stepc import ir
from stepc.check import assigns, expressions, fieldtypes, fit, types
from stepc.check.fit import Goal
from stepc.check.report import after, keyword
from stepc.check.types import show
from stepc.check.world import Declared, Here, World
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.syntax import tree

Block = Literal["start", "meta", "outcome", "state"]


def declare(world: World, blocks: Iterable[tree.FieldsBlock]) -> dict[Block, list[tree.FieldDeclaration]]:
    """Fill the world's tables with the fields of all blocks; gives the declarations to lower, duplicates left out."""
    fields: dict[Block, list[tree.FieldDeclaration]] = {"start": [], "meta": [], "outcome": [], "state": []}
    for block in blocks:
        table: dict[str, Declared] = getattr(world, block.kind)
        for field in block.fields:
            name = field.name.text
            if name in table:
                world.report.error(
                    "SV131",
                    field.name.span,
                    f"`{block.kind}` has the field `{name}` twice",
                    here="again",
                    labels=(Label(table[name].span, "first here"),),
                    advice="keep one of them, or choose another name",
                )
                continue
            type_ = fieldtypes.resolve(world, field.type, field.maximum, outcome=block.kind == "outcome")
            table[name] = Declared(name, type_, field.name.span, field.type.span, field.docs)
            fields[block.kind].append(field)
    return fields


def lower(world: World, kind: Block, fields: list[tree.FieldDeclaration]) -> tuple[ir.Field, ...]:
    """The fields of one block with their values, each seeing the earlier ones."""
    here = Here(world, kind)
    table: dict[str, Declared] = getattr(world, kind)
    lowered: list[ir.Field] = []
    for field in fields:
        declared = table[field.name.text]
        value = _value(here, declared, field)
        here = here.after(declared)
        if value is not None:
            resort = "drop" if field.value is not None and field.value.last_resort == "drop" else ""
            lowered.append(ir.Field(declared.name, declared.type, declared.docs, field.span, value, "drop" if resort else ""))
    return tuple(lowered)


def _value(here: Here, declared: Declared, field: tree.FieldDeclaration) -> ir.AnyExpression | None:
    if field.value is None:
        if here.context == "state":
            _initial(here, declared, field)
        else:
            here.report.error(
                "SV208",
                field.name.span,
                f"`{declared.name}` has no value",
                here="its value is missing",
                advice=f"write `{declared.name}: {show(declared.type)} = …`",
            )
        return None
    if here.context == "state":
        return _literal(here, declared, field)
    if here.context == "meta" and declared.name == "id" and field.value.last_resort is None:
        return _identity(here, declared, field.value.value)
    return assigns.assign(here, declared, field.value, "drop" if here.context == "start" else "")


def _identity(here: Here, declared: Declared, written: tree.Expression) -> ir.AnyExpression:
    """The id of an episode. It is the one field with a fallback of its own: an episode without an id is named by its file and place."""
    value = expressions.value(here, written, Goal(declared.type, "`id`", declared.span))
    if types.is_error(value.type) or not value.type.optional or declared.type.name != "str":
        return value
    span = value.span
    place = ir.Template(types.STR, span, (ir.FilePart(types.STR, span, "stem"), ":", ir.Position(types.INT, span, "episode")))
    return ir.Else(types.STR, span, value, place)


_INITIAL = {"str": '""', "int": "0", "float": "0.0", "bool": "false", "json": "{}", "list": "[]"}


def _initial(here: Here, declared: Declared, field: tree.FieldDeclaration) -> None:
    text = _INITIAL.get(declared.type.name)
    fix = Fix(f"begin with `{text}`", (Edit(after(field.span), f" = {text}"),)) if text else None
    here.report.error(
        "SV211",
        field.name.span,
        f"`{declared.name}` needs a first value: it is read before it was ever set",
        here="no first value",
        fixes=(fix,),
        advice="" if fix else "write `= <literal>`",
    )


def _literal(here: Here, declared: Declared, field: tree.FieldDeclaration) -> ir.AnyExpression | None:
    assert field.value is not None
    written = field.value.value
    if types.is_error(declared.type):
        return None
    if declared.type.optional:
        text = _INITIAL.get(declared.type.name)
        edits = [Edit(field.type.span, show(types.required(declared.type)))]
        if text and isinstance(written, tree.Literal_) and written.value is None:
            edits.append(Edit(written.span, text))
        here.report.error(
            "SV211",
            field.type.span,
            f"`{declared.name}` always has a value: memory begins with its first value, and absent values are not stored",
            here="not optional",
            fixes=(
                Fix(
                    f"declare it `{show(types.required(declared.type))}`" + (f" and begin with `{text}`" if len(edits) > 1 else ""),
                    tuple(edits),
                ),
            )
            if text or len(edits) == 1
            else (),
            advice="declare it without `?` and give a first value",
        )
        return None
    if field.value.last_resort is not None:
        return assigns.assign(here, declared, field.value, "")
    value = expressions.value(here, written, Goal(declared.type, f"`{declared.name}`", declared.span))
    if types.is_error(value.type):
        return value
    if value.type.optional:
        return assigns.assign(here, declared, field.value, "")
    if not _is_literal(value):
        here.report.error(
            "SV211", written.span, "the first value of a state field is a literal", here="computed", advice="write the value itself"
        )
        return fit.error_at(written.span)
    return value


def _is_literal(value: ir.AnyExpression) -> bool:
    match value:
        case ir.Constant():
            return True
        case ir.ListOf(items=items):
            return all(_is_literal(item) for item in items)
        case ir.ObjectOf(entries=entries):
            return all(_is_literal(item) for _, item in entries)
        case _:
            return False


def check_outcome(world: World, file: tree.File) -> str:
    """The label that monitors predict: `failed`, else the first `bool`; warns when there is none (SV331)."""
    labels = [field.name for field in world.outcome.values() if field.type.name == "bool"]
    if "failed" in labels:
        return "failed"
    if labels:
        return labels[0]
    if not any(types.is_error(field.type) for field in world.outcome.values()):
        block = next((item for item in file.items if isinstance(item, tree.FieldsBlock) and item.kind == "outcome"), None)
        source = next((item for item in file.items if isinstance(item, tree.Source)), None)
        span = block.span if block is not None else source.name.span if source is not None else file.span
        world.report.warning(
            "SV331",
            span if block is None else keyword(block.span, block.kind),
            "there is no label: `outcome` has no `bool?` field, so nothing can be predicted",
            here="no label",
            advice="write `failed: bool? = …`; unknown stays unknown",
        )
    return ""
