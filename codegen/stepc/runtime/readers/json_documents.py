"""Episodes of a JSON document: decoded at once, or split by episode where it is large."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import orjson

from stepc.runtime.episode import Episode, File
from stepc.runtime.problems import Place
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.keyed import keyed_documents
from stepc.runtime.readers.large import Buffer, LargeDocument, can_split, keys_to_list
from stepc.runtime.readers.members import Member
from stepc.runtime.readers.reading import Reading
from stepc.runtime.readers.streams import DamagedError, Lines, read_all
from stepc.runtime.readers.wide import encoding_of
from stepc.runtime.source import Input
from stepc.runtime.step import Json

_LENIENT: Final = 4
"""How many times the size of a document that is decoded at once a damaged one may have to be tried as a whole."""


def read_json(reading: Reading, member: Member) -> Iterator[Episode]:
    """The episodes of a file that holds one JSON document, a list of such documents, or one on every line."""
    file = File.at(member.path)
    place = Place(file.path)
    limits = reading.limits
    try:
        if member.local is not None and member.local.stat().st_size > limits.whole:
            yield from _mapped(reading, member.local, file, member.input)
            return
        yield from _streamed(reading, Lines(member.open()), file, member.input)
    except DamagedError as damage:
        reading.problems.add(damage.kind, place, damage.detail)
    except OSError as problem:
        reading.problems.add("unreadable", place, problem.strerror or str(problem))


def _streamed(reading: Reading, stream: Lines, file: File, given: Input) -> Iterator[Episode]:
    """A document that is whole although its stream is damaged behind it is kept."""
    data = read_all(stream, reading.limits.document)
    try:
        yield from buffer_episodes(reading, data, file, given)
    except DamagedError as damage:
        raise stream.damage or damage from None
    if stream.damage is not None:
        reading.problems.add(stream.damage.kind, Place(file.path), stream.damage.detail)


def _mapped(reading: Reading, path: Path, file: File, given: Input) -> Iterator[Episode]:
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield from buffer_episodes(reading, data, file, given)


def buffer_episodes(reading: Reading, data: Buffer, file: File, given: Input) -> Iterator[Episode]:
    """The episodes of a document in memory or mapped. Raises DamagedError."""
    keys = keys_to_list(reading.segments(given)) if len(data) > reading.limits.whole and can_split() else None
    if keys is not None:
        try:
            large = LargeDocument(data, keys, reading.reported(Place(file.path)))
        except DamagedError as damage:
            # What is no standard JSON, such as NaN or a lone surrogate, only the lenient decoder takes, and that needs the whole.
            if damage.kind == "too_deep" or len(data) > _LENIENT * reading.limits.whole:
                raise
        else:
            yield from _split(reading, large, len(keys), file, given)
            return
    report = reading.reported(Place(file.path))
    whole = data if isinstance(data, bytes) else data[:]
    try:
        value = decode(whole, report, reading.loads)
    except DamagedError as damage:
        lines = _on_lines(whole) if damage.kind == "bad_json" else None
        if lines is None:
            raise
        documents = lines
    else:
        documents = reading.documents(value, file)
    del whole
    yield from document_episodes(reading, documents, file, given)


def document_episodes(reading: Reading, documents: Iterable[Json], file: File, given: Input) -> Iterator[Episode]:
    """The episodes of decoded documents of one file."""
    if reading.key_of is not None:
        yield from keyed_documents(reading, reading.key_of, documents, file, given)
        return
    index = 0
    for document in documents:
        if not reading.takes(document, file):
            reading.refuse(file, index)
            index += 1
            continue
        for episode in reading.episodes(file, given, document, index):
            index = episode.index + 1
            yield episode


def _split(reading: Reading, large: LargeDocument, depth: int, file: File, given: Input) -> Iterator[Episode]:
    if not reading.takes(large.head, file):
        reading.refuse(file, 0)
        return
    rest = reading.segments(given)[depth + 1 :]
    index = 0
    for element in large.elements():
        if isinstance(element, DamagedError):
            reading.problems.add(element.kind, Place(file.path, index), element.detail)
            index += 1
            continue
        for inner in reading.elements(element, rest, file, index) if rest else (element,):
            if inner is None:
                reading.problems.add("wrong_type", Place(file.path, index), "null in the place of an episode")
            else:
                yield reading.episode(file, given, index, large.head, inner)
            index += 1


def _on_lines(data: bytes) -> list[Json] | None:
    """The documents of a file that has one on every line; None where that is not so: the first two lines must hold one each."""
    documents: list[Json] = []
    encoding = encoding_of(data)
    if encoding:
        data = data.decode(encoding, "replace").encode("utf-8", "replace")
    for line in data.split(b"\n"):
        if not line or line.isspace():
            continue
        try:
            documents.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            if len(documents) < 2:
                return None
    return documents if len(documents) > 1 else None
