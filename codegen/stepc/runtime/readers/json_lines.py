"""Episodes of a JSONL file: a document on every line, or one episode with an event on every line."""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

import orjson

from stepc.runtime.episode import Episode, File
from stepc.runtime.problems import Place
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.json_documents import document_episodes
from stepc.runtime.readers.keyed import NO_EPISODE, keyed_lines
from stepc.runtime.readers.large import LargeDocument, can_split
from stepc.runtime.readers.members import Member
from stepc.runtime.readers.reading import Reading
from stepc.runtime.readers.streams import CHUNK, DamagedError, Lines, LineSource, Rejoined, Stream
from stepc.runtime.readers.wide import Narrowed, encoding_of, oddity
from stepc.runtime.source import Input
from stepc.runtime.step import Json


def read_json_lines(reading: Reading, member: Member) -> Iterator[Episode]:
    """The episodes of a file of JSON lines. A file that is one JSON value over several lines, or one list of records, is read as that."""
    file = File.at(member.path)
    try:
        stream: Stream = member.local.open("rb", buffering=0) if member.local is not None else member.open()
        with Lines(stream) as lines:
            encoding = encoding_of(lines.peek(4))
            if encoding:
                reading.problems.add("bad_utf8", Place(file.path), oddity(encoding))
            yield from _episodes(reading, member, file, Lines(Narrowed(Rejoined(b"", lines), encoding)) if encoding else lines)
    except DamagedError as damage:
        reading.problems.add(damage.kind, Place(file.path), damage.detail)
    except OSError as problem:
        reading.problems.add("unreadable", Place(file.path), problem.strerror or str(problem))


def _episodes(reading: Reading, member: Member, file: File, lines: Lines) -> Iterator[Episode]:
    given = member.input
    if reading.is_one_episode(given):
        yield from _file_episode(reading, lines, file, given)
        return
    if _may_be_one_value(lines.peek(1), reading.wants_object):
        begin = lines.read(reading.limits.whole + 1)
        whole = len(begin) <= reading.limits.whole
        documents = _as_one_value(reading, begin, file) if whole else _as_large_list(reading, member, file, begin)
        if documents is not None:
            if lines.damage is not None:
                reading.problems.add(lines.damage.kind, Place(file.path), lines.damage.detail)
            yield from document_episodes(reading, documents, file, given)
            return
        lines = Lines(Rejoined(begin, lines))
    if reading.key_of is not None:
        yield from keyed_lines(reading, reading.key_of, lines, partial(_documents, reading, file), file, given)
    elif reading.segments(given):
        yield from _many_a_line(reading, lines, file, given)
    else:
        yield from _one_a_line(reading, lines, file, given)


def _documents(reading: Reading, file: File, lines: LineSource) -> Iterator[Json]:
    return (value for _, value in _values(reading, lines, file, within=NO_EPISODE))


def _values(reading: Reading, lines: LineSource, file: File, *, within: int | None = None) -> Iterator[tuple[int, Json]]:
    """The good values of lines, each with its index among the lines that are not blank, up to the end or the damage of the stream.

    within   the index of the episode that all lines are of; None: every line is one

    Raises DamagedError for a file without any.
    """
    loads = reading.loads
    index = blank = 0
    try:
        for line in iter(partial(lines.readline, reading.limits.line + 1), b""):
            if line.isspace():
                blank += 1
                continue
            try:
                value = loads(line)
            except orjson.JSONDecodeError:
                place = Place(file.path, index) if within is None else Place(file.path, within, index)
                try:
                    value = _repaired(reading, lines, line, place)
                except DamagedError as damage:
                    if lines.damage is None or line.endswith(b"\n"):  # else it is the line that the stream broke off in
                        reading.problems.add(damage.kind, place, damage.detail)
                    index += 1
                    continue
            yield index, value
            del value  # freed before the next line is decoded, its memory is used again while it is warm
            index += 1
    finally:
        if blank:
            reading.counts.out("blank", blank)
    if lines.damage is not None:
        reading.problems.add(
            lines.damage.kind, Place(file.path) if within is None else Place(file.path, within, index), lines.damage.detail
        )
    elif index == 0:
        raise DamagedError("empty", "no line at all")


def _repaired(reading: Reading, lines: LineSource, line: bytes, place: Place) -> Json:
    most = reading.limits.line
    if len(line) > most and not line.endswith(b"\n"):
        while line and not line.endswith(b"\n"):
            line = lines.readline(CHUNK)
        raise DamagedError("too_large", f"a line of more than {most} bytes")
    return decode(line, reading.reported(place))


def _one_a_line(reading: Reading, lines: Lines, file: File, given: Input) -> Iterator[Episode]:
    accepts, walk, ready, name = reading.accepts, reading.walk, reading.ready, given.name
    for index, document in _values(reading, lines, file):
        if document is None or (accepts is not None and not accepts(document, file)):
            reading.refuse(file, index)
            continue
        yield ready(Episode(file, name, index, document, document, walk(document, reading, file, index)))
        del document


def _many_a_line(reading: Reading, lines: Lines, file: File, given: Input) -> Iterator[Episode]:
    first = 0
    for _, document in _values(reading, lines, file):
        if not reading.takes(document, file):
            reading.refuse(file, first)
            first += 1
            continue
        for episode in reading.episodes(file, given, document, first):
            first = episode.index + 1
            yield episode


def _file_episode(reading: Reading, lines: Lines, file: File, given: Input) -> Iterator[Episode]:
    values = _values(reading, lines, file, within=0)
    head = next(values, None)
    if head is None:
        return
    if not reading.takes(head[1], file):
        reading.refuse(file, 0)
        return
    walk = reading.walk
    found = (event for _, value in chain((head,), values) for event in walk(value, reading, file, 0))
    episode = reading.ready(Episode(file, given.name, 0, head[1], head[1], found))
    events = episode.events
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
