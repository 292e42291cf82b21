"""Runs in pieces: the events of a file that have the same key are one episode, wherever they stand in it.

A file of lines is read twice. The first time tells which lines hold events of which episode, and copies the lines to where they can be
found again (in memory, or a temporary file for larger ones); the second time gives the episodes one after the other, in the order in which
they begin. Of a line only its place is kept for every episode in it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from stepc.runtime.episode import Episode, File
from stepc.runtime.problems import Place
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.reading import KeyOf, Reading
from stepc.runtime.readers.streams import DamagedError, LineSource
from stepc.runtime.source import Input
from stepc.runtime.step import Json

NO_EPISODE: Final = -1
"""The index of an episode for what is found before it is known of which one it is."""


class Copied:
    """Lines that are copied as they are read. `begin` is where the line in hand begins in the copy."""

    def __init__(self, lines: LineSource, copy: IO[bytes]) -> None:
        self._lines = lines
        self._copy = copy
        self._size = 0
        self._ended = True
        self.begin = 0

    @property
    def damage(self) -> DamagedError | None:
        """What ended the stream."""
        return self._lines.damage

    def readline(self, size: int, /) -> bytes:
        """The next line, or as much of it as `size` allows; of one that is longer no more is copied."""
        data = self._lines.readline(size)
        begins, self._ended = self._ended, data.endswith(b"\n")
        if begins:
            self.begin = self._size
            self._size += self._copy.write(data if self._ended else data + b"\n")
        return data


def keyed_documents(reading: Reading, key_of: KeyOf, documents: Iterable[Json], file: File, given: Input) -> Iterator[Episode]:
    """The episodes of decoded documents of one file."""
    found: dict[str, tuple[Json, list[Json]]] = {}
    for document in documents:
        if not reading.takes(document, file):
            reading.refuse(file, NO_EPISODE)
            continue
        for key, event in keyed_events(reading, key_of, document, file):
            found.setdefault(key, (document, []))[1].append(event)
    for index, (key, (document, events)) in enumerate(found.items()):
        yield _ready(reading, Episode(file, given.name, index, document, document, iter(events)), key)


def keyed_lines(
    reading: Reading, key_of: KeyOf, lines: LineSource, values: Callable[[LineSource], Iterable[Json]], file: File, given: Input
) -> Iterator[Episode]:
    """The episodes of a file of lines. `values` gives the good values of lines, one after the other."""
    with SpooledTemporaryFile(max_size=reading.limits.whole) as copy:
        copied = Copied(lines, copy)
        found: dict[str, array[int]] = {}
        for value in values(copied):
            if not reading.takes(value, file):
                reading.refuse(file, NO_EPISODE)
                continue
            for key, _ in keyed_events(reading, key_of, value, file):
                places = found.setdefault(key, array("Q"))
                if not places or places[-1] != copied.begin:
                    places.append(copied.begin)
        for index, (key, places) in enumerate(found.items()):
            events = _again(reading, key_of, copy, key, places, file)
            yield _ready(reading, Episode(file, given.name, index, None, None, events), key)


def keyed_events(reading: Reading, key_of: KeyOf, document: Json, file: File) -> Iterator[tuple[str, Json]]:
    """The events of a document that have a key, with it. One without a key is in no episode; it is counted."""
    for event in reading.walk(document, reading, file, NO_EPISODE):
        key = key_of(event)
        if key is None:
            reading.problems.add("no_key", Place(file.path), "an event whose `episode by` gives no text: it is in no episode")
        else:
            yield key, event


def _again(reading: Reading, key_of: KeyOf, copy: IO[bytes], key: str, places: Iterable[int], file: File) -> Iterator[Json]:
    """The events of one episode out of the copied lines. What is odd about them was counted when they were read first."""
    for place in places:
        copy.seek(place)
        for event in reading.walk(decode(copy.readline(), _nothing, reading.loads), _Nowhere(), file, NO_EPISODE):
            if key_of(event) == key:
                yield event


def _ready(reading: Reading, episode: Episode, key: str) -> Episode:
    episode.key = key
    return reading.ready(episode)


class _Nowhere:
    """Takes defects that were counted before."""

    def misfit(self, kind: str, site: str, file: File, episode: int) -> None:
        """Count nothing."""


def _nothing(kind: str, detail: str) -> None:
    """Count nothing."""
