"""Paths and names: what a base stands for in each context, which roots are open there, and what stands behind them."""

from __future__ import annotations

from typing import Final

from stepc import ir
from stepc.check import calls, expressions, fit, narrowing, paths, printer, types
from stepc.check.fit import error_at
from stepc.check.report import replace, replace_by
from stepc.check.suggest import nearest
from stepc.check.types import show
from stepc.check.world import Declared, Fact, Here, Local
from stepc.diagnostics.model import Fix, Label
from stepc.source_text import Span
from stepc.syntax import tree

FILE_PARTS: Final = {"path": types.STR, "dir": types.STR, "name": types.STR, "stem": types.STR, "parts": types.TEXTS}
ROOTS: Final = ("doc", "file", "banner", "first", "last", "event", "episode", "start", "state", "meta", "outcome")
"""Words that begin a path and name a part of the run; no other thing may take their names."""
LINE_FIELDS: Final = {"kind": types.STR, "text": types.STR, "line": types.INT}
_LATE: Final = ("meta", "outcome")


def path(here: Here, written: tree.Path, wanted: ir.Type | None) -> ir.AnyExpression:
    """The value at a path, narrowed by what is known about it."""
    lowered = _resolve(here, written)
    if not lowered.type.optional or types.is_error(lowered.type):
        return lowered
    key = narrowing.key_of(here, written)
    fact = here.facts.get(key) if key is not None else None
    return lowered if fact is None else _narrow(here, lowered, fact, wanted)


def raw(here: Here, written: tree.Path) -> ir.AnyExpression:
    """The value at a path as it stands, without narrowing: what a `let` of a path names."""
    return _resolve(here, written)


def places(here: Here, value: ir.AnyExpression) -> tuple[ir.DocumentPath, ...]:
    """The document paths whose value an expression passes on unchanged."""
    match value:
        case ir.Path(base=base, segments=segments):
            return below_base(here, base, segments)
        case ir.Root(root=root, name=name):
            return root_places(here, root, name)
        case ir.Local(name=name):
            local = here.names.get(name)
            return local.places if local is not None else ()
        case ir.Cast(value=inner) | ir.Read(value=inner):
            return places(here, inner)
        case ir.Else(left=left, right=right):
            return tuple(dict.fromkeys(places(here, left) + places(here, right)))
        case ir.Conditional(yes=yes, no=no):
            return tuple(dict.fromkeys(places(here, yes) + places(here, no)))
        case _:
            return ()


def root_places(here: Here, root: str, name: str) -> tuple[ir.DocumentPath, ...]:
    """Where in the documents a root stands."""
    match root:
        case "event":
            return here.world.events
        case "element":
            return here.world.elements
        case "document":
            return (paths.ROOT,)
        case "side":
            return (ir.DocumentPath(name, ()),)
        case "banner":
            return (ir.DocumentPath("banner", ()),)
        case _:
            return (paths.ROOT,)


def below_base(here: Here, base: ir.AnyExpression, segments: tuple[ir.AnySegment, ...]) -> tuple[ir.DocumentPath, ...]:
    """The document paths that segments lead to; a column of `event zip` stands where its list stands."""
    columns = here.world.columns
    if columns is not None and segments and isinstance(base, ir.Root) and base.root == "event" and isinstance(segments[0], ir.KeySegment):
        return tuple(paths.below(place, segments[1:]) for place in columns.get(segments[0].key, ()))
    return tuple(paths.below(place, segments) for place in places(here, base))


def _narrow(here: Here, value: ir.AnyExpression, fact: Fact, wanted: ir.Type | None) -> ir.AnyExpression:
    if not types.is_raw(value.type):
        return ir.Cast(types.required(value.type), value.span, value)
    if fact.constants is not None and wanted is not None and wanted.name == "enum":
        spellings = fit.spellings_of(here, wanted)
        if fact.constants <= {spelling for spelling, _ in spellings}:
            return ir.Cast(types.required(types.bare(wanted)), value.span, value, spellings)
        return value
    if wanted is not None and fact.type.name == "str" and wanted.name not in ("str", "json"):
        return value
    return ir.Cast(fact.type, value.span, value)


