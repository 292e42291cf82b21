"""Calls of built-ins: the function's name, the number of arguments, and each argument as its parameter wants it."""

from __future__ import annotations

from stepc import ir
from stepc.check import expressions, fit, printer, regexes, types
from stepc.check.builtins import BUILTINS, MOST_SEEN, Builtin, Parameter
from stepc.check.fit import Goal, error_at
from stepc.check.report import replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Here
from stepc.syntax import tree


def call(here: Here, written: tree.Call, wanted: ir.Type | None) -> ir.AnyExpression:
    """A call as a program node; its type is optional when an argument is, or when the function may find nothing."""
    del wanted
    name = written.function.text
    builtin = BUILTINS.get(name)
    if builtin is None:
        _unknown(here, written)
        for argument in written.arguments:
            if isinstance(argument, tree.Regex):
                regexes.regex(here, argument)
            elif not isinstance(argument, tree.ListOf):
                expressions.lower(here, argument)
        return error_at(written.span)
    count = len(written.arguments)
    if count < builtin.fewest or (builtin.most is not None and count > builtin.most):
        _wrong_count(here, written, builtin)
        return error_at(written.span)
    lowered = [_argument(here, builtin, builtin.parameter(index), argument) for index, argument in enumerate(written.arguments)]
    if any(argument is None or types.is_error(argument.type) for argument in lowered):
        return error_at(written.span)
    arguments = tuple(argument for argument in lowered if argument is not None)
    if name in ("capture", "captures") and isinstance(arguments[1], ir.Regex) and regexes.captures(arguments[1]) == 0:
        pattern = written.arguments[1]
        here.report.error(
            "SV214",
            pattern.span,
            f"`{name}` gives what the first group caught, and this pattern has no group",
            here="no group",
            fixes=(replace_by(pattern.span, _grouped(pattern), "catch the whole match"),),
        )
        return error_at(written.span)
    result = builtin.gives
    if any(argument.type.optional for argument in arguments):
        result = types.optional(result)
    return ir.Call(result, written.span, name, arguments, _site(here, name, arguments))


def _site(here: Here, name: str, arguments: tuple[ir.AnyExpression, ...]) -> str:
    return f"{name}({fit.site_of(here, arguments[0])})" if arguments else f"{name}()"


def _grouped(pattern: tree.Expression) -> str | None:
    if not isinstance(pattern, tree.Regex):
        return None
    text = printer.text_of(pattern)
    end = text.rfind("/")
    return f"/({text[1:end]}){text[end:]}"


def _argument(here: Here, builtin: Builtin, parameter: Parameter, written: tree.Expression) -> ir.AnyExpression | None:
    what = f"`{parameter.name}` of `{builtin.usage()}`"
    match parameter.kind:
        case "pattern" | "patterns":
            return _pattern(here, builtin, parameter, written)
        case "constant":
            if isinstance(written, tree.Literal_) and isinstance(written.value, str) and written.value:
                return ir.Constant(types.STR, written.span, written.value)
            here.report.error(
                "SV217",
                written.span,
                f"{what} is a text written out",
                here="not a plain text",
                advice='write it in quotes, such as `"name"`',
            )
            return None
        case "count":
            if (
                isinstance(written, tree.Literal_)
                and isinstance(written.value, int)
                and not isinstance(written.value, bool)
                and 0 < written.value <= MOST_SEEN
            ):
                return ir.Constant(types.INT, written.span, written.value)
            here.report.error(
                "SV217",
                written.span,
                f"{what} is a whole number written out, from 1 to {MOST_SEEN:,}",
                here="not such a number",
                advice="write the number itself",
            )
            return None
        case "any":
            return expressions.value(here, written, Goal(types.JSON, what))
        case "sized":
            lowered = expressions.lower(here, written)
            if lowered.type.name in ("str", "list", "json", "error"):
                return lowered
            here.report.error(
                "SV201",
                lowered.span,
                f"`len` counts characters, elements or keys, and `{printer.text_of(written)}` is `{show(lowered.type)}`",
                here=f"`{show(lowered.type)}`",
                advice="give a text or a list",
            )
            return None
        case "value":
            return expressions.value(here, written, Goal(parameter.type, what))


def _pattern(here: Here, builtin: Builtin, parameter: Parameter, written: tree.Expression) -> ir.AnyExpression | None:
    if isinstance(written, tree.Regex):
        return regexes.regex(here, written)
    several = parameter.kind == "patterns"
    if several and isinstance(written, tree.ListOf) and written.items and all(isinstance(item, tree.Regex) for item in written.items):
        patterns = [regexes.regex(here, item) for item in written.items if isinstance(item, tree.Regex)]
        checked = tuple(pattern for pattern in patterns if pattern is not None)
        if len(checked) != len(patterns):
            return None
        return ir.ListOf(ir.Type("list", item=types.REGEX), written.span, checked)
    suggestion = None
    if isinstance(written, tree.Literal_) and isinstance(written.value, str) and written.value:
        suggestion = printer.text_of(tree.Regex(written.span, _quoted(written.value), ""))
    here.report.error(
        "SV217",
        written.span,
        f"`{parameter.name}` of `{builtin.name}` is a regular expression{' or a list of them' if several else ''}, written out",
        here="not a pattern",
        fixes=(replace_by(written.span, suggestion, "look for the text itself"),),
        advice="" if suggestion else "write it as `/pattern/`",
    )
    return None


def _quoted(text: str) -> str:
    return "".join(f"\\{character}" if character in r"\.^$|?*+()[]{}" else character for character in text)


def _unknown(here: Here, written: tree.Call) -> None:
    name = written.function.text
    if name == "zip":
        here.report.error(
            "SV133", written.span, "`zip` stands only in `each a, b in zip(x, y)`", here="not a value", advice="loop over it with `each`"
        )
        return
    near = nearest(name, BUILTINS)
    known = {
        "len": "len",
        "size": "len",
        "length": "len",
        "count": "len",
        "strip": "trim",
        "str": "text_of",
        "regex": "matches",
        "search": "matches",
        "match": "matches",
        "substring": "head",
        "parse_json": "json",
    }
    near = known.get(name, near)
    here.report.error(
        "SV133",
        written.function.span,
        f"there is no function `{name}`",
        here="no such function",
        fixes=(replace_by(written.function.span, near),),
        advice="" if near else f"the functions are {', '.join(sorted(BUILTINS))}",
    )


def _wrong_count(here: Here, written: tree.Call, builtin: Builtin) -> None:
    count = len(written.arguments)
    few, most = builtin.fewest, builtin.most
    takes = f"at least {few}" if most is None else str(few) if few == most else f"{few} to {most}"
    here.report.error(
        "SV134",
        written.span,
        f"`{builtin.name}` takes {takes} argument{'' if takes == '1' else 's'}, and {count} {'is' if count == 1 else 'are'} given",
        here=f"the call is `{builtin.usage()}`",
        advice=f"write `{builtin.usage()}`: {builtin.doc}",
    )
