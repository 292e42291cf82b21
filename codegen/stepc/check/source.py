"""The `source` block: format, inputs, side documents, episodes and events, and which of them go together."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from typing import Literal

from stepc import ir
from stepc.check import expressions, fit, lines, paths, printer, regexes, types
from stepc.check.report import after, choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.world import ROOTS, Here, World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

Format = Literal["json", "jsonl", "text"]
_FORMATS: dict[str, Format] = {"json": "json", "jsonl": "jsonl", "text": "text"}
_HABITS = {"ndjson": "jsonl", "jsonlines": "jsonl", "lines": "text", "txt": "text", "log": "text", "md": "text", "markdown": "text"}


def declare(world: World, source: tree.Source) -> None:
    """Fill the world with what expressions need to know of the source: format, side documents, kinds, groups, places."""
    world.format = _format(world, source)
    _importable(world, source.name)
    for side in source.beside:
        _declare_side(world, side)
    for one in source.inputs:
        if one.name is not None:
            first = world.inputs.setdefault(one.name.text, one.name.span)
            if first is not one.name.span:
                _twice(world, one.name, first, "input")
        for banner in one.banners:
            pattern = regexes.regex(Here(world, "state"), banner.pattern)
            for group in pattern.groups if pattern is not None else ():
                world.groups[group] = world.groups.get(group, False) or banner.sealed
    if isinstance(source.event, tree.EventLines):
        for kind in source.event.kinds:
            known = world.kinds.get(kind.name.text)
            if known is not None:
                _twice(world, kind.name, known.name.span, "kind")
            else:
                world.kinds[kind.name.text] = kind
    if isinstance(source.event, tree.EventPath):
        for named in source.event.kinds:
            before = world.event_kinds.setdefault(named.name.text, named)
            if before is not named:
                _twice(world, named.name, before.name.span, "kind")
    _place(world, source)


def _importable(world: World, name: tree.Name) -> None:
    """The adapter is a module of the source's name, which users import."""
    if keyword.iskeyword(name.text) or name.text.startswith("_"):
        other = f"{name.text.strip('_') or 'source'}_log"
        world.report.error(
            "SV146",
            name.span,
            f"the adapter would be a module `{name.text}`, which Python cannot import",
            here="a word of Python" if keyword.iskeyword(name.text) else "begins with an underscore",
            fixes=(replace_by(name.span, other, f"call the source `{other}`"),),
        )


def lower(world: World, source: tree.Source) -> ir.Source | None:
    """The checked source, or None when a part is missing or wrong."""
    inputs = [_input(world, source, one) for one in source.inputs]
    if len(source.inputs) > 1:
        for one in source.inputs:
            if one.name is None:
                world.report.error(
                    "SV302",
                    one.span,
                    "one of several inputs needs a name",
                    here="no name",
                    advice='write `input <name> "glob"`: examples and reports tell inputs apart by it',
                )
    beside = [_beside(world, side) for side in source.beside]
    accept = None
    if source.accept is not None:
        accept = expressions.condition(Here(world, "accept"), source.accept, "`accept`")
    episode = _own_episode(world, source)
    event = _event(world, source)
    time = None
    if source.time is not None:
        here = Here(world, "time")
        goal = fit.Goal(types.TIME, "`time`")
        time = expressions.value(here, source.time, goal)
    if episode is None or event is None or any(one is None for one in [*inputs, *beside]):
        return None
    return ir.Source(
        source.name.text,
        source.docs,
        world.format,
        tuple(one for one in inputs if one is not None),
        tuple(one for one in beside if one is not None),
        accept,
        episode,
        event,
        time,
        source.span,
    )


def _twice(world: World, name: tree.Name, first: Span, what: str) -> None:
    world.report.error(
        "SV131",
        name.span,
        f"the {what} `{name.text}` is declared twice",
        here="again",
        labels=(Label(first, "first here"),),
        advice="choose another name",
    )


def _format(world: World, source: tree.Source) -> Format:
    """The format; where it is missing or wrong, the one that the event rule speaks of, so that one slip gives one diagnostic."""
    lines_of_text = isinstance(source.event, tree.EventLines)
    guess: Format = "text" if lines_of_text else "json"
    if source.format is None:
        world.report.error(
            "SV301",
            source.name.span,
            "the source has no `format`",
            here="no format",
            advice=f"write `format {guess}`; formats are `json`, `jsonl` and `text`",
        )
        return guess
    name = source.format.text
    known = _FORMATS.get(name)
    if known is None:
        near = _HABITS.get(name) or nearest(name, _FORMATS)
        world.report.error(
            "SV303",
            source.format.span,
            f"there is no format `{name}`",
            here="the formats are `json`, `jsonl` and `text`",
            fixes=(replace_by(source.format.span, near),),
            advice=choose(_FORMATS),
        )
        return guess
    if source.event is None or lines_of_text == (known == "text"):
        return known
    world.report.error(
        "SV304",
        source.event.span,
        "a text is read line by line: it needs `event lines`"
        if known == "text"
        else f"`event lines` is for text, and the format is `{known}`",
        here=f"not with `format {known}`",
        labels=(Label(source.format.span, "the format"),),
        advice="write `event lines { … }`" if known == "text" else "write `format text`, or a path such as `event .messages[]`",
    )
    return guess


