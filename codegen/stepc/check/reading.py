"""Which document paths a program reads, where, and how: collected from the lowered expressions."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Literal

from stepc import ir
from stepc.check import references, types
from stepc.check.builtins import BUILTINS
from stepc.check.world import Here, Local, World
from stepc.source_text import Span
from stepc.syntax import tree

Use = Literal["value", "whole", "exists", "length", "bind"]
"""How a raw value is used: as a scalar, with all that is below it, only whether it is there, its length, or just named."""
_DECISIONS = (ir.Compare, ir.Member, ir.And, ir.Or, ir.Not, ir.Nonempty, ir.Has, ir.Present)
"""What makes a truth value of what it reads."""
Context = Literal["accept", "start", "meta", "outcome", "match", "episode", "event", "key", "kind", "time", "beside"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of a document path. `edge` is the kind for `first.<kind>` and `last.<kind>`; `masked` reads go through `mask`."""

    path: ir.DocumentPath
    context: Context
    use: Use
    span: Span
    what: str = ""
    edge: str = ""
    masked: bool = False

    def fact(self, kinds: Container[str]) -> ir.ReadFact:
        """The reading as the program keeps it; `kinds` are those of events that are values of a document, not lines."""
        return ir.ReadFact(self.path, self.context, self.use == "whole", self.span, self.edge if self.edge in kinds else "")


@dataclass(slots=True)
class Reader:
    """Walks lowered expressions of one context and collects what they read."""

    here: Here
    context: Context
    found: list[Reading] = field(default_factory=list)
    what: str = ""
    masked: bool = False

    def value(self, expression: ir.AnyExpression | None, use: Use = "value") -> None:
        """Collect the reads of an expression whose value is used as `use` says."""
        before = self.masked
        if isinstance(expression, _DECISIONS):
            self.masked = False  # `mask` takes lines out of a text, and a decision leaves no line
        self._value(expression, use)
        self.masked = before

    def _value(self, expression: ir.AnyExpression | None, use: Use) -> None:
        match expression:
            case None:
                return
            case ir.Path() | ir.Root() | ir.Local():
                self._place(expression, use)
            case ir.Read(value=inner, type=type_):
                self.value(inner, "bind" if use == "bind" else "whole" if type_.name in ("list", "json") else "value")
            case ir.Cast(value=inner, type=type_):
                self.value(
                    inner,
                    use if types.is_raw(type_) or use in ("bind", "exists", "length") else "whole" if type_.name == "list" else "value",
                )
            case ir.Compare(left=left, right=right):
                self.value(left, _compared(left, right))
                self.value(right, _compared(right, left))
            case ir.Member(left=left, right=right):
                self.value(left, "value")
                self.value(right, "whole")
            case ir.And(left=left, right=right) | ir.Or(left=left, right=right):
                self.value(left)
                self.value(right)
            case ir.Else(left=left, right=right):
                self.value(left, use)
                self.value(right, use)
            case ir.Conditional(test=test, yes=yes, no=no):
                self.value(test)
                self.value(yes, use)
                self.value(no, use)
            case ir.Not(operand=operand):
                self.value(operand)
            case ir.Nonempty(operand=operand):
                self.value(operand)
            case ir.Has(path=path):
                self.value(path, "exists")
            case ir.Present(operand=operand):
                self.value(operand, "exists")
            case ir.Call():
                self._call(expression)
            case ir.Template(parts=parts):
                for part in parts:
                    if not isinstance(part, str):
                        self.value(part, _shown(part))
            case ir.ListOf(items=items):
                for item in items:
                    self.value(item, _shown(item))
            case ir.ObjectOf(entries=entries):
                for _, item in entries:
                    self.value(item, _shown(item))
            case _:
                return

    def field(self, field: ir.Field) -> None:
        """Collect the reads of a field's value."""
        self.what = field.name
        self.value(field.value, "whole" if field.type.name == "json" else "value")

    def _call(self, call: ir.Call) -> None:
        builtin = BUILTINS[call.function]
        for index, argument in enumerate(call.arguments):
            kind = builtin.parameter(index).kind
            before = self.masked
            self.masked = (before and builtin.result.name in ("str", "list", "json")) or (call.function == "mask" and index == 0)
            self.value(argument, "whole" if kind == "any" else "length" if kind == "sized" else _shown(argument))
            self.masked = before

    def _place(self, expression: ir.Path | ir.Root | ir.Local, use: Use) -> None:
        if isinstance(expression, ir.Path):
            if not isinstance(expression.base, ir.Root | ir.Local):
                self.value(expression.base, "bind")
            for segment in expression.segments:
                if isinstance(segment, ir.DynamicSegment):
                    self.value(segment.value)
        if use == "bind":
            return
        base = expression.base if isinstance(expression, ir.Path) else expression
        edge = base.name if isinstance(base, ir.Root) and base.root in ("first", "last") else ""
        for place in references.places(self.here, expression):
            self.found.append(Reading(place, self.context, use, expression.span, self.what, edge, self.masked))

    # ---- match -------------------------------------------------------------------------------------------------------

    def match(self, match: ir.Match) -> None:
        """Collect the reads of a match block."""
        self.value(match.subject)
        for arm in match.arms:
            outside = self.here
            self.value(arm.guard)
            if isinstance(arm.body, ir.Block):
                self.statements(arm.body.statements)
            self.here = outside

    def statements(self, statements: Iterable[ir.AnyStatement]) -> None:
        """Collect the reads of a block; names it binds stand for the places of their values."""
        for statement in statements:
            match statement:
                case ir.Let(name=name, value=value):
                    self.value(value, "bind" if types.is_raw(value.type) else "value")
                    self._name(name, references.places(self.here, value) if types.is_raw(value.type) else (), value.type)
                case ir.Set(value=value):
                    self.value(value, _shown(value))
                case ir.Emit(guard=guard, assigns=assigns):
                    self.value(guard)
                    for assign in assigns:
                        self.what = assign.field
                        self.value(assign.value, _shown(assign.value))
                    self.what = ""
                case ir.Each(names=names, items=items, body=body):
                    outside = self.here
                    for name, one in zip(names, items, strict=True):
                        self.value(one, "exists" if types.is_raw(one.type) else "value")
                        self._name(name, references.places(outside, one) if types.is_raw(one.type) else (), types.RAW)
                    self.statements(body)
                    self.here = outside
                case ir.Leftover(guard=guard):
                    self.value(guard)

    def _name(self, name: str, places: tuple[ir.DocumentPath, ...], type_: ir.Type) -> None:
        self.here = self.here.naming(Local(name, "let", type_, ir.NOWHERE, places))


