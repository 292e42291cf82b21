"""Expressions: every tree node becomes a typed program node, or a diagnostic and the error type.

`lower` works from the leaves up. A wanted type only flows down to where it decides something: into the sides of `else` and the
branches of `if`, into literals, and to raw paths, which become reads.
"""

from __future__ import annotations

from stepc import ir
from stepc.check import calls, comparisons, fit, narrowing, printer, references, types
from stepc.check.fit import Goal, error_at
from stepc.check.report import after, replace
from stepc.check.types import show
from stepc.check.world import Here
from stepc.diagnostics.model import Edit, Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree


def value(here: Here, expression: tree.Expression, goal: Goal) -> ir.AnyExpression:
    """The expression as the goal's type, which may still be optional."""
    return fit.fit(here, lower(here, expression, goal.type), goal, expression)


def condition(here: Here, expression: tree.Expression, what: str) -> ir.AnyExpression:
    """A guard, a test or an operand of a connective: `bool?`. Reports SV207 for anything else."""
    lowered = lower(here, expression, types.BOOL)
    if types.is_error(lowered.type) or lowered.type.name == "bool":
        return lowered
    if types.is_raw(lowered.type) and not isinstance(lowered, ir.ObjectOf):
        return fit.read(here, lowered, types.BOOL)
    if lowered.type.name == "null":
        return ir.Constant(types.optional(types.BOOL), lowered.span, None)
    text = printer.text_of(expression)
    operand = text if isinstance(expression, tree.Path | tree.Call) else f"({text})"
    operator = "nonempty" if lowered.type.name in ("str", "list") else "present"
    here.report.error(
        "SV207",
        lowered.span,
        f"{what} is true or false, and `{text}` is `{show(lowered.type)}`",
        here=f"`{show(lowered.type)}`",
        fixes=(replace(f"ask whether it is {'non-empty' if operator == 'nonempty' else 'there'}", lowered.span, f"{operator} {operand}"),),
    )
    return error_at(lowered.span)


def lower(here: Here, expression: tree.Expression, wanted: ir.Type | None = None) -> ir.AnyExpression:
    """The program node of an expression, with its type. `wanted` is a hint: the result may still be of another type."""
    lowered = _lower(here, expression, wanted)
    if isinstance(expression, tree.Call | tree.Fallback) and lowered.type.optional:
        key = narrowing.key_of(here, expression)
        fact = here.facts.get(key) if key is not None else None
        if fact is not None and (fact.type.name == "json" or not types.is_raw(lowered.type)):
            return ir.Cast(types.required(lowered.type), lowered.span, lowered)
    return lowered


def _lower(here: Here, expression: tree.Expression, wanted: ir.Type | None) -> ir.AnyExpression:
    span = expression.span
    match expression:
        case tree.Literal_(value=literal):
            return ir.Constant(_literal_type(literal), span, literal)
        case tree.Regex():
            here.report.error(
                "SV213",
                span,
                "a regular expression is no value: it stands in calls such as `matches(.text, /re/)` and in patterns",
                here="a pattern, not a value",
                advice="use `matches(…)` to ask, `capture(…)` to take a part",
            )
            return error_at(span)
        case tree.Template():
            return template(here, expression)
        case tree.Path():
            return references.path(here, expression, wanted)
        case tree.Call():
            return calls.call(here, expression, wanted)
        case tree.ListOf(items=items):
            return _list(here, items, span, wanted)
        case tree.ObjectOf(entries=entries):
            return _object(here, entries, span)
        case tree.Unary():
            return _unary(here, expression)
        case tree.Binary(operator=("and" | "or") as operator, left=left, right=right):
            one = condition(here, left, f"a side of `{operator}`")
            facts = narrowing.proved(here, left) if operator == "and" else narrowing.disproved(here, left)
            other = condition(here.knowing(facts), right, f"a side of `{operator}`")
            if types.is_error(one.type) or types.is_error(other.type):
                return error_at(span)
            type_ = types.optional(types.BOOL) if one.type.optional or other.type.optional else types.BOOL
            return (ir.And if operator == "and" else ir.Or)(type_, span, one, other)
        case tree.Binary():
            return comparisons.compare(here, expression)
        case tree.Fallback():
            return _fallback(here, expression, wanted)
        case tree.Conditional():
            return _conditional(here, expression, wanted)


def _literal_type(value: str | int | float | bool | None) -> ir.Type:
    if value is None:
        return types.NULL
    if isinstance(value, bool):
        return types.BOOL
    if isinstance(value, str):
        return types.STR
    return types.INT if isinstance(value, int) else types.FLOAT


