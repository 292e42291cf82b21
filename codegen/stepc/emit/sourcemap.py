"""Which line of a generated module comes from which line of a spec."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import libcst as cst
import msgspec
from libcst.metadata import MetadataWrapper, PositionProvider

from stepc.emit.body import Place

SUFFIX = ".map.json"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Generated lines `first` to `last` come from `line`:`column` of the spec (of the vocabulary `file`, where that is not empty)."""

    first: int
    last: int
    line: int
    column: int
    rule: str
    file: str = ""


class SourceMap(msgspec.Struct, frozen=True):
    """The map of one module. Where entries lie within each other the innermost counts."""

    spec: str
    entries: tuple[Entry, ...]


class Origin(NamedTuple):
    """What a generated line comes from: the spec (relative to the project, or the name of a vocabulary), the place in it, and the rule."""

    spec: str
    line: int
    column: int
    rule: str


def build_map(wrapper: MetadataWrapper, spec: str, own: str, places: dict[int, Place]) -> SourceMap:
    """The map: each place covers the statement, or the object within a constant, that begins on its line. `own` is the spec's file name."""
    positions = wrapper.resolve(PositionProvider)
    last: dict[int, int] = {}
    for node, span in positions.items():
        if isinstance(node, cst.BaseStatement | cst.Dict):
            last[span.start.line] = max(last.get(span.start.line, 0), span.end.line)
    entries = [
        Entry(line, last.get(line, line), place.span.line, place.span.column, place.rule, "" if place.file == own else place.file)
        for line, place in sorted(places.items())
    ]
    return SourceMap(spec, tuple(entries))


def encode(source_map: SourceMap) -> str:
    """The map as JSON, one entry a line."""
    lines = [msgspec.json.encode(entry).decode() for entry in source_map.entries]
    body = ",\n".join(f"    {line}" for line in lines)
    opening = f'{{\n  "spec": {msgspec.json.encode(source_map.spec).decode()},\n  "entries": ['
    return f"{opening}\n{body}\n  ]\n}}\n" if lines else f"{opening}]\n}}\n"


def where(path: Path, line: int) -> Origin | None:
    """What a line of a generated module comes from; None for lines of the frame around it, or when the map beside it cannot be read."""
    try:
        source_map = msgspec.json.decode(path.with_name(path.stem + SUFFIX).read_bytes(), type=SourceMap)
    except (OSError, msgspec.MsgspecError):
        return None
    found = [entry for entry in source_map.entries if entry.first <= line <= entry.last]
    if not found:
        return None
    entry = min(found, key=lambda item: (item.last - item.first, -item.first))
    return Origin(entry.file or source_map.spec, entry.line, entry.column, entry.rule)