# ---- files and side documents ----------------------------------------------------------------------------------------


def leaves_pack(text: str) -> str | None:
    """Why a relative path is not one: it starts at the root, climbs, or uses the other slash. None when it is fine."""
    if text.startswith(("/", "~")) or (len(text) > 1 and text[1] == ":"):
        return "is absolute"
    if "\\" in text:
        return "uses `\\`"
    if ".." in text.split("/"):
        return "climbs out with `..`"
    return "is empty" if not text.strip() or "\0" in text else None


def _input(world: World, source: tree.Source, one: tree.Input) -> ir.Input | None:
    wrong = leaves_pack(one.glob)
    if wrong:
        world.report.error(
            "SV306",
            one.span,
            f'the glob "{one.glob}" {wrong}: inputs are found below the pack\'s root',
            here=wrong,
            advice='write it relative to the pack, with `/`: "runs/**/*.json"',
        )
        return None
    if one.banners and world.format != "text":
        world.report.error(
            "SV304",
            one.banners[0].span,
            f"banners are lines of a text, and the format is `{world.format}`",
            here="no lines here",
            advice="leave it out",
        )
        return None
    banners: list[ir.Banner] = []
    for banner in one.banners:
        pattern = regexes.regex(Here(world, "state"), banner.pattern)
        if pattern is None:
            return None
        banners.append(ir.Banner(banner.sealed, pattern))
    own = None
    if one.episode is not None:
        own = _own_rule(world, source, one.episode)
        if own is None:
            return None
    return ir.Input(one.name.text if one.name is not None else "", one.glob, tuple(banners), own)


def _declare_side(world: World, side: tree.Beside) -> None:
    name = side.name.text
    known = world.sides.get(name)
    if known is not None:
        _twice(world, side.name, known.name.span, "side document")
        return
    if name in ROOTS or name in world.enums or name in world.steps:
        what = "a part of the run" if name in ROOTS else "an enum" if name in world.enums else "a step"
        world.report.error(
            "SV132",
            side.name.span,
            f"`{name}` already names {what}: one name, one meaning",
            here="named again",
            advice="choose another name",
        )
        return
    world.sides[name] = side
    world.before[name] = tuple(ir.DocumentPath(name, paths.from_pattern(pattern).segments) for pattern in side.before)


def _beside(world: World, side: tree.Beside) -> ir.Beside | None:
    for pattern in side.before:
        if pattern.base is not None:
            world.report.error(
                "SV305",
                pattern.span,
                "paths of `before` start at the root of the side document",
                here="starts with a name",
                advice=f"write `{paths.show(paths.from_pattern(pattern)).removeprefix(pattern.base.text)}`",
            )
            return None
    template = side.template
    parts = [template.value] if isinstance(template, tree.Literal_) else [part if isinstance(part, str) else "x" for part in template.parts]
    text = "".join(str(part) for part in parts)
    wrong = leaves_pack(text)
    if wrong:
        world.report.error(
            "SV306",
            template.span,
            f"the side document's path {wrong}: it must stay inside the pack",
            here=wrong,
            advice='write it from the pack\'s root, such as "{file.dir}/result.json"',
        )
        return None
    before = world.before.get(side.name.text, ())
    if isinstance(template, tree.Literal_):
        return ir.Beside(side.name.text, ir.Constant(types.STR, template.span, str(template.value)), before)
    lowered = expressions.template(Here(world, "beside"), template)
    return ir.Beside(side.name.text, lowered, before) if isinstance(lowered, ir.Template) else None


# ---- episodes --------------------------------------------------------------------------------------------------------


def _own_episode(world: World, source: tree.Source) -> ir.AnyEpisode | None:
    if source.episode is not None:
        return _episode(world, source.episode)
    if source.inputs and all(one.episode is not None for one in source.inputs):
        first = source.inputs[0].episode
        assert first is not None
        return _episode(world, first)
    suggestion = "episode file" if world.format == "text" else "episode ."
    lacking = next((one for one in source.inputs if one.episode is None), None)
    where = lacking.span if lacking is not None and any(one.episode for one in source.inputs) else source.name.span
    world.report.error(
        "SV301",
        where,
        "nothing says what an episode is",
        here="no `episode`",
        advice=f"write `{suggestion}`, or a path such as `episode .runs[]`",
    )
    return None


