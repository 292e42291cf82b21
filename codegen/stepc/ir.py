"""The checked program: what the checker proves and the emitter prints. Frozen, serialisable, free of names still to be resolved.

`encode` gives the canonical bytes whose hash is the identity of a program. Spans are left out of the identity: moving a line changes
no meaning. Types and nodes are msgspec structs with a `kind` tag, so a program can be stored and read back.

Reading rules the emitter relies on:

- Every expression has a `type`. A type with `optional` may evaluate to `None`; absent and null are both `None` at run time.
- A `Path` evaluates to whatever JSON stands there, `None` when it is missing, never raises and reports nothing, except that stepping
  into a value of the wrong shape (a key of a non-object, an element of a non-list) is a `wrong_type` defect.
- A `Read` turns a raw value into a typed one: None stays None, a value of another type is a `wrong_type` defect (`bad_value` for a
  string that is no member of an enum, an integer out of range), and the result is None then. The checker puts a `Read` wherever a raw
  value flows into a typed place, so no other node ever sees an untyped value where it wants a typed one.
- `Cast` says that a value of `json` needs no check where the checker has narrowed it (an arm's pattern, `present`, `nonempty`).
- Connectives follow Kleene's three-valued logic over True, False and None; a guard fires on True only.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal

import msgspec

from stepc.source_text import NOWHERE, Span


class Base(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    """Base of all program nodes."""


# ---- types -----------------------------------------------------------------------------------------------------------


class Type(msgspec.Struct, frozen=True, omit_defaults=True):
    """A type of the language. `name` is `str int float bool time json list enum event regex null`.

    `item` is the element type of a list, `enum` the enum's name, `maximum` the bound of a text in code points.
    """

    name: str
    optional: bool = False
    item: Type | None = None
    enum: str = ""
    maximum: int | None = None


# ---- expressions -----------------------------------------------------------------------------------------------------


class Expression(Base, frozen=True):
    """Base of expressions: the static type and the place in the spec."""

    type: Type
    span: Span


class Constant(Expression, frozen=True, tag="constant"):
    """A literal, or an enum member as its name (a `str`)."""

    value: str | int | float | bool | None


class Regex(Expression, frozen=True, tag="regex"):
    """A regular expression in the RE2 dialect; `flags` is a sorted subset of `ims`; `groups` are its named groups in order."""

    pattern: str
    flags: str
    groups: tuple[str, ...] = ()


class Root(Expression, frozen=True, tag="root"):
    """Where a raw path begins.

    event     the current event (match, state, steps)
    element   the episode's element (start, meta, outcome): for `format text` there is none
    document  `doc`
    side      a side document: `name` says which
    banner    `banner.<group>`: an object of the groups in force
    first     `first.<kind>`: the first event of a kind in the episode (of a text: an object {kind, text, line}); name is the kind
    last      `last.<kind>`
    """

    root: Literal["event", "element", "document", "side", "banner", "first", "last"]
    name: str = ""


class Local(Expression, frozen=True, tag="local"):
    """A `let`, a loop variable, a loop position, or a named group of the arm's pattern."""

    name: str


class StateField(Expression, frozen=True, tag="state"):
    """`state.<name>`: the value before this event."""

    name: str


class StartField(Expression, frozen=True, tag="start"):
    """`start.<name>`: a fact known before the first event. In `start` itself: an earlier field."""

    name: str


class LaterField(Expression, frozen=True, tag="later"):
    """A field of `meta` or `outcome` used by a later field of `meta` or `outcome`."""

    block: Literal["meta", "outcome"]
    name: str


class FilePart(Expression, frozen=True, tag="file"):
    """`file.path`, `file.dir`, `file.name`, `file.stem` (str), `file.parts` (list of str): relative to the pack's root, with `/`."""

    part: Literal["path", "dir", "name", "stem", "parts"]


class Position(Expression, frozen=True, tag="position"):
    """`event.index` (raw events of the episode from 0) or `episode.index` (episodes of the file from 0, bad ones counted)."""

    of: Literal["event", "episode"]


class EpisodeKey(Expression, frozen=True, tag="episodekey"):
    """`episode.key`: what the events of the episode have in common, where the source says `episode by`."""


class KeySegment(Base, frozen=True, tag="key"):
    """`.name`."""

    key: str


class IndexSegment(Base, frozen=True, tag="index"):
    """`[0]`."""

    index: int


class DynamicSegment(Base, frozen=True, tag="dynamic"):
    """`[expression]`: a key (str) or an index (int) known at run time; None gives None."""

    value: AnyExpression


