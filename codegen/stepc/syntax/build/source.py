"""The `source` block."""

from __future__ import annotations

from typing import Literal

from stepc.syntax import tree
from stepc.syntax.build.context import Context, nodes, tokens
from stepc.syntax.build.expressions import expression, path_patterns, raw_path, regex_of, text_or_template
from stepc.syntax.machine import Node, Token

_MODES: dict[str, Literal["record", "run", "sealed"]] = {"record": "record", "run": "run", "sealed": "sealed"}
_EPISODES = ("episode_file", "episode_from", "episode_by", "episode_path")
_EVENTS = ("event_path", "event_zip", "event_lines")


def source(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Source:
    """A whole `source` block."""
    inputs = tuple(_input(context, child, above) for above, child in context.documented(node.children) if child.kind == "input")
    beside = tuple(_beside(context, child, above) for above, child in context.documented(node.children) if child.kind == "beside")
    return tree.Source(
        context.span(node),
        docs,
        context.name(node.children[0]),
        context.only([(child, context.name(child.children[0])) for child in nodes(node, "format")], "`format`"),
        context.only([(child, expression(context, child.children[0])) for child in nodes(node, "accept")], "`accept`"),
        inputs,
        beside,
        _episode(context, node),
        context.only([(child, _event(context, child)) for child in nodes(node, *_EVENTS)], "`event`"),
        context.only([(child, raw_path(context, nodes(child)[0])) for child in nodes(node, "time")], "`time`"),
    )


def _episode(context: Context, node: Node) -> tree.Episode | None:
    found: list[tuple[Node, tree.Episode]] = []
    for child in nodes(node, *_EPISODES):
        span = context.span(child)
        match child.kind:
            case "episode_file":
                found.append((child, tree.EpisodeFile(span)))
            case "episode_from":
                start, *through = child.children
                found.append((child, tree.EpisodeFrom(span, regex_of(context, start), regex_of(context, through[0]) if through else None)))
            case "episode_by":
                found.append((child, tree.EpisodeBy(span, expression(context, child.children[0]))))
            case _:
                found.append((child, tree.EpisodePath(span, raw_path(context, nodes(child)[0]))))
    return context.only(found, "`episode`")


def _input(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Input:
    names = tokens(node, "NAME")
    glob = tokens(node, "STRING")[0]
    banners = tuple(
        tree.Banner(context.span(child), child.kind == "banner_sealed", regex_of(context, child.children[0]))
        for child in nodes(node, "banner", "banner_sealed")
    )
    name = context.name(names[0]) if names else None
    return tree.Input(context.span(node), docs, name, context.string(glob), banners, _episode(context, node))


def _beside(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Beside:
    where = nodes(node, "string", "template")[0]
    before = tuple(pattern for child in nodes(node, "before") for pattern in path_patterns(context, child))
    return tree.Beside(context.span(node), docs, context.name(node.children[0]), text_or_template(context, where), before)


def _event(context: Context, node: Node) -> tree.Event:
    span = context.span(node)
    match node.kind:
        case "event_path":
            path, *behind = node.children
            assert isinstance(path, Node)
            named = tuple(_event_kind(context, child, above) for above, child in context.documented(behind))
            return tree.EventPath(span, raw_path(context, path), named)
        case "event_zip":
            columns = tuple(
                tree.ZipColumn(context.span(child), context.name(child.children[0]), raw_path(context, nodes(child)[0]))
                for child in nodes(node, "zip_column")
            )
            if not columns:
                context.missing(node, "`event zip` has no column", "write one line for each array: `action = .actions[]`")
            return tree.EventZip(span, columns)
        case _:
            kinds = tuple(_kind(context, child, above) for above, child in context.documented(node.children))
            if not kinds:
                context.missing(node, "`event lines` has no kind of line", "write one line for each kind: `said record /^User: / strip`")
            return tree.EventLines(span, kinds)


def _event_kind(context: Context, node: Node, docs: tuple[str, ...]) -> tree.EventKind:
    mode = nodes(node, "event_mode")[0].children[0]
    assert isinstance(mode, Token)
    test = expression(context, nodes(node, "guard")[0].children[0])
    return tree.EventKind(context.span(node), docs, context.name(node.children[0]), "sealed" if mode.text == "sealed" else "record", test)


def _kind(context: Context, node: Node, docs: tuple[str, ...]) -> tree.LineKind:
    span, name = context.span(node), context.name(node.children[0])
    if node.kind == "kind_skip":
        return tree.LineKind(span, docs, name, "skip", None, None, False, None, None)
    mode = nodes(node, "kind_mode")[0].children[0]
    assert isinstance(mode, Token)
    patterns = tokens(node, "REGEX")
    strips = [(child, child) for child in nodes(node, "strip")]
    strip = context.only(strips, "`strip`")
    return tree.LineKind(
        span,
        docs,
        name,
        _MODES[mode.text],
        regex_of(context, patterns[0]) if patterns else None,
        regex_of(context, strip.children[0]) if strip is not None and strip.children else None,
        strip is not None and not strip.children,
        context.only([(child, regex_of(context, child.children[0])) for child in nodes(node, "until")], "`until`"),
        context.only([(child, context.name(child.children[0])) for child in nodes(node, "after")], "`after`"),
    )