def _own_rule(world: World, source: tree.Source, written: tree.Episode) -> ir.AnyEpisode | None:
    """The rule of one input. Runs are put together by a key in all of a source, or nowhere in it."""
    keyed = written if isinstance(written, tree.EpisodeBy) else source.episode
    if isinstance(keyed, tree.EpisodeBy):
        world.report.error(
            "SV304",
            written.span,
            "`episode by` is for all inputs of a source",
            here="a rule for one input",
            labels=() if keyed is written else (Label(keyed.span, "for all of them"),),
            advice="write `episode by` in `source`, and no `episode` in its inputs; files of other layouts are a source of their own",
        )
        return None
    return _episode(world, written)


def _episode(world: World, written: tree.Episode) -> ir.AnyEpisode | None:
    match written:
        case tree.EpisodeBy(key=key):
            return _keyed(world, written, key)
        case tree.EpisodeFile():
            return ir.EpisodeFile()
        case tree.EpisodeFrom(start=start, through=through):
            if world.format != "text":
                world.report.error(
                    "SV304",
                    written.span,
                    f"`episode from` looks for lines, and the format is `{world.format}`",
                    here="no lines here",
                    advice="write `episode .`, or a path",
                )
                return None
            here = Here(world, "state")
            first = regexes.regex(here, start)
            last = regexes.regex(here, through) if through is not None else None
            return None if first is None or (through is not None and last is None) else ir.EpisodeFrom(first, last)
        case tree.EpisodePath(path=path):
            if world.format == "text":
                world.report.error(
                    "SV304",
                    written.span,
                    "a text has no paths: an episode is a file, or begins at a line",
                    here="a path into a text",
                    advice="write `episode file` or `episode from /…/`",
                )
                return None
            segments = _segments(world, path)
            return None if segments is None else ir.EpisodePath(segments)


def _keyed(world: World, written: tree.Episode, key: tree.Expression) -> ir.EpisodeBy | None:
    if world.format == "text" or world.columns is not None:
        what = "the lines of a text" if world.format == "text" else "the columns of `event zip`"
        world.report.error(
            "SV304",
            written.span,
            f"`episode by` puts events together that are objects, not {what}",
            here="nothing to read a key from",
            advice="write `episode file` or `episode from /…/`" if world.format == "text" else "write `episode .`, or a path",
        )
        return None
    here = Here(world, "key")
    value = expressions.value(here, key, fit.Goal(types.optional(types.STR), "the key of a run"))
    return None if types.is_error(value.type) else ir.EpisodeBy(value)


def _segments(world: World, path: tree.Path) -> tuple[ir.AnySegment, ...] | None:
    """A plain path: keys, indexes and `[]`."""
    segments: list[ir.AnySegment] = []
    plain = path.base is None
    for segment in path.segments:
        match segment:
            case tree.Field(key=name):
                segments.append(ir.KeySegment(name))
            case tree.Every(optional=optional):
                segments.append(ir.EverySegment(optional))
            case tree.Index(value=tree.Literal_(value=str() as name)):
                segments.append(ir.KeySegment(name))
            case tree.Index(value=tree.Literal_(value=int() as index)) if index >= 0 and not isinstance(index, bool):
                segments.append(ir.IndexSegment(index))
            case _:
                plain = False
    if not plain:
        world.report.error(
            "SV305",
            path.span,
            f"`{printer.text_of(path)}` is no plain path: keys, `[0]` and `[]` only",
            here="not a plain path",
            advice="write a path such as `.runs[]`",
        )
        return None
    return tuple(segments)


# ---- events ----------------------------------------------------------------------------------------------------------


def _event(world: World, source: tree.Source) -> ir.AnyEvent | None:
    event = source.event
    if event is None:
        suggestion = "event lines { … }" if world.format == "text" else "event .messages[]"
        world.report.error("SV301", source.name.span, "nothing says what an event is", here="no `event`", advice=f"write `{suggestion}`")
        return None
    match event:
        case tree.EventLines(kinds=kinds):
            return lines.lower(world, kinds)
        case tree.EventZip(columns=columns):
            return _zip(world, columns)
        case tree.EventPath(path=path):
            segments = _segments(world, path)
            if segments is None:
                return None
            lines_of_events = world.format == "jsonl" and not world.elements and world.keyed is None
            if lines_of_events and segments:
                world.report.error(
                    "SV304",
                    path.span,
                    "with `episode file` every line is one event",
                    here="a path below the line",
                    fixes=(replace_by(path.span, ".", "take the line as the event"),),
                )
                return None
            if segments and not any(isinstance(segment, ir.EverySegment) for segment in segments):
                world.report.error(
                    "SV305",
                    path.span,
                    f"`{printer.text_of(path)}` is one value: events are the elements of a list",
                    here="no `[]`",
                    fixes=(replace_by(after(path.span), "[]", "take each element as an event"),),
                )
                return None
            return ir.EventPath(segments, _kinds(world))


