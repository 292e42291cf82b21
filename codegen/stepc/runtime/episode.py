"""One episode on its way through a run: where it stands, what is known of it, and its raw events, once, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stepc.runtime.step import Json


class File(msgspec.Struct, frozen=True):
    """A file relative to its pack's root, with `/` between the parts. The ending of a compression is left out.

    `dir` is empty for a file at the root; `name` is the last part, `stem` is the name without its last ending.
    """

    path: str
    dir: str
    name: str
    stem: str
    parts: tuple[str, ...]

    @classmethod
    def at(cls, path: str) -> File:
        """The file at a path such as `runs/one.traj.json` (stem `one.traj`)."""
        parts = tuple(path.split("/"))
        name = parts[-1]
        head, dot, _ = name.rpartition(".")
        return cls(path=path, dir="/".join(parts[:-1]), name=name, stem=head if dot and head else name, parts=parts)


_NOTHING: dict[str, Any] = {}
"""What an episode has none of; shared, so never changed: readers that have something put a dict of their own in its place."""


class Episode:
    """An episode as the readers hand it over.

    file      where it comes from
    input     the name of the input that claimed the file, empty where the source has one
    index     its place among the episodes of the file, from 0, bad ones counted
    key       what its events have in common, where the source puts runs together by a key; "" for any other
    document  the document it stands in (`doc`); for `jsonl` its line, or the first line of a file that is one episode; None for a text
    element   its own value (`.`); None for a text
    side      the documents beside it by name; None: not there
    banner    the named groups of the banners in force
    first, last   the first and the last event so far of every kind: complete once `events` is exhausted
    events    the raw events, an iterator that can be walked once; what is left of it is passed over when the next episode is asked for
    """

    __slots__ = ("banner", "document", "element", "events", "file", "first", "index", "input", "key", "last", "side")

    def __init__(self, file: File, input: str, index: int, document: Json, element: Json, events: Iterator[Json]) -> None:
        self.file = file
        self.input = input
        self.index = index
        self.document = document
        self.element = element
        self.events = events
        self.key = ""
        self.side: dict[str, Json] = _NOTHING
        self.banner: dict[str, str | None] = _NOTHING
        self.first: Mapping[str, Json] = _NOTHING
        self.last: Mapping[str, Json] = _NOTHING