def _shown(value: ir.AnyExpression) -> Use:
    return "whole" if types.is_raw(value.type) else "value"


def _compared(side: ir.AnyExpression, other: ir.AnyExpression) -> Use:
    """Comparing with a scalar tells nothing of what is below; comparing raw values tells all."""
    return "whole" if types.is_raw(side.type) and types.is_raw(other.type) else "value"


def fields_of(value: object) -> set[tuple[str, str]]:
    """The fields of `start` and `meta` that an expression names, as (block, name)."""
    found: set[tuple[str, str]] = set()
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, ir.StartField):
            found.add(("start", node.name))
        elif isinstance(node, ir.LaterField):
            found.add((node.block, node.name))
        elif isinstance(node, tuple):
            pending.extend(node)
        elif isinstance(node, ir.Base):
            pending.extend(getattr(node, name) for name in node.__struct_fields__)
    return found


def of_source(world: World, source: ir.Source | None, written: tree.Source) -> list[Reading]:
    """The reads of a source: `accept`, the episode paths, the event paths or columns, `time`, and what chooses side documents."""
    found: list[Reading] = []
    if source is None:
        return found
    accept = Reader(Here(world, "accept"), "accept")
    accept.value(source.accept)
    found += accept.found
    rule = written.episode or next((one.episode for one in written.inputs if one.episode is not None), written)
    found += [Reading(place, "episode", "exists", rule.span) for place in world.elements if place.segments]
    if isinstance(written.event, tree.EventZip) and world.columns is not None:
        spans = {column.name.text: column.path.span for column in written.event.columns}
        found += [Reading(place, "event", "exists", spans[name]) for name, places in world.columns.items() for place in places]
    elif written.event is not None:
        found += [Reading(place, "event", "exists", written.event.span) for place in world.events if place.segments]
    if isinstance(source.episode, ir.EpisodeBy):
        key = Reader(Here(world, "key"), "key")
        key.value(source.episode.key)
        found += key.found
    if isinstance(source.event, ir.EventPath):
        kinds = Reader(Here(world, "kind"), "kind")
        for kind in source.event.kinds:
            kinds.what = kind.name
            kinds.value(kind.test)
        found += kinds.found
    time = Reader(Here(world, "time"), "time")
    time.value(source.time)
    found += time.found
    for side in source.beside:
        reader = Reader(Here(world, "beside"), "beside", what=side.name)
        reader.value(side.template)
        found += reader.found
    return found
