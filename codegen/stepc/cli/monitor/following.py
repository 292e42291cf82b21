"""Runs in files that may still grow, event by event through a monitor: what `watch` and `replay` share, so that both say the same.

A file of JSON lines is read on from where it ended, and runs that are in pieces there go on side by side; any other file is read again
when it has changed, and events that are known already are passed over. Of a text that may still grow the last event is held back, because
its next line may belong to it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepc.runtime.adapter import Dropped
from stepc.runtime.defects import Defects
from stepc.runtime.episode import Episode as Raw
from stepc.runtime.episode import File
from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers import STANDARD_INPUT, LineSplitter, read
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.keyed import NO_EPISODE, keyed_events
from stepc.runtime.readers.reading import Counts, KeyOf, Reading
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import Input
from stepc.runtime.step import Json
from stepwatch.live import Episode, Monitor, Verdict

if TYPE_CHECKING:
    from stepc.runtime.run import AdapterModule

CHUNK: Final = 1 << 20
LINES: Final = (".jsonl", ".ndjson")
"""Endings of plain files of JSON lines."""
MOST_FILES: Final = 100_000
"""Files that are watched."""
MOST_PIECES: Final = 20_000
"""Runs of one stream that go on side by side; of more, those that the monitor put out are forgotten, and begin anew if they go on."""
MOST_NAMES: Final = 1_000_000
"""Names of runs that are watched for coming twice."""


class Followed:
    """One run: its episode under the monitor (None: a fact is missing that the spec cannot do without), and how many events it has had."""

    __slots__ = ("episode", "events")

    def __init__(self, episode: Episode | None) -> None:
        self.episode = episode
        self.events = 0


class Runs:
    """The runs of a monitor, by file and place. `count` are all of them, `dropped` those that lack a start fact."""

    def __init__(self, monitor: Monitor, module: AdapterModule) -> None:
        self.monitor = monitor
        self.count = self.dropped = 0
        self._module = module
        self._known: dict[tuple[str, int], Followed] = {}
        self._names: set[str] = set()

    @property
    def open(self) -> list[Episode]:
        """The episodes that go on, in the order in which they began."""
        return [one.episode for one in self._known.values() if one.episode is not None and one.episode.open]

    @property
    def known(self) -> int:
        """How many runs are at hand."""
        return len(self._known)

    def take(self, raw: Raw, place: str, *, done: bool = False, hold: int = 0, further: bool = False) -> Iterator[Verdict]:
        """What the monitor says of the events of a run that are new.

        place    the file, by a name that no other has
        done     no event follows
        hold     so many of the last events are left for later
        further  the events are those that follow; else they are all of the run, and those that are known are passed over
        """
        key = (place, raw.index)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._begin(raw)
        episode, passed = known.episode, 0 if further else known.events
        waiting: deque[object] = deque()
        for number, event in enumerate(raw.events):
            if number < passed or episode is None:
                continue
            waiting.append(event)
            if len(waiting) > hold:
                known.events += 1
                yield from episode.push(waiting.popleft())
        if done:
            del self._known[key]
            if episode is not None:
                yield from episode.close()

    def forget(self, raw: Raw, place: str) -> bool:
        """Forget a run that takes no more events; whether it was one."""
        known = self._known[place, raw.index]
        over = known.episode is None or not known.episode.open
        if over:
            del self._known[place, raw.index]
        return over

    def end(self) -> Iterator[Verdict]:
        """No event follows in any run."""
        for episode in self.open:
            yield from episode.close()

    def _begin(self, raw: Raw) -> Followed:
        self.count += 1
        facts = self._module.start(raw, Defects())
        if isinstance(facts, Dropped):
            self.dropped += 1
            return Followed(None)
        # What names a run is known before its first event; two of one name are told apart by where they stand.
        name = self._module.labels(raw, Defects()).id
        if name in self._names:
            name = f"{name} ({raw.file.path}:{raw.index})"
        if len(self._names) < MOST_NAMES:
            self._names.add(name)
        episode = self.monitor.open(name, facts)
        if episode.account.dropped:
            self.dropped += 1
        return Followed(episode)


class Source:
    """Files, folders or standard input, looked at again and again."""

    def __init__(self, module: AdapterModule, paths: Sequence[str], *, root: str | None = None, piped: str = STANDARD_INPUT) -> None:
        self.problems = Problems()
        self._module = module
        self._paths = paths
        self._root = root
        self._piped = piped
        self._signatures: dict[Path, tuple[int, int]] = {}
        self._lines: dict[Path, Growing | None] = {}
        plain = module.SOURCE.format == "jsonl" and not module.SOURCE.inputs and not module.SOURCE.beside
        self._by_line = plain
        self._holds = 1 if module.SOURCE.format == "text" else 0

    def whole(self, runs: Runs) -> Iterator[Verdict]:
        """Everything that is there now, each run to its end."""
        for raw in self._read(self._paths):
            yield from runs.take(raw, raw.file.path, done=True)

    def changed(self, runs: Runs, *, last: bool = False) -> Iterator[Verdict]:
        """What is new since the call before. With `last` what was held back comes too."""
        for root, path in self._files():
            signature = _signature(path)
            if signature is None or (signature == self._signatures.get(path) and not (last and self._holds)):
                continue
            self._signatures[path] = signature
            growing = self._growing(root, path, last)
            if growing is not None:
                yield from growing.changed(runs, last=last)
                continue
            for raw in self._read([str(path)], root):
                yield from runs.take(raw, str(path), hold=0 if last else self._holds)

    def piped(self, runs: Runs, descriptor: int) -> Iterator[Verdict]:
        """Standard input, line by line where it is JSON lines, else when it has ended."""
        if not self._by_line:
            yield from self.whole(runs)
            return
        growing = Growing(self._module, File.at(self._piped), self.problems, STANDARD_INPUT)
        while chunk := os.read(descriptor, CHUNK):
            yield from growing.feed(runs, chunk)
        yield from growing.flush(runs)

    def _read(self, paths: Iterable[str], root: Path | None = None) -> Iterator[Raw]:
        given = self._root if self._root is not None else root
        return read(self._module, paths, root=given, problems=self.problems, piped=self._piped, whole=False)

    def _files(self) -> Iterator[tuple[Path | None, Path]]:
        """The files to be looked at, with the root they belong to."""
        count = 0
        for name in self._paths:
            place = Path(name)
            root = Path(self._root) if self._root is not None else None
            files = [place] if not place.is_dir() else sorted(path for path in place.rglob("*") if path.is_file())
            for path in files:
                count += 1
                if count > MOST_FILES:
                    return
                yield (root or (place if place.is_dir() else None)), path

    def _growing(self, root: Path | None, path: Path, last: bool) -> Growing | None:
        """The reader of a plain file of JSON lines; None for any other."""
        if path in self._lines:
            return self._lines[path]
        growing = None
        if self._by_line and path.suffix in LINES:
            name = path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else path.name
            growing = Growing(self._module, File.at(name), self.problems, str(path))
            begun = _first_line(path)
            if not begun.endswith(b"\n") and not last:
                return growing.waiting()
            growing = growing if _is_object(begun) else None
        self._lines[path] = growing
        return growing


class Growing:
    """A stream of JSON lines that grows at its end."""

    def __init__(self, module: AdapterModule, file: File, problems: Problems, path: str) -> None:
        self._reading = Reading(module, LIMITS, problems, Counts(), False)
        self._file = file
        self._path = path
        self._given = Input("", "")
        self._splitter = LineSplitter(LIMITS.line)
        self._offset = 0
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

    def changed(self, runs: Runs, *, last: bool) -> Iterator[Verdict]:
        """The lines behind those that were read; a file that became shorter is another one now, and is left alone."""
        if self._waits:
            return
        try:
            with Path(self._path).open("rb") as stream:
                if os.fstat(stream.fileno()).st_size < self._offset:
                    self._waits = True
                    self._reading.problems.add("truncated", Place(self._file.path), "the file became shorter while it was watched")
                    return
                stream.seek(self._offset)
                while chunk := stream.read(CHUNK):
                    self._offset += len(chunk)
                    yield from self.feed(runs, chunk)
        except OSError as error:
            self._reading.problems.add("unreadable", Place(self._file.path), error.strerror or str(error))
        if last:
            yield from self.flush(runs)

    def feed(self, runs: Runs, chunk: bytes) -> Iterator[Verdict]:
        """The lines that end in some more bytes."""
        for line in self._splitter.feed(chunk):
            yield from self._line(runs, line)

    def flush(self, runs: Runs) -> Iterator[Verdict]:
        """The last line, where it has no end."""
        for line in self._splitter.flush():
            yield from self._line(runs, line)

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
            self._head = Raw(file, "", 0, value, value, iter(()))  # type: ignore[arg-type]
        self._head.events = reading.walk(value, reading, file, 0)  # type: ignore[arg-type]
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


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _first_line(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.readline(LIMITS.line)
    except OSError:
        return b""


def _is_object(line: bytes) -> bool:
    """Whether a line is a JSON object: else the file is one value over several lines, or a list."""
    try:
        decode(line, lambda *_: None)
    except DamagedError:
        return False
    return line.lstrip()[:1] == b"{"
