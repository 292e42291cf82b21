"""Raw sample files of any container, bounded, in memory: what the profile counts and the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.containers import packs
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.globs import Claims
from stepc.runtime.readers.streams import CHUNK, DamagedError, Stream
from stepc.runtime.source import Input, Source

Json = Any
Form = Literal["json", "jsonl", "text"]

_ANYTHING = Source(name="samples", format="json", inputs=(Input(name="", glob="**"),))
_LINE_ENDINGS = (".jsonl", ".ndjson")
_PROBED = 4


@dataclass(frozen=True, slots=True)
class SampleLimits:
    """How much of the samples is looked at.

    files     files that are read; the rest is counted as passed over
    file      bytes of one file; a larger one is cut, or passed over where it is one JSON document
    total     bytes of all files together
    records   documents of one file with a document on every line
    """

    files: int = 2_000
    file: int = 24 << 20
    total: int = 192 << 20
    records: int = 2_000


SAMPLE_LIMITS = SampleLimits()


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file. `path` is relative to its pack; `documents` are its JSON documents (one for `json`), `text` the head of a text."""

    path: str
    form: Form
    documents: tuple[Json, ...] = ()
    text: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without its last ending, as `file.stem` in a spec."""
        head, dot, _ = self.name.rpartition(".")
        return head if dot and head else self.name

    @property
    def ending(self) -> str:
        """The last ending of the name with its dot."""
        return self.name.removeprefix(self.stem)


@dataclass(frozen=True, slots=True)
class Samples:
    """What was read. `passed` counts files beyond the limits or of no readable form, `problems` what was wrong with others."""

    files: tuple[SampleFile, ...]
    passed: int
    problems: Problems


def read_samples(
    paths: Iterable[str | Path],
    *,
    root: str | Path | None = None,
    limits: SampleLimits = SAMPLE_LIMITS,
    on_file: Callable[[str], None] | None = None,
) -> Samples:
    """Read files, folders and archives up to the limits. What is wrong with the files is counted, not raised."""
    problems = Problems()
    found: list[SampleFile] = []
    passed = size = 0
    for path, opened in _members(paths, root, problems):
        if on_file is not None:
            on_file(path)
        if len(found) >= limits.files or size >= limits.total:
            passed += 1
            continue
        try:
            data = _head(opened(), limits.file + 1)
        except DamagedError as damage:
            problems.add(damage.kind, Place(path), damage.detail)
            continue
        except OSError as problem:
            problems.add("unreadable", Place(path), problem.strerror or str(problem))
            continue
        size += len(data)
        sample = sample_of(path, data, cut=len(data) > limits.file, records=limits.records)
        if sample is None:
            passed += 1
        else:
            found.append(sample)
    return Samples(tuple(sorted(found, key=lambda sample: sample.path)), passed, problems)


def _members(paths: Iterable[str | Path], root: str | Path | None, problems: Problems) -> Iterator[tuple[str, Callable[[], Stream]]]:
    base = Path(root) if root is not None else None
    for pack in packs(paths, lambda: Claims(_ANYTHING), LIMITS, problems, root=base, only=None, beside=lambda _: None):
        for member in pack.members():
            yield member.path, member.open


def _head(stream: Stream, most: int) -> bytes:
    kept = bytearray()
    while len(kept) < most and (data := stream.read(CHUNK)):
        kept += data
    return bytes(kept[:most])


def sample_of(path: str, data: bytes, *, cut: bool = False, records: int = SAMPLE_LIMITS.records) -> SampleFile | None:
    """A file by what it holds; None for an empty or binary one. `cut` says that these are only its first bytes."""
    if not data or b"\0" in data[:4096]:
        return None
    by_line = path.endswith(_LINE_ENDINGS)
    if not by_line and not cut:
        document = _decoded(data)
        if isinstance(document, (dict, list)):
            return SampleFile(path, "json", (document,))
    lines = _documents(data, records)
    if lines is not None and (by_line or len(lines) > 1):
        return SampleFile(path, "jsonl", tuple(lines))
    document = _decoded(data) if not cut else None
    if isinstance(document, (dict, list)):
        return SampleFile(path, "json", (document,))
    return SampleFile(path, "text", text=data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n"))


def _decoded(data: bytes) -> Json:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return None
    try:
        return decode(data, lambda *_: None)
    except DamagedError:
        return None


def _documents(data: bytes, most: int) -> list[Json] | None:
    """The documents of lines; None where the first lines are none."""
    found: list[Json] = []
    bad = 0
    for line in data.splitlines():
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            bad += 1
            if (bad > len(found) and bad + len(found) >= _PROBED) or not found:
                return None
            continue
        if not isinstance(value, (dict, list)):
            return None
        found.append(value)
        if len(found) >= most:
            break
    return found or None