def template(here: Here, expression: tree.Template) -> ir.AnyExpression:
    """A string with holes: absent as soon as one hole is."""
    parts: list[str | ir.AnyExpression] = []
    optional = failed = False
    for part in expression.parts:
        if isinstance(part, str):
            if part:
                parts.append(part)
            continue
        hole = lower(here, part)
        if types.is_error(hole.type):
            failed = True
        elif hole.type.name in ("list", "regex", "null", "time") or isinstance(hole, ir.ObjectOf):
            failed = True
            here.report.error(
                "SV201",
                hole.span,
                f"`{printer.text_of(part)}` is `{show(hole.type)}`, and a hole of a template takes a text, a number, a bool or a member",
                here=f"`{show(hole.type)}`",
                advice="use `join(…)` for a list",
            )
        optional = optional or hole.type.optional
        parts.append(hole)
    if failed:
        return error_at(expression.span)
    return ir.Template(types.optional(types.STR) if optional else types.STR, expression.span, tuple(parts))


def _list(here: Here, items: tuple[tree.Expression, ...], span: Span, wanted: ir.Type | None) -> ir.AnyExpression:
    inner = wanted.item if wanted is not None and wanted.name == "list" else None
    lowered = [lower(here, item, inner) for item in items]
    if any(types.is_error(item.type) for item in lowered):
        return error_at(span)
    known = inner or next((item.type for item in lowered if not types.is_raw(item.type) and item.type.name != "null"), types.JSON)
    if types.is_number(known) and any(item.type.name == "float" for item in lowered):
        known = types.FLOAT
    fitted: list[ir.AnyExpression] = []
    for item, written in zip(lowered, items, strict=True):
        one = fit.fit(here, item, Goal(types.optional(types.bare(known)), "every other element of the list"), written)
        if types.is_error(one.type):
            return error_at(span)
        fitted.append(one)
    optional = any(item.type.optional for item in fitted)
    element = types.optional(types.bare(known)) if optional else types.bare(known)
    return ir.ListOf(ir.Type("list", item=element), span, tuple(fitted))


def _object(here: Here, entries: tuple[tree.Entry, ...], span: Span) -> ir.AnyExpression:
    out: list[tuple[str, ir.AnyExpression]] = []
    places: dict[str, Span] = {}
    failed = False
    for entry in entries:
        first = places.setdefault(entry.key, entry.span)
        if first is not entry.span:
            here.report.error(
                "SV131",
                entry.span,
                f"the object has `{entry.key}` twice",
                here="again",
                labels=(Label(first, "first here"),),
                advice="keep one of them",
            )
            failed = True
        item = lower(here, entry.value, types.JSON)
        if types.is_error(item.type):
            failed = True
        out.append((entry.key, item))
    return error_at(span) if failed else ir.ObjectOf(types.JSON, span, tuple(out))


def _unary(here: Here, expression: tree.Unary) -> ir.AnyExpression:
    span, operator, operand = expression.span, expression.operator, expression.operand
    if operator == "not":
        inner = condition(here, operand, "the operand of `not`")
        return (
            inner if types.is_error(inner.type) else ir.Not(types.optional(types.BOOL) if inner.type.optional else types.BOOL, span, inner)
        )
    if operator == "has":
        return _has(here, expression)
    lowered = lower(here, operand, types.STR if operator == "nonempty" and not isinstance(operand, tree.Call) else None)
    if types.is_error(lowered.type):
        return lowered
    if operator == "nonempty":
        if types.is_raw(lowered.type) and not isinstance(lowered, ir.ObjectOf):
            lowered = fit.read(here, lowered, types.STR)
        if lowered.type.name not in ("str", "list"):
            here.report.error(
                "SV201",
                lowered.span,
                f"`nonempty` takes a text or a list, and `{printer.text_of(operand)}` is `{show(lowered.type)}`",
                here=f"`{show(lowered.type)}`",
                fixes=(replace("ask whether it is there", span, f"present {printer.text_of(operand)}"),),
            )
            return error_at(span)
        return ir.Nonempty(types.BOOL, span, lowered)
    present = ir.Present(types.BOOL, span, lowered)
    return present if operator == "present" else ir.Not(types.BOOL, span, present)


def _has(here: Here, expression: tree.Unary) -> ir.AnyExpression:
    operand = expression.operand
    if isinstance(operand, tree.Path) and operand.segments and not isinstance(operand.segments[-1], tree.Every):
        lowered = references.path(here, operand, None)
        if isinstance(lowered, ir.Cast):
            lowered = lowered.value
        if isinstance(lowered, ir.Path):
            return ir.Has(types.BOOL, expression.span, lowered)
        if types.is_error(lowered.type):
            return lowered
    text = printer.text_of(operand)
    here.report.error(
        "SV213",
        expression.span,
        f"`has` asks whether a key exists in a raw object, and `{text}` is no path to a key",
        here="no key of a raw object",
        fixes=(replace("ask whether it is there and not null", expression.span, f"present {text}"),)
        if isinstance(operand, tree.Path)
        else (),
        advice="write `has .key`, or ask with `present`",
    )
    return error_at(expression.span)


