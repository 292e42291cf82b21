"""Raw sample files of any container, bounded, in memory: what the profile counts and the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.containers import packs
from stepc.runtime.readers.decoding import Report, decode
from stepc.runtime.readers.globs import Claims
from stepc.runtime.readers.streams import CHUNK, DamagedError, Lines, Rejoined, Stream
from stepc.runtime.readers.wide import Narrowed, encoding_of, oddity
from stepc.runtime.source import Input, Source

Json = Any
Form = Literal["json", "jsonl", "text"]

_ANYTHING = Source(name="samples", format="json", inputs=(Input(name="", glob="**"),))
_LINE_ENDINGS = (".jsonl", ".ndjson")
_PROBED = 8
"""Lines after which a file with more bad ones than documents has no document on every line: a banner before the first is shorter."""
_PROBED_BYTES = 4096
_WHOLE_ENDING = ".json"
_OPENING = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class SampleLimits:
    """How much of the samples is looked at.

    files     files that are read; the rest is counted as passed over
    file      bytes of one file; a larger one is cut, or passed over where it is one JSON document
    total     bytes of all files together
    records   documents of one file with a document on every line
    line      bytes of one line; a longer one is passed over
    counted   bytes of one file behind those that are looked at, in which lines are still counted
    """

    files: int = 2_000
    file: int = 24 << 20
    total: int = 192 << 20
    records: int = 2_000
    line: int = 16 << 20
    counted: int = 64 << 20


SAMPLE_LIMITS = SampleLimits()


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file. `path` is relative to its pack; `documents` are its JSON documents (one for `json`), `text` the head of a text.

    `left` counts the lines that were not looked at; `cut`: there are more, which nobody counted.
    """

    path: str
    form: Form
    documents: tuple[Json, ...] = ()
    text: str = ""
    left: int = 0
    cut: bool = False

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
    """What was read. `passed` counts files beyond the limits or of no readable form, `problems` tells why and what was odd in others."""

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
            problems.add("passed_over", Place(path), "beyond what is looked at altogether")
            continue
        sample = None
        try:
            with Lines(opened()) as lines:
                sample, taken = _sample(path, lines, limits, _reported(problems, path))
                size += taken
                if lines.damage is not None:
                    problems.add(lines.damage.kind, Place(path), lines.damage.detail)
        except DamagedError as damage:
            problems.add(damage.kind, Place(path), damage.detail)
        except OSError as problem:
            problems.add("unreadable", Place(path), problem.strerror or str(problem))
        if sample is None:
            passed += 1
        else:
            found.append(sample)
    return Samples(tuple(sorted(found, key=lambda sample: sample.path)), passed, problems)


def looked_at(files: Iterable[SampleFile]) -> str:
    """How much of files was looked at, in words; empty where it was all."""
    found = [file for file in files if file.left or file.cut]
    if not found:
        return ""
    seen = sum(len(file.documents) or file.text.count("\n") for file in found)
    more = "more than " if any(file.cut for file in found) else ""
    where = found[0].path if len(found) == 1 else f"{len(found):,} files"
    return f"looked at {seen:,} of {more}{seen + sum(file.left for file in found):,} lines of {where}"


def _members(paths: Iterable[str | Path], root: str | Path | None, problems: Problems) -> Iterator[tuple[str, Callable[[], Stream]]]:
    base = Path(root) if root is not None else None
    for pack in packs(paths, lambda: Claims(_ANYTHING), LIMITS, problems, root=base, only=None, beside=lambda _: None):
        for member in pack.members():
            yield member.path, member.open


def _reported(problems: Problems, path: str) -> Report:
    return lambda kind, detail: problems.add(kind, Place(path), detail)


def _sample(path: str, lines: Lines, limits: SampleLimits, report: Report) -> tuple[SampleFile | None, int]:
    """A file by what it holds, None for one that cannot be read, and how many bytes of it were kept at most."""
    encoding = encoding_of(lines.peek(4))
    if encoding:
        report("bad_utf8", oddity(encoding))
        lines = Lines(Narrowed(Rejoined(b"", lines), encoding))
    head = lines.read(limits.file + 1)
    cut = len(head) > limits.file
    reason = _unreadable(head)
    if reason is not None:
        if not (reason[0] == "empty" and lines.damage is not None):  # else the damage says it
            report(*reason)
        return None, 0
    by_line = path.endswith(_LINE_ENDINGS)
    if not cut and not (by_line and _begins_with_document(head)):
        document = _whole(head, report)
        if document is not None:
            return SampleFile(path, "json", (document,)), len(head)
    rest = Lines(Rejoined(head, lines))
    taken = _documents(rest, limits)
    if taken is not None and (by_line or len(taken.documents) > 1):
        for noted in taken.noted:
            report(*noted)
        return SampleFile(path, "jsonl", tuple(taken.documents), left=taken.left, cut=taken.cut), len(head)
    damage = _damage(path, head)
    if damage is not None:
        report(*(("too_large", f"a document of more than {limits.file:,} bytes is not looked at") if cut else damage))
        return None, 0
    left, more = _left(lines, limits.counted) if cut else (0, False)
    return SampleFile(path, "text", text=_text(head, report, cut=cut), left=left, cut=more), len(head)


