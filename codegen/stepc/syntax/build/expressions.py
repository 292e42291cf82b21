"""Expressions, paths, path patterns and templates."""

from __future__ import annotations

from typing import Literal

from stepc.syntax import tree
from stepc.syntax.build.context import Child, Context, nodes, tokens
from stepc.syntax.literals import number, regex
from stepc.syntax.machine import Node, Token

_COMPARISONS: dict[str, Literal["==", "!=", "<", "<=", ">", ">="]] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

_MOST_ALTERNATIVES = 50


def expression(context: Context, child: Child) -> tree.Expression:
    """Any expression node."""
    assert isinstance(child, Node)
    node, span = child, context.span(child)
    match node.kind:
        case "parenthesised":
            return expression(context, node.children[0])
        case "path":
            return path(context, node)
        case "list":
            return tree.ListOf(span, tuple(expression(context, item) for item in node.children))
        case "object":
            return tree.ObjectOf(span, tuple(_entry(context, item) for item in nodes(node)))
        case "template":
            return template(context, node)
        case "regex":
            return regex_of(context, node.children[0])
        case "string" | "number" | "true" | "false" | "null":
            return literal(context, node)
        case "not" | "has" | "present" | "absent" | "nonempty":
            return tree.Unary(span, node.kind, expression(context, node.children[0]))
        case "comparison":
            left, sign, right = node.children
            assert isinstance(sign, Token)
            return tree.Binary(span, _COMPARISONS[sign.text], expression(context, left), expression(context, right))
        case "membership":
            return tree.Binary(span, "in", *(expression(context, part) for part in node.children))
        case "and" | "or":
            return tree.Binary(span, node.kind, *(expression(context, part) for part in node.children))
        case "conditional":
            return tree.Conditional(span, *(expression(context, part) for part in node.children))
        case _:
            assert node.kind == "fallback"
            return tree.Fallback(span, *(expression(context, part) for part in node.children))


def right_hand_side(context: Context, child: Child) -> tree.RightHandSide:
    """What a field is assigned: an expression with `else skip` or `else drop` behind it, if written."""
    assert isinstance(child, Node)
    alternatives: list[Child] = []
    node = child
    while node.kind == "fallback":
        alternatives.append(node.children[0])
        last = node.children[1]
        assert isinstance(last, Node)
        node = last
    resort: Literal["skip", "drop"] | None = None
    if node.kind in ("else_skip", "else_drop"):
        resort = "skip" if node.kind == "else_skip" else "drop"
        alternatives.append(node.children[0])
    else:
        alternatives.append(node)
    return tree.RightHandSide(context.span(child), _fallbacks([expression(context, part) for part in alternatives]), resort)


def _fallbacks(alternatives: list[tree.Expression]) -> tree.Expression:
    value = alternatives[-1]
    for left in reversed(alternatives[:-1]):
        value = tree.Fallback(left.span.to(value.span), left, value)
    return value


def literal(context: Context, node: Node) -> tree.Literal_:
    """A string, number, `true`, `false` or `null` node."""
    span = context.span(node)
    match node.kind:
        case "string":
            return tree.Literal_(span, context.string(node.children[0]))
        case "number":
            token = node.children[0]
            assert isinstance(token, Token)
            value = number(token.text)
            if value is None:
                context.out_of_range(token)
            return tree.Literal_(span, value or 0)
        case "true" | "false":
            return tree.Literal_(span, node.kind == "true")
        case _:
            return tree.Literal_(span, None)


def regex_of(context: Context, child: Child) -> tree.Regex:
    """A regular expression token."""
    assert isinstance(child, Token)
    return tree.Regex(context.span(child), *regex(child.text))


def _entry(context: Context, node: Node) -> tree.Entry:
    key, value = node.children
    assert isinstance(key, Token)
    text = context.string(key) if key.type == "STRING" else key.text
    return tree.Entry(context.span(node), text, expression(context, value))


