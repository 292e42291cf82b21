"""Episodes of a JSONL file: a document on every line, or one episode with an event on every line."""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Iterable, Iterator
from itertools import chain

import orjson

from stepc.runtime.episode import Episode, File
from stepc.runtime.problems import Place
from stepc.runtime.readers.containers import Member
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.json_documents import document_episodes
from stepc.runtime.readers.large import LargeDocument, can_split
from stepc.runtime.readers.lines import LOST, LineSplitter, blocks
from stepc.runtime.readers.reading import Reading
from stepc.runtime.readers.streams import CHUNK, DamagedError, Stream
from stepc.runtime.source import Input
from stepc.runtime.step import Json


def read_json_lines(reading: Reading, member: Member) -> Iterator[Episode]:
    """The episodes of a file of JSON lines. A file that is one JSON value over several lines, or one list of records, is read as that."""
    file = File.at(member.path)
    try:
        stream = member.open()
        begin = stream.read(CHUNK)
        if reading.is_one_episode(member.input):
            yield from _file_episode(reading, _Lines(reading, file, begin, stream, True), file, member.input)
            return
        if _may_be_one_value(begin, reading.wants_object):
            begin, complete = _gather(begin, stream, reading.limits.whole)
            documents = _as_one_value(reading, begin, file) if complete else _as_large_list(reading, member, file, begin)
            if documents is not None:
                yield from document_episodes(reading, documents, file, member.input)
                return
        yield from _line_episodes(reading, _Lines(reading, file, begin, stream, False), file, member.input)
    except DamagedError as damage:
        reading.problems.add(damage.kind, Place(file.path), damage.detail)
    except OSError as problem:
        reading.problems.add("unreadable", Place(file.path), problem.strerror or str(problem))


class _Lines:
    """The good values of the lines, each with its index among the lines that are not blank."""

    __slots__ = ("_begin", "_events", "_file", "_reading", "_stream")

    def __init__(self, reading: Reading, file: File, begin: bytes, stream: Stream, events: bool) -> None:
        self._reading = reading
        self._file = file
        self._begin = begin
        self._stream = stream
        self._events = events

    def __iter__(self) -> Iterator[tuple[int, Json]]:
        loads = orjson.loads
        splitter = LineSplitter(self._reading.limits.line)
        index = 0
        for lines in chain((splitter.feed(self._begin),), blocks(self._stream, splitter)):
            for line in lines:
                try:
                    value = loads(line)
                except orjson.JSONDecodeError:
                    if not line or line.isspace():
                        self._reading.counts.out("blank")
                        continue
                    place = Place(self._file.path, 0, index) if self._events else Place(self._file.path, index)
                    try:
                        value = self._repaired(line, place)
                    except DamagedError as damage:
                        self._reading.problems.add(damage.kind, place, damage.detail)
                        index += 1
                        continue
                yield index, value
                index += 1
        if index == 0:
            raise DamagedError("empty", "no line at all")

    def _repaired(self, line: bytes, place: Place) -> Json:
        if line is LOST:
            raise DamagedError("too_large", f"a line of more than {self._reading.limits.line} bytes")
        return decode(line, self._reading.reported(place))


def _line_episodes(reading: Reading, lines: _Lines, file: File, given: Input) -> Iterator[Episode]:
    accepts = reading.accepts
    if reading.segments(given):
        yield from _many_a_line(reading, lines, file, given)
        return
    for index, document in lines:
        if document is None or (accepts is not None and not accepts(document, file)):
            reading.refuse(file, index)
            continue
        yield reading.episode(file, given, index, document, document)


def _many_a_line(reading: Reading, lines: _Lines, file: File, given: Input) -> Iterator[Episode]:
    first = 0
    for _, document in lines:
        if not reading.takes(document, file):
            reading.refuse(file, first)
            first += 1
            continue
        for episode in reading.episodes(file, given, document, first):
            first = episode.index + 1
            yield episode


def _file_episode(reading: Reading, lines: _Lines, file: File, given: Input) -> Iterator[Episode]:
    values = iter(lines)
    head = next(values, None)
    if head is None:
        return
    if not reading.takes(head[1], file):
        reading.refuse(file, 0)
        return
    report = reading.report_at(file, 0)
    walk = reading.walk
    events = (event for _, value in chain((head,), values) for event in walk(value, report))
    episode = Episode(file, given.name, 0, head[1], head[1], {}, events)
    if reading.sides is not None:
        reading.sides.load(episode)
    yield episode
    for _ in events:  # what is left of it, so that its defects are counted
        pass


def _may_be_one_value(begin: bytes, wants_object: bool) -> bool:
    """Whether a file that begins so may be one JSON value over several lines, or a list where records are objects."""
    text = begin.removeprefix(codecs.BOM_UTF8).lstrip()
    line, newline, rest = text.partition(b"\n")
    if line[:1] == b"[":
        return wants_object
    return line[:1] == b"{" and bool(newline and rest.strip()) and _decodes(line) is None


def _decodes(data: bytes) -> tuple[Json, list[tuple[str, str]]] | None:
    """The value and what was odd about it; None where there is none."""
    odd: list[tuple[str, str]] = []
    try:
        return decode(data, lambda kind, detail: odd.append((kind, detail))), odd
    except DamagedError:
        return None


def _gather(begin: bytes, stream: Stream, most: int) -> tuple[bytes, bool]:
    """What was read and what follows it, up to about `most` bytes, and whether that is all."""
    parts, size = [begin], len(begin)
    while size <= most:
        data = stream.read(CHUNK)
        if not data:
            return b"".join(parts), True
        parts.append(data)
        size += len(data)
    return b"".join(parts), False


def _as_one_value(reading: Reading, data: bytes, file: File) -> Iterable[Json] | None:
    found = _decodes(data)
    if found is None:
        return None
    for kind, detail in found[1]:
        reading.problems.add(kind, Place(file.path), detail)
    return reading.documents(found[0], file)


def _as_large_list(reading: Reading, member: Member, file: File, begin: bytes) -> Iterable[Json] | None:
    if member.local is None or begin.removeprefix(codecs.BOM_UTF8).lstrip()[:1] != b"[" or not can_split():
        return None
    with member.local.open("rb") as opened:
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        large = LargeDocument(data, (), reading.reported(Place(file.path)))
    except DamagedError:
        return None
    return _list_documents(reading, large, file)


def _list_documents(reading: Reading, large: LargeDocument, file: File) -> Iterator[Json]:
    for index, element in enumerate(large.elements()):
        if isinstance(element, DamagedError):
            reading.problems.add(element.kind, Place(file.path, index), element.detail)
        else:
            yield element
