"""Fields, enums, pairs and lists of paths."""

from __future__ import annotations

from typing import Literal

from stepc.syntax import tree
from stepc.syntax.build.context import Context, nodes, tokens
from stepc.syntax.build.expressions import path_patterns, right_hand_side
from stepc.syntax.machine import Node, Token


def fields(context: Context, node: Node) -> tuple[tree.FieldDeclaration, ...]:
    """The fields of `start`, `meta`, `outcome`, `state` or a step."""
    return tuple(_field(context, child, docs) for docs, child in context.documented(node.children))


def _field(context: Context, node: Node, docs: tuple[str, ...]) -> tree.FieldDeclaration:
    maximum = tokens(node, "INT")
    of_type, *value = nodes(node)
    return tree.FieldDeclaration(
        context.span(node),
        docs,
        context.name(node.children[0]),
        _type(context, of_type),
        context.integer(maximum[0]) if maximum else None,
        right_hand_side(context, value[0]) if value else None,
    )


def _type(context: Context, node: Node) -> tree.TypeName:
    arguments = nodes(node, "type")
    argument = _type(context, arguments[0]) if arguments else None
    return tree.TypeName(context.span(node), context.name(node.children[0]), argument, bool(tokens(node, "OPTIONAL")))


def enum(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Enum:
    """`enum` or `reads`."""
    members = tuple(
        tree.Member(
            context.span(child), above, context.name(child.children[0]), tuple(context.string(token) for token in tokens(child, "STRING"))
        )
        for above, child in context.documented(node.children)
    )
    if not members:
        context.missing(node, f"`{node.kind}` has no member", 'write one line for each: `agent = "assistant"`')
    return tree.Enum(context.span(node), docs, node.kind == "reads", context.name(node.children[0]), members)


def pair(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Pair | None:
    """`pair`; None (and a diagnostic) where `open` or `close` is missing."""
    name, key = (context.name(token) for token in tokens(node, "NAME"))
    opens = context.only([(child, context.name(child.children[0])) for child in nodes(node, "open")], "`open`")
    closes = context.only([(child, context.name(child.children[0])) for child in nodes(node, "close")], "`close`")
    carried = [(child, tuple(context.name(token) for token in tokens(child, "NAME"))) for child in nodes(node, "carry")]
    carry = context.only(carried, "`carry`")
    if opens is None or closes is None:
        absent = " and ".join(f"`{word}`" for word, found in (("open", opens), ("close", closes)) if found is None)
        context.missing(node, f"this pair has no {absent}", "a pair names the step that opens it and the step that closes it")
        return None
    return tree.Pair(context.span(node), docs, name, key, _order(node), opens, closes, carry or ())


def _order(node: Node) -> Literal["fifo", "latest"]:
    for child in nodes(node, "order"):
        word = child.children[-1]
        assert isinstance(word, Token)
        if word.text == "latest":
            return "latest"
    return "fifo"


def path_rules(context: Context, node: Node) -> tuple[tree.PathRule, ...]:
    """The lines of `sealed`, `secret` or `ignore`."""
    return tuple(
        tree.PathRule(context.span(child), docs, path_patterns(context, child), context.string(tokens(child, "STRING")[0]))
        for docs, child in context.documented(node.children)
    )
