"""Examples."""

from __future__ import annotations

from stepc.syntax import tree
from stepc.syntax.build.context import Context, nodes, tokens
from stepc.syntax.build.expressions import literal
from stepc.syntax.machine import Node


def example(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Example | None:
    """`example`; None (and a diagnostic) where `given` or `expect` is missing."""
    given = context.only([(child, child) for child in nodes(node, "given")], "`given`")
    expect = context.only([(child, child) for child in nodes(node, "expect")], "`expect`")
    title = context.string(node.children[0])
    if given is None or expect is None:
        absent = " and ".join(f"`{word}`" for word, found in (("given", given), ("expect", expect)) if found is None)
        context.missing(node, f"this example has no {absent}", 'write `given "samples/…"` and, on the next line, `expect [Step, …]`')
        return None
    sample, names = tokens(given, "STRING")[0], tokens(given, "NAME")
    episodes, ids = nodes(given, "given_episode"), nodes(given, "given_id")
    return tree.Example(
        context.span(node),
        docs,
        title,
        context.string(sample),
        context.span(sample),
        context.name(names[0]) if names else None,
        context.integer(episodes[0].children[0]) if episodes else None,
        context.string(ids[0].children[0]) if ids else None,
        tuple(_expected(context, child) for child in nodes(expect)),
    )


def _expected(context: Context, node: Node) -> tree.StepPattern | tree.Gap:
    if node.kind == "gap":
        return tree.Gap(context.span(node))
    return step_pattern(context, node)


def step_pattern(context: Context, node: Node) -> tree.StepPattern:
    """`Step{field: value}`."""
    fields = nodes(node, "object_pattern")
    return tree.StepPattern(context.span(node), context.name(node.children[0]), _object(context, fields[0]) if fields else None)


def _object(context: Context, node: Node) -> tree.ObjectPattern:
    pairs = []
    for child in nodes(node):
        value = nodes(child)[0]
        pairs.append(tree.ValuePattern(context.span(child), context.name(child.children[0]), _value(context, value)))
    return tree.ObjectPattern(context.span(node), tuple(pairs))


def _value(context: Context, node: Node) -> tree.Literal_ | tree.Name | tree.ObjectPattern:
    if node.kind == "name":
        name = context.name(node.children[0])
        context.foreign_literal(name)
        return name
    return _object(context, node) if node.kind == "object_pattern" else literal(context, node)
