"""Whole files, item by item."""

from __future__ import annotations

from stepc.diagnostics.model import Diagnostic
from stepc.syntax import tree
from stepc.syntax.build.context import Context, doc_text, tokens
from stepc.syntax.build.declarations import enum, fields, pair, path_rules
from stepc.syntax.build.examples import example
from stepc.syntax.build.match import match_block
from stepc.syntax.build.monitor import monitor
from stepc.syntax.build.source import source
from stepc.syntax.machine import Node, Token
from stepc.syntax.spans import Places

LANGUAGE = 1
"""The only version of the language so far."""


def build_file(root: Node, places: Places) -> tuple[tree.File, list[Diagnostic]]:
    """The tree of a file, and what the grammar could not see: duplicates, missing lines, bad escapes."""
    context = Context(places)
    version = tokens(root, "INT")[0]
    begin = root.children.index(version)
    docs = tuple(doc_text(child) for child in root.children[:begin] if isinstance(child, Token) and child.type == "DOC")
    vocabularies: list[tuple[Node, tree.Name]] = []
    items: list[tree.Item] = []
    for above, child in context.documented(root.children[begin + 1 :]):
        if child.kind == "vocabulary":
            vocabularies.append((child, context.name(child.children[0])))
            docs += above
        else:
            item = _item(context, child, above)
            if item is not None:
                items.append(item)
    vocabulary = context.only(vocabularies, "`vocabulary`")
    return tree.File(context.span(root), docs, context.integer(version), vocabulary, tuple(items)), context.diagnostics


def _item(context: Context, node: Node, docs: tuple[str, ...]) -> tree.Item | None:
    match node.kind:
        case "use":
            return tree.Use(context.span(node), context.name(node.children[0]))
        case "source":
            return source(context, node, docs)
        case "start" | "meta" | "outcome" | "state":
            return tree.FieldsBlock(context.span(node), docs, node.kind, fields(context, node))
        case "enum" | "reads":
            return enum(context, node, docs)
        case "step":
            return tree.Step(context.span(node), docs, context.name(node.children[0]), fields(context, node))
        case "pair":
            return pair(context, node, docs)
        case "match":
            return match_block(context, node, docs)
        case "sealed" | "secret" | "ignore":
            return tree.Paths(context.span(node), docs, node.kind, path_rules(context, node))
        case "example":
            return example(context, node, docs)
        case _:
            return monitor(context, node, docs)