def _unreadable(head: bytes) -> tuple[str, str] | None:
    if not head or head.isspace():
        return "empty", "nothing in it"
    return ("binary", "binary data") if b"\0" in head[:_PROBED_BYTES] else None


def _bare(data: bytes) -> bytes:
    return data[:_PROBED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")


def _begins_with_document(head: bytes) -> bool:
    """Whether the first line is a document of its own."""
    try:
        return isinstance(decode(head.lstrip().partition(b"\n")[0], lambda *_: None), (dict, list))
    except DamagedError:
        return False


def _whole(data: bytes, report: Report) -> Json:
    """The document that a file is; None where it is none."""
    if not _bare(data).startswith(_OPENING):
        return None
    noted: list[tuple[str, str]] = []
    try:
        value = decode(data, lambda *what: noted.append(what))
    except DamagedError:
        return None
    for what in noted:
        report(*what)
    return value


def _damage(path: str, data: bytes) -> tuple[str, str] | None:
    """What is wrong with a file that was to be one document; None for text."""
    if not _bare(data).startswith(_OPENING):
        return None
    try:
        decode(data, lambda *_: None)
    except DamagedError as damage:
        return (damage.kind, damage.detail) if damage.kind == "truncated" or path.endswith(_WHOLE_ENDING) else None
    return None


@dataclass(slots=True)
class _Taken:
    """The documents of lines, what was wrong with others, and the lines that were not looked at."""

    documents: Sequence[Json]
    noted: Sequence[tuple[str, str]]
    left: int = 0
    cut: bool = False


def _documents(lines: Lines, limits: SampleLimits) -> _Taken | None:
    """The documents of lines as the reader would give them; None where most of the first lines are none."""
    found: list[Json] = []
    noted: list[tuple[str, str]] = []
    bad = size = left = 0
    cut = banner = False
    for line in iter(partial(lines.readline, limits.line + 1), b""):
        if line.isspace():
            continue
        if len(line) > limits.line and not line.endswith(b"\n"):
            _pass_over(lines)
            noted.append(("too_large", f"a line of more than {limits.line:,} bytes is passed over"))
            left += 1
            continue
        size += len(line)
        if found and (size > limits.file or len(found) >= limits.records):
            behind, cut = _left(lines, limits.counted)
            left += 1 + behind
            break
        odd: list[tuple[str, str]] = []
        try:
            value = decode(line, lambda *what, odd=odd: odd.append(what))
        except DamagedError as damage:
            if lines.damage is not None and not line.endswith(b"\n"):
                break  # the line that the stream broke off in
            odd, value = [(damage.kind, damage.detail)], None
        noted += odd
        if isinstance(value, (dict, list)):
            found.append(value)
            continue
        bad += 1
        banner = banner or not found
        noted += [] if odd else [("bad_json", "a line that is no object and no list")]
        if bad > len(found) and bad + len(found) >= _PROBED:
            return None
    return _Taken(found, noted, left, cut) if found and bad + banner <= len(found) else None


def _pass_over(lines: Lines) -> None:
    """Read to the end of the line."""
    while (data := lines.readline(CHUNK)) and not data.endswith(b"\n"):
        pass


def _left(lines: Lines, most: int) -> tuple[int, bool]:
    """How many lines follow within so many bytes, and whether there is more behind."""
    count = size = 0
    last = b"\n"
    while size < most and (data := lines.read(CHUNK)):
        count += data.count(b"\n")
        size += len(data)
        last = data[-1:]
    more = bool(lines.peek(1))
    return count + (last != b"\n" and not more), more


def _text(data: bytes, report: Report, *, cut: bool) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        if not cut or problem.start < len(data) - 4:
            report("bad_utf8", "bytes that are no UTF-8")
        text = data.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
