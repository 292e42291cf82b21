"""Monitors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from stepc.syntax import tree
from stepc.syntax.build.context import Child, Context, nodes, tokens
from stepc.syntax.build.examples import step_pattern
from stepc.syntax.build.expressions import expression
from stepc.syntax.literals import number
from stepc.syntax.machine import Node, Token

_Built = TypeVar("_Built")


def monitor(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Monitor:
    """`monitor`; what is missing in it is for the checker to say."""

    def one(kind: str, build: Callable[[Node], _Built], word: str = "") -> _Built | None:
        return context.only([(child, build(child)) for child in nodes(node, kind)], f"`{word or kind}`")

    listed = list(context.documented(node.children[1:]))
    return tree.Monitor(
        context.span(node),
        docs,
        context.name(node.children[0]),
        one("monitor_source", lambda child: context.name(child.children[0]), "source"),
        one("score", lambda child: tuple(step_pattern(context, pattern) for pattern in nodes(child)), "score after") or (),
        one("predict", lambda child: _predict(context, child)),
        one("group", lambda child: expression(context, child.children[0])),
        one("scorer", lambda child: context.name(child.children[0])),
        one("features", lambda child: tuple(_feature(context, line, above) for above, line in context.documented(child.children))),
        tuple(_alert(context, child, above) for above, child in listed if child.kind == "alert"),
        one("cooldown", lambda child: _number(context, child.children[0])),
        one("censored", lambda child: expression(context, nodes(child, "guard")[0].children[0])),
        tuple(_rule(context, child, above) for above, child in listed if child.kind == "rule"),
    )


def _number(context: Context, child: Child) -> tree.Literal_:
    """A number written out, with its place."""
    assert isinstance(child, Token)
    value = number(child.text)
    if value is None:
        context.out_of_range(child)
    return tree.Literal_(context.span(child), value or 0)


def _predict(context: Context, node: Node) -> tree.Predict:
    within = nodes(node, "within")
    horizon = _number(context, within[0].children[0]) if within else None
    return tree.Predict(context.span(node), context.name(node.children[0]), horizon)


def _step_field(context: Context, node: Node) -> tree.StepField:
    first = context.name(node.children[0])
    field = tokens(node, "FIELD")
    if not field:
        return tree.StepField(context.span(node), None, first)
    whole = context.span(field[0])
    name = tree.Name(context.places.span(field[0].start + 1, field[0].end), field[0].text[1:])
    return tree.StepField(first.span.to(whole), first, name)


def _feature(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Feature:
    kind, maximum = tokens(node, "NAME")[0], tokens(node, "INT")
    field = _step_field(context, nodes(node, "step_field")[0])
    return tree.Feature(context.span(node), docs, field, context.name(kind), _number(context, maximum[0]) if maximum else None)


def _alert(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Alert:
    budget, confidence = (_number(context, token) for token in tokens(node, "NUMBER"))
    persist = [_number(context, token) for child in nodes(node, "persist") for token in tokens(child, "INT")]
    hits, window = persist if persist else (None, None)
    return tree.Alert(context.span(node), docs, context.name(node.children[0]), budget, confidence, hits, window)


def _rule(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Rule:
    name, zone = tokens(node, "NAME")
    test = _test(context, nodes(node, "same", "run", "count")[0])
    message = context.string(tokens(node, "STRING")[0])
    return tree.Rule(context.span(node), docs, context.name(name), test, context.name(zone), message)


def _test(context: Context, node: Node) -> tree.Same | tree.Run | tree.Count:
    span, numbers = context.span(node), [_number(context, token) for token in tokens(node, "INT")]
    if node.kind == "same":
        return tree.Same(span, tuple(_step_field(context, child) for child in nodes(node, "step_field")), numbers[0])
    pattern = step_pattern(context, nodes(node, "step_pattern")[0])
    if node.kind == "run":
        return tree.Run(span, pattern, numbers[0])
    return tree.Count(span, pattern, numbers[0], context.name(tokens(node, "COMPARE")[0]), numbers[1])
