"""A file of lines that grows at its end, read on from where it ended, and known again by what was read of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from stepc.runtime.limits import LIMITS
from stepc.runtime.readers import LineSplitter
from stepc.runtime.readers.streams import DamagedError, Peeked, Stream, expanded

CHUNK: Final = 1 << 20
ENDING: Final = 512
"""Bytes in front of the place up to which a file was read that must be there still: else it was cut and has grown again."""
BEGINNING: Final = 512
"""Bytes at the beginning of a file that are compared before all of it is."""
MOST_ENTRIES: Final = 100_000
"""Names of a folder that are looked through for a file that was renamed, copied or compressed."""

Identity = tuple[int, int]
"""What a file is, whatever it is called: its device and its number there."""


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
    """A file that is read on from where it ended.

    offset   bytes that were read
    begins   the first of them
    over     whether nothing more can come: it was cut
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.identity: Identity | None = None
        self.offset = 0
        self.over = False
        self.splitter = LineSplitter(LIMITS.line)
        self._told = blake2b(digest_size=16)
        self._ends = b""
        self.begins = b""

    @property
    def digest(self) -> bytes:
        """Tells what was read apart from anything else."""
        return self._told.digest()

    @property
    def is_there(self) -> bool:
        """Whether the file still stands, uncut, under the name under which it was read last."""
        try:
            with self.path.open("rb") as stream:
                look = Look.of(os.fstat(stream.fileno()))
                return not self.over and look.identity == self.identity and not self.was_cut(stream, look.size)
        except OSError:
            return False

    def feed(self, stream: BinaryIO) -> Iterator[bytes]:
        """The lines that end behind what was read."""
        stream.seek(self.offset)
        return self._feed(stream)

    def feed_copy(self, path: Path) -> Iterator[bytes]:
        """The same, of a copy of the file, compressed or not.

        Raises:
            OSError, DamagedError: it cannot be read, or not to its end.
        """
        with path.open("rb") as stream:
            content = expanded(Peeked(stream), LIMITS)
            passed = 0
            while passed < self.offset and (data := content.read(min(CHUNK, self.offset - passed))):
                passed += len(data)
            yield from self._feed(content)

    def was_cut(self, stream: BinaryIO, size: int) -> bool:
        """Whether this is not what was read: it is shorter, or holds something else there, since it was cut and has grown again."""
        if size < self.offset:
            return True
        stream.seek(self.offset - len(self._ends))
        return stream.read(len(self._ends)) != self._ends

    def _feed(self, stream: Stream) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK):
            self.offset += len(chunk)
            self._told.update(chunk)
            self.begins += chunk[: BEGINNING - len(self.begins)]
            self._ends = (self._ends + chunk[-ENDING:])[-ENDING:]
            yield from self.splitter.feed(chunk)


class Tails:
    """Files by how they begin: of very many, few begin as another one does."""

    def __init__(self, tails: Iterable[Tail] = ()) -> None:
        self._tails: dict[bytes, list[Tail]] = {}
        self._sizes: set[int] = set()
        self.add(tails)

    def add(self, tails: Iterable[Tail]) -> None:
        """Add files, as far as anything was read of them."""
        for tail in tails:
            if tail.offset:
                self._tails.setdefault(tail.begins, []).append(tail)
                self._sizes.add(len(tail.begins))

    def beginning(self, head: bytes) -> Iterator[Tail]:
        """Those whose beginning a file begins with that begins so."""
        for size in self._sizes:
            yield from self._tails.get(head[:size], ())


class Recognised(NamedTuple):
    """Which file one is, None for none of those asked for; and whether it holds more than was read of that."""

    tail: Tail | None
    more: bool = False


def recognised(path: Path, tails: Tails) -> Recognised | None:
    """Which of some files one is a copy of, compressed or not: the one of which all that was read stands at its beginning, of several the
    one of which most was read, and rather one that is gone. None where that cannot be told, or not yet."""
    found: Tail | None = None
    told, passed = blake2b(digest_size=16), 0
    sizes: dict[int, dict[bytes, list[Tail]]] = {}
    try:
        with path.open("rb") as stream:
            content = Peeked(expanded(Peeked(stream), LIMITS), BEGINNING)
            for tail in tails.beginning(content.head):
                sizes.setdefault(tail.offset, {}).setdefault(tail.digest, []).append(tail)
            for size in sorted(sizes):
                while passed < size and (data := content.read(min(CHUNK, size - passed))):
                    told.update(data)
                    passed += len(data)
                if passed < size:
                    break
                alike = sizes[size].get(told.digest())
                if alike is not None:
                    found = next((tail for tail in alike if not tail.is_there), alike[0])
            ends = not content.read(1)
    except (OSError, DamagedError):
        return None
    return Recognised(found, found is not None and (passed > found.offset or not ends))


def renamed(tail: Tail) -> Path | None:
    """The file in its folder that is this one, whatever it is called now."""
    return next((path for path in _beside(tail) if (look := Look.at(path)) is not None and look.identity == tail.identity), None)


def copied(tail: Tail) -> Path | None:
    """The file in its folder that is a copy of this one, compressed or not, and is called alike; of several the newest."""
    name = tail.path.name.partition(".")[0]
    alike = [(look, path) for path in _beside(tail) if path != tail.path and name in path.name and (look := Look.at(path)) is not None]
    alike.sort(key=lambda one: (-one[0].changed, one[1]))
    return next((path for _, path in alike if (told := recognised(path, Tails([tail]))) is not None and told.tail is tail), None)


def _beside(tail: Tail) -> Iterator[Path]:
    try:
        with os.scandir(tail.path.parent) as entries:
            yield from [Path(entry.path) for entry in islice(entries, MOST_ENTRIES)]
    except OSError:
        return
