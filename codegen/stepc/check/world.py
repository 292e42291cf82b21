"""What is declared in a spec, and where an expression stands: the tables that all rules share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from stepc import ir
from stepc.check.report import Report
from stepc.check.results import Seen
from stepc.source_text import Span
from stepc.syntax import tree

Context = Literal["accept", "beside", "start", "meta", "outcome", "match", "time", "key", "kind", "state"]
ROOTS: Final = ("doc", "file", "banner", "first", "last", "event", "episode", "start", "state", "meta", "outcome")
"""Words that begin a path and name a part of the run; no other thing may take their names."""
Key = tuple[object, ...]
"""An expression without its places: equal keys have equal values within one event."""


@dataclass(frozen=True, slots=True)
class Enum:
    """A closed set of members; `spellings` maps raw strings to them. `shared` names the vocabulary it comes from."""

    name: str
    members: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    docs: tuple[str, ...]
    span: Span
    shared: str = ""

    def type(self) -> ir.Type:
        """The type of its members."""
        return ir.Type("enum", enum=self.name)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared field. `type_span` is where a `?` would go; None when the declaration stands in another file."""

    name: str
    type: ir.Type
    span: Span
    type_span: Span | None
    docs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step type."""

    name: str
    fields: Mapping[str, Declared]
    docs: tuple[str, ...]
    span: Span
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Which step answers which."""

    name: str
    key: str
    order: Literal["fifo", "latest"]
    open: str
    close: str
    carry: tuple[str, ...]
    span: Span
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Local:
    """A `let`, a loop variable or position, or a named group.

    `places` are the document paths whose values it may hold, `site` their text, `key` what the name stands for when it is a raw path.
    """

    name: str
    what: Literal["let", "loop variable", "loop position", "named group"]
    type: ir.Type
    span: Span
    places: tuple[ir.DocumentPath, ...] = ()
    site: str = ""
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What a guard or a pattern proved about an expression: its type, never absent, and its values when it is one of a few."""

    type: ir.Type
    constants: frozenset[str] | None = None


@dataclass(slots=True)
class World:
    """All that a spec declares. Filled once, in order, before the expressions that need it."""

    report: Report
    seen: Seen | None = None
    format: Literal["json", "jsonl", "text"] = "json"
    enums: dict[str, Enum] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    start: dict[str, Declared] = field(default_factory=dict)
    meta: dict[str, Declared] = field(default_factory=dict)
    outcome: dict[str, Declared] = field(default_factory=dict)
    state: dict[str, Declared] = field(default_factory=dict)
    sides: dict[str, tree.Beside] = field(default_factory=dict)
    before: dict[str, tuple[ir.DocumentPath, ...]] = field(default_factory=dict)
    kinds: dict[str, tree.LineKind] = field(default_factory=dict)
    event_kinds: dict[str, tree.EventKind] = field(default_factory=dict)
    columns: dict[str, tuple[ir.DocumentPath, ...]] | None = None
    keyed: Span | None = None
    """Where the source says `episode by`."""
    groups: dict[str, bool] = field(default_factory=dict)
    inputs: dict[str, Span] = field(default_factory=dict)
    elements: tuple[ir.DocumentPath, ...] = ()
    events: tuple[ir.DocumentPath, ...] = ()
    used: set[tuple[str, str | Span]] = field(default_factory=set)
    emitted: set[str] = field(default_factory=set)
    filled: set[tuple[str, str]] = field(default_factory=set)
    """Fields of steps, as step and field, to which some rule gives a value."""
    lost: bool = False
    """A vocabulary could not be taken over: names it may declare are not reported as unknown."""

    def use(self, what: str, name: str | Span) -> None:
        """Note that a declared thing is used, for the lints."""
        self.used.add((what, name))

    @property
    def has_element(self) -> bool:
        """Whether an episode is an element of a document, so that paths start with `.` in `start`, `meta` and `outcome`."""
        return bool(self.elements)


@dataclass(frozen=True, slots=True)
class Here:
    """Where an expression stands: its context, the names in reach and what is known about them.

    `fields` are the names of earlier fields of the same block.
    """

    world: World
    context: Context
    names: Mapping[str, Local] = field(default_factory=dict)
    facts: Mapping[Key, Fact] = field(default_factory=dict)
    fields: Mapping[str, Declared] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """Where diagnostics go."""
        return self.world.report

    def knowing(self, facts: Mapping[Key, Fact]) -> Here:
        """The same place with more facts."""
        return replace(self, facts={**self.facts, **facts}) if facts else self

    def naming(self, local: Local) -> Here:
        """The same place with one more name."""
        return replace(self, names={**self.names, local.name: local})

    def after(self, declared: Declared) -> Here:
        """The same place behind one more field of the block."""
        return replace(self, fields={**self.fields, declared.name: declared})