def _resolve(here: Here, written: tree.Path) -> ir.AnyExpression:
    base = written.base
    if base is None:
        return _from_dot(here, written)
    if isinstance(base, tree.Call):
        lowered = calls.call(here, base, None)
        return lowered if types.is_error(lowered.type) else walk(here, lowered, written.segments, written.span)
    name = base.text
    local = here.names.get(name)
    if local is not None:
        here.world.use("local", local.span)
        return walk(here, ir.Local(local.type, base.span, name), written.segments, written.span)
    if name in here.fields and name not in ROOTS:
        return walk(here, _earlier(here, here.fields[name], base.span), written.segments, written.span)
    if name in ROOTS:
        return _from_root(here, written, base)
    if name in here.world.sides:
        here.world.use("side", name)
        return _from_side(here, written, base)
    if name in here.world.enums:
        return _member(here, written, base)
    _unknown(here, written, base)
    return error_at(written.span)


def _earlier(here: Here, declared: Declared, span: Span) -> ir.AnyExpression:
    if here.context == "start":
        return ir.StartField(declared.type, span, declared.name)
    block = "meta" if here.context == "meta" else "outcome"
    return ir.LaterField(declared.type, span, "meta" if block == "meta" else "outcome", declared.name)


# ---- paths that start with a dot -------------------------------------------------------------------------------------


def _from_dot(here: Here, written: tree.Path) -> ir.AnyExpression:
    world = here.world
    head = Span(written.span.line, written.span.column, written.span.line, written.span.column + 1, written.span.start, written.span.start + 1)
    match here.context:
        case "match" | "time":
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
                    )
                    return error_at(written.span)
                if isinstance(first, tree.Field):
                    world.use("column", first.key)
            return walk(here, root, written.segments, written.span)
        case "accept" if world.format == "text":
            here.report.error("SV142", written.span, "a text has no document to accept", here="no document", advice="choose files with `input \"glob\"`")
            return error_at(written.span)
        case "accept":
            return walk(here, ir.Root(types.JSON, head, "document"), written.segments, written.span)
        case "state":
            here.report.error(
                "SV211", written.span, "the first value of a state field is a literal: no event has been seen yet", here="not known yet", advice="give a literal, and `set` the field in `match`"
            )
            return error_at(written.span)
        case _:
            if world.has_element:
                return walk(here, ir.Root(types.JSON, head, "element"), written.segments, written.span)
            text = printer.text_of(written)
            advice = (
                "use `first.<kind>.text` or `last.<kind>.text` in `meta` and `outcome`"
                if world.format == "text"
                else "every line is an event: use `file.…` or a `beside` document"
            )
            here.report.error(
                "SV142", written.span, f"`{text}` has no document to stand in: an episode of this source is a file of {'text' if world.format == 'text' else 'lines'}", here="no document", advice=advice
            )
            return error_at(written.span)


def _line_field(here: Here, root: ir.AnyExpression, written: tree.Path, prefix: str) -> ir.AnyExpression:
    """`.text`, `.kind`, `.line` of a line event, or of `first.<kind>`; then the type is known."""
    segments = written.segments if not prefix else written.segments[2:]
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


