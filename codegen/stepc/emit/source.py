"""The `SOURCE` constant: how bytes become episodes and events, as values the readers interpret."""

from __future__ import annotations

from stepc import ir
from stepc.emit.code import Code, bracketed, literal, prefixed
from stepc.emit.errors import EmitError
from stepc.emit.functions import beside_glob
from stepc.emit.literals import string
from stepc.emit.module import Module
from stepc.emit.names import snake
from stepc.emit.projection import projection


def beside_function(beside: ir.Beside) -> str:
    """The name of the function that gives the path of a side document."""
    return f"beside_{snake(beside.name)}"


def _struct(module: Module, kind: str, /, **fields: Code | None) -> Code:
    arguments = [prefixed(f"{key}=", code) for key, code in fields.items() if code is not None]
    return bracketed(f"{module.use(kind)}(", arguments, ")")


def _text(text: str) -> Code:
    return literal(string(text))


def _tuple(items: list[Code]) -> Code | None:
    return bracketed("(", items, ")") if items else None


def segments(module: Module, path: tuple[ir.AnySegment, ...]) -> Code:
    """A raw path as a tuple."""
    items: list[Code] = []
    for segment in path:
        match segment:
            case ir.KeySegment():
                items.append(_text(segment.key))
            case ir.IndexSegment():
                items.append(literal(str(segment.index)))
            case ir.EverySegment():
                items.append(literal(module.use("EVERY")))
            case ir.DynamicSegment():
                raise EmitError("a path of the source cannot be computed")
    return bracketed("(", items, ")")


def _episode(module: Module, episode: ir.AnyEpisode) -> Code:
    match episode:
        case ir.EpisodeBy():
            return _struct(module, "EpisodeBy")
        case ir.EpisodeFile():
            return _struct(module, "EpisodeFile")
        case ir.EpisodeFrom():
            through = module.inline_pattern(episode.through) if episode.through is not None else None
            return _struct(module, "EpisodeFrom", start=module.inline_pattern(episode.start), through=through)
        case ir.EpisodePath():
            return bracketed(f"{module.use('EpisodePath')}(", [segments(module, episode.segments)], ")")


def _event(module: Module, event: ir.AnyEvent) -> Code:
    match event:
        case ir.EventPath():
            return bracketed(f"{module.use('EventPath')}(", [segments(module, event.segments)], ")")
        case ir.EventZip():
            columns = [bracketed("(", [_text(column.name), segments(module, column.segments)], ")") for column in event.columns]
            return _struct(module, "EventZip", columns=bracketed("(", columns, ")"))
        case ir.EventLines():
            return _struct(module, "EventLines", kinds=bracketed("(", [_kind(module, kind) for kind in event.kinds], ")"))


def _kind(module: Module, kind: ir.LineKind) -> Code:
    def pattern(regex: ir.Regex | None) -> Code | None:
        return None if regex is None else module.inline_pattern(regex)

    return _struct(
        module,
        "LineKind",
        name=_text(kind.name),
        mode=_text(kind.mode),
        pattern=pattern(kind.pattern),
        strip_match=literal("True") if kind.strip_match else None,
        strip=pattern(kind.strip),
        until=pattern(kind.until),
        after=_text(kind.after) if kind.after else None,
    )


def _input(module: Module, given: ir.Input) -> Code:
    banners = [
        _struct(module, "Banner", pattern=module.inline_pattern(banner.pattern), sealed=literal("True") if banner.sealed else None)
        for banner in given.banners
    ]
    episode = None if given.episode is None else _episode(module, given.episode)
    return _struct(module, "Input", name=_text(given.name), glob=_text(given.glob), banners=_tuple(banners), episode=episode)


def _beside(module: Module, beside: ir.Beside) -> Code:
    if isinstance(beside.template, ir.Constant):
        return _struct(module, "Beside", name=_text(beside.name), path=_text(str(beside.template.value)))
    glob = _text(beside_glob(beside.template))
    return _struct(module, "Beside", name=_text(beside.name), path=literal(beside_function(beside)), glob=glob)


def source_code(module: Module) -> Code:
    """The whole value."""
    source = module.program.source
    return _struct(
        module,
        "Source",
        name=_text(source.name),
        format=_text(source.format),
        inputs=_tuple([_input(module, given) for given in source.inputs]),
        beside=_tuple([_beside(module, beside) for beside in source.beside]),
        episode=_episode(module, source.episode),
        event=_event(module, source.event),
        reads=projection(module.program),
    )