class EverySegment(Base, frozen=True, tag="every"):
    """`[]`: all elements. In an expression the result is the list itself; only `each`, `episode`, `event` and columns iterate."""

    optional: bool


AnySegment = KeySegment | IndexSegment | DynamicSegment | EverySegment


class Path(Expression, frozen=True, tag="path"):
    """Raw navigation from a base. The type is `json?`. `site` is the path as the document has it, for defects and coverage."""

    base: AnyExpression
    segments: tuple[AnySegment, ...]
    site: str


class Read(Expression, frozen=True, tag="read"):
    """The raw value of `value` as `type` (optional). `site` names it in defects. `spellings` maps raw strings to members of an enum."""

    value: AnyExpression
    site: str
    spellings: tuple[tuple[str, str], ...] = ()


class Cast(Expression, frozen=True, tag="cast"):
    """`value` is known to fit `type`: no check at run time."""

    value: AnyExpression
    spellings: tuple[tuple[str, str], ...] = ()


class Compare(Expression, frozen=True, tag="compare"):
    """A comparison. None on either side gives None. Raw values compare by JSON equality with `==` and `!=`; `True` is not `1`."""

    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    left: AnyExpression
    right: AnyExpression


class Member(Expression, frozen=True, tag="member"):
    """`left in right`: right is a list; None on either side gives None."""

    left: AnyExpression
    right: AnyExpression


class And(Expression, frozen=True, tag="and"):
    """Kleene conjunction."""

    left: AnyExpression
    right: AnyExpression


class Or(Expression, frozen=True, tag="or"):
    """Kleene disjunction."""

    left: AnyExpression
    right: AnyExpression


class Not(Expression, frozen=True, tag="not"):
    """Kleene negation."""

    operand: AnyExpression


class Has(Expression, frozen=True, tag="has"):
    """`has path`: the last key exists, whatever its value. Never None."""

    path: Path


class Present(Expression, frozen=True, tag="present"):
    """Neither absent nor null. `absent x` is `Not(Present(x))`. Never None."""

    operand: AnyExpression


class Nonempty(Expression, frozen=True, tag="nonempty"):
    """A non-empty string (or a non-empty list). Never None."""

    operand: AnyExpression


class Else(Expression, frozen=True, tag="else"):
    """`left`, or `right` where left is None. `right` is evaluated only then."""

    left: AnyExpression
    right: AnyExpression


class Conditional(Expression, frozen=True, tag="if"):
    """`if test then yes else no`; None and False take `no`. Only the branch taken is evaluated."""

    test: AnyExpression
    yes: AnyExpression
    no: AnyExpression


class Call(Expression, frozen=True, tag="call"):
    """A built-in of `stepc.check.builtins`. Arguments are already typed as its signature wants. `site` names it in defects."""

    function: str
    arguments: tuple[AnyExpression, ...]
    site: str


class Template(Expression, frozen=True, tag="template"):
    """A string with holes; any None hole makes the whole None. Numbers print as JSON does."""

    parts: tuple[str | AnyExpression, ...]


class ListOf(Expression, frozen=True, tag="listof"):
    """A list literal."""

    items: tuple[AnyExpression, ...]


class ObjectOf(Expression, frozen=True, tag="object"):
    """An object literal; entries in the order written. A None value stays as null."""

    entries: tuple[tuple[str, AnyExpression], ...]


AnyExpression = (
    Constant
    | Regex
    | Root
    | Local
    | StateField
    | StartField
    | LaterField
    | FilePart
    | Position
    | EpisodeKey
    | Path
    | Read
    | Cast
    | Compare
    | Member
    | And
    | Or
    | Not
    | Has
    | Present
    | Nonempty
    | Else
    | Conditional
    | Call
    | Template
    | ListOf
    | ObjectOf
)


# ---- path patterns ---------------------------------------------------------------------------------------------------


class KeyPattern(Base, frozen=True, tag="keys"):
    """One level of keys: alternatives; `glob` tells whether `*` in them is a wildcard."""

    alternatives: tuple[str, ...]
    glob: bool


class AnyElement(Base, frozen=True, tag="elements"):
    """`[]`: any element of a list. Also stands for a segment known only at run time when `keys_too` is set."""

    keys_too: bool = False


class DocumentPath(Base, frozen=True, tag="documentpath"):
    """A path from the root of a document (`side` empty) or of a side document; of a text source: `.kind`, `.text`, `.line`."""

    side: str
    segments: tuple[KeyPattern | AnyElement, ...]


class PathRule(Base, frozen=True, tag="pathrule"):
    """One line of `sealed`, `secret` or `ignore`."""

    paths: tuple[DocumentPath, ...]
    reason: str
    span: Span