def _from_root(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    name = base.text
    if here.context == "state":
        here.report.error("SV211", written.span, "the first value of a state field is a literal", here="not known yet", advice="give a literal, and `set` the field in `match`")
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
    if here.context in ("match", "time"):
        return _late(here, written, "reads the whole document, and an event arrives alone", "make it a fact of `start` and read `start.<name>`")
    if here.world.format == "text":
        here.report.error("SV142", written.span, "a text source has no document", here="no document", advice="use `first.<kind>.text`, or a `beside` document")
        return error_at(written.span)
    if here.world.format == "jsonl" and not here.world.has_element:
        here.report.error("SV142", written.span, "every line is an event here: there is no document around them", here="no document", advice="use `file.…`, or a `beside` document")
        return error_at(written.span)
    return walk(here, ir.Root(types.JSON, base.span, "document"), written.segments, written.span)


def _file(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context in ("match", "start", "time"):
        here.report.error(
            "SV403",
            written.span,
            f"`{printer.text_of(written)}` is a file name, and names of files and folders often tell how the run ended",
            here=f"not readable in {_place(here)}",
            advice="move the field to `meta`: ids, groups and models live there",
        )
        return error_at(written.span)
    if here.context == "accept":
        return _late(here, written, "is no part of the document that `accept` looks at", "choose files with `input \"glob\"`")
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
            advice="" if segment is not None else "write `file.stem`",
        )
        return error_at(written.span)
    part = ir.FilePart(FILE_PARTS[name], base.span.to(segment.span if segment else base.span), name)  # type: ignore[arg-type]
    return walk(here, part, written.segments[1:], written.span)


def _position(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    segment = written.segments[0] if written.segments else None
    if len(written.segments) != 1 or not isinstance(segment, tree.Field) or segment.key != "index":
        here.report.error(
            "SV138",
            written.span,
            f"`{base.text}` has one part, `{base.text}.index`",
            here="not a part of it",
            fixes=(replace(f"write `{base.text}.index`", written.span, f"{base.text}.index"),),
            advice="a raw field of the event is written `.name`",
        )
        return error_at(written.span)
    if base.text == "event":
        if here.context != "match":
            return _late(here, written, f"counts the events of the run, and {_place(here)} is not about one event", "use it in `match`")
        return ir.Position(types.INT, written.span, "event")
    if here.context in ("match", "start", "time"):
        here.report.error(
            "SV403",
            written.span,
            "`episode.index` is the place in the file, and files are often sorted by how the runs ended",
            here=f"not readable in {_place(here)}",
            advice="move the field to `meta`",
        )
        return error_at(written.span)
    return ir.Position(types.INT, written.span, "episode")


def _edge(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    if here.context not in _LATE:
        return _late(here, written, "looks at the whole run", "only `meta` and `outcome` may: they are asked after the last event")
    segment = written.segments[0] if written.segments else None
    kind = segment.key if isinstance(segment, tree.Field) else None
    if kind is None or segment is None or kind not in here.world.kinds or here.world.kinds[kind].mode == "skip":
        near = nearest(kind or "", here.world.kinds)
        where = segment.span if segment is not None else written.span
        here.report.error(
            "SV140",
            where,
            f"`{base.text}.{kind}` is no kind of line of this source" if kind else f"`{base.text}` needs a kind of line",
            here=f"the kinds are {_listed(here.world.kinds)}" if here.world.kinds else "only a source of `event lines` has kinds",
            fixes=(replace_by(where, f".{near}" if near and segment is not None else None),),
        )
        return error_at(written.span)
    here.world.use("kind", kind)
    root = ir.Root(types.RAW, base.span.to(segment.span), "first" if base.text == "first" else "last", kind)
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


_BLOCKS: Final = {"start": "a fact of `start`", "state": "a field of `state`", "meta": "a field of `meta`", "outcome": "a field of `outcome`"}


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
    return walk(here, field, written.segments[1:], written.span)


def _closed(here: Here, block: str) -> tuple[str, str] | None:
    """Why a block cannot be read in this context, with advice; None when it can."""
    context = here.context
    if block in _LATE and context not in _LATE:
        when = "is known only after the last event" if block == "outcome" else "may be known only at the end of the run, and is kept from steps"
        return when, "steps may read the event, `start` and `state`"
    if block == "outcome" and context == "meta":
        return "is a label, and `meta` must not depend on labels: groups decide which runs are trained on", "read the raw path, or move the field to `outcome`"
    if block == "state" and context != "match":
        return "changes with every event", "only `match` may read it"
    if block == "start" and context not in ("match", "start", "meta", "outcome"):
        return "is not known here", "read the document"
    return None


def _no_field(here: Here, written: tree.Path, block: str, name: str | None, where: Span) -> None:
    known: dict[str, Declared] = getattr(here.world, block)
    if name is None:
        here.report.error("SV138", written.span, f"`{block}` is a block: say which field of it", here="a field is missing", advice=f"write `{block}.<name>`")
        return
    if name in known:
        here.report.error(
            "SV138", where, f"`{name}` is declared further down, and a field sees only earlier ones", here="not known yet", labels=(Label(known[name].span, "declared here"),), advice="move the declaration up"
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
    )


def _from_side(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
    side = here.world.sides[base.text]
    if here.context in ("match", "time", "accept", "beside"):
        advice = "make it a fact of `start` and read `start.<name>`" if here.context == "match" else "read the document itself"
        return _late(here, written, f"stands in the side document `{base.text}`, which is not there while events arrive", advice)
    lowered = walk(here, ir.Root(types.RAW, base.span, "side", base.text), written.segments, written.span)
    if here.context == "start" and not types.is_error(lowered.type):
        known = here.world.before.get(base.text, ())
        read = places(here, lowered)
        if not all(any(paths.covers(allowed, place) for allowed in known) for place in read):
            text = printer.text_of(written)
            here.report.error(
                "SV402",
                written.span,
                f"`{text}` stands in a side document, which is taken to be written after the run",
                here="not known before the first event",
                labels=(Label(side.span, "declared here"),),
                advice=f"if it is known before the run, say so: `beside {base.text} … {{ before {text.removeprefix(base.text)} }}`; otherwise move the field to `meta`",
            )
            return error_at(written.span)
    return lowered


def _member(here: Here, written: tree.Path, base: tree.Name) -> ir.AnyExpression:
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
        )
        return error_at(written.span)
    return ir.Constant(enum.type(), written.span, name)


def _unknown(here: Here, written: tree.Path, base: tree.Name) -> None:
    name = base.text
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
    here.report.error("SV130", base.span, message, here="no such name", fixes=(fix,), advice="" if fix else "declare it with `let`, or write a raw field with a dot in front")


def _place(here: Here) -> str:
    return {"match": "`match`", "time": "`time`", "beside": "`beside`"}.get(here.context, f"`{here.context}`")


def _listed(names: object, limit: int = 8) -> str:
    """Names for a message, at most `limit`."""
    texts = [f"`{name}`" for name in names]  # type: ignore[attr-defined]
    return ", ".join(texts[:limit]) + (", …" if len(texts) > limit else "") if texts else "none"


# ---- what stands behind a base ---------------------------------------------------------------------------------------


def walk(here: Here, base: ir.AnyExpression, written: tuple[tree.Segment, ...], span: Span) -> ir.AnyExpression:
    """The value behind `base`: raw JSON for raw bases, the element for a typed list. Reports steps into values that have no parts (SV213)."""
    if not written and not isinstance(base, ir.Root):
        return base
    if not types.is_raw(base.type) and written:
        return _element(here, base, written, span)
    segments: list[ir.AnySegment] = []
    for position, segment in enumerate(written):
        lowered = _segment(here, segment, position == len(written) - 1)
        if lowered is None:
            return error_at(span)
        segments.append(lowered)
    return ir.Path(types.RAW, span, base, tuple(segments), _site(here, base, tuple(segments)))


def _site(here: Here, base: ir.AnyExpression, segments: tuple[ir.AnySegment, ...]) -> str:
    """How defects name the path: where it stands in the document, or what made the value and what stands behind."""
    if isinstance(base, ir.Root):
        stands = below_base(here, base, segments)
        return paths.show(stands[0]) if stands else "."
    head = fit.site_of(here, base)
    tail = paths.show(ir.DocumentPath("x", paths.from_segments(segments)))[1:]
    return f"{'' if head == '.' and tail.startswith('.') else head}{tail}"


def _element(here: Here, base: ir.AnyExpression, written: tuple[tree.Segment, ...], span: Span) -> ir.AnyExpression:
    first = written[0]
    if base.type.name == "list" and base.type.item is not None and isinstance(first, tree.Index):
        segment = _segment(here, first, last=True)
        if segment is None:
            return error_at(span)
        element = types.optional(base.type.item)
        own = base.span.to(first.span)
        found: ir.AnyExpression = ir.Path(types.RAW, own, base, (segment,), f"{fit.site_of(here, base)}[]")
        if not types.is_raw(element):
            found = ir.Cast(element, own, found)
        return walk(here, found, written[1:], span) if len(written) > 1 else found
    if base.type.name == "list" and isinstance(first, tree.Every) and len(written) == 1:
        return base
    if types.is_error(base.type):
        return error_at(span)
    what = printer.text_of(tree.Path(span, None, (first,))) if isinstance(first, tree.Field) else "an element"
    here.report.error(
        "SV213",
        first.span,
        f"a `{show(base.type)}` has no {what if what.startswith('an') else f'`{what}`'}",
        here=f"behind a `{show(base.type)}`",
        advice="only raw JSON has keys; a list is asked with `[0]`" if base.type.name == "list" else "only raw JSON and lists have parts",
    )
    return error_at(span)


def _segment(here: Here, segment: tree.Segment, last: bool) -> ir.AnySegment | None:
    match segment:
        case tree.Field(key=name):
            return ir.KeySegment(name)
        case tree.Every(optional=optional):
            if last:
                return ir.EverySegment(optional)
            here.report.error(
                "SV213",
                segment.span,
                "`[]` stands for many values, and an expression is one",
                here="many values",
                advice="loop over them with `each x in path[] { … }`, or take one with `[0]`",
            )
            return None
        case tree.Index(value=tree.Literal_(value=int() as index)) if not isinstance(index, bool):
            if index < 0:
                here.report.error("SV213", segment.span, "an index counts from 0: there is no element before the first, and no last one while events arrive", here="negative", advice="use `[0]`")
                return None
            return ir.IndexSegment(index)
        case tree.Index(value=tree.Literal_(value=str() as name)):
            return ir.KeySegment(name)
        case tree.Index(value=value):
            lowered = expressions.lower(here, value)
            if types.is_error(lowered.type):
                return None
            if types.is_raw(lowered.type) and not isinstance(lowered, ir.ObjectOf):
                lowered = fit.read(here, lowered, types.STR)
            if lowered.type.name not in ("str", "int", "enum"):
                here.report.error("SV213", lowered.span, f"a key is a text and an index a number, and this is `{show(lowered.type)}`", here=f"`{show(lowered.type)}`", advice="give a `str` or an `int`")
                return None
            return ir.DynamicSegment(lowered)


def declare(here: Here, local: Local) -> Here:
    """`here` with one more name, or the same with a diagnostic when the name already means something (SV131, SV132)."""
    known = here.names.get(local.name)
    if known is not None:
        here.report.error(
            "SV132",
            local.span,
            f"`{local.name}` already names a {known.what}: one name, one meaning",
            here="named again",
            labels=(Label(known.span, "first here"),),
            advice="choose another name",
        )
    elif local.name in here.world.sides or local.name in here.world.enums or local.name in ROOTS or local.name in here.world.steps:
        side = here.world.sides.get(local.name)
        what = "a side document" if side else "an enum" if local.name in here.world.enums else "a step" if local.name in here.world.steps else "a part of the run"
        here.report.error(
            "SV132",
            local.span,
            f"`{local.name}` already names {what}: one name, one meaning",
            here="named again",
            labels=(Label(side.name.span, "declared here") if side else None,),
            advice="choose another name",
        )
    return here.naming(local)
