"""Episodes and events of a text: lines of several kinds, read once, in memory bounded by one event.

A line is classified by one pass of a set of all patterns that matter at its level: banners, where episodes begin and end, and the kinds.
An event is known when the next one begins, or the episode ends.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from typing import Final

from stepc.runtime.episode import Episode, File
from stepc.runtime.problems import Place
from stepc.runtime.readers.lines import LineSplitter, whole_characters
from stepc.runtime.readers.members import Member
from stepc.runtime.readers.reading import Reading
from stepc.runtime.readers.streams import CHUNK, DamagedError, Peeked
from stepc.runtime.readers.wide import Narrowed, encoding_of, oddity
from stepc.runtime.regex import LineClassifier, Pattern
from stepc.runtime.source import EpisodeFrom, EventLines, Input, LineKind, Source
from stepc.runtime.step import Json

Event = dict[str, Json]

_LONGEST_CHARACTER: Final = 8
"""A line that is cut stays longer than an event may be, whatever character was in the way, so that the event is marked."""


class Opened:
    """An episode begins. `first` and `last` fill up while its events are found."""

    __slots__ = ("banner", "first", "last", "line")

    def __init__(self, line: int, banner: dict[str, str | None]) -> None:
        self.line = line
        self.banner = banner
        self.first: dict[str, Event] = {}
        self.last: dict[str, Event] = {}


class Closed:
    """The episode ends."""


CLOSED = Closed()
Happening = Opened | Closed | Event


class TextFeed:
    """A text of one source, fed in chunks of any size: the same chunks or others, the same happenings.

    `feed` and `flush` give what became known: episodes that open and close, and between them the events of the open episode. `outside`
    counts lines of no episode by what they are (`blank`, `banner`, `fragment`); `odd` counts defects by kind.
    """

    def __init__(self, source: Source, given: Input, most: int) -> None:
        if not isinstance(source.event, EventLines):
            raise TypeError(f"{source.name} has no lines of kinds")
        self._splitter = LineSplitter(most + _LONGEST_CHARACTER, cut=True)
        self._most = most
        self._begun = False
        self._number = 0
        self._found: list[Happening] = []
        self.outside: dict[str, int] = {}
        self.odd: dict[str, int] = {}

        episode = given.episode or source.episode
        self._from = episode if isinstance(episode, EpisodeFrom) else None
        self._banners = given.banners
        self._marked = [kind for kind in source.event.kinds if kind.pattern is not None]
        self._skips = any(kind.mode == "skip" for kind in source.event.kinds)
        self._otherwise = next((kind for kind in source.event.kinds if kind.pattern is None and kind.mode != "skip"), None)
        marks: list[Pattern] = [banner.pattern for banner in given.banners]
        if self._from is not None:
            marks.append(self._from.start)
            if self._from.through is not None:
                marks.append(self._from.through)
        self._start = len(given.banners)
        self._through = self._start + 1 if self._from is not None and self._from.through is not None else -1
        self._kinds = len(marks)
        self._classify = LineClassifier([*marks, *(kind.pattern for kind in self._marked if kind.pattern is not None)]).all
        self._in_force: list[dict[str, str | None]] = [{} for _ in given.banners]

        self._open: Opened | None = None
        self._kind: LineKind | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._cut = False
        self._blanks = 0
        self._line = 0
        self._until: Pattern | None = None

    def feed(self, data: bytes) -> list[Happening]:
        """What became known with this chunk."""
        self._lines(self._splitter.feed(data))
        return self._taken()

    def flush(self) -> list[Happening]:
        """What became known because the text ends."""
        self._lines(self._splitter.flush())
        self._close()
        return self._taken()

    def _taken(self) -> list[Happening]:
        found, self._found = self._found, []
        return found

    def _lines(self, lines: list[bytes]) -> None:
        if not lines:
            return
        if not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        block = b"\n".join(lines)
        if not block.isascii():
            try:
                block.decode()
            except UnicodeDecodeError:
                self._note("bad_utf8")
                lines = block.decode("utf-8", "replace").encode().split(b"\n")
        if b"\r" in block:
            lines = [line[:-1] if line[-1:] == b"\r" else line for line in lines]
        take = self._take
        for line in lines:
            take(line)

    def _take(self, line: bytes) -> None:
        self._number += 1
        found = self._classify(line)
        ends = False
        if found and found[0] < self._kinds:
            if found[0] < self._start:
                self._banner(found[0], line)
                return
            if found[0] == self._start and (self._open is None or self._through < 0):
                self._close()
                self._begin()
            ends = self._through in found
        opened = self._open
        if opened is None:
            blank = not line.strip()
            if self._from is not None or (blank and self._banners):
                self._out("blank" if blank else "fragment")
                return
            opened = self._begin()
        if self._until is not None:
            self._append(line)
            if self._until.found_in(line):
                self._until = None
        else:
            self._sort(found, line, opened)
        if ends:
            self._close()

    def _sort(self, found: list[int], line: bytes, opened: Opened) -> None:
        """Give a line of an open episode to an event."""
        kinds = self._kinds
        for index in found:
            if index >= kinds:
                kind = self._marked[index - kinds]
                if kind.after and kind.after not in opened.last and (self._kind is None or self._kind.name != kind.after):
                    continue
                if kind.mode == "skip":
                    self._blanks += self._kind is not None
                    return
                self._add(kind, line)
                return
        if self._skips and not line.strip():
            if self._kind is not None:
                self._blanks += 1
            else:
                self._out("blank")
        elif self._otherwise is not None:
            self._add(self._otherwise, line)
        elif self._kind is not None:
            self._append(line)
        else:
            self._out("fragment" if line.strip() else "blank")

    def _add(self, kind: LineKind, line: bytes) -> None:
        continues = kind is self._kind and kind.mode == "run"
        if continues and self._cut:
            return
        if kind.strip_match and kind.pattern is not None:
            line = kind.pattern.cut_first(line)
        elif kind.strip is not None:
            line = kind.strip.cut_all(line)
        if not continues:
            self._end()
            self._kind = kind
            self._line = self._number
            self._until = kind.until
            self._size = -1
        self._append(line)

    def _append(self, line: bytes) -> None:
        """One more line of the event in hand. Blank lines inside of it stay, those behind it do not."""
        if self._cut:
            return
        if self._blanks:
            kept = min(self._blanks, self._most)
            self._parts += [b""] * kept
            self._size += kept
            self._blanks = 0
        self._size += len(line) + 1
        if self._size > self._most:
            self._cut = True
            line = whole_characters(line[: max(0, len(line) - (self._size - self._most))])
        self._parts.append(line)

    def _end(self) -> None:
        """The event in hand is complete."""
        kind = self._kind
        if kind is not None and self._open is not None:
            text = b"\n".join(self._parts).decode("utf-8", "replace")
            if self._cut:
                text += "…"
                self._note("too_large")
            event: Event = {"kind": kind.name, "text": text, "line": self._line}
            self._open.first.setdefault(kind.name, event)
            self._open.last[kind.name] = event
            self._found.append(event)
        self._kind = None
        self._parts = []
        self._size, self._cut, self._blanks = 0, False, 0
        self._until = None

    def _begin(self) -> Opened:
        self._open = Opened(self._number, {name: group for groups in self._in_force for name, group in groups.items()})
        self._found.append(self._open)
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._end()
            self._open = None
            self._found.append(CLOSED)

    def _banner(self, index: int, line: bytes) -> None:
        self._close()
        self._in_force[index] = self._banners[index].pattern.groups_in(line) or {}
        self._out("banner")

    def _out(self, kind: str) -> None:
        self.outside[kind] = self.outside.get(kind, 0) + 1

    def _note(self, kind: str) -> None:
        self.odd[kind] = self.odd.get(kind, 0) + 1


def read_text(reading: Reading, member: Member) -> Iterator[Episode]:
    """The episodes of a text."""
    file = File.at(member.path)
    feed = TextFeed(reading.source, member.input, reading.limits.event)
    happenings = _Happenings(reading, member, feed, file)
    if not reading.takes(None, file):
        reading.refuse(file, -1)
        return
    index = 0
    for happening in happenings:
        if not isinstance(happening, Opened):
            continue
        happenings.episode = index
        episode = Episode(file, member.input.name, index, None, None, happenings.events())
        episode.banner, episode.first, episode.last = happening.banner, happening.first, happening.last
        if reading.sides is not None:
            reading.sides.load(episode)
        yield episode
        index += 1


class _Happenings:
    """What a feed finds in a file, pulled one by one."""

    def __init__(self, reading: Reading, member: Member, feed: TextFeed, file: File) -> None:
        self._reading = reading
        self._member = member
        self._feed = feed
        self._file = file
        self._waiting: deque[Happening] = deque()
        self._chunks = self._read()
        self.episode = -1

    def __iter__(self) -> Iterator[Happening]:
        waiting = self._waiting
        while True:
            while waiting:
                yield waiting.popleft()
            if not next(self._chunks, False):
                return

    def events(self) -> Iterator[Json]:
        """The events up to the end of the open episode."""
        for happening in self:
            if type(happening) is dict:
                yield happening
            elif happening is CLOSED:
                return

    def _read(self) -> Iterator[bool]:
        feed, problems, place = self._feed, self._reading.problems, Place(self._file.path)
        empty = True
        try:
            peeked = Peeked(self._member.open())
            encoding = encoding_of(peeked.head)
            if encoding:
                problems.add("bad_utf8", place, oddity(encoding))
            stream = Narrowed(peeked, encoding) if encoding else peeked
            while data := stream.read(CHUNK):
                empty = False
                self._waiting += feed.feed(data)
                yield True
            if empty:
                problems.add("empty", place, "no line at all")
        except DamagedError as damage:
            problems.add(damage.kind, place, damage.detail)
        except OSError as problem:
            problems.add("unreadable", place, problem.strerror or str(problem))
        self._waiting += feed.flush()
        for kind, count in feed.outside.items():
            self._reading.counts.out(kind, count)
        for kind, count in feed.odd.items():
            one = kind == "bad_utf8"
            detail = "bytes that are no UTF-8" if one else f"an event of more than {self._reading.limits.event} bytes was cut"
            problems.add(kind, place, detail, count=1 if one else count)
        yield True
