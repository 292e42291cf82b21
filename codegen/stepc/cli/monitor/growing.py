"""Files of JSON lines that grow at their end, read on from where they ended, through whatever becomes of their names.

Logs are renamed, or cut, when they are full. What stands under their name then is read from its beginning, the file that stood there
before to its end, and runs in pieces go on from the one to the other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepc.cli.monitor.tail import Identity, Look, Tail, copied, renamed
from stepc.runtime.episode import Episode as Raw
from stepc.runtime.episode import File
from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.keyed import NO_EPISODE, keyed_events
from stepc.runtime.readers.reading import Counts, KeyOf, Reading
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import Input
from stepc.runtime.step import Json

if TYPE_CHECKING:
    from stepc.cli.monitor.following import Runs
    from stepc.runtime.run import AdapterModule
    from stepwatch.live import Verdict

MOST_PIECES: Final = 20_000
"""Runs of one stream that go on side by side; of more, those that the monitor put out are forgotten, and begin anew if they go on."""
MOST_PAST: Final = 1_000
"""Files that stood under one name and are remembered."""
CUT: Final = "the file became shorter while it was watched; what was written before that may be missing"
GONE: Final = "another file has the name now, and the one before is not in its folder; what was written to it last may be missing"

MORE: Final = "it holds more than was read of the log that it is a copy of; what was written to that last is missing"


class Growing:
    """A stream of JSON lines that grows at its end, and begins anew when its file is renamed or cut."""

    def __init__(self, module: AdapterModule, file: File, problems: Problems, path: str) -> None:
        self._reading = Reading(module, LIMITS, problems, Counts(), False)
        self._file = file
        self._path = path
        self._given = Input("", "")
        self._tail = Tail(Path(path))
        self._before: Tail | None = None
        self._past: deque[Tail] = deque(maxlen=MOST_PAST)
        """Files that have been read to their end."""
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

    @property
    def tails(self) -> list[Tail]:
        """What was read here, under whatever name."""
        return [*self._past, self._tail]

    def reads_on(self, tail: Tail) -> bool:
        """Whether what may have been written to a file since, before it was compressed, is still looked for."""
        return tail in (self._tail, self._before) and not tail.over

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
                    self._tail.over = True
                    if not (yield from self._copy(runs, self._tail)):
                        self._reading.problems.add("truncated", Place(self._file.path), CUT)
                    yield from self._anew(runs)
                self._tail.identity = look.identity
                for line in self._tail.feed(stream):
                    yield from self._line(runs, line)
        except FileNotFoundError:
            yield from self._elsewhere(runs, self._tail)
        except OSError as error:
            self._reading.problems.add("unreadable", Place(self._file.path), error.strerror or str(error))
        if last:
            yield from self.flush(runs)

    def _renamed(self, runs: Runs) -> Iterator[Verdict]:
        """Another file has the name now: read the one before to its end, where it is still in the folder, and begin the other."""
        if self._before is not None:
            yield from self._ended(runs, self._before)
        before, self._before = self._tail, None
        if not (yield from self._elsewhere(runs, before)):
            self._reading.problems.add("rotated", Place(self._file.path), GONE)
        elif self._reading.is_one_episode(self._given):
            yield from self._ended(runs, before)
        else:
            self._before = before
        yield from self._anew(runs)

    def _elsewhere(self, runs: Runs, tail: Tail) -> Generator[Verdict, None, bool]:
        """What was written last to a file that has lost its name; whether it was found, renamed, or compressed."""
        found = renamed(tail)
        if found is not None:
            tail.path = found
            yield from self._rest(runs, tail, found)
            return True
        return (yield from self._copy(runs, tail))

    def _copy(self, runs: Runs, tail: Tail) -> Generator[Verdict, None, bool]:
        """What was written last to a file that is gone, from a copy that was made of it before; whether there is one."""
        found = copied(tail)
        if found is None:
            return False
        try:
            for line in tail.feed_copy(found):
                yield from self._line(runs, line)
        except (OSError, DamagedError):
            return False
        return True

    def _anew(self, runs: Runs) -> Iterator[Verdict]:
        """Read what has the name from its beginning. Where a file is one run, that run is over."""
        self._past.append(self._tail)
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
