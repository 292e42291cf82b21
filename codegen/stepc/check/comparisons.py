"""Comparisons and membership: what may be compared with what, and which side is read as what."""

from __future__ import annotations

from typing import Final, Literal

from stepc import ir
from stepc.check import expressions, fit, printer, types
from stepc.check.fit import error_at
from stepc.check.report import replace, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Here
from stepc.diagnostics.model import Fix, Label
from stepc.syntax import tree

_OPERATORS: Final[dict[str, Literal["==", "!=", "<", "<=", ">", ">="]]] = {
    "==": "==",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}


def compare(here: Here, written: tree.Binary) -> ir.AnyExpression:
    """`==`, `!=`, `<`, `<=`, `>`, `>=` and `in`. Unknown on either side is unknown."""
    if _is_null(written.left) or _is_null(written.right):
        _null(here, written)
        return error_at(written.span)
    if written.operator == "in":
        return _member(here, written)
    left, right = expressions.lower(here, written.left), expressions.lower(here, written.right)
    if types.is_error(left.type) or types.is_error(right.type):
        return error_at(written.span)
    pair = _equal(here, left, right) if written.operator in ("==", "!=") else _ordered(here, left, right)
    if pair is None:
        _incomparable(here, written, left, right)
        return error_at(written.span)
    left, right = pair
    optional = left.type.optional or right.type.optional
    return ir.Compare(types.optional(types.BOOL) if optional else types.BOOL, written.span, _OPERATORS[written.operator], left, right)


def _is_null(expression: tree.Expression) -> bool:
    return isinstance(expression, tree.Literal_) and expression.value is None


def _null(here: Here, written: tree.Binary) -> None:
    other = written.right if _is_null(written.left) else written.left
    text = printer.text_of(other)
    operand = text if isinstance(other, tree.Path | tree.Call) else f"({text})"
    operator = "present" if written.operator == "!=" else "absent"
    here.report.error(
        "SV216",
        written.span,
        "a comparison with null is never true: null is unknown, and unknown compared is unknown",
        here="always unknown",
        fixes=(replace(f"ask whether it is {'there' if operator == 'present' else 'missing'}", written.span, f"{operator} {operand}"),)
        if written.operator in ("==", "!=")
        else (),
        advice="ask with `present` or `absent`",
    )


def _equal(here: Here, left: ir.AnyExpression, right: ir.AnyExpression) -> tuple[ir.AnyExpression, ir.AnyExpression] | None:
    if isinstance(left, ir.ObjectOf) or isinstance(right, ir.ObjectOf):
        return None
    if types.is_raw(left.type) and right.type.name in ("enum", "time"):
        return fit.read(here, left, right.type), right
    if types.is_raw(right.type) and left.type.name in ("enum", "time"):
        return left, fit.read(here, right, left.type)
    if types.is_raw(left.type) or types.is_raw(right.type):
        return None if "regex" in (left.type.name, right.type.name) else (left, right)
    if types.same(left.type, right.type) or (types.is_number(left.type) and types.is_number(right.type)):
        return left, right
    return None


def _ordered(here: Here, left: ir.AnyExpression, right: ir.AnyExpression) -> tuple[ir.AnyExpression, ir.AnyExpression] | None:
    if isinstance(left, ir.ObjectOf) or isinstance(right, ir.ObjectOf):
        return None
    if types.is_raw(left.type) and types.is_raw(right.type):
        return None
    if types.is_raw(left.type):
        left = fit.read(here, left, types.FLOAT if types.is_number(right.type) else right.type)
    elif types.is_raw(right.type):
        right = fit.read(here, right, types.FLOAT if types.is_number(left.type) else left.type)
    if types.is_number(left.type) and types.is_number(right.type):
        return left, right
    return (left, right) if left.type.name == right.type.name and left.type.name in ("str", "time") else None


def _member(here: Here, written: tree.Binary) -> ir.AnyExpression:
    left = expressions.lower(here, written.left)
    wanted = ir.Type("list", item=left.type) if left.type.name == "enum" else None
    right = expressions.lower(here, written.right, wanted)
    if types.is_error(left.type) or types.is_error(right.type):
        return error_at(written.span)
    if types.is_raw(right.type) and not isinstance(right, ir.ObjectOf):
        right = fit.read(here, right, ir.Type("list", item=types.RAW))
    item = right.type.item
    if right.type.name != "list" or item is None:
        text = printer.text_of(written.left)
        fix: Fix | None = None
        if right.type.name == "str" and left.type.name == "str":
            fix = replace("ask whether the text contains it", written.span, f"contains({printer.text_of(written.right)}, {text})")
        here.report.error(
            "SV206",
            right.span,
            f"`in` looks into a list, and `{printer.text_of(written.right)}` is `{show(right.type)}`",
            here=f"`{show(right.type)}`",
            fixes=(fix,),
            advice='write a list such as `["a", "b"]`',
        )
        return error_at(written.span)
    fits = (
        types.is_raw(left.type)
        or types.is_raw(item)
        or types.same(left.type, item)
        or (types.is_number(left.type) and types.is_number(item))
    )
    if not fits or left.type.name == "regex":
        _incomparable(here, written, left, right)
        return error_at(written.span)
    optional = left.type.optional or right.type.optional
    return ir.Member(types.optional(types.BOOL) if optional else types.BOOL, written.span, left, right)


def _incomparable(here: Here, written: tree.Binary, left: ir.AnyExpression, right: ir.AnyExpression) -> None:
    fixes: list[Fix | None] = []
    one, other = printer.text_of(written.left), printer.text_of(written.right)
    both_raw = types.is_raw(left.type) and types.is_raw(right.type)
    for enum_side, text_side, shown in ((left, right, written.right), (right, left, written.left)):
        if (
            enum_side.type.name == "enum"
            and text_side.type.name == "str"
            and isinstance(shown, tree.Literal_)
            and isinstance(shown.value, str)
        ):
            enum = here.world.enums[enum_side.type.enum]
            spelled = dict(enum.spellings)
            near = shown.value if shown.value in enum.members else spelled.get(shown.value) or nearest(shown.value, enum.members)
            fixes.append(replace_by(shown.span, f"{enum.name}.{near}" if near else None))
    for number, text_side, text in ((left, right, other), (right, left, one)):
        if types.is_number(number.type) and text_side.type.name == "str":
            fixes.append(replace(f"read the text as `{number.type.name}`", text_side.span, f"{number.type.name}({text})"))
    if both_raw and written.operator not in ("==", "!=", "in"):
        fixes.append(replace("compare as numbers", written.left.span, f"float({one})"))
    message = (
        f"`{one}` and `{other}` are both raw: say as what they are compared"
        if both_raw
        else f"`{written.operator}` cannot compare `{show(left.type)}` with `{show(right.type)}`"
    )
    here.report.error(
        "SV206",
        written.span,
        message,
        here="cannot be compared",
        labels=(Label(left.span, f"`{show(left.type)}`"), Label(right.span, f"`{show(right.type)}`")),
        fixes=fixes,
        advice="" if any(fixes) else "compare values of one type",
    )