def _fallback(here: Here, expression: tree.Fallback, wanted: ir.Type | None) -> ir.AnyExpression:
    left, right = lower(here, expression.left, wanted), lower(here, expression.right, wanted)
    if types.is_error(left.type) or types.is_error(right.type):
        return error_at(expression.span)
    if wanted is not None:
        left, right = _read_if_raw(here, left, wanted), _read_if_raw(here, right, wanted)
    united = _unite(here, left, right)
    if united is None:
        _disagree(here, (expression.left, expression.right), left, right, "`else` gives", wanted)
        return error_at(expression.span)
    left, right, type_ = united
    if not left.type.optional:
        needless(here, expression.left, expression.span, after(left.span).to(after(right.span)))
    elif right.type.name == "null":
        cut = after(left.span).to(after(right.span))
        here.report.warning(
            "SV204",
            right.span,
            "`else null` changes nothing: absent stays absent",
            here="not needed",
            fixes=(_cut(expression.span, cut, expression.left),),
        )
    optional = left.type.optional and right.type.optional
    return ir.Else(types.optional(type_) if optional else types.required(type_), expression.span, left, right)


def needless(here: Here, left: tree.Expression, whole: Span, cut: Span) -> None:
    """Warn of a fallback behind a value that is always there (SV204)."""
    here.report.warning(
        "SV204",
        cut,
        f"`{printer.text_of(left)}` is always there: this fallback is never taken",
        here="not needed",
        fixes=(_cut(whole, cut, left),),
    )


def _cut(whole: Span, cut: Span, left: tree.Expression) -> Fix:
    """Remove a fallback. Brackets around the left side are outside its span: then the whole is printed anew."""
    if left.span.start == whole.start:
        return Fix("remove the fallback", (Edit(cut, ""),))
    return replace("remove the fallback", whole, printer.text_of(left))


def _read_if_raw(here: Here, value: ir.AnyExpression, wanted: ir.Type) -> ir.AnyExpression:
    if types.is_raw(value.type) and not types.is_raw(wanted) and not isinstance(value, ir.ObjectOf):
        return fit.read(here, value, wanted)
    return value


def _conditional(here: Here, expression: tree.Conditional, wanted: ir.Type | None) -> ir.AnyExpression:
    test = condition(here, expression.test, "the test of `if`")
    yes = lower(here.knowing(narrowing.proved(here, expression.test)), expression.yes, wanted)
    no = lower(here.knowing(narrowing.disproved(here, expression.test)), expression.no, wanted)
    if any(types.is_error(part.type) for part in (test, yes, no)):
        return error_at(expression.span)
    if wanted is not None:
        yes, no = _read_if_raw(here, yes, wanted), _read_if_raw(here, no, wanted)
    united = _unite(here, yes, no)
    if united is None:
        _disagree(here, (expression.yes, expression.no), yes, no, "`if` gives", wanted)
        return error_at(expression.span)
    yes, no, type_ = united
    optional = yes.type.optional or no.type.optional
    return ir.Conditional(types.optional(type_) if optional else types.required(type_), expression.span, test, yes, no)


def _unite(here: Here, one: ir.AnyExpression, other: ir.AnyExpression) -> tuple[ir.AnyExpression, ir.AnyExpression, ir.Type] | None:
    """Both sides as one type: raw sides are read as the other's, whole numbers widen, null takes any type. None when they differ."""
    if one.type.name == "null" or other.type.name == "null":
        type_ = other.type if one.type.name == "null" else one.type
        return _typed_null(one, type_), _typed_null(other, type_), type_
    if types.is_raw(one.type) and types.is_raw(other.type):
        return one, other, types.JSON
    if types.is_raw(one.type) and not isinstance(one, ir.ObjectOf):
        one = fit.read(here, one, other.type)
    elif types.is_raw(other.type) and not isinstance(other, ir.ObjectOf):
        other = fit.read(here, other, one.type)
    if types.same(one.type, other.type):
        return one, other, types.bare(one.type)
    if types.is_number(one.type) and types.is_number(other.type):
        return one, other, types.FLOAT
    return None


def _typed_null(value: ir.AnyExpression, type_: ir.Type) -> ir.AnyExpression:
    if value.type.name != "null" or type_.name == "null":
        return value
    return ir.Constant(types.optional(types.bare(type_)), value.span, None)


def _disagree(
    here: Here,
    written: tuple[tree.Expression, tree.Expression],
    one: ir.AnyExpression,
    other: ir.AnyExpression,
    what: str,
    wanted: ir.Type | None,
) -> None:
    """Two sides of different types: where a type is wanted, the side that does not fit is the mistake."""
    if wanted is not None:
        goal = Goal(wanted, "this place")
        if any(types.is_error(fit.fit(here, side, goal, text).type) for side, text in zip((one, other), written, strict=True)):
            return
    here.report.error(
        "SV205",
        other.span,
        f"{what} one type: this is `{show(other.type)}`, the other side is `{show(one.type)}`",
        here=f"`{show(other.type)}`",
        labels=(Label(one.span, f"`{show(one.type)}`"),),
        advice=f"give a `{show(types.bare(one.type))}` on both sides",
    )
