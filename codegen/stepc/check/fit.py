"""Fitting a value into a typed place: raw values become reads, literals become what is wanted, everything else must already match."""

from __future__ import annotations

from dataclasses import dataclass

from stepc import ir
from stepc.check import printer, types
from stepc.check.report import choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Enum, Here
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree


@dataclass(frozen=True, slots=True)
class Goal:
    """A typed place: its type, how a message calls it, and where it is declared (None: in another file, or built in)."""

    type: ir.Type
    what: str
    declared: Span | None = None


def error_at(span: Span) -> ir.Constant:
    """The expression that stands where a diagnostic has been given."""
    return ir.Constant(types.ERROR, span, None)


def site_of(here: Here, expression: ir.AnyExpression) -> str:
    """How defects name the raw value behind an expression: its document path, or the call that made it."""
    match expression:
        case ir.Path(site=site):
            return site
        case ir.Read(value=value) | ir.Cast(value=value):
            return site_of(here, value)
        case ir.Local(name=name):
            local = here.names.get(name)
            return local.site if local is not None and local.site else name
        case ir.Call(function=function, arguments=arguments):
            return f"{function}({site_of(here, arguments[0])})" if arguments else f"{function}()"
        case ir.Else(left=left, right=right):
            return " else ".join(part for part in (site_of(here, left), site_of(here, right)) if part)
        case ir.Conditional(yes=yes, no=no):
            return " or ".join(part for part in (site_of(here, yes), site_of(here, no)) if part)
        case ir.StartField(name=name):
            return f"start.{name}"
        case ir.LaterField(block=block, name=name):
            return f"{block}.{name}"
        case ir.StateField(name=name):
            return f"state.{name}"
        case _:
            return ""


def fit(here: Here, value: ir.AnyExpression, goal: Goal, written: tree.Expression) -> ir.AnyExpression:
    """`value` as the goal's type; whether it may be absent is left to the caller. Reports SV201 or SV202 when it cannot be."""
    if _is_many(value) and goal.type.name not in ("list", "json", "error"):
        here.report.error(
            "SV213",
            value.span,
            f"{_named(written)} stands for all elements, and {goal.what} is one `{show(types.bare(goal.type))}`",
            here="many values",
            advice="take one with `[0]`, loop with `each`, or join texts with `join(…)`",
        )
        return error_at(value.span)
    fitted = _fitted(here, value, goal.type)
    if fitted is not None:
        return fitted
    if types.is_error(value.type):
        return value
    _mismatch(here, value, goal, written)
    return error_at(value.span)


def _is_many(value: ir.AnyExpression) -> bool:
    return isinstance(value, ir.Path) and bool(value.segments) and isinstance(value.segments[-1], ir.EverySegment)


def read(here: Here, value: ir.AnyExpression, wanted: ir.Type) -> ir.AnyExpression:
    """A raw value read as the wanted type, where the raw parts of it stand."""
    match value:
        case ir.Else(left=left, right=right):
            one, other = read(here, left, wanted), read(here, right, wanted)
            return ir.Else(_either(one, other, one.type.optional and other.type.optional), value.span, one, other)
        case ir.Conditional(test=test, yes=yes, no=no):
            one, other = read(here, yes, wanted), read(here, no, wanted)
            return ir.Conditional(_either(one, other, one.type.optional or other.type.optional), value.span, test, one, other)
    if value.type.name == "null":
        return ir.Constant(types.optional(wanted), value.span, None)
    if not types.is_raw(value.type) or types.is_raw(wanted):
        return value
    base = ir.Type("int") if wanted.name == "event" else types.bare(wanted)
    return ir.Read(types.optional(base), value.span, value, site_of(here, value), spellings_of(here, wanted))


def spellings_of(here: Here, wanted: ir.Type) -> tuple[tuple[str, str], ...]:
    """The raw spellings of an enum type, or of the enum a list holds."""
    inner = wanted.item if wanted.name == "list" and wanted.item is not None else wanted
    enum = here.world.enums.get(inner.enum) if inner.name == "enum" else None
    return enum.spellings if enum is not None else ()


def _either(one: ir.AnyExpression, other: ir.AnyExpression, optional: bool) -> ir.Type:
    base = one.type if one.type.name != "null" else other.type
    return types.optional(base) if optional else types.required(base)


