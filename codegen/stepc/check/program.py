"""From a syntax tree to a checked program: declarations first, then every expression, then the rules over the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from stepc import ir
from stepc.check import blocks, declarations, examples, flow, matching, monitors, pathrules, samples, source, style
from stepc.check.reading import Reader, Reading, fields_of, of_source
from stepc.check.report import Report, keyword
from stepc.check.results import Checked, Seen
from stepc.check.world import Here, World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

_Item = TypeVar("_Item", bound=tree.Item)


def check(file: tree.File, *, path: str, vocabulary: Callable[[str], tree.File | None], seen: Seen | None = None) -> Checked:
    """Check one spec. A vocabulary file on its own has no program, and no diagnostics when it is fine."""
    report = Report(path)
    world = World(report=report, seen=seen)
    if file.vocabulary is not None:
        declarations.check_vocabulary(world, file)
        return Checked(None, report.diagnostics())
    program = _program(world, file, path, vocabulary)
    return Checked(None if report.failed() else program, report.diagnostics())


def _program(world: World, file: tree.File, path: str, vocabulary: Callable[[str], tree.File | None]) -> ir.Program | None:
    hashes = declarations.declare_types(world, file, vocabulary)
    written_source = _single(world, file, tree.Source, "source")
    written_match = _single(world, file, tree.Match, "match")
    written_monitors = monitors.declare(world, file)
    fields_blocks = _blocks(world, file)
    fields = blocks.declare(world, fields_blocks)
    _missing(world, file, written_source, written_match)
    if written_source is None:
        return None
    source.declare(world, written_source)
    lowered_source = source.lower(world, written_source)
    _identity(world, written_source)
    start = blocks.lower(world, "start", fields["start"])
    meta = blocks.lower(world, "meta", fields["meta"])
    outcome = blocks.lower(world, "outcome", fields["outcome"])
    state = blocks.lower(world, "state", fields["state"])
    match = matching.lower(world, written_match) if written_match is not None else None
    sealed = pathrules.lower(world, file, "sealed")
    secret = pathrules.lower(world, file, "secret")
    ignored = pathrules.lower(world, file, "ignore")
    readings = _readings(world, lowered_source, written_source, start, meta, outcome, match)
    flow.check(world, readings, file)
    pathrules.check(world, file, readings)
    label = blocks.check_outcome(world, file)
    lowered_examples = examples.lower(world, file.items)
    lowered_monitors = monitors.lower(world, written_monitors, written_source)
    if lowered_source is None or match is None or world.report.failed():
        return None
    style.check(world, file, match)
    samples.check(world, readings)
    return ir.Program(
        file=path,
        language=file.language,
        docs=file.docs,
        vocabularies=hashes,
        source=lowered_source,
        start=start,
        meta=meta,
        outcome=outcome,
        state=state,
        enums=tuple(ir.Enum(one.name, one.members, one.spellings, one.docs, one.span, one.shared) for one in world.enums.values()),
        steps=tuple(
            ir.Step(
                one.name,
                tuple(ir.Field(field.name, field.type, field.docs, field.span) for field in one.fields.values()),
                one.docs,
                one.shared,
                one.span,
            )
            for one in world.steps.values()
        ),
        pairs=tuple(
            ir.Pair(one.name, one.key, one.order, one.open, one.close, one.carry, one.span, one.shared) for one in world.pairs.values()
        ),
        match=match,
        sealed=sealed,
        secret=secret,
        ignore=ignored,
        examples=lowered_examples,
        reads=_facts(world, readings),
        label=label,
        monitors=lowered_monitors,
    )


def _first_line(file: tree.File) -> Span:
    return Span(file.span.line, file.span.column, file.span.line, file.span.column + 8, file.span.start, file.span.start + 8)


def _single(world: World, file: tree.File, kind: type[_Item], word: str) -> _Item | None:
    """The only item of a kind; a second one is reported."""
    found = [item for item in file.items if isinstance(item, kind)]
    for extra in found[1:]:
        world.report.error(
            "SV131",
            keyword(extra.span, word),
            f"a spec has one `{word}`",
            here="a second one",
            labels=(Label(keyword(found[0].span, word), "the first"),),
            advice="put it into a spec of its own",
        )
    return found[0] if found else None


def _blocks(world: World, file: tree.File) -> list[tree.FieldsBlock]:
    found: dict[str, tree.FieldsBlock] = {}
    listed: list[tree.FieldsBlock] = []
    for item in file.items:
        if not isinstance(item, tree.FieldsBlock):
            continue
        first = found.setdefault(item.kind, item)
        if first is not item:
            world.report.error(
                "SV131",
                keyword(item.span, item.kind),
                f"a spec has one `{item.kind}` block",
                here="a second one",
                labels=(Label(keyword(first.span, item.kind), "the first"),),
                advice="put the fields into the first",
            )
        listed.append(item)
    return listed


def _missing(world: World, file: tree.File, written_source: tree.Source | None, written_match: tree.Match | None) -> None:
    for part, word, advice in (
        (written_source, "source", "write `source <name> { format json  episode .  event .messages[] }`"),
        (written_match, "match", "write `match .role { … otherwise => unknown }`"),
    ):
        if part is None:
            where = written_source.name.span if written_source is not None else _first_line(file)
            world.report.error("SV301", where, f"the spec has no `{word}`", here=f"no `{word}`", advice=advice)


def _identity(world: World, written: tree.Source) -> None:
    """An episode has an id: a `str` in `meta` (SV301)."""
    declared = world.meta.get("id")
    if declared is None:
        in_start = world.start.get("id")
        world.report.error(
            "SV301",
            in_start.span if in_start is not None else written.name.span,
            "an episode needs an id: `meta` has no field `id`",
            here="no `meta.id`" if in_start is None else "an id stands in `meta`, where steps cannot read it",
            advice='write `meta { id: str = .id else "{file.stem}:{episode.index}" }`',
        )
        return
    for name in ("id", "group"):
        field = world.meta.get(name)
        if field is not None and (field.type.name not in ("str", "error") or (name == "id" and field.type.optional)):
            world.report.error(
                "SV302",
                field.span,
                f"`meta.{name}` is a {'`str`' if name == 'id' else '`str` or `str?`'}",
                here="another type",
                advice='write numbers as a text: `"{.number}"`',
            )


def _readings(
    world: World,
    lowered: ir.Source | None,
    written: tree.Source,
    start: Iterable[ir.Field],
    meta: Iterable[ir.Field],
    outcome: Iterable[ir.Field],
    match: ir.Match | None,
) -> list[Reading]:
    found = of_source(world, lowered, written)
    for name, fields in (("start", start), ("meta", meta), ("outcome", outcome)):
        reader = Reader(Here(world, name), name)  # type: ignore[arg-type]
        for field in fields:
            reader.field(field)
        found += reader.found
    found += _through_fields(world, start, meta, outcome)
    reader = Reader(Here(world, "match"), "match")
    if match is not None:
        reader.match(match)
    return found + reader.found


def _through_fields(world: World, start: Iterable[ir.Field], meta: Iterable[ir.Field], outcome: Iterable[ir.Field]) -> list[Reading]:
    """What `outcome` reads by way of a fact or a field of `meta`: it is as much the outcome as what it reads itself."""
    known = {("start", field.name): field for field in start} | {("meta", field.name): field for field in meta}
    reader = Reader(Here(world, "outcome"), "outcome")
    found: list[Reading] = []
    for label in outcome:
        reader.what = label.name
        pending, seen = [label], {("outcome", label.name)}
        while pending:
            for used in sorted(fields_of(pending.pop().value)):
                if used in known and used not in seen:
                    seen.add(used)
                    field = known[used]
                    reader.value(field.value, "whole" if field.type.name == "json" else "value")
                    pending.append(field)
        # The label is where one looks for the reason.
        found += [replace(reading, span=label.span) for reading in reader.found]
        reader.found.clear()
    return found


def _facts(world: World, readings: list[Reading]) -> tuple[ir.ReadFact, ...]:
    return tuple(dict.fromkeys(reading.fact(world.event_kinds) for reading in readings))
