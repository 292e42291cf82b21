"""The syntax tree of a `.stepview` file: what was written, with its place, before any name is looked up.

Every node is frozen and carries the span of its text. Nodes hold tuples, so that trees compare by value. Docs are the texts of
the `///` lines above a node, without the slashes and one leading space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stepc.source_text import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier where it is declared or used."""

    text: str


# ---- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal_(Node):  # noqa: N801 - `Literal` is typing's
    """A string, number, `true`, `false` or `null`. Integers stay `int`; strings are unescaped."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """`/pattern/flags`; `pattern` has `\\/` turned into `/`, everything else as written."""

    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class Template(Node):
    """A string with holes: alternating `str` (may be empty) and expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`.name` or `.["odd key"]` behind a base."""

    key: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`[expression]`: an integer literal indexes a list, anything else is a key or index known at run time."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`[]` (a missing list is counted) or `[]?` (a missing list is fine)."""

    optional: bool


Segment = Field | Index | Every


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A base and the segments behind it. `base` is None for a path that starts with `.` (the element in hand), which may stand alone."""

    base: Name | Call | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)`."""

    function: Name
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`key: value` of an object literal."""

    key: str
    value: Expression


@dataclass(frozen=True, slots=True)
class ObjectOf(Node):
    """`{ key: value }`."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`not x`, `has x`, `present x`, `absent x`, `nonempty x`."""

    operator: Literal["not", "has", "present", "absent", "nonempty"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Comparison, membership or Boolean connective."""

    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "and", "or"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Fallback(Node):
    """`left else right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`if test then yes else no`."""

    test: Expression
    yes: Expression
    no: Expression


Expression = Literal_ | Regex | Template | Path | Call | ListOf | ObjectOf | Unary | Binary | Fallback | Conditional


@dataclass(frozen=True, slots=True)
class RightHandSide(Node):
    """What a field is assigned, with the last resort `else skip` or `else drop` where written."""

    value: Expression
    last_resort: Literal["skip", "drop"] | None


# ---- path patterns (ignore, sealed, secret, before) ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatternKey(Node):
    """One level of keys: alternatives, each a key or glob with `*`. `.a` has one alternative, `.{a, b*}` two; `.["a*b"]` is literal."""

    alternatives: tuple[str, ...]
    literal: bool


@dataclass(frozen=True, slots=True)
class PatternEvery(Node):
    """`[]`."""


@dataclass(frozen=True, slots=True)
class PathPattern(Node):
    """A document path with globs; `base` names a side file, None is the document."""

    base: Name | None
    segments: tuple[PatternKey | PatternEvery, ...]


@dataclass(frozen=True, slots=True)
class PathRule(Node):
    """One line of `sealed`, `secret` or `ignore`: paths and the reason."""

    docs: tuple[str, ...]
    paths: tuple[PathPattern, ...]
    reason: str


# ---- the source ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Banner(Node):
    """A line between the episodes of a text; `sealed` banners carry the outcome."""

    sealed: bool
    pattern: Regex


@dataclass(frozen=True, slots=True)
class Input(Node):
    """`input [name] "glob" { … }`."""

    docs: tuple[str, ...]
    name: Name | None
    glob: str
    banners: tuple[Banner, ...]
    episode: Episode | None


@dataclass(frozen=True, slots=True)
class Beside(Node):
    """`beside name "template" { before paths }`: a side document."""

    docs: tuple[str, ...]
    name: Name
    template: Template | Literal_
    before: tuple[PathPattern, ...]


@dataclass(frozen=True, slots=True)
class EpisodeFile(Node):
    """`episode file`: one file is one episode."""


@dataclass(frozen=True, slots=True)
class EpisodeFrom(Node):
    """`episode from /re/ [through /re/]`."""

    start: Regex
    through: Regex | None


@dataclass(frozen=True, slots=True)
class EpisodePath(Node):
    """`episode .a[]`: every value at this path is one episode."""

    path: Path


Episode = EpisodeFile | EpisodeFrom | EpisodePath


@dataclass(frozen=True, slots=True)
class EventPath(Node):
    """`event .messages[]?`."""

    path: Path


@dataclass(frozen=True, slots=True)
class ZipColumn(Node):
    """`name = .path[]` of `event zip`."""

    name: Name
    path: Path


@dataclass(frozen=True, slots=True)
class EventZip(Node):
    """`event zip { … }`: parallel arrays, as long as the longest."""

    columns: tuple[ZipColumn, ...]


@dataclass(frozen=True, slots=True)
class LineKind(Node):
    """One kind of line. `pattern` is None for `otherwise` and for `skip` (blank lines)."""

    docs: tuple[str, ...]
    name: Name
    mode: Literal["record", "run", "sealed", "skip"]
    pattern: Regex | None
    strip: Regex | None
    strip_match: bool
    until: Regex | None
    after: Name | None


@dataclass(frozen=True, slots=True)
class EventLines(Node):
    """`event lines { … }`."""

    kinds: tuple[LineKind, ...]


Event = EventPath | EventZip | EventLines


@dataclass(frozen=True, slots=True)
class Source(Node):
    """The `source` block. The first of several inputs is the default; missing parts are None or empty and reported by the checker."""

    docs: tuple[str, ...]
    name: Name
    format: Name | None
    accept: Expression | None
    inputs: tuple[Input, ...]
    beside: tuple[Beside, ...]
    episode: Episode | None
    event: Event | None
    time: Path | None


# ---- declarations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """`str`, `list<T>`, an enum's name; `optional` for `T?`."""

    name: Name
    argument: TypeName | None
    optional: bool


@dataclass(frozen=True, slots=True)
class FieldDeclaration(Node):
    """`name: type [max N] [= value]`."""

    docs: tuple[str, ...]
    name: Name
    type: TypeName
    maximum: int | None
    value: RightHandSide | None


@dataclass(frozen=True, slots=True)
class FieldsBlock(Node):
    """`start`, `meta`, `outcome` or `state`."""

    docs: tuple[str, ...]
    kind: Literal["start", "meta", "outcome", "state"]
    fields: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Member(Node):
    """An enum member and its raw spellings (none: its own name)."""

    docs: tuple[str, ...]
    name: Name
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enum(Node):
    """`enum Name { … }`, or `reads Name { … }` (raw spellings of a shared enum)."""

    docs: tuple[str, ...]
    reads: bool
    name: Name
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Step(Node):
    """`step Name { fields }`."""

    docs: tuple[str, ...]
    name: Name
    fields: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Pair(Node):
    """`pair name on key order fifo|latest { open A  close B  carry c }`."""

    docs: tuple[str, ...]
    name: Name
    key: Name
    order: Literal["fifo", "latest"]
    open: Name
    close: Name
    carry: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use name`."""

    name: Name


@dataclass(frozen=True, slots=True)
class Paths(Node):
    """`sealed`, `secret` or `ignore`."""

    docs: tuple[str, ...]
    kind: Literal["sealed", "secret", "ignore"]
    rules: tuple[PathRule, ...]


# ---- match -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AbsentPattern(Node):
    """`absent =>`: the discriminant is missing or null."""


Pattern = Literal_ | Regex | AbsentPattern


@dataclass(frozen=True, slots=True)
class Ignored(Node):
    """`ignore "reason"`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown(Node):
    """`unknown`."""


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """`field = value` of an `emit`."""

    docs: tuple[str, ...]
    name: Name
    value: RightHandSide


@dataclass(frozen=True, slots=True)
class Emit(Node):
    """`emit Step [when guard] { … }`."""

    docs: tuple[str, ...]
    step: Name
    guard: Expression | None
    assigns: tuple[Assign, ...]


@dataclass(frozen=True, slots=True)
class Each(Node):
    """`each a, b at i in expression { … }`."""

    docs: tuple[str, ...]
    names: tuple[Name, ...]
    position: Name | None
    items: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Let(Node):
    """`let name = expression`."""

    docs: tuple[str, ...]
    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Set(Node):
    """`set field = expression`, executed after the steps of the event."""

    docs: tuple[str, ...]
    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Leftover(Node):
    """`otherwise [when …] => ignore "…" | unknown`, last in a block: fires when the block emitted nothing."""

    docs: tuple[str, ...]
    guard: Expression | None
    action: Ignored | Unknown


Statement = Emit | Each | Let | Set | Leftover


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{ statements }`, or a single `emit`."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Arm(Node):
    """`patterns [when guard] => body`. No patterns: `otherwise`."""

    docs: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    guard: Expression | None
    body: Block | Ignored | Unknown


@dataclass(frozen=True, slots=True)
class Match(Node):
    """The `match` block."""

    docs: tuple[str, ...]
    subject: Expression
    arms: tuple[Arm, ...]


# ---- examples --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap(Node):
    """`...` or `…`: any number of steps."""


@dataclass(frozen=True, slots=True)
class ValuePattern(Node):
    """`key: value` of a step pattern. A bare name is an enum member; a nested object matches the keys it lists."""

    key: Name
    value: Literal_ | Name | ObjectPattern


@dataclass(frozen=True, slots=True)
class ObjectPattern(Node):
    """`{ key: value, … }`."""

    pairs: tuple[ValuePattern, ...]


@dataclass(frozen=True, slots=True)
class StepPattern(Node):
    """`Step{field: value}`: only the listed fields are compared."""

    step: Name
    fields: ObjectPattern | None


@dataclass(frozen=True, slots=True)
class Example(Node):
    """`example "title" { given "path" [input NAME] [episode N | id "…"]  expect […] }`."""

    docs: tuple[str, ...]
    title: str
    given: str
    given_span: Span
    input: Name | None
    episode: int | None
    id: str | None
    expect: tuple[StepPattern | Gap, ...]


@dataclass(frozen=True, slots=True)
class Monitor(Node):
    """A `monitor` block: parsed and kept, so that a file with one still compiles; its meaning belongs to the monitors."""

    docs: tuple[str, ...]
    name: Name
    source: Name | None
    text: str


Item = Use | Source | FieldsBlock | Enum | Step | Pair | Match | Paths | Example | Monitor


@dataclass(frozen=True, slots=True)
class File(Node):
    """A whole file. `vocabulary` is set for a vocabulary file; `docs` are the doc lines above `stepview`."""

    docs: tuple[str, ...]
    language: int
    vocabulary: Name | None
    items: tuple[Item, ...]
