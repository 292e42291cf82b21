"""The syntax tree of a `.stepview` file: what was written, with its place, before any name is looked up.

Every node is frozen and carries the span of its text. Nodes hold tuples, so that trees compare by value. Docs are the texts of
the `///` lines above a node, without the slashes and one leading space.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stepc.source_text import Span


class Node(msgspec.Struct, frozen=True):
    """Base of all nodes."""

    span: Span


class Name(Node, frozen=True):
    """An identifier where it is declared or used."""

    text: str


# ---- expressions -----------------------------------------------------------------------------------------------------


class Literal_(Node, frozen=True):  # noqa: N801 - `Literal` is typing's
    """A string, number, `true`, `false` or `null`. Integers stay `int`; strings are unescaped."""

    value: str | int | float | bool | None


class Regex(Node, frozen=True):
    """`/pattern/flags`; `pattern` has `\\/` turned into `/`, everything else as written."""

    pattern: str
    flags: str


class Template(Node, frozen=True):
    """A string with holes: alternating `str` (may be empty) and expressions."""

    parts: tuple[str | Expression, ...]


class Field(Node, frozen=True):
    """`.name` or `.["odd key"]` behind a base."""

    key: str


class Index(Node, frozen=True):
    """`[expression]`: an integer literal indexes a list, anything else is a key or index known at run time."""

    value: Expression


class Every(Node, frozen=True):
    """`[]` (a missing list is counted) or `[]?` (a missing list is fine)."""

    optional: bool


Segment = Field | Index | Every


class Path(Node, frozen=True):
    """A base and the segments behind it. `base` is None for a path that starts with `.` (the element in hand), which may stand alone."""

    base: Name | Call | None
    segments: tuple[Segment, ...]


class Call(Node, frozen=True):
    """`name(arguments)`."""

    function: Name
    arguments: tuple[Expression, ...]


class ListOf(Node, frozen=True):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class Entry(Node, frozen=True):
    """`key: value` of an object literal."""

    key: str
    value: Expression


class ObjectOf(Node, frozen=True):
    """`{ key: value }`."""

    entries: tuple[Entry, ...]


class Unary(Node, frozen=True):
    """`not x`, `has x`, `present x`, `absent x`, `nonempty x`."""

    operator: Literal["not", "has", "present", "absent", "nonempty"]
    operand: Expression


class Binary(Node, frozen=True):
    """Comparison, membership or Boolean connective."""

    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "and", "or"]
    left: Expression
    right: Expression


class Fallback(Node, frozen=True):
    """`left else right`."""

    left: Expression
    right: Expression


class Conditional(Node, frozen=True):
    """`if test then yes else no`."""

    test: Expression
    yes: Expression
    no: Expression


Expression = Literal_ | Regex | Template | Path | Call | ListOf | ObjectOf | Unary | Binary | Fallback | Conditional


class RightHandSide(Node, frozen=True):
    """What a field is assigned, with the last resort `else skip` or `else drop` where written."""

    value: Expression
    last_resort: Literal["skip", "drop"] | None


# ---- path patterns (ignore, sealed, secret, before) ------------------------------------------------------------------


class PatternKey(Node, frozen=True):
    """One level of keys: alternatives, each a key or glob with `*`. `.a` has one alternative, `.{a, b*}` two; `.["a*b"]` is literal."""

    alternatives: tuple[str, ...]
    literal: bool


class PatternEvery(Node, frozen=True):
    """`[]`."""


class PathPattern(Node, frozen=True):
    """A document path with globs; `base` names a side file, None is the document."""

    base: Name | None
    segments: tuple[PatternKey | PatternEvery, ...]


class PathRule(Node, frozen=True):
    """One line of `sealed`, `secret` or `ignore`: paths and the reason."""

    docs: tuple[str, ...]
    paths: tuple[PathPattern, ...]
    reason: str


# ---- the source ------------------------------------------------------------------------------------------------------


class Banner(Node, frozen=True):
    """A line between the episodes of a text; `sealed` banners carry the outcome."""

    sealed: bool
    pattern: Regex


class Input(Node, frozen=True):
    """`input [name] "glob" { … }`."""

    docs: tuple[str, ...]
    name: Name | None
    glob: str
    banners: tuple[Banner, ...]
    episode: Episode | None


class Beside(Node, frozen=True):
    """`beside name "template" { before paths }`: a side document."""

    docs: tuple[str, ...]
    name: Name
    template: Template | Literal_
    before: tuple[PathPattern, ...]


class EpisodeFile(Node, frozen=True):
    """`episode file`: one file is one episode."""


class EpisodeFrom(Node, frozen=True):
    """`episode from /re/ [through /re/]`."""

    start: Regex
    through: Regex | None


class EpisodeBy(Node, frozen=True):
    """`episode by .session`: events of a file that say the same are one episode."""

    key: Expression


class EpisodePath(Node, frozen=True):
    """`episode .a[]`: every value at this path is one episode."""

    path: Path


Episode = EpisodeFile | EpisodeFrom | EpisodeBy | EpisodePath


class EventKind(Node, frozen=True):
    """`NAME record when …` or `NAME sealed when …`: a name for the events that a test fits."""

    docs: tuple[str, ...]
    name: Name
    mode: Literal["record", "sealed"]
    test: Expression


class EventPath(Node, frozen=True):
    """`event .messages[]?`, and the kinds behind it in braces."""

    path: Path
    kinds: tuple[EventKind, ...] = ()


class ZipColumn(Node, frozen=True):
    """`name = .path[]` of `event zip`."""

    name: Name
    path: Path


class EventZip(Node, frozen=True):
    """`event zip { … }`: parallel arrays, as long as the longest."""

    columns: tuple[ZipColumn, ...]


class LineKind(Node, frozen=True):
    """One kind of line. `pattern` is None for `otherwise` and for `skip` (blank lines)."""

    docs: tuple[str, ...]
    name: Name
    mode: Literal["record", "run", "sealed", "skip"]
    pattern: Regex | None
    strip: Regex | None
    strip_match: bool
    until: Regex | None
    after: Name | None


class EventLines(Node, frozen=True):
    """`event lines { … }`."""

    kinds: tuple[LineKind, ...]


Event = EventPath | EventZip | EventLines


class Source(Node, frozen=True):
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


class TypeName(Node, frozen=True):
    """`str`, `list<T>`, an enum's name; `optional` for `T?`."""

    name: Name
    argument: TypeName | None
    optional: bool