def call(context: Context, node: Node) -> tree.Call:
    """`name(arguments)`, outside and inside templates."""
    function, *arguments = node.children
    return tree.Call(context.span(node), context.name(function), tuple(_argument(context, argument) for argument in arguments))


def _argument(context: Context, child: Child) -> tree.Expression:
    if isinstance(child, Token):
        return tree.Literal_(context.span(child), context.integer(child))
    return path(context, child) if child.kind == "hole_path" else expression(context, child)


def path(context: Context, node: Node) -> tree.Path | tree.Call:
    """A path, or the bare call that it begins with."""
    base, segments = _base(context, node)
    if isinstance(base, tree.Call) and not segments:
        return base
    if isinstance(base, tree.Name) and not segments:
        context.foreign_literal(base)
    return tree.Path(context.span(node), base, tuple(segment(context, child) for child in segments))


def _base(context: Context, node: Node) -> tuple[tree.Name | tree.Call | None, tuple[Child, ...]]:
    if node.children:
        first = node.children[0]
        if isinstance(first, Token) and first.type == "NAME":
            return context.name(first), node.children[1:]
        if isinstance(first, Node) and first.kind in ("call", "hole_call"):
            return call(context, first), node.children[1:]
    return None, node.children


def segment(context: Context, child: Child) -> tree.Segment:
    """One segment of a path; an index that is a plain string is a field with an odd key."""
    span = context.span(child)
    if isinstance(child, Token):
        return tree.Field(span, child.text[1:])
    if child.kind == "every":
        return tree.Every(span, bool(child.children))
    inner = child.children[0]
    if isinstance(inner, Token):
        if inner.type == "STRING":
            return tree.Field(span, context.string(inner))
        return tree.Index(span, tree.Literal_(context.span(inner), context.integer(inner)))
    if inner.kind == "string":
        return tree.Field(span, context.string(inner.children[0]))
    return tree.Index(span, expression(context, inner))


def raw_path(context: Context, node: Node) -> tree.Path:
    """The path behind `episode`, `event`, `time` and the columns of `zip`: always from the element in hand."""
    return tree.Path(context.span(node), None, tuple(segment(context, child) for child in node.children))


def template(context: Context, node: Node) -> tree.Template:
    """A string with holes: text, hole, text, …, text."""
    parts: list[str | tree.Expression] = []
    for child in node.children:
        if isinstance(child, Token):
            parts.append(context.string(child))
        else:
            alternatives = [path(context, part) for part in nodes(child)]
            if len(alternatives) > _MOST_ALTERNATIVES:
                context.too_deep(child)
                alternatives = alternatives[:1]
            parts.append(_fallbacks([*alternatives]))
    return tree.Template(context.span(node), tuple(parts))


def text_or_template(context: Context, node: Node) -> tree.Template | tree.Literal_:
    """A `string` or `template` node."""
    return template(context, node) if node.kind == "template" else literal(context, node)


def path_patterns(context: Context, node: Node) -> tuple[tree.PathPattern, ...]:
    """The path patterns below a node."""
    return tuple(_path_pattern(context, child) for child in nodes(node, "path_pattern"))


def _path_pattern(context: Context, node: Node) -> tree.PathPattern:
    names = tokens(node, "NAME")
    base = context.name(names[0]) if names else None
    segments = node.children[1:] if names else node.children
    return tree.PathPattern(context.span(node), base, tuple(_pattern_segment(context, child) for child in segments))


def _pattern_segment(context: Context, child: Child) -> tree.PatternKey | tree.PatternEvery:
    span = context.span(child)
    if isinstance(child, Token):
        return tree.PatternKey(span, (child.text[1:],), False)
    match child.kind:
        case "pattern_literal":
            return tree.PatternKey(span, (context.string(child.children[0]),), True)
        case "pattern_choice":
            return tree.PatternKey(span, tuple(token.text for token in tokens(child, "GLOB")), False)
        case _:
            return tree.PatternEvery(span)