class ReadFact(Base, frozen=True, tag="readfact"):
    """One place of the spec that reads a document path. `whole` tells that the value below is used as a whole (text or json).

    `of` is the kind of event, where only the first or the last event of a kind is read.
    """

    path: DocumentPath
    context: Literal["accept", "start", "meta", "outcome", "match", "episode", "event", "key", "kind", "time", "beside"]
    whole: bool
    span: Span
    of: str = ""


# ---- source ----------------------------------------------------------------------------------------------------------


class Banner(Base, frozen=True, tag="banner"):
    """A line between episodes."""

    sealed: bool
    pattern: Regex


class EpisodeFile(Base, frozen=True, tag="episodefile"):
    """One file, one episode."""


class EpisodeFrom(Base, frozen=True, tag="episodefrom"):
    """Episodes of a text: from a line that matches `start`, up to one that matches `through`, or the next start."""

    start: Regex
    through: Regex | None = None


class EpisodeBy(Base, frozen=True, tag="episodeby"):
    """The events of a file that have the same key are one episode. `key` is of type `str?`, over the event alone."""

    key: AnyExpression


class EpisodePath(Base, frozen=True, tag="episodepath"):
    """Every value at this path is an episode. No segments: the document (json) or each line (jsonl)."""

    segments: tuple[AnySegment, ...]


AnyEpisode = EpisodeFile | EpisodeFrom | EpisodeBy | EpisodePath


class Input(Base, frozen=True, tag="input"):
    """Which files of a pack belong to the source. `name` is empty for the only input; `episode` overrides the source's."""

    name: str
    glob: str
    banners: tuple[Banner, ...] = ()
    episode: AnyEpisode | None = None


class Beside(Base, frozen=True, tag="beside"):
    """A side document. `template` is over `file`, `doc` and the element, evaluated once an episode; a Constant is loaded once."""

    name: str
    template: Template | Constant
    before: tuple[DocumentPath, ...] = ()


class EventKind(Base, frozen=True, tag="eventkind"):
    """A name for the events that a test over the event alone fits; the first kind that fits wins. Sealed ones never reach `match`."""

    name: str
    mode: Literal["record", "sealed"]
    test: AnyExpression
    span: Span


class EventPath(Base, frozen=True, tag="eventpath"):
    """Every value at this path below the episode's element is an event. No segments: the element itself."""

    segments: tuple[AnySegment, ...]
    kinds: tuple[EventKind, ...] = ()


class ZipColumn(Base, frozen=True, tag="zipcolumn"):
    """One of several parallel lists."""

    name: str
    segments: tuple[AnySegment, ...]


class EventZip(Base, frozen=True, tag="eventzip"):
    """Parallel lists: event i is an object of the i-th elements; a hole is an absent key."""

    columns: tuple[ZipColumn, ...]


class LineKind(Base, frozen=True, tag="linekind"):
    """One kind of line; `pattern` is None for `otherwise` and `skip`. `strip` None and `strip_match`: cut what `pattern` matched."""

    name: str
    mode: Literal["record", "run", "sealed", "skip"]
    pattern: Regex | None = None
    strip_match: bool = False
    strip: Regex | None = None
    until: Regex | None = None
    after: str = ""


class EventLines(Base, frozen=True, tag="eventlines"):
    """Lines of several kinds; an event is {kind, text, line}."""

    kinds: tuple[LineKind, ...]


AnyEvent = EventPath | EventZip | EventLines


class Source(Base, frozen=True, tag="source"):
    """Where bytes become episodes and events. `accept` None accepts every document. `time` is a path of the event."""

    name: str
    docs: tuple[str, ...]
    format: Literal["json", "jsonl", "text"]
    inputs: tuple[Input, ...]
    beside: tuple[Beside, ...]
    accept: AnyExpression | None
    episode: AnyEpisode
    event: AnyEvent
    time: AnyExpression | None
    span: Span


# ---- declarations ----------------------------------------------------------------------------------------------------


class Field(Base, frozen=True, tag="field"):
    """A declared field. `value` is typed as the field (possibly optional when `last_resort` is set); steps declare fields without value."""

    name: str
    type: Type
    docs: tuple[str, ...]
    span: Span
    value: AnyExpression | None = None
    last_resort: Literal["", "skip", "drop"] = ""


class Enum(Base, frozen=True, tag="enum"):
    """A closed set of members and their raw spellings. `origin` is the vocabulary it is declared in, empty for the spec itself."""

    name: str
    members: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    docs: tuple[str, ...]
    span: Span
    origin: str = ""


