"""What all expressions share: where they stand, names for their parts, and locals that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from stepc import ir
from stepc.emit.body import Body, Fact, Place
from stepc.emit.code import (
    Code,
    choose,
    is_there,
    local,
)
from stepc.emit.errors import EmitError
from stepc.emit.keys import Uses, flat, key_of, path_key
from stepc.emit.literals import string
from stepc.emit.names import plain, snake

LONG: Final = 68
"""Characters of an operand that is still written inside a larger expression."""

SUFFIXES: Final = {"str": "text", "enum": "member", "bool": "flag", "float": "number"}
"""How a typed value of a raw one is called: `id` read as a text is `id_text`."""


@dataclass(slots=True)
class Condition:
    """A test that is true in Python exactly when an expression has the wanted truth value, and what holds then."""

    code: Code
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """Where an expression stands: how its roots are spelt there. What is empty cannot be read."""

    roots: Callable[[ir.Root, Body], Code]
    file: str = ""
    index: str = ""
    key: str = ""
    start: str = ""
    fields: dict[tuple[str, str], Code] = field(default_factory=dict)
    locals: dict[str, Code] = field(default_factory=dict)


def segment_text(segment: ir.AnySegment) -> str:
    """A segment as a spec writes it."""
    if isinstance(segment, ir.KeySegment):
        return f".{segment.key}" if segment.key.isidentifier() else f"[{string(segment.key)}]"
    if isinstance(segment, ir.IndexSegment):
        return f"[{segment.index}]"
    return "[]" if isinstance(segment, ir.EverySegment) else "[…]"


def attribute(block: str, name: str) -> str:
    """Where an adapter keeps a fact or a memory."""
    return f"{block}_{plain(name)}"


class ExpressionBase:
    """Holds values in locals and finds them again."""

    def __init__(self, body: Body, context: Context, uses: Uses) -> None:
        self.body = body
        self.module = body.module
        self.context = context
        self.uses = uses
        self.topic = ""
        """The field, let or memory whose value is being written; empty in guards."""

    def value(self, node: ir.AnyExpression, hint: str, place: Place | None = None) -> Code:
        """The value of an expression, None where it is absent."""
        raise NotImplementedError

    def condition(self, node: ir.AnyExpression, hint: str, want: bool = True) -> Condition:
        """A test that is true exactly when `node` is True (or False, if that is wanted); None is neither."""
        raise NotImplementedError

    def part(self, node: ir.AnyExpression, hint: str) -> Code:
        """A value short enough to stand inside a larger expression."""
        code = self.value(node, hint)
        return self.hold(code, node.type, hint) if len(code.text) > LONG and not code.atom else code

    def raw(self, node: ir.AnyExpression, hint: str) -> Code:
        """A value as a local or literal, so that it can be repeated."""
        name = self.own_name(node, hint)
        code = self.hold(self.value(node, name), node.type, name)
        if isinstance(node, ir.Else | ir.Conditional | ir.Template) and code.name:
            self.body.keep(("value", key_of(node)), code)
        return code

    def hold(self, code: Code, value_type: ir.Type, hint: str, place: Place | None = None) -> Code:
        """The same value as something that can be repeated."""
        if code.atom:
            return code
        kept = self.body.store(("held", code.text, len(self.body.lines)), [hint], self._held_type(code, value_type), code, place)
        return replace(kept, optional=code.optional)

    def _held_type(self, code: Code, value_type: ir.Type) -> str:
        base = self.module.python_type(ir.Type(value_type.name, code.optional, value_type.item, value_type.enum))
        return self.module.use("Json") if base == "Json" else base

    def named(self, name: str) -> bool:
        """Whether a local is one that the spec has given a name to."""
        known = (*self.context.locals.values(), *self.context.fields.values())
        return any(code.text == name for code in known)

    def required(self, code: Code, value_type: ir.Type, hint: str) -> Code:
        """`code`, or the type's zero where it could still be None: the checker has ruled that out, Python's checkers have not."""
        if not code.optional:
            return code
        held = self.hold(code, value_type, hint)
        return replace(choose(is_there(held), held, self.module.zero(value_type)), optional=False)

    @contextmanager
    def target(self, value_type: ir.Type, hint: str) -> Iterator[tuple[str, str]]:
        """A name for the result of a choice, taken while its branches are written; whoever needs it takes it again."""
        python = self.module.python_type(value_type)
        name = self.body.name([hint], python)
        yield name, python
        self.body.scope.live.discard(name)

    def _known(self, code: Code) -> Code:
        return replace(code, optional=False) if code.optional and self.body.fact(code.text) is not None else code

    def _local(self, node: ir.Local) -> Code:
        code = self.context.locals.get(node.name)
        if code is None:
            raise EmitError(f"there is no local {node.name} here", node.span)
        return code

    def _start(self, node: ir.StartField) -> Code:
        known = self.context.fields.get(("start", node.name))
        if known is not None:
            return self._known(known)
        if not self.context.start:
            raise EmitError(f"start.{node.name} cannot be read here", node.span)
        return self._known(local(f"{self.context.start}{plain(node.name)}", node.type.optional))

    def _later(self, node: ir.LaterField) -> Code:
        known = self.context.fields.get((node.block, node.name))
        if known is None:
            raise EmitError(f"{node.block}.{node.name} is not known here", node.span)
        return known

    def _place(self, node: ir.FilePart | ir.Position | ir.EpisodeKey) -> str:
        """The file, the key of the episode, or the index of the event or episode, as it is spelt here."""
        match node:
            case ir.Position(of="event"):
                return f"{self.body.defects()}.event"
            case ir.FilePart(part=part):
                known, what = self.context.file, f"file.{part}"
            case ir.EpisodeKey():
                known, what = self.context.key, "episode.key"
            case _:
                known, what = self.context.index, "episode.index"
        if not known:
            raise EmitError(f"{what} cannot be read here", node.span)
        return known

    def _base(self, node: ir.AnyExpression) -> Code:
        if isinstance(node, ir.Root):
            key = path_key(node, ())
            known = self.body.find(key)
            return known if known is not None else self.body.keep(key, self.context.roots(node, self.body))
        if isinstance(node, ir.Local):
            return self._local(node)
        if isinstance(node, ir.FilePart) and node.part == "parts":
            return local(f"{self._place(node)}.parts")
        return self.raw(node, "value")

    def own_name(self, node: ir.AnyExpression, hint: str) -> str:
        """A name for a value that says where it comes from, so that its user's name stays free."""
        verb = ""
        inner: ir.AnyExpression = node
        while True:
            match inner:
                case ir.Else():
                    verb = verb or "found"
                    inner = inner.left
                case ir.Read() | ir.Cast():
                    inner = inner.value
                case ir.Call() if inner.arguments and not isinstance(inner.arguments[0], ir.Constant):
                    verb = verb or inner.function
                    inner = inner.arguments[0]
                case _:
                    break
        suffix = verb or SUFFIXES.get(node.type.name, node.type.name)
        if isinstance(inner, ir.Path):
            keys = [segment.key for segment in flat(inner).segments if isinstance(segment, ir.KeySegment)]
            if keys:
                return snake(f"{keys[-1]}_{suffix}")
        return snake(f"{inner.name}_{suffix}") if isinstance(inner, ir.Local) else hint
