"""Raw paths of a source over decoded values: which elements are episodes, which are events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any, Protocol

from stepc.runtime.episode import File
from stepc.runtime.source import EVERY, EventPath, EventZip, Segments
from stepc.runtime.step import Json


class Report(Protocol):
    """Takes the defects of raw values; called for nothing else, so that good values cost nothing."""

    def misfit(self, kind: str, site: str, file: File, episode: int) -> None:
        """Count a defect of a kind at a raw path in an episode of a file."""
        ...


Walk = Callable[[Json, Report, File, int], Iterator[Json]]
"""Gives the events of an element, in order: of the episode with this index in this file."""


def written(segments: Segments) -> str:
    """A path as a spec writes it.

    >>> written(("a", EVERY, "b c", 0))
    '.a[].["b c"][0]'
    """
    made = ""
    for segment in segments:
        if type(segment) is str:
            made += f".{segment}" if segment.isidentifier() else f'.["{segment}"]'
        else:
            made += "[]" if segment is EVERY else f"[{segment}]"
    return made or "."


def elements(value: Json, segments: Segments, report: Report, file: File, episode: int) -> Iterator[Json]:
    """All values at a path, in document order. What is absent or null gives none; a value of another shape is a defect `wrong_type`."""
    for position, segment in enumerate(segments):
        if value is None:
            return
        if segment is EVERY:
            if type(value) is not list:
                report.misfit("wrong_type", written(segments[: position + 1]), file, episode)
                return
            rest = segments[position + 1 :]
            if not rest:
                yield from value
                return
            for item in value:
                yield from elements(item, rest, report, file, episode)
            return
        value, fits = _step(value, segment)
        if not fits:
            report.misfit("wrong_type", written(segments[: position + 1]), file, episode)
            return
    yield value


def _step(value: Any, segment: object) -> tuple[Json, bool]:
    if type(segment) is str:
        return (value.get(segment), True) if type(value) is dict else (None, False)
    if type(segment) is int and type(value) is list:
        return (value[segment] if -len(value) <= segment < len(value) else None), True
    return None, False


def event_walk(event: EventPath | EventZip) -> Walk:
    """How the events of an element are found."""
    if isinstance(event, EventZip):
        return _zip_walk(event)
    segments = event.segments
    if len(segments) == 2 and type(segments[0]) is str and segments[1] is EVERY:
        return _list_walk(segments[0])
    return lambda value, report, file, episode: elements(value, segments, report, file, episode)


def _list_walk(key: str) -> Walk:
    """The commonest path, `.key[]`, without a generator of its own."""
    whole, list_path = (key,), (key, EVERY)

    def walk(value: Json, report: Report, file: File, episode: int) -> Iterator[Json]:
        if type(value) is not dict:
            if value is not None:
                report.misfit("wrong_type", written(whole), file, episode)
            return iter(())
        items = value.get(key)
        if type(items) is list:
            return iter(items)
        if items is not None:
            report.misfit("wrong_type", written(list_path), file, episode)
        return iter(())

    return walk


def _zip_walk(event: EventZip) -> Walk:
    def walk(value: Json, report: Report, file: File, episode: int) -> Iterator[Json]:
        found = [(name, _column(value, segments, report, file, episode)) for name, segments in event.columns]
        columns = [(name, items) for name, items in found if items]
        names = [name for name, _ in columns]
        whole = min([len(items) for _, items in columns], default=0)
        yield from map(dict, map(zip, repeat(names), zip(*[items for _, items in columns], strict=False)))
        for index in range(whole, max([len(items) for _, items in columns], default=0)):
            yield {name: items[index] for name, items in columns if index < len(items)}

    return walk


def _column(value: Json, segments: Segments, report: Report, file: File, episode: int) -> list[Json]:
    """The values at a path; the commonest, keys down to a list, without a generator for each level."""
    inner = value
    for segment in segments[:-1]:
        inner = inner.get(segment) if type(inner) is dict and type(segment) is str else None
    if segments[-1:] == (EVERY,) and type(inner) is list:
        return inner
    return list(elements(value, segments, report, file, episode))