class Step(Base, frozen=True, tag="step"):
    """A step type. `origin` is the file it is declared in: the spec, or a vocabulary's name."""

    name: str
    fields: tuple[Field, ...]
    docs: tuple[str, ...]
    origin: str
    span: Span


class Pair(Base, frozen=True, tag="pair"):
    """Which step answers which. `carry` fields of the close step come from the open step where the emit has none. `origin` as for enums."""

    name: str
    key: str
    order: Literal["fifo", "latest"]
    open: str
    close: str
    carry: tuple[str, ...]
    span: Span
    origin: str = ""


# ---- match -----------------------------------------------------------------------------------------------------------


class ConstantPattern(Base, frozen=True, tag="constantpattern"):
    """The discriminant equals this JSON scalar (`True` is not `1`)."""

    value: str | int | float | bool


class RegexPattern(Base, frozen=True, tag="regexpattern"):
    """The discriminant is a string that the regex finds; its named groups become locals (`str?`)."""

    regex: Regex


class AbsentPattern(Base, frozen=True, tag="absentpattern"):
    """The discriminant is absent or null."""


class Assign(Base, frozen=True, tag="assign"):
    """One field of an emitted step, in the order of the step's declaration; `skip` drops the step when the value is None."""

    field: str
    value: AnyExpression
    skip: bool
    span: Span


class Emit(Base, frozen=True, tag="emit"):
    """Emit a step. `carried` are fields that the pair fills in; every other has one assign (an optional one without: Constant None)."""

    step: str
    guard: AnyExpression | None
    assigns: tuple[Assign, ...]
    carried: tuple[str, ...]
    span: Span


class Each(Base, frozen=True, tag="each"):
    """Walk one list, or several in step (`zip`: as long as the longest, a hole is None). `position` counts from 0; empty: none."""

    names: tuple[str, ...]
    position: str
    items: tuple[AnyExpression, ...]
    body: tuple[AnyStatement, ...]
    span: Span


class Let(Base, frozen=True, tag="let"):
    """Name a value for the rest of the block."""

    name: str
    value: AnyExpression
    span: Span


class Set(Base, frozen=True, tag="set"):
    """Remember a value after the steps of this event; None leaves the old value."""

    name: str
    value: AnyExpression
    span: Span


class Ignored(Base, frozen=True, tag="ignored"):
    """The event is known and left out, with the reason."""

    reason: str


class Unknown(Base, frozen=True, tag="unknown"):
    """The event is not understood: counted, no step."""


class Leftover(Base, frozen=True, tag="leftover"):
    """Last in a block: what the event is when the block emitted nothing. Without a matching leftover it is mapped, silent."""

    guard: AnyExpression | None
    action: Ignored | Unknown
    span: Span


AnyStatement = Emit | Each | Let | Set | Leftover


class Block(Base, frozen=True, tag="block"):
    """What an arm does: lets, emits, loops and leftovers in order, then the sets."""

    statements: tuple[AnyStatement, ...]


class Arm(Base, frozen=True, tag="arm"):
    """One arm; no patterns means `otherwise`. `label` names it in accounts: the text before `=>`, blanks folded, at most 80 characters."""

    patterns: tuple[ConstantPattern | RegexPattern | AbsentPattern, ...]
    guard: AnyExpression | None
    body: Block | Ignored | Unknown
    label: str
    span: Span


class Match(Base, frozen=True, tag="match"):
    """The match block. `subject` is raw (`json?`) or typed. The first arm that matches and whose guard is True wins, `otherwise` last."""

    subject: AnyExpression
    arms: tuple[Arm, ...]
    span: Span


# ---- examples --------------------------------------------------------------------------------------------------------


class StepPattern(Base, frozen=True, tag="steppattern"):
    """A step type and the fields to compare; nested objects compare the keys they list. `gap` stands for any number of steps."""

    step: str
    fields: dict[str, Any]
    gap: bool = False


class Example(Base, frozen=True, tag="example"):
    """An inline test."""

    title: str
    given: str
    input: str
    episode: int | None
    id: str | None
    expect: tuple[StepPattern, ...]
    span: Span


# ---- monitors --------------------------------------------------------------------------------------------------------


class PointPattern(Base, frozen=True, tag="pointpattern"):
    """A step type and the plain values that some of its fields have, sorted by field. None fits an absent value."""

    step: str
    fields: tuple[tuple[str, str | int | float | bool | None], ...] = ()


