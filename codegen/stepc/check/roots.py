"""The beginnings of paths: the dot, and the words for parts of the run, each open in some contexts and closed, with a reason, in others."""

from __future__ import annotations

from typing import Final

from stepc import ir
from stepc.check import paths, printer, references, types
from stepc.check.fit import error_at
from stepc.check.report import choose, replace, replace_by
from stepc.check.suggest import nearest
from stepc.check.world import ROOTS, Declared, Here
from stepc.diagnostics.model import Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree

FILE_PARTS: Final = {"path": types.STR, "dir": types.STR, "name": types.STR, "stem": types.STR, "parts": types.TEXTS}
LINE_FIELDS: Final = {"kind": types.STR, "text": types.STR, "line": types.INT}
_LATE: Final = ("meta", "outcome")
_EVENT: Final = ("match", "time", "key", "kind")
"""Where an expression is about one event."""


# ---- paths that start with a dot -------------------------------------------------------------------------------------


def from_dot(here: Here, written: tree.Path) -> ir.AnyExpression:
    """A path that starts with a dot: the event, the episode's element, or the document, as the context says."""
    world = here.world
    head = Span(
        written.span.line, written.span.column, written.span.line, written.span.column + 1, written.span.start, written.span.start + 1
    )
    match here.context:
        case "match" | "time" | "key" | "kind":
            root = ir.Root(types.JSON, head, "event")
            if world.format == "text":
                return _line_field(here, root, written, "")
            if world.columns is not None and written.segments:
                first = written.segments[0]
                if isinstance(first, tree.Field) and first.key not in world.columns:
                    near = nearest(first.key, world.columns)
                    here.report.error(
                        "SV140",
                        first.span,
                        f"the events of `event zip` have no column `{first.key}`",
                        here=f"the columns are {_listed(world.columns)}",
                        fixes=(replace_by(first.span, f".{near}" if near else None),),
                        advice=choose(world.columns),
                    )
                    return error_at(written.span)
                if isinstance(first, tree.Field):
                    world.use("column", first.key)
            return references.walk(here, root, written.segments, written.span)
        case "accept" if world.format == "text":
            here.report.error(
                "SV142", written.span, "a text has no document to accept", here="no document", advice='choose files with `input "glob"`'
            )
            return error_at(written.span)
        case "accept":
            return references.walk(here, ir.Root(types.JSON, head, "document"), written.segments, written.span)
        case "state":
            here.report.error(
                "SV211",
                written.span,
                "the first value of a state field is a literal: no event has been seen yet",
                here="not known yet",
                advice="give a literal, and `set` the field in `match`",
            )
            return error_at(written.span)
        case _:
            if world.has_element:
                return references.walk(here, ir.Root(types.JSON, head, "element"), written.segments, written.span)
            text = printer.text_of(written)
            advice = (
                "use `first.<kind>.text` or `last.<kind>.text` in `meta` and `outcome`"
                if world.format == "text"
                else "name kinds of events, `event … { result sealed when … }`, and read `first.<kind>` or `last.<kind>`"
            )
            lines = "lines" if world.keyed is not None else "a file of lines"
            here.report.error(
                "SV142",
                written.span,
                f"`{text}` has no document to stand in: an episode of this source is {lines}",
                here="no document",
                advice=advice,
            )
            return error_at(written.span)


def _line_field(here: Here, root: ir.AnyExpression, written: tree.Path, prefix: str) -> ir.AnyExpression:
    """`.text`, `.kind`, `.line` of a line event, or of `first.<kind>`; then the type is known."""
    segments = written.segments if not prefix else written.segments[1:]
    if not segments:
        return ir.Path(types.RAW if prefix else types.JSON, written.span, root, (), prefix or ".")
    first = segments[0]
    name = first.key if isinstance(first, tree.Field) else ""
    if name not in LINE_FIELDS or len(segments) > 1:
        where = segments[1] if name in LINE_FIELDS else first
        near = nearest(name, LINE_FIELDS)
        here.report.error(
            "SV140",
            where.span,
            f"a line has only `.kind`, `.text` and `.line`, and `{printer.text_of(written)}` asks for more",
            here="not a part of a line",
            fixes=(replace_by(first.span, f".{near}" if near and len(segments) == 1 else None),),
            advice="take a part of the text with `capture(.text, /…/)`",
        )
        return error_at(written.span)
    type_ = types.optional(LINE_FIELDS[name]) if prefix else LINE_FIELDS[name]
    site = f"{prefix}.{name}" if prefix else f".{name}"
    return ir.Cast(type_, written.span, ir.Path(types.RAW, written.span, root, (ir.KeySegment(name),), site))


# ---- named roots -----------------------------------------------------------------------------------------------------


