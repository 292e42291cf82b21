"""Paths and names: what a base stands for, what stands behind it, and which document paths an expression passes on."""

from __future__ import annotations

from stepc import ir
from stepc.check import calls, expressions, fit, narrowing, paths, printer, roots, types
from stepc.check.fit import error_at
from stepc.check.types import show
from stepc.check.world import ROOTS, Declared, Fact, Here, Local
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree


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
        case "first" | "last" if name in here.world.event_kinds:
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
        return roots.from_dot(here, written)
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
        return roots.from_root(here, written, base)
    if name in here.world.sides:
        here.world.use("side", name)
        return roots.from_side(here, written, base)
    if name in here.world.enums:
        return roots.member(here, written, base)
    roots.unknown(here, written, base)
    return error_at(written.span)


def _earlier(here: Here, declared: Declared, span: Span) -> ir.AnyExpression:
    if here.context == "start":
        return ir.StartField(declared.type, span, declared.name)
    block = "meta" if here.context == "meta" else "outcome"
    return ir.LaterField(declared.type, span, "meta" if block == "meta" else "outcome", declared.name)


# ---- what stands behind a base ---------------------------------------------------------------------------------------


def walk(here: Here, base: ir.AnyExpression, written: tuple[tree.Segment, ...], span: Span) -> ir.AnyExpression:
    """The value behind `base`: raw JSON for raw bases, the element for a typed list. Other values have no parts (SV213)."""
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
        if base.root in ("first", "last") and base.name in here.world.event_kinds:
            return f"{base.root}.{base.name}{paths.show(ir.DocumentPath('', paths.from_segments(segments)))}".rstrip(".")
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
                here.report.error(
                    "SV213",
                    segment.span,
                    "an index counts from 0: there is no element before the first, and no last one while events arrive",
                    here="negative",
                    advice="use `[0]`",
                )
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
                here.report.error(
                    "SV213",
                    lowered.span,
                    f"a key is a text and an index a number, and this is `{show(lowered.type)}`",
                    here=f"`{show(lowered.type)}`",
                    advice="give a `str` or an `int`",
                )
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
        what = (
            "a side document"
            if side
            else "an enum"
            if local.name in here.world.enums
            else "a step"
            if local.name in here.world.steps
            else "a part of the run"
        )
        here.report.error(
            "SV132",
            local.span,
            f"`{local.name}` already names {what}: one name, one meaning",
            here="named again",
            labels=(Label(side.name.span, "declared here") if side else None,),
            advice="choose another name",
        )
    return here.naming(local)