def _kinds(world: World) -> tuple[ir.EventKind, ...]:
    """The kinds of events. A test knows the event alone; sealed kinds stand first, so that no event of theirs is taken for another's."""
    here = Here(world, "kind")
    found: list[ir.EventKind] = []
    other: tree.EventKind | None = None
    for name, kind in world.event_kinds.items():
        if kind.mode == "record":
            other = other or kind
        elif other is not None:
            world.report.error(
                "SV307",
                kind.name.span,
                f"an event that is `{other.name.text}` and `{name}` would reach `match`: the first kind that fits wins",
                here="sealed, and not in front",
                labels=(Label(other.name.span, "asked before"),),
                advice="write sealed kinds first",
            )
        test = expressions.condition(here, kind.test, f"the test of `{name}`")
        found.append(ir.EventKind(name, kind.mode, test, kind.span))
    return tuple(found)


def _zip(world: World, columns: Iterable[tree.ZipColumn]) -> ir.EventZip | None:
    seen: dict[str, Span] = {}
    lowered: list[ir.ZipColumn] = []
    for column in columns:
        name = column.name.text
        if name in seen:
            _twice(world, column.name, seen[name], "column")
            continue
        seen[name] = column.name.span
        segments = _segments(world, column.path)
        if segments is None:
            return None
        if not segments or not isinstance(segments[-1], ir.EverySegment):
            world.report.error(
                "SV305",
                column.path.span,
                f"the column `{name}` is a list: its path ends with `[]`",
                here="no `[]` at the end",
                fixes=(replace_by(after(column.path.span), "[]", "take each element"),),
            )
            return None
        if any(isinstance(segment, ir.EverySegment) for segment in segments[:-1]):
            world.report.error(
                "SV305",
                column.path.span,
                "a column is one list, not a list in each of many",
                here="two `[]`",
                advice="take the inner list with `[0]`, or use an event path",
            )
            return None
        lowered.append(ir.ZipColumn(name, segments))
    if world.format == "jsonl" and not world.elements and world.keyed is None:
        world.report.error(
            "SV304",
            next(iter(seen.values())),
            "with `episode file` every line is one event: there are no lists to go through in step",
            here="no episode document",
            advice="write `episode .`",
        )
        return None
    return ir.EventZip(tuple(lowered))


# ---- places ----------------------------------------------------------------------------------------------------------


def _place(world: World, source: tree.Source) -> None:
    """Where elements and events stand in the document, as far as the source says it."""
    rules = [one.episode for one in source.inputs if one.episode is not None]
    if source.episode is not None and (not rules or len(rules) < len(source.inputs)):
        rules.append(source.episode)
    if world.format == "text":
        world.events = (paths.ROOT,)
        return
    world.keyed = next((rule.span for rule in rules if isinstance(rule, tree.EpisodeBy)), None)
    elements: list[ir.DocumentPath] = []
    for rule in rules:
        if isinstance(rule, tree.EpisodePath):
            elements.append(_document_path(paths.ROOT, rule.path))
        elif isinstance(rule, tree.EpisodeFile | tree.EpisodeBy) and world.format == "json":
            elements.append(paths.ROOT)
    broken = not rules or any(isinstance(rule, tree.EpisodeFrom) for rule in rules)
    world.elements = tuple(dict.fromkeys(elements)) or ((paths.ROOT,) if broken else ())
    bases = world.elements or (paths.ROOT,)
    match source.event:
        case tree.EventPath(path=path):
            world.events = tuple(_document_path(base, path) for base in bases)
        case tree.EventZip(columns=columns):
            world.columns = {column.name.text: tuple(_document_path(base, column.path) for base in bases) for column in columns}
            world.events = tuple(place for column in world.columns.values() for place in column)
        case _:
            world.events = bases


def _document_path(base: ir.DocumentPath, path: tree.Path) -> ir.DocumentPath:
    segments: list[ir.KeyPattern | ir.AnyElement] = list(base.segments)
    for segment in path.segments:
        match segment:
            case tree.Field(key=name) | tree.Index(value=tree.Literal_(value=str() as name)):
                segments.append(paths.key(name))
            case _:
                segments.append(paths.ELEMENT)
    return ir.DocumentPath(base.side, tuple(segments))
