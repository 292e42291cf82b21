"""Files of JSON lines that grow at their end, read on from where they ended, through whatever becomes of their names.

Logs are renamed, or cut, when they are full. What stands under their name then is read from its beginning, the file that stood there
before to its end, and runs in pieces go on from the one to the other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from stepc.runtime.episode import Episode as Raw
from stepc.runtime.episode import File
from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers import LineSplitter
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.keyed import NO_EPISODE, keyed_events
from stepc.runtime.readers.reading import Counts, KeyOf, Reading
from stepc.runtime.readers.streams import DamagedError, Peeked, expanded, is_compressed
from stepc.runtime.source import Input
from stepc.runtime.step import Json

if TYPE_CHECKING:
    from stepc.cli.monitor.following import Runs
    from stepc.runtime.run import AdapterModule
    from stepwatch.live import Verdict

CHUNK: Final = 1 << 20
MOST_PIECES: Final = 20_000
"""Runs of one stream that go on side by side; of more, those that the monitor put out are forgotten, and begin anew if they go on."""
BEGINNING: Final = 512
"""Bytes at the beginning of a file by which it is known again."""
MOST_PAST: Final = 1_000
"""Files that stood under one name, of which the beginnings are remembered."""
MOST_ENTRIES: Final = 100_000
"""Names of a folder that are looked through for a file that was renamed."""

Identity = tuple[int, int]
"""What a file is, whatever it is called: its device and its number there."""
CUT: Final = "the file became shorter while it was watched; what was written before that may be missing"
GONE: Final = "another file has the name now, and the one before is not in its folder; what was written to it last may be missing"


class Look(NamedTuple):
    """What a file was when it was looked at."""

    size: int
    changed: int
    identity: Identity

    @classmethod
    def of(cls, found: os.stat_result) -> Look:
        """From what the system says."""
        return cls(found.st_size, found.st_mtime_ns, (found.st_dev, found.st_ino))

    @classmethod
    def at(cls, path: Path) -> Look | None:
        """Of a path; None where nothing can be seen."""
        try:
            return cls.of(path.stat())
        except OSError:
            return None


class Tail:
    """A file that is read on from where it ended."""

    def __init__(self, path: Path, identity: Identity | None = None) -> None:
        self.path = path
        self.identity = identity
        self.offset = 0
        self.begins = b""
        self.splitter = LineSplitter(LIMITS.line)

    def feed(self, stream: BinaryIO) -> Iterator[bytes]:
        """The lines that end behind what was read."""
        if len(self.begins) < BEGINNING:
            stream.seek(0)
            self.begins = stream.read(BEGINNING)
        stream.seek(self.offset)
        while chunk := stream.read(CHUNK):
            self.offset += len(chunk)
            yield from self.splitter.feed(chunk)

    def was_cut(self, stream: BinaryIO, size: int) -> bool:
        """Whether this is not what was read: it is shorter, or begins with something else, since it was cut and has grown again."""
        return size < self.offset or not stream.read(BEGINNING).startswith(self.begins)


class Growing:
    """A stream of JSON lines that grows at its end, and begins anew when its file is renamed or cut."""

    def __init__(self, module: AdapterModule, file: File, problems: Problems, path: str) -> None:
        self._reading = Reading(module, LIMITS, problems, Counts(), False)
        self._file = file
        self._path = path
        self._given = Input("", "")
        self._tail = Tail(Path(path))
        self._before: Tail | None = None
        self._past: deque[bytes] = deque(maxlen=MOST_PAST)
        """How files began that have been read to their end."""
        self._index = 0
        self._head: Raw | None = None
        self._pieces: dict[str, Raw] = {}
        self._begun = 0
        self._room = MOST_PIECES
        self._waits = False

    def waiting(self) -> Growing:
        """The same, which does not begin yet."""
        self._waits = True
        return self

    @property
    def identity(self) -> Identity | None:
        """What stands under the name; None before it was read."""
        return self._tail.identity

    @property
    def size(self) -> int:
        """How many bytes of that were read."""
        return self._tail.offset

    @property
    def follows_another(self) -> bool:
        """Whether there is a file of another name that may still grow: the one that stood here before."""
        return self._before is not None

    def has_read(self, begins: bytes) -> bool:
        """Whether a file that begins so was read here, under whatever name."""
        known = (self._tail.begins, *self._past)
        return bool(begins) and any(one.startswith(begins) or (one and begins.startswith(one)) for one in known)

    def changed(self, runs: Runs, *, last: bool) -> Iterator[Verdict]:
        """The lines behind those that were read."""
        if self._waits:
            return
        if self._before is not None:
            yield from self._rest(runs, self._before, self._before.path)
        try:
            with Path(self._path).open("rb") as stream:
                look = Look.of(os.fstat(stream.fileno()))
                if self._tail.identity not in (None, look.identity):
                    yield from self._renamed(runs)
                elif self._tail.was_cut(stream, look.size):
                    yield from self._anew(runs)
                    self._reading.problems.add("truncated", Place(self._file.path), CUT)
                self._tail.identity = look.identity
                for line in self._tail.feed(stream):
                    yield from self._line(runs, line)
        except FileNotFoundError:
            found = _named(self._tail.path.parent, self._tail.identity)
            if found is not None:
                yield from self._rest(runs, self._tail, found)
        except OSError as error:
            self._reading.problems.add("unreadable", Place(self._file.path), error.strerror or str(error))
        if last:
            yield from self.flush(runs)

    def _renamed(self, runs: Runs) -> Iterator[Verdict]:
        """Another file has the name now: read the one before to its end, where it is still in the folder, and begin the other."""
        if self._before is not None:
            yield from self._ended(runs, self._before)
        before, self._before = self._tail, None
        found = _named(before.path.parent, before.identity)
        if found is None:
            self._reading.problems.add("rotated", Place(self._file.path), GONE)
        else:
            before.path = found
            yield from self._rest(runs, before, found)
            if self._reading.is_one_episode(self._given):
                yield from self._ended(runs, before)
            else:
                self._before = before
        yield from self._anew(runs)

    def _anew(self, runs: Runs) -> Iterator[Verdict]:
        """Read what has the name from its beginning. Where a file is one run, that run is over."""
        self._past.append(self._tail.begins)
        self._tail = Tail(Path(self._path))
        if self._head is not None:
            self._head.events = iter(())
            yield from runs.take(self._head, self._path, done=True, further=True)
            self._head = None

    def _rest(self, runs: Runs, tail: Tail, path: Path) -> Iterator[Verdict]:
        """What was written to a file since it has another name, if this is that."""
        try:
            with path.open("rb") as stream:
                if Look.of(os.fstat(stream.fileno())).identity == tail.identity:
                    for line in tail.feed(stream):
                        yield from self._line(runs, line)
        except OSError:
            return  # it was renamed again, or is gone: what there was of it has been read

    def _ended(self, runs: Runs, tail: Tail) -> Iterator[Verdict]:
        for line in tail.splitter.flush():
            yield from self._line(runs, line)

    def feed(self, runs: Runs, chunk: bytes) -> Iterator[Verdict]:
        """The lines that end in some more bytes."""
        for line in self._tail.splitter.feed(chunk):
            yield from self._line(runs, line)

    def flush(self, runs: Runs) -> Iterator[Verdict]:
        """The last line, where it has no end."""
        for tail in (self._before, self._tail):
            if tail is not None:
                yield from self._ended(runs, tail)

    def _line(self, runs: Runs, line: bytes) -> Iterator[Verdict]:
        if not line.strip():
            return
        reading, file = self._reading, self._file
        keyed = reading.key_of is not None
        place = Place(file.path, NO_EPISODE, self._index) if keyed else Place(file.path, self._index)
        try:
            value = decode(line, reading.reported(place), reading.loads)
        except DamagedError as damage:
            reading.problems.add(damage.kind, place, damage.detail)
            self._index += 1
            return
        if reading.is_one_episode(self._given):
            yield from self._event(runs, value)
            return
        if not reading.takes(value, file) or value is None:
            reading.refuse(file, NO_EPISODE if keyed else self._index)
            self._index += 1
            return
        if reading.key_of is not None:
            yield from self._further(runs, reading.key_of, value)
            self._index += 1
            return
        for raw in reading.episodes(file, self._given, value, self._index):
            yield from runs.take(raw, self._path, done=True)
        self._index += 1

    def _event(self, runs: Runs, value: object) -> Iterator[Verdict]:
        """A line of a file that is one run."""
        reading, file = self._reading, self._file
        if self._head is None:
            if not reading.takes(value, file):  # type: ignore[arg-type]
                return
            self._head = Raw(file, "", self._begun, value, value, iter(()))  # type: ignore[arg-type]
            self._begun += 1
        self._head.events = reading.walk(value, reading, file, self._head.index)  # type: ignore[arg-type]
        yield from runs.take(self._head, self._path, further=True)

    def _further(self, runs: Runs, key_of: KeyOf, value: Json) -> Iterator[Verdict]:
        """A line of a file that holds runs in pieces."""
        for key, event in keyed_events(self._reading, key_of, value, self._file):
            raw = self._pieces.get(key)
            if raw is None:
                if len(self._pieces) >= self._room:
                    self._pieces = {name: one for name, one in self._pieces.items() if not runs.forget(one, self._path)}
                    self._room = MOST_PIECES + len(self._pieces)
                raw = self._pieces[key] = Raw(self._file, "", self._begun, None, None, iter(()))
                raw.key = key
                self._begun += 1
            raw.events = iter((event,))
            yield from runs.take(raw, self._path, further=True)


def compressed_beginning(path: Path) -> bytes | None:
    """How a compressed file begins when it is opened; empty for any other, None where it cannot be told, or not yet."""
    try:
        with path.open("rb") as stream:
            head = Peeked(stream)
            return expanded(head, LIMITS).read(BEGINNING) if is_compressed(head.head) else b""
    except (OSError, DamagedError):
        return None


def _named(folder: Path, identity: Identity | None) -> Path | None:
    """The file in a folder that is this one, whatever it is called now."""
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, MOST_ENTRIES):
                found = Look.at(Path(entry.path))
                if found is not None and found.identity == identity:
                    return Path(entry.path)
    except OSError:
        pass
    return None