class FieldDeclaration(Node, frozen=True):
    """`name: type [max N] [= value]`."""

    docs: tuple[str, ...]
    name: Name
    type: TypeName
    maximum: int | None
    value: RightHandSide | None


class FieldsBlock(Node, frozen=True):
    """`start`, `meta`, `outcome` or `state`."""

    docs: tuple[str, ...]
    kind: Literal["start", "meta", "outcome", "state"]
    fields: tuple[FieldDeclaration, ...]


class Member(Node, frozen=True):
    """An enum member and its raw spellings (none: its own name)."""

    docs: tuple[str, ...]
    name: Name
    spellings: tuple[str, ...]


class Enum(Node, frozen=True):
    """`enum Name { … }`, or `reads Name { … }` (raw spellings of a shared enum)."""

    docs: tuple[str, ...]
    reads: bool
    name: Name
    members: tuple[Member, ...]


class Step(Node, frozen=True):
    """`step Name { fields }`."""

    docs: tuple[str, ...]
    name: Name
    fields: tuple[FieldDeclaration, ...]


class Pair(Node, frozen=True):
    """`pair name on key order fifo|latest { open A  close B  carry c }`."""

    docs: tuple[str, ...]
    name: Name
    key: Name
    order: Literal["fifo", "latest"]
    open: Name
    close: Name
    carry: tuple[Name, ...]


class Use(Node, frozen=True):
    """`use name`."""

    name: Name


class Paths(Node, frozen=True):
    """`sealed`, `secret` or `ignore`."""

    docs: tuple[str, ...]
    kind: Literal["sealed", "secret", "ignore"]
    rules: tuple[PathRule, ...]


# ---- match -----------------------------------------------------------------------------------------------------------


class AbsentPattern(Node, frozen=True):
    """`absent =>`: the discriminant is missing or null."""


Pattern = Literal_ | Regex | AbsentPattern


class Ignored(Node, frozen=True):
    """`ignore "reason"`."""

    reason: str


class Unknown(Node, frozen=True):
    """`unknown`."""


class Assign(Node, frozen=True):
    """`field = value` of an `emit`."""

    docs: tuple[str, ...]
    name: Name
    value: RightHandSide


class Emit(Node, frozen=True):
    """`emit Step [when guard] { … }`."""

    docs: tuple[str, ...]
    step: Name
    guard: Expression | None
    assigns: tuple[Assign, ...]


