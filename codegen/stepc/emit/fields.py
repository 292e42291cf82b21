"""Fields of steps and facts: bounded, each in a local of its own name."""

from __future__ import annotations

from dataclasses import replace

from stepc import ir
from stepc.emit.body import Place
from stepc.emit.code import COMPARISON, OR, Code, all_of, call, choose, is_none, is_there, literal, local
from stepc.emit.expressions import Expressions
from stepc.emit.literals import string

ELLIPSIS = "…"
"""Stands for what was cut, inside the bound."""


def maximum(expressions: Expressions, value_type: ir.Type) -> int:
    """The bound of a text in characters."""
    return value_type.maximum if value_type.maximum is not None else expressions.module.text_limit


def cut_constant(expressions: Expressions, declared: ir.Field, node: ir.AnyExpression) -> ir.AnyExpression:
    """A literal text within the bound of its field."""
    most = maximum(expressions, declared.type)
    if declared.type.name == "str" and isinstance(node, ir.Constant) and isinstance(node.value, str) and len(node.value) > most:
        return ir.Constant(node.type, node.span, node.value[: most - 1] + ELLIPSIS)
    return node


def is_constant(code: Code) -> bool:
    """Whether it is a literal made of literals."""
    return code.literal or (code.opening in ("[", "{") and all(is_constant(part) for part in code.parts)) or code.text in ("{}", "[]")


def longest(code: Code) -> int | None:
    """How long a text is at most, where it is one of some literals."""
    if code.ternary is not None:
        yes, no = longest(code.ternary[1]), longest(code.ternary[2])
        return None if yes is None or no is None else max(yes, no)
    return len(code.text) if code.literal else None


def bound_value(expressions: Expressions, value_type: ir.Type, code: Code, site: str, line: int) -> Code:
    """A value within its bound, as an expression; for texts `code` must be repeatable."""
    if value_type.name == "str" and not is_constant(code):
        most = maximum(expressions, value_type)
        short = Code(f"len({code.text}) <= {most}", COMPARISON)
        test = short if not code.optional else Code(f"{code.text} is None or {short.text}", OR)
        cut = Code(f'{code.text}[:{most - 1}] + "{ELLIPSIS}"')
        return replace(choose(test, code, cut), optional=code.optional)
    if value_type.name in ("json", "list") and not is_constant(code):
        function = expressions.module.use("bounded" if value_type.name == "json" else "bounded_list")
        limit = literal(str(expressions.module.json_limit))
        arguments = (code, limit, literal(expressions.body.defects()), literal(string(site)), literal(str(line)))
        if value_type.name == "list" and code.optional:
            held = expressions.hold(code, value_type, "items")
            return choose(is_none(held), literal("None"), call(function, held, *arguments[1:]))
        return call(function, *arguments, optional=code.optional)
    return code


def field_local(
    expressions: Expressions, declared: ir.Field, code: Code, words: list[str], site: str, place: Place, *, cut: bool = True
) -> Code:
    """A local that holds a field's value within its bound. `words` name it: the last one if it is free."""
    body = expressions.body
    python = expressions.module.python_type(declared.type)
    most = maximum(expressions, declared.type)
    if declared.type.name == "str" and cut and not is_constant(code) and (longest(code) or most + 1) > most:
        if declared.type.optional and not code.optional:
            held = expressions.hold(code, ir.Type("str"), f"whole_{words[-1]}")
            return body.store(
                ("field", site, len(body.lines)), words, python, bound_value(expressions, declared.type, held, site, 0), place
            )
        if code.text == words[-1] and body.declared.get(code.text) == python and not expressions.named(code.text):
            body.forget(code.text)
            kept = code
        else:
            kept = body.store(("field", site, len(body.lines)), words, python, code, place)
            kept = local(kept.text, code.optional)
        tests = [is_there(kept)] if code.optional else []
        body.statement("if ", all_of([*tests, Code(f"len({kept.text}) > {most}", COMPARISON)]), ":")
        with body.block():
            body.assign(kept.text, python, Code(f'{kept.text}[:{most - 1}] + "{ELLIPSIS}"'))
        return kept
    if declared.type.name in ("json", "list") and cut:
        code = bound_value(expressions, declared.type, code, site, place.span.line)
    if code.name and "." not in code.text:
        return code
    kept = body.store(("field", site, len(body.lines)), words, python, code, place)
    return local(kept.text, code.optional)
