"""Which parts of a document a program reads, so that its readers need not build the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stepc import ir
from stepc.check.builtins import BUILTINS
from stepc.emit.code import Code, bracketed, literal, prefixed
from stepc.emit.keys import walk
from stepc.emit.literals import string
from stepc.source_text import Span

_SEGMENTING = ("episode", "event")


@dataclass(slots=True)
class _Node:
    """What is read at a path. `whole`: everything below it too."""

    whole: bool = False
    keys: dict[str, _Node] = field(default_factory=dict)
    element: _Node | None = None

    @property
    def inner(self) -> bool:
        return bool(self.keys) or self.element is not None


def projection(program: ir.Program) -> Code | None:
    """The parts of a document that a program reads, as `Source.reads` wants them; None where that is all of it, or a text."""
    if program.source.format == "text":
        return None
    root = _Node()
    for fact in program.reads:
        if fact.path.side:
            continue
        node = root
        for segment in fact.path.segments:
            if isinstance(segment, ir.AnyElement) and not segment.keys_too:
                node.element = node = node.element if node.element is not None else _Node()
            elif isinstance(segment, ir.KeyPattern) and not segment.glob and len(segment.alternatives) == 1:
                node = node.keys.setdefault(segment.alternatives[0], _Node())
            else:
                node.whole = True  # the run alone knows which key
                break
        else:
            node.whole |= fact.whole
    exists, sized = set(_there(program)), set(_sized(program))
    for fact in program.reads:
        found = _at(root, fact.path)
        if found is None or fact.context in _SEGMENTING or fact.span in exists:
            continue
        # What is read as a value may be of any type, and an object's length is that of all its keys.
        found.whole |= not found.inner or bool(found.keys) or fact.span not in sized
    return None if root.whole or not root.inner else _code(root)


def _at(root: _Node, path: ir.DocumentPath) -> _Node | None:
    """The node of a path; None below what is read whole."""
    node: _Node | None = None if path.side else root
    for segment in path.segments:
        if node is None or node.whole:
            return None
        node = node.element if isinstance(segment, ir.AnyElement) else node.keys.get(segment.alternatives[0])
    return node


def _there(program: ir.Program) -> Iterator[Span]:
    """Where the spec asks only whether something is there, or what its elements are."""
    for node in _nodes(program):
        match node:
            case ir.Has(path=asked) | ir.Present(operand=asked):
                yield from _spans(asked)
            case ir.Each(items=items):
                for item in items:
                    yield from _spans(item)


def _sized(program: ir.Program) -> Iterator[Span]:
    """Where the spec asks for a length."""
    for node in _nodes(program):
        if isinstance(node, ir.Call):
            builtin = BUILTINS[node.function]
            for index, argument in enumerate(node.arguments):
                if builtin.parameter(index).kind == "sized":
                    yield from _spans(argument)


def _nodes(program: ir.Program) -> Iterator[object]:
    yield from walk([program])


def _spans(expression: object) -> Iterator[Span]:
    for node in walk([expression]):
        if isinstance(node, ir.Path | ir.Root | ir.Local):
            yield node.span


def _code(node: _Node) -> Code:
    if node.whole or not node.inner or (node.keys and node.element is not None):
        return literal("None")
    if node.element is not None:
        return bracketed("[", [_code(node.element)], "]")
    return bracketed("{", [prefixed(f"{string(name)}: ", _code(child)) for name, child in sorted(node.keys.items())], "}")
