"""Information flow: what `outcome` reads and `sealed` names reaches no step, and `start` knows nothing of the events (SV401, SV402).

Navigating through, iterating, `present` and `len` of what lies above a protected path are fine; using its value is not. `mask` is the
one way past: it replaces the lines that a declared pattern touches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stepc import ir
from stepc.check import paths
from stepc.check.reading import Reading
from stepc.check.report import Report
from stepc.check.world import World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

_BLIND = ("start", "match", "time", "episode", "event", "key", "kind")
"""Contexts whose values may reach a step."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A path that no step may depend on, with the place that says so."""

    path: ir.DocumentPath
    span: Span
    why: str


def check(world: World, readings: list[Reading], file: tree.File) -> None:
    """Report every read that lets the outcome, or the future, into a step."""
    protected = [*_from_sealed(file), *_from_outcome(world, readings), *_from_banners(world, file)]
    leaking: list[ir.DocumentPath] = []
    facts_from = {reading.path.side for reading in readings if reading.context == "start"}
    for reading in readings:
        if any(paths.starts(event, reading.path) for event in leaking):
            continue
        # What chooses a side document shows in the facts that are read from it.
        blind = reading.context in _BLIND or (reading.context == "beside" and reading.what in facts_from)
        leaks = blind and not reading.masked and _blind(world.report, reading, protected)
        if leaks and reading.context in ("episode", "event"):
            leaking.append(reading.path)
        if reading.context == "outcome":
            _visible_kind(world, reading)
        if reading.context == "match" and world.format == "text" and not leaks:
            _place_in_file(world.report, reading, file)
        if reading.context == "start" and not leaks:
            _before_events(world, reading)


def _from_sealed(file: tree.File) -> Iterable[Protected]:
    for item in file.items:
        if isinstance(item, tree.Paths) and item.kind == "sealed":
            for rule in item.rules:
                for pattern in rule.paths:
                    yield Protected(paths.from_pattern(pattern), pattern.span, f"sealed here: {rule.reason}")


def _from_outcome(world: World, readings: list[Reading]) -> Iterable[Protected]:
    for reading in readings:
        # Events of a sealed kind never reach `match`; what others say is a path like any.
        kind = world.event_kinds.get(reading.edge)
        if reading.context == "outcome" and (not reading.edge or (kind is not None and kind.mode != "sealed")):
            yield Protected(reading.path, reading.span, f"`outcome.{reading.what}` is read from here")


def _from_banners(world: World, file: tree.File) -> Iterable[Protected]:
    source = next((item for item in file.items if isinstance(item, tree.Source)), None)
    for group, sealed in world.groups.items():
        if sealed and source is not None:
            banner = next(
                (one for each in source.inputs for one in each.banners if one.sealed and f"<{group}>" in one.pattern.pattern), None
            )
            if banner is not None:
                yield Protected(ir.DocumentPath("banner", (paths.key(group),)), banner.span, "the banner is sealed here")


def _blind(report: Report, reading: Reading, protected: list[Protected]) -> bool:
    """Report a read of what is protected; tells whether there was one."""
    for one in protected:
        if paths.starts(one.path, reading.path):
            relation = "" if len(one.path.segments) == len(reading.path.segments) else f", which lies below `{paths.show(one.path)}`"
            _leak(report, reading, one, f"`{paths.show(reading.path)}`{relation} is known only after the run")
            return True
        if reading.use == "whole" and paths.starts(reading.path, one.path):
            _leak(
                report,
                reading,
                one,
                f"the value of `{paths.show(reading.path)}` holds `{paths.show(one.path)}`, which is known only after the run",
            )
            return True
    return False


def _leak(report: Report, reading: Reading, one: Protected, message: str) -> None:
    where = {
        "start": "`start`",
        "match": "a step",
        "time": "`time`",
        "episode": "`episode`",
        "event": "`event`",
        "key": "the key of a run",
        "kind": "the kind of an event",
    }.get(reading.context, "a fact of `start`, by the choice of the document,")
    advice = {
        "start": "move the field to `meta` if reports need it: steps cannot read `meta`",
        "match": "read something that was known at that moment, or `mask` the lines that tell the verdict",
    }.get(reading.context, "choose a path that does not hold the verdict")
    report.error("SV401", reading.span, message, here=f"{where} would know the outcome", labels=(Label(one.span, one.why),), advice=advice)


def _visible_kind(world: World, reading: Reading) -> None:
    """A label taken from lines that steps can read is a label the steps know."""
    kind = world.kinds.get(reading.edge)
    if not reading.edge or kind is None or kind.mode == "sealed" or reading.path.segments[-1:] != (paths.key("text"),):
        return
    report = world.report
    report.error(
        "SV401",
        reading.span,
        f"`outcome` reads the text of `{reading.edge}` lines, which `match` sees too",
        here="steps would know the outcome",
        labels=(Label(kind.name.span, "not sealed"),),
        advice="declare the lines that carry the verdict as a kind of their own: `verdict sealed /…/`",
    )


def _place_in_file(report: Report, reading: Reading, file: tree.File) -> None:
    """The number of a line tells how many runs stand before in the same file, as `episode.index` does."""
    line = ir.DocumentPath("", (paths.key("line"),))
    source = next((item for item in file.items if isinstance(item, tree.Source)), None)
    rules = [source.episode, *(one.episode for one in source.inputs)] if source is not None else []
    read = reading.path == line or (reading.use == "whole" and paths.starts(reading.path, line))
    if read and any(isinstance(rule, tree.EpisodeFrom) for rule in rules):
        report.error(
            "SV403",
            reading.span,
            f"`{paths.show(reading.path)}` tells where in its file a run stands, and files are often sorted by how the runs ended",
            here="lines are counted from the beginning of the file",
            advice="use `event.index`, which counts within the run, and `.text` for the text",
        )


def _before_events(world: World, reading: Reading) -> None:
    """`start` is known before the first event: it reads no event, and not how many there are."""
    if world.events == world.elements:
        return
    for event in world.events:
        inside = paths.starts(event, reading.path)
        holds = reading.use in ("whole", "length") and paths.starts(reading.path, event)
        if inside or holds:
            what = "is part of an event" if inside else "holds the events"
            world.report.error(
                "SV402",
                reading.span,
                f"`{paths.show(reading.path)}` {what}, and `start` is known before the first one",
                here="not known yet",
                advice="move the field to `meta`, or remember it with `state` and `set`",
            )
            return