def from_root(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    """A path that starts with a word for a part of the run."""
    name = base.text
    if here.context == "state":
        here.report.error(
            "SV211",
            written.span,
            "the first value of a state field is a literal",
            here="not known yet",
            advice="give a literal, and `set` the field in `match`",
        )
        return error_at(written.span)
    match name:
        case "doc":
            return _document(here, written, base)
        case "file":
            return _file(here, written, base)
        case "event" | "episode":
            return _position(here, written, base)
        case "first" | "last":
            return _edge(here, written, base)
        case "banner":
            return _banner(here, written, base)
        case _:
            return _block_field(here, written, base)


def _late(here: Here, written: tree.Path, why: str, advice: str) -> ir.AnyExpression:
    """A part of the run that is not known where it is read (SV402)."""
    here.report.error("SV402", written.span, f"`{printer.text_of(written)}` {why}", here="not known here", advice=advice)
    return error_at(written.span)


def _document(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context in _EVENT:
        return _late(
            here, written, "reads the whole document, and an event arrives alone", "make it a fact of `start` and read `start.<name>`"
        )
    if here.world.format == "text":
        here.report.error(
            "SV142",
            written.span,
            "a text source has no document",
            here="no document",
            advice="use `first.<kind>.text`, or a `beside` document",
        )
        return error_at(written.span)
    if here.world.format == "jsonl" and not here.world.has_element:
        here.report.error(
            "SV142",
            written.span,
            "every line is an event here: there is no document around them",
            here="no document",
            advice="name kinds of events, `event . { init record when … }`, and read `first.<kind>`; or use `file.…`",
        )
        return error_at(written.span)
    return references.walk(here, ir.Root(types.JSON, base.span, "document"), written.segments, written.span)


def _file(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context in (*_EVENT, "start"):
        here.report.error(
            "SV403",
            written.span,
            f"`{printer.text_of(written)}` is a file name, and names of files and folders often tell how the run ended",
            here=f"not readable in {_place(here)}",
            advice="move the field to `meta`: ids, groups and models live there",
        )
        return error_at(written.span)
    if here.context == "accept":
        return _late(here, written, "is no part of the document that `accept` looks at", 'choose files with `input "glob"`')
    segment = written.segments[0] if written.segments else None
    name = segment.key if isinstance(segment, tree.Field) else None
    if name is None or name not in FILE_PARTS:
        near = nearest(name or "", FILE_PARTS)
        where = segment.span if segment is not None else written.span
        here.report.error(
            "SV138",
            where,
            f"`file` has no `{name}`" if name else "`file` is a place: say which part of it",
            here=f"its parts are {_listed(FILE_PARTS)}",
            fixes=(replace_by(where, (f".{near}" if segment is not None else None) if near else None),),
            advice=choose(f"file.{part}" for part in FILE_PARTS),
        )
        return error_at(written.span)
    part = ir.FilePart(FILE_PARTS[name], base.span.to(segment.span if segment else base.span), name)  # type: ignore[arg-type]
    return references.walk(here, part, written.segments[1:], written.span)


def _position(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    segment = written.segments[0] if written.segments else None
    part = segment.key if isinstance(segment, tree.Field) and len(written.segments) == 1 else ""
    if base.text == "episode" and part == "key":
        return _key(here, written)
    if part != "index":
        known = ("index",) if base.text == "event" else ("index", "key")
        near = f"{base.text}.{nearest(part, known) or 'index'}"
        here.report.error(
            "SV138",
            written.span,
            f"`{base.text}` has no part of this name",
            here=f"it has {_listed(f'{base.text}.{name}' for name in known)}",
            fixes=(replace(f"write `{near}`", written.span, near),),
            advice="a raw field of the event is written `.name`",
        )
        return error_at(written.span)
    if base.text == "event":
        if here.context != "match":
            return _late(here, written, f"counts the events of the run, and {_place(here)} is not about one event", "use it in `match`")
        return ir.Position(types.INT, written.span, "event")
    return _of_episode(here, written, ir.Position(types.INT, written.span, "episode"))


def _key(here: Here, written: tree.Path) -> ir.AnyExpression:
    if here.world.keyed is None:
        here.report.error(
            "SV138",
            written.span,
            "the episodes of this source have no key",
            here="no `episode by`",
            advice="only runs that `episode by` puts together have one; `file.stem` and `episode.index` name others",
        )
        return error_at(written.span)
    return _of_episode(here, written, ir.EpisodeKey(types.STR, written.span))


def _of_episode(here: Here, written: tree.Path, node: ir.Position | ir.EpisodeKey) -> ir.AnyExpression:
    """The place or the key of an episode, where it may be read."""
    text = printer.text_of(written)
    if here.context == "accept":
        return _late(here, written, "is of an episode, and `accept` looks at a whole document", "look at the document's own fields")
    if here.context in (*_EVENT, "start"):
        place = isinstance(node, ir.Position)
        why = "is the place in the file, and files are often sorted by" if place else "is what the run is called, and names may tell"
        here.report.error(
            "SV403",
            written.span,
            f"`{text}` {why} how the runs ended",
            here=f"not readable in {_place(here)}",
            advice="move the field to `meta`",
        )
        return error_at(written.span)
    return node


def _edge(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context not in _LATE:
        return _late(here, written, "looks at the whole run", "only `meta` and `outcome` may: they are asked after the last event")
    world = here.world
    known = [name for name, kind in world.kinds.items() if kind.mode != "skip"] or list(world.event_kinds)
    segment = written.segments[0] if written.segments else None
    kind = segment.key if isinstance(segment, tree.Field) else None
    if kind is None or segment is None or kind not in known:
        near = nearest(kind or "", known)
        where = segment.span if segment is not None else written.span
        what = "kind of line" if world.format == "text" else "kind of event"
        none = "only a source of `event lines`, or of `event … { <kind> record when … }`, has kinds"
        here.report.error(
            "SV140",
            where,
            f"`{base.text}.{kind}` is no {what} of this source" if kind else f"`{base.text}` needs a {what}",
            here=f"the kinds are {_listed(known)}" if known else none,
            fixes=(replace_by(where, f".{near}" if near and segment is not None else None),),
            advice=choose(known),
        )
        return error_at(written.span)
    world.use("kind", kind)
    root = ir.Root(types.RAW, base.span.to(segment.span), "first" if base.text == "first" else "last", kind)
    if kind in world.event_kinds:
        return references.walk(here, root, written.segments[1:], written.span)
    return _line_field(here, root, written, f"{base.text}.{kind}")


def _banner(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context not in ("start", "meta", "outcome"):
        return _late(here, written, "stands outside the events", "make it a fact of `start` and read `start.<name>`")
    segment = written.segments[0] if written.segments else None
    group = segment.key if isinstance(segment, tree.Field) else None
    if group is None or segment is None or group not in here.world.groups or len(written.segments) > 1:
        near = nearest(group or "", here.world.groups)
        where = segment.span if segment is not None else written.span
        here.report.error(
            "SV140",
            where,
            f"no banner has a group `{group}`" if group else "`banner` needs the name of a group",
            here=f"the groups are {_listed(here.world.groups)}" if here.world.groups else "no banner has a named group",
            fixes=(replace_by(where, f".{near}" if near and segment is not None else None),),
            advice="" if near else "name a group in the banner's pattern: `(?<name>…)`",
        )
        return error_at(written.span)
    root = ir.Root(types.JSON, base.span, "banner")
    found = ir.Path(types.RAW, written.span, root, (ir.KeySegment(group),), f"banner.{group}")
    return ir.Cast(types.optional(types.STR), written.span, found)


_BLOCKS: Final = {
    "start": "a fact of `start`",
    "state": "a field of `state`",
    "meta": "a field of `meta`",
    "outcome": "a field of `outcome`",
}


def _block_field(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    block = base.text
    known: dict[str, Declared] = getattr(here.world, block)
    reason = _closed(here, block)
    if reason:
        return _late(here, written, reason[0], reason[1])
    reach = here.fields if block == here.context else known
    segment = written.segments[0] if written.segments else None
    name = segment.key if isinstance(segment, tree.Field) else None
    if name is None or segment is None or name not in reach:
        _no_field(here, written, block, name, segment.span if segment is not None else written.span)
        return error_at(written.span)
    declared = reach[name]
    span = base.span.to(segment.span)
    here.world.use(block, name)
    field: ir.AnyExpression
    if block == "start":
        field = ir.StartField(declared.type, span, name)
    elif block == "state":
        field = ir.StateField(declared.type, span, name)
    else:
        field = ir.LaterField(declared.type, span, "meta" if block == "meta" else "outcome", name)
    return references.walk(here, field, written.segments[1:], written.span)


def _closed(here: Here, block: str) -> tuple[str, str] | None:
    """Why a block cannot be read in this context, with advice; None when it can."""
    context = here.context
    if block in _LATE and context not in _LATE:
        when = (
            "is known only after the last event"
            if block == "outcome"
            else "may be known only at the end of the run, and is kept from steps"
        )
        return when, "steps may read the event, `start` and `state`"
    if block == "outcome" and context == "meta":
        return (
            "is a label, and `meta` must not depend on labels: groups decide which runs are trained on",
            "read the raw path, or move the field to `outcome`",
        )
    if block == "state" and context != "match":
        return "changes with every event", "only `match` may read it"
    if block == "start" and context not in ("match", "start", "meta", "outcome"):
        return "is not known here", "read the document"
    return None


def _no_field(here: Here, written: tree.Path, block: str, name: str | None, where: Span) -> None:
    known: dict[str, Declared] = getattr(here.world, block)
    if name is None:
        here.report.error(
            "SV138",
            written.span,
            f"`{block}` is a block: say which field of it",
            here="a field is missing",
            advice=f"write `{block}.<name>`",
        )
        return
    if name in known:
        here.report.error(
            "SV138",
            where,
            f"`{name}` is declared further down, and a field sees only earlier ones",
            here="not known yet",
            labels=(Label(known[name].span, "declared here"),),
            advice="move the declaration up",
        )
        return
    near = nearest(name, known)
    fix: Fix | None = replace_by(where, f".{near}" if near else None)
    if fix is None and here.context == "match":
        fix = replace("read the raw field", written.span, f".{printer.text_of(written)}")
    here.report.error(
        "SV138",
        where,
        f"`{name}` is not {_BLOCKS[block]}",
        here=f"declared are {_listed(known)}" if known else f"there is no `{block}` block with fields",
        fixes=(fix,),
        advice=choose(known),
    )


def from_side(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    """A path into a side document."""
    side = here.world.sides[base.text]
    if here.context in (*_EVENT, "accept", "beside"):
        advice = "make it a fact of `start` and read `start.<name>`" if here.context == "match" else "read the document itself"
        return _late(here, written, f"stands in the side document `{base.text}`, which is not there while events arrive", advice)
    lowered = references.walk(here, ir.Root(types.RAW, base.span, "side", base.text), written.segments, written.span)
    if here.context == "start" and not types.is_error(lowered.type):
        known = here.world.before.get(base.text, ())
        read = references.places(here, lowered)
        if not all(any(paths.covers(allowed, place) for allowed in known) for place in read):
            text = printer.text_of(written)
            here.report.error(
                "SV402",
                written.span,
                f"`{text}` stands in a side document, which is taken to be written after the run",
                here="not known before the first event",
                labels=(Label(side.span, "declared here"),),
                advice=f"if it is known before the run, write `before {text.removeprefix(base.text)}` there; otherwise move it to `meta`",
            )
            return error_at(written.span)
    return lowered


def member(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    """`Enum.member`."""
    enum = here.world.enums[base.text]
    here.world.use("enum", enum.name)
    segment = written.segments[0] if written.segments else None
    name = segment.key if isinstance(segment, tree.Field) else None
    if name is None or segment is None or name not in enum.members or len(written.segments) > 1:
        spelled = dict(enum.spellings)
        near = spelled.get(name or "") or nearest(name or "", enum.members)
        where = segment.span if segment is not None else written.span
        suggestion = (f".{near}" if segment is not None else f"{enum.name}.{near}") if near else None
        here.report.error(
            "SV136",
            where,
            f"`{enum.name}` has no member `{name}`" if name else f"`{enum.name}` is an enum: say which member",
            here=f"the members are {_listed(enum.members)}",
            fixes=(replace_by(where, suggestion),),
            advice=choose(enum.members),
        )
        return error_at(written.span)
    return ir.Constant(enum.type(), written.span, name)


def unknown(here: Here, written: tree.Path, base: tree.Name) -> None:
    """Report a name that nothing declares (SV130), with the likeliest slip as a fix."""
    name = base.text
    if here.world.lost and name[:1].isupper():
        return
    known = [*here.names, *here.fields, *here.world.sides, *here.world.enums, *ROOTS]
    near = nearest(name, known)
    fix = replace_by(base.span, near)
    message = f"`{name}` is not declared"
    if name in ("None", "nil", "undefined", "none", "Null", "NULL"):
        fix, message = replace_by(base.span, "null"), f"`{name}` is written `null` here"
    elif name in ("True", "False"):
        fix, message = replace_by(base.span, name.lower()), f"`{name}` is written `{name.lower()}` here"
    elif fix is None and here.context in ("match", "start", "meta", "outcome", "accept") and here.world.format != "text":
        fix = replace("read the raw field of that name", base.span, f".{name}")
    elif name in here.world.steps:
        message = f"`{name}` is a step, not a value"
    here.report.error(
        "SV130",
        base.span,
        message,
        here="no such name",
        fixes=(fix,),
        advice="" if fix else "declare it with `let`, or write a raw field with a dot in front",
    )


def _place(here: Here) -> str:
    names = {"match": "`match`", "time": "`time`", "key": "`episode by`", "kind": "the test of a kind", "beside": "`beside`"}
    return names.get(here.context, f"`{here.context}`")


def _listed(names: object, limit: int = 8) -> str:
    """Names for a message, at most `limit`."""
    texts = [f"`{name}`" for name in names]  # type: ignore[attr-defined]
    return ", ".join(texts[:limit]) + (", …" if len(texts) > limit else "") if texts else "none"
