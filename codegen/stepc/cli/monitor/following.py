"""Runs in files that may still grow, event by event through a monitor: what `watch` and `replay` share, so that both say the same.

A file of JSON lines is read on from where it ended, and runs that are in pieces there go on side by side; any other file is read again
when it has changed, and events that are known already are passed over. Of a text that may still grow the last event is held back, because
its next line may belong to it.

Logs are renamed, or cut, when they are full. What stands under their name then is read from its beginning, runs in pieces go on there, and
a file that was read under another name is not read again.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from stepc.cli.monitor.growing import CUT, MORE, Growing
from stepc.cli.monitor.tail import CHUNK, Identity, Look, Tails, recognised
from stepc.runtime.adapter import Dropped
from stepc.runtime.defects import Defects
from stepc.runtime.episode import Episode as Raw
from stepc.runtime.episode import File
from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers import STANDARD_INPUT, read
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.globs import ARCHIVES, Claims
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import EpisodeFile
from stepwatch.live import Episode, Monitor, Verdict

if TYPE_CHECKING:
    from stepc.runtime.run import AdapterModule

DOCUMENT: Final = ".json"
"""The ending of files that are one value, even on one line without an end."""
MOST_FILES: Final = 100_000
"""Files that are watched."""
MISSED: Final = 3
"""Looks in a row without a file after which it is no more."""
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

    def over(self, place: str) -> Iterator[Verdict]:
        """No event follows in the runs of a file."""
        for key in [key for key in self._known if key[0] == place]:
            episode = self._known.pop(key).episode
            if episode is not None:
                yield from episode.close()

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


class Known(NamedTuple):
    """The name by which the runs of a file go, how large it was, and how often in a row it was not there."""

    name: str
    size: int
    missed: int = 0


class Source:
    """Files, folders or standard input, looked at again and again."""

    def __init__(self, module: AdapterModule, paths: Sequence[str], *, root: str | None = None, piped: str = STANDARD_INPUT) -> None:
        self.problems = Problems()
        self._module = module
        self._paths = paths
        self._root = root
        self._claims = Claims(module.SOURCE) if module.SOURCE.inputs else None
        self._piped = piped
        self._seen: dict[Path, Look] = {}
        self._lines: dict[Path, Growing | None] = {}
        self._known: dict[Identity, Known] = {}
        """What was read, by what it is, whatever it is called."""
        self._tails = Tails()
        """What is read of logs, by how they begin."""
        self._texts: dict[Path, int] = {}
        """How many texts have stood under a name."""
        plain = module.SOURCE.format == "jsonl" and not module.SOURCE.inputs and not module.SOURCE.beside
        self._by_line = plain
        self._one_run = isinstance(module.SOURCE.episode, EpisodeFile)
        self._holds = 1 if module.SOURCE.format == "text" else 0

    def whole(self, runs: Runs) -> Iterator[Verdict]:
        """Everything that is there now, each run to its end."""
        for raw in self._read(self._paths):
            yield from runs.take(raw, raw.file.path, done=True)

    def changed(self, runs: Runs, *, last: bool = False) -> Iterator[Verdict]:
        """What is new since the call before. With `last` what was held back comes too."""
        there: dict[Path, Look] = {}
        self._tails = Tails(tail for growing in self._followed() for tail in growing.tails)
        for root, path in self._files():
            look = Look.at(path)
            if look is None:
                continue
            there[path] = look
            if not self._may_be_new(path, look, last):
                continue
            if path not in self._lines:
                another = self._is_another(path, last)
                if another is None:
                    continue
                if not another:
                    self._seen[path] = look
                    continue
            growing = self._growing(root, path, last)
            if growing is not None:
                yield from growing.changed(runs, last=last)
                self._tails.add(growing.tails)
                self._known[growing.identity or look.identity] = Known(str(path), growing.size)
            else:
                place = yield from self._place(runs, path, look)
                for raw in self._read([str(path)], root):
                    yield from runs.take(raw, place, hold=0 if last else self._holds)
            self._seen[path] = look
        for path, growing in self._lines.items():
            if growing is not None and path not in there:
                yield from growing.changed(runs, last=last)
        self._remember({look.identity for look in there.values()})

    def _may_be_new(self, path: Path, look: Look, last: bool) -> bool:
        """Whether there may be something in a file that was not read, under this name or another."""
        growing = self._lines.get(path)
        if growing is None and self._is_known_elsewhere(path, look):
            return False
        if look != self._seen.get(path) or (growing is not None and growing.follows_another):
            return True
        read_whole = path in self._lines and growing is None
        return last and (self._holds > 0 or not read_whole)

    def _is_another(self, path: Path, last: bool) -> bool | None:
        """Whether a file is none that was followed before it was copied or compressed. None: it may be written just now, or whoever
        followed it looks for it."""
        if not self._by_line:
            return True
        told = recognised(path, self._tails)
        if told is None:
            return True if last else None
        tail = told.tail
        # Runs of a file each may say the same, above all at their beginning; logs of many do not.
        if tail is None or ((told.more or self._one_run) and tail.is_there):
            return True
        if told.more:
            if any(growing.reads_on(tail) for growing in self._followed()):
                return None
            self.problems.add("rotated", Place(str(path)), MORE)
        return False

    def _followed(self) -> list[Growing]:
        return [growing for growing in self._lines.values() if growing is not None]

    def _remember(self, there: set[Identity]) -> None:
        """Forget what is no more: it may lend its identity to another file. A file that is renamed just then is missed once."""
        kept = ((identity, known._replace(missed=0 if identity in there else known.missed + 1)) for identity, known in self._known.items())
        self._known = {identity: known for identity, known in kept if known.missed < MISSED}

    def _is_known_elsewhere(self, path: Path, look: Look) -> bool:
        """Whether these are lines that were read under another name, which whatever reads on there looks after."""
        known = self._known.get(look.identity)
        return known is not None and self._lines.get(Path(known.name)) is not None and look.size >= known.size

    def _place(self, runs: Runs, path: Path, look: Look) -> Generator[Verdict, None, str]:
        """The name by which the runs of a file go that is read as a whole. A text is another one when it was cut, and the same when it was
        renamed; other files may be written anew each time."""
        if self._module.SOURCE.format != "text":
            return str(path)
        known = self._known.get(look.identity)
        if known is not None and look.size < known.size:
            yield from runs.over(known.name)
            self.problems.add("truncated", Place(str(path)), CUT)
            known = None
        if known is None:
            count = self._texts[path] = self._texts.get(path, 0) + 1
            known = Known(str(path) if count == 1 else f"{path} ({count})", look.size)
        self._known[look.identity] = known._replace(size=look.size)
        return known.name

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
            files = (
                [place] if not place.is_dir() else sorted(path for path in place.rglob("*") if path.is_file() and self._fits(path, place))
            )
            for path in files:
                count += 1
                if count > MOST_FILES:
                    return
                yield (root or (place if place.is_dir() else None)), path

    def _fits(self, path: Path, folder: Path) -> bool:
        """Whether a file of a folder may hold traces: where a spec says which ones do, the others lie beside them."""
        if self._claims is None or path.name.endswith(ARCHIVES):
            return True
        return self._claims.fits(path.relative_to(folder).as_posix())

    def _growing(self, root: Path | None, path: Path, last: bool) -> Growing | None:
        """The reader of a plain file of JSON lines, whatever its ending; None for any other."""
        if path in self._lines:
            return self._lines[path]
        growing = None
        if self._by_line and path.suffix != DOCUMENT:
            name = path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else path.name
            growing = Growing(self._module, File.at(name), self.problems, str(path))
            begun = _first_line(path)
            if not begun.endswith(b"\n") and not last:
                return growing.waiting()
            growing = growing if _is_object(begun) else None
        self._lines[path] = growing
        return growing


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