class Feature(Base, frozen=True, tag="feature"):
    """What a monitor sees of one field, in each of `steps` (in the order of the program's steps); `form` says how.

    symbol   one of few values: an enum, a truth value, a short text; `values` are all that there are, where the type says so
    words    the words of a text; `maximum` characters of it, half from its head and half from its tail
    shape    the keys and kinds of values of a JSON value, or the kinds of characters of a text
    number   a quantity
    repeats  how often the same value came before in the episode
    time     the seconds between steps, from their field `at`
    """

    field: str
    form: Literal["symbol", "words", "shape", "number", "repeats", "time"]
    steps: tuple[str, ...]
    span: Span
    maximum: int | None = None
    values: tuple[str | bool, ...] = ()


class Zone(Base, frozen=True, tag="zone"):
    """An alert zone: at most `budget` of the runs that do not fail may enter it, with this confidence; `hits` of the last `window` points
    have to be in it.
    """

    name: Literal["yellow", "red"]
    budget: float
    confidence: float
    span: Span
    hits: int = 1
    window: int = 1


class Rule(Base, frozen=True, tag="rule"):
    """A rule over the last `window` steps of one type; each type of `steps` is looked at on its own.

    same   the last `window` steps of a type agree in `fields`
    run    the last `window` steps of the type all fit `pattern`
    count  at least `least` of the last `window` steps of the type fit `pattern` (the first ones need not have come yet)
    """

    name: str
    test: Literal["same", "run", "count"]
    steps: tuple[str, ...]
    window: int
    zone: Literal["yellow", "red"]
    message: str
    docs: tuple[str, ...]
    span: Span
    fields: tuple[str, ...] = ()
    pattern: PointPattern | None = None
    least: int = 0


class Monitor(Base, frozen=True, tag="monitor"):
    """What to predict, from what, and how an alert may behave; training fills in the numbers. `label` "": nothing is predicted, and there
    are rules alone.

    `horizon` None: failed eventually; else within so many decision points. `group` is the field of `meta` that splits keep together.
    `censored` is an expression over `meta` and `outcome`, `censored_text` its canonical text.
    """

    name: str
    docs: tuple[str, ...]
    points: tuple[PointPattern, ...]
    label: str
    horizon: int | None
    group: str
    scorer: Literal["table", "linear", "stack"]
    features: tuple[Feature, ...]
    zones: tuple[Zone, ...]
    cooldown: int
    censored: AnyExpression | None
    censored_text: str
    rules: tuple[Rule, ...]
    span: Span


# ---- the program -----------------------------------------------------------------------------------------------------


class Program(Base, frozen=True, tag="program"):
    """A whole checked spec.

    `file` is the spec's path relative to the project, with `/`. `vocabularies` maps each used vocabulary to the hash of its canonical
    form. `label` is the outcome field that monitors predict by default (`failed` where declared, else the first `bool?`). `monitors` are
    no part of the identity: the adapter is the same without them.
    """

    file: str
    language: int
    docs: tuple[str, ...]
    vocabularies: tuple[tuple[str, str], ...]
    source: Source
    start: tuple[Field, ...]
    meta: tuple[Field, ...]
    outcome: tuple[Field, ...]
    state: tuple[Field, ...]
    enums: tuple[Enum, ...]
    steps: tuple[Step, ...]
    pairs: tuple[Pair, ...]
    match: Match
    sealed: tuple[PathRule, ...]
    secret: tuple[PathRule, ...]
    ignore: tuple[PathRule, ...]
    examples: tuple[Example, ...]
    reads: tuple[ReadFact, ...]
    label: str = ""
    monitors: tuple[Monitor, ...] = ()


# Where something is declared, here or in which vocabulary, is a place too: what it says is in the program itself.
_PLACES: Final = frozenset({"span", "docs", "file", "examples", "origin", "vocabularies"})


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if key not in _PLACES}
    if isinstance(value, list | tuple):
        return [_without_places(item) for item in value]
    return value


def canonical(program: Program) -> bytes:
    """The canonical JSON of a program: sorted keys, no places, docs, file name, examples or monitors."""
    return msgspec.json.encode(_without_places(msgspec.to_builtins(msgspec.structs.replace(program, monitors=()))), order="sorted")


def identity(program: Program) -> str:
    """SHA-256 of the canonical program, in hexadecimal."""
    return hashlib.sha256(canonical(program)).hexdigest()


def monitor_identity(program: Program, monitor: Monitor) -> str:
    """SHA-256 of the canonical monitor and the name of its source, in hexadecimal; the adapter has an identity of its own."""
    content = {"source": program.source.name, "monitor": _without_places(msgspec.to_builtins(monitor))}
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


__all__ = ["NOWHERE", "Monitor", "Program", "canonical", "identity", "monitor_identity"]
