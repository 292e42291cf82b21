"""The `match` block: arms and statements."""

from __future__ import annotations

from stepc.diagnostics.model import Diagnostic, Edit, Fix
from stepc.syntax import tree
from stepc.syntax.build.context import Child, Context, nodes, tokens
from stepc.syntax.build.expressions import expression, literal, regex_of, right_hand_side
from stepc.syntax.machine import Node

_PATTERNS = frozenset({"string", "regex", "number", "true", "false", "null", "absent_pattern"})


def match_block(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Match:
    """A whole `match` block."""
    subject, *children = node.children
    arms = tuple(_arm(context, child, above) for above, child in context.documented(children))
    if not arms:
        context.missing(node, "`match` has no arm", "write one arm for each kind of event, and `otherwise => unknown` last")
    return tree.Match(context.span(node), docs, expression(context, subject), arms)


def _arm(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Arm:
    patterns = tuple(_pattern(context, child) for child in nodes(node) if child.kind in _PATTERNS)
    body = nodes(node)[-1]
    return tree.Arm(context.span(node), docs, patterns, _guard(context, node), _body(context, body))


def _body(context: Context, node: Node) -> tree.Block | tree.Ignored | tree.Unknown:
    if node.kind == "block":
        return tree.Block(context.span(node), _statements(context, node.children))
    if node.kind == "emit":
        return tree.Block(context.span(node), (_emit(context, node, ()),))
    return _action(context, node)


def _action(context: Context, node: Node) -> tree.Ignored | tree.Unknown:
    if node.kind == "ignored":
        return tree.Ignored(context.span(node), context.string(node.children[0]))
    return tree.Unknown(context.span(node))


def _guard(context: Context, node: Node) -> tree.Expression | None:
    guards = nodes(node, "guard")
    return expression(context, guards[0].children[0]) if guards else None


def _pattern(context: Context, node: Node) -> tree.Pattern:
    if node.kind == "regex":
        return regex_of(context, node.children[0])
    if node.kind == "absent_pattern":
        return tree.AbsentPattern(context.span(node))
    if node.kind == "null":
        context.diagnostics.append(
            Diagnostic(
                "SV123",
                "a pattern cannot be `null`: a missing value and null are one fact here",
                context.span(node),
                here="write `absent`",
                fixes=(Fix("match a missing or null value", (Edit(context.span(node), "absent"),)),),
            )
        )
    return literal(context, node)


def _statements(context: Context, children: tuple[Child, ...]) -> tuple[tree.Statement, ...]:
    return tuple(_statement(context, child, docs) for docs, child in context.documented(children))


def _statement(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Statement:
    span = context.span(node)
    match node.kind:
        case "emit":
            return _emit(context, node, docs)
        case "each":
            return _each(context, node, docs)
        case "let":
            return tree.Let(span, docs, context.name(node.children[0]), expression(context, node.children[1]))
        case "set":
            return tree.Set(span, docs, context.name(node.children[0]), expression(context, node.children[1]))
        case _:
            return tree.Leftover(span, docs, _guard(context, node), _action(context, nodes(node)[-1]))


def _emit(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Emit:
    assigns = tuple(
        tree.Assign(context.span(child), above, context.name(child.children[0]), right_hand_side(context, child.children[1]))
        for above, child in context.documented(node.children)
        if child.kind == "assign"
    )
    return tree.Emit(context.span(node), docs, context.name(node.children[0]), _guard(context, node), assigns)


def _each(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Each:
    names = tuple(context.name(token) for token in tokens(node, "NAME"))
    positions = nodes(node, "position")
    position = context.name(positions[0].children[0]) if positions else None
    items, block = nodes(node)[-2:]
    return tree.Each(context.span(node), docs, names, position, expression(context, items), _statements(context, block.children))