def _fitted(here: Here, value: ir.AnyExpression, wanted: ir.Type) -> ir.AnyExpression | None:
    given = value.type
    if types.is_error(given) or types.is_error(wanted):
        return value
    if given.name == "null":
        return ir.Constant(types.optional(wanted), value.span, None)
    if wanted.name == "json":
        return None if given.name == "regex" else value
    match value:
        case ir.Else(left=left, right=right):
            one, other = _fitted(here, left, wanted), _fitted(here, right, wanted)
            if one is None or other is None:
                return None
            return ir.Else(_either(one, other, one.type.optional and other.type.optional), value.span, one, other)
        case ir.Conditional(test=test, yes=yes, no=no):
            one, other = _fitted(here, yes, wanted), _fitted(here, no, wanted)
            if one is None or other is None:
                return None
            return ir.Conditional(_either(one, other, one.type.optional or other.type.optional), value.span, test, one, other)
        case ir.ListOf(items=items) if wanted.name == "list" and wanted.item is not None:
            fitted = [_fitted(here, item, wanted.item) for item in items]
            whole = [item for item in fitted if item is not None]
            if len(whole) != len(fitted):
                return None
            loose = any(item.type.optional for item in whole)
            item_type = types.optional(wanted.item) if loose else types.required(wanted.item)
            return ir.ListOf(ir.Type("list", item=item_type), value.span, tuple(whole))
        case ir.ObjectOf():
            return None
        case ir.Constant(value=int() as number) if wanted.name == "float" and given.name == "int":
            return ir.Constant(types.FLOAT, value.span, float(number))
        case _:
            pass
    if types.is_raw(given):
        return read(here, value, wanted)
    if given.name == "int" and wanted.name in ("float", "event"):
        return value
    if given.name == "list" and wanted.name == "list" and given.item is not None and wanted.item is not None:
        fits = types.same(given.item, wanted.item) or types.is_raw(wanted.item)
        return value if fits and (wanted.item.optional or not given.item.optional) else None
    return value if types.same(given, wanted) else None


def _mismatch(here: Here, value: ir.AnyExpression, goal: Goal, written: tree.Expression) -> None:
    given, wanted = value.type, goal.type
    label = None if goal.declared is None else Label(goal.declared, "declared here")
    if wanted.name == "enum" and isinstance(value, ir.Constant) and isinstance(value.value, str) and given.name == "str":
        enum = here.world.enums[wanted.enum]
        spelled = dict(enum.spellings)
        member = value.value if value.value in enum.members else spelled.get(value.value) or nearest(value.value, [*enum.members, *spelled])
        member = spelled.get(member, member) if member is not None and member not in enum.members else member
        here.report.error(
            "SV202",
            value.span,
            f"{printer.string(value.value)} is a text, and {goal.what} is the enum `{enum.name}`: its members are written {_members(enum)}",
            here="a text, not a member",
            labels=(label,),
            fixes=(replace_by(value.span, f"{enum.name}.{member}") if member else None,),
            advice=choose(enum.members),
        )
        return
    here.report.error(
        "SV201",
        value.span,
        f"{_named(written)} is `{show(given)}`, and {goal.what} is `{show(wanted)}`",
        here=f"`{show(given)}`",
        labels=(label,),
        fixes=_conversions(given, wanted, value.span, written),
        advice=_advice(given, wanted),
    )


def _named(written: tree.Expression) -> str:
    text = printer.text_of(written)
    return f"`{text}`" if len(text) <= 60 else "this"


def _members(enum: Enum) -> str:
    return ", ".join(f"`{enum.name}.{member}`" for member in enum.members[:6])


def _conversions(given: ir.Type, wanted: ir.Type, span: Span, written: tree.Expression) -> tuple[Fix, ...]:
    if isinstance(written, tree.Literal_):
        return ()
    text = printer.text_of(written)

    def calls(name: str, meaning: str) -> Fix:
        return Fix(meaning, (Edit(span, f"{name}({text})"),))

    if given.name == "str" and wanted.name in ("int", "float", "time"):
        return (calls(wanted.name, f"read the text as `{wanted.name}`"),)
    if given.name == "str" and wanted.name == "bool":
        return (Fix("ask whether it is a non-empty text", (Edit(span, f"nonempty {_operand(written)}"),)),)
    if given.name == "float" and wanted.name == "int":
        return (calls("int", "read it as a whole number"),)
    if wanted.name == "str" and given.name in ("int", "float", "bool", "enum") and isinstance(written, tree.Path | tree.Call):
        return (Fix("write it as a text", (Edit(span, f'"{{{text}}}"'),)),)
    if wanted.name == "str" and given.name == "list" and given.item is not None and given.item.name == "str":
        return (Fix("join the texts of the list", (Edit(span, f'join({text}, "\\n")'),)),)
    return ()


def _operand(written: tree.Expression) -> str:
    text = printer.text_of(written)
    return text if isinstance(written, tree.Path | tree.Call) else f"({text})"


def _advice(given: ir.Type, wanted: ir.Type) -> str:
    if given.name == "json" and wanted.name == "str":
        return "write it as a text with `canonical(…)`, or declare the field `json`"
    if given.name == "list" and wanted.item is None:
        return "take one element with `[0]`, or loop with `each`"
    return f"declare the place `{show(types.bare(given))}`, or give a value of its type" if not types.is_error(given) else ""