class Each(Node, frozen=True):
    """`each a, b at i in expression { … }`."""

    docs: tuple[str, ...]
    names: tuple[Name, ...]
    position: Name | None
    items: Expression
    body: tuple[Statement, ...]


class Let(Node, frozen=True):
    """`let name = expression`."""

    docs: tuple[str, ...]
    name: Name
    value: Expression


class Set(Node, frozen=True):
    """`set field = expression`, executed after the steps of the event."""

    docs: tuple[str, ...]
    name: Name
    value: Expression


class Leftover(Node, frozen=True):
    """`otherwise [when …] => ignore "…" | unknown`, last in a block: fires when the block emitted nothing."""

    docs: tuple[str, ...]
    guard: Expression | None
    action: Ignored | Unknown


Statement = Emit | Each | Let | Set | Leftover


class Block(Node, frozen=True):
    """`{ statements }`, or a single `emit`."""

    statements: tuple[Statement, ...]


class Arm(Node, frozen=True):
    """`patterns [when guard] => body`. No patterns: `otherwise`."""

    docs: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    guard: Expression | None
    body: Block | Ignored | Unknown


class Match(Node, frozen=True):
    """The `match` block."""

    docs: tuple[str, ...]
    subject: Expression
    arms: tuple[Arm, ...]


# ---- examples --------------------------------------------------------------------------------------------------------


class Gap(Node, frozen=True):
    """`...` or `…`: any number of steps."""


class ValuePattern(Node, frozen=True):
    """`key: value` of a step pattern. A bare name is an enum member; a nested object matches the keys it lists."""

    key: Name
    value: Literal_ | Name | ObjectPattern


class ObjectPattern(Node, frozen=True):
    """`{ key: value, … }`."""

    pairs: tuple[ValuePattern, ...]


class StepPattern(Node, frozen=True):
    """`Step{field: value}`: only the listed fields are compared."""

    step: Name
    fields: ObjectPattern | None


class Example(Node, frozen=True):
    """`example "title" { given "path" [input NAME] [episode N | id "…"]  expect […] }`."""

    docs: tuple[str, ...]
    title: str
    given: str
    given_span: Span
    input: Name | None
    episode: int | None
    id: str | None
    expect: tuple[StepPattern | Gap, ...]


# ---- monitors --------------------------------------------------------------------------------------------------------


class Predict(Node, frozen=True):
    """`predict label within N`, or `eventually`: then `horizon` is None."""

    label: Name
    horizon: Literal_ | None


class StepField(Node, frozen=True):
    """`field`, of every step that has it, or `Step.field`."""

    step: Name | None
    field: Name


class Feature(Node, frozen=True):
    """`field: kind [max N]`."""

    docs: tuple[str, ...]
    field: StepField
    kind: Name
    maximum: Literal_ | None


class Alert(Node, frozen=True):
    """`alert zone budget B confidence C [persist K of N]`."""

    docs: tuple[str, ...]
    zone: Name
    budget: Literal_
    confidence: Literal_
    hits: Literal_ | None
    window: Literal_ | None


class Same(Node, frozen=True):
    """`same(fields) for N`."""

    fields: tuple[StepField, ...]
    window: Literal_


class Run(Node, frozen=True):
    """`Step{…} for N`."""

    pattern: StepPattern
    window: Literal_


class Count(Node, frozen=True):
    """`count(Step{…}) in N >= M`."""

    pattern: StepPattern
    window: Literal_
    operator: Name
    least: Literal_


class Rule(Node, frozen=True):
    """`rule name when test => zone "message"`."""

    docs: tuple[str, ...]
    name: Name
    test: Same | Run | Count
    zone: Name
    message: str


class Monitor(Node, frozen=True):
    """A `monitor` block. `features` is None where the block has none: then the checker chooses."""

    docs: tuple[str, ...]
    name: Name
    source: Name | None
    points: tuple[StepPattern, ...]
    predict: Predict | None
    group: Expression | None
    scorer: Name | None
    features: tuple[Feature, ...] | None
    alerts: tuple[Alert, ...]
    cooldown: Literal_ | None
    censored: Expression | None
    rules: tuple[Rule, ...]


Item = Use | Source | FieldsBlock | Enum | Step | Pair | Match | Paths | Example | Monitor


class File(Node, frozen=True):
    """A whole file. `vocabulary` is set for a vocabulary file; `docs` are the doc lines above `stepview`."""

    docs: tuple[str, ...]
    language: int
    vocabulary: Name | None
    items: tuple[Item, ...]
