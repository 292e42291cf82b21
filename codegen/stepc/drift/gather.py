"""Everything that drift compares of one set of traces, document by document, in memory that does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from stepc.drift.measure import Measure
from stepc.drift.subject import Subject
from stepc.ir import Program
from stepc.runtime import Defects, Dropped, Episode, EpisodeAccount
from stepc.runtime.account import MOST_VALUES, REST
from stepc.runtime.episode import File
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers import read
from stepc.runtime.readers.large import keys_to_list
from stepc.runtime.run import AdapterModule
from stepc.runtime.source import EpisodeBy, EpisodeFile, EpisodePath, EventPath, Segments, Source
from stepc.runtime.step import Json
from stepc.verify.profile import Profile

MOST_FACTS: Final = 2_000
"""Different facts that are counted; what is found later is left out."""


class Fact(NamedTuple):
    """What is counted. `kind` is a word of `report.KINDS`, `name` says which one, `line` where the spec speaks of it (0: nowhere)."""

    kind: str
    name: str = ""
    line: int = 0


@dataclass(slots=True)
class Side:
    """One set of traces. Shares of `events` are taken over documents that have any; `profile` is of documents that were accepted."""

    name: str
    files: int = 0
    documents: int = 0
    refused: int = 0
    episodes: int = 0
    events: int = 0
    steps: int = 0
    measures: dict[Fact, Measure] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    refusals: Profile = field(default_factory=Profile)
    problems: Problems = field(default_factory=Problems)


@dataclass(slots=True)
class _Unit:
    """A document on its way, or a run where files hold runs in pieces: what is known of it so far."""

    place: str
    document: Json
    input: str = ""
    episodes: int = 0
    kept: int = 0
    eventless: int = 0
    stepless: int = 0
    account: EpisodeAccount = field(default_factory=EpisodeAccount)
    values: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    unlabelled: dict[str, int] = field(default_factory=dict)
    defects: dict[tuple[str, str, int], int] = field(default_factory=dict)
    first: dict[Fact, str] = field(default_factory=dict)

    def note(self, defects: Defects, place: Place) -> None:
        """Count the defects of an episode."""
        for defect in defects:
            key = (defect.kind, defect.site, defect.line)
            self.defects[key] = self.defects.get(key, 0) + defect.count
            self.first.setdefault(Fact("defect", f"{defect.kind} {defect.site}".rstrip(), defect.line), str(place))


class _Watched:
    """A source whose `accept` is listened to: that is where a document begins."""

    def __init__(self, module: AdapterModule, asked: Callable[[Json, File, bool], None]) -> None:
        self.SOURCE: Source = module.SOURCE
        self._module = module
        self._accepts: Callable[[Json, File], bool] | None = getattr(module, "accepts", None)
        self._asked = asked

    def accepts(self, document: Json, file: File) -> bool:
        """What the module says."""
        taken = self._accepts is None or self._accepts(document, file)
        self._asked(document, file, taken)
        return taken

    def __getattr__(self, name: str) -> Any:
        """What else readers ask of a module."""
        return getattr(self._module, name)


class _Heard(Problems):
    """Defects that are also told to a listener as they are found."""

    __slots__ = ("_listener",)

    def __init__(self, listener: Callable[[str, Place, str], None]) -> None:
        super().__init__()
        self._listener = listener

    def add(self, kind: str, place: Place, detail: str = "", *, site: str = "", line: int = 0, count: int = 1) -> None:
        """Count a defect and tell of it."""
        super().add(kind, place, detail, site=site, line=line, count=count)
        self._listener(kind, place, site)


def gather(
    program: Program,
    module: AdapterModule,
    paths: Sequence[str],
    *,
    root: str | None = None,
    on_file: Callable[[str], None] | None = None,
    on_episode: Callable[[int], None] | None = None,
) -> Side:
    """Read one set of traces to its end."""
    return _Gatherer(program, module, " ".join(paths)).run(paths, root, on_file, on_episode)


class _Gatherer:
    def __init__(self, program: Program, module: AdapterModule, name: str) -> None:
        self.side = Side(name)
        self.module = module
        self.subject = Subject.of(program)
        source = module.SOURCE
        self.text = source.format == "text"
        self.by_line = source.format == "jsonl"
        self.keyed = isinstance(source.episode, EpisodeBy)
        self.by_event = self.keyed or (self.by_line and isinstance(source.episode, EpisodeFile))
        """Whether events stand for themselves: no document around them is that of their run alone."""
        self.segments: Segments = source.episode.segments if isinstance(source.episode, EpisodePath) else ()
        self.event_segments = _at(source.event.segments if isinstance(source.event, EventPath) else ())
        self.unit: _Unit | None = None
        self.probe: _Unit | None = None
        self.asked: Json = None
        self.file = ""
        self.damaged = False
        self.probing = True
        self.beside: dict[str, Json] = {}
        self.on_file: Callable[[str], None] | None = None

    def run(
        self, paths: Sequence[str], root: str | None, on_file: Callable[[str], None] | None, on_episode: Callable[[int], None] | None
    ) -> Side:
        """Everything, episode by episode."""
        self.on_file = on_file
        self.side.problems = _Heard(self._heard)
        watched = _Watched(self.module, self._asked)
        for episode in read(watched, list(paths), root=root, problems=self.side.problems, on_file=self._next_file):
            events = self._episode(episode)
            if on_episode is not None:
                on_episode(events)
        self._end_file()
        return self.side

    # ---- where documents begin and end ----

    def _next_file(self, path: str) -> None:
        self._end_file()
        self.file, self.damaged, self.probing = path, False, True
        self.side.files += 1
        if self.text:
            self.unit = _Unit(path, None)
        if self.on_file is not None:
            self.on_file(path)

    def _end_file(self) -> None:
        self._close()
        if self.probe is not None:
            self._commit(self.probe)
            self.probe = None
        if self.file:
            self._measure(Fact("unreadable")).add(int(self.damaged), 1, self.file)
        self.file = ""

    def _asked(self, document: Json, file: File, taken: bool) -> None:
        if not taken:
            self._close()
            self.asked = document
        elif self.probe is not None and self.probe.document is document:
            self._close()
            self.unit, self.probe = self.probe, None
        elif not self.keyed and (self.unit is None or self.unit.document is not document):
            self._close()
            self.unit = _Unit(file.path, document)

    def _close(self) -> None:
        """The document in hand is done. The first accepted one of a file may only have been a probe for a list of documents: it waits."""
        unit, self.unit = self.unit, None
        if unit is None:
            return
        if unit.episodes == 0 and self.probing and not self.text:
            self.probe = unit
        else:
            self._commit(unit)
        self.probing = False

    def _heard(self, kind: str, place: Place, site: str) -> None:
        if kind == "not_accepted":
            self._close()
            self.side.refused += 1
            self._measure(Fact("refused")).add(1, 1, str(place))
            if self.asked is not None:
                self.side.refusals.add(self.asked, place=str(place))
            self.asked = None
        elif kind in ("no_match", "no_input"):
            return
        elif kind == "no_key":
            self._measure(Fact("defect", kind)).add(1, 1, str(place))
        elif self.unit is None or (not site and self.unit.episodes == 0):
            self.damaged = True
        else:
            key = (kind, site, 0)
            self.unit.defects[key] = self.unit.defects.get(key, 0) + 1
            self.unit.first.setdefault(Fact("defect", f"{kind} {site}".rstrip()), str(place))

    # ---- what is counted ----

    def _episode(self, episode: Episode) -> int:
        if self.keyed:
            self._close()
        side, unit = self.side, self.unit
        if unit is None:
            unit = self.unit = _Unit(episode.file.path, episode.document)
        place = Place(episode.file.path, episode.index)
        if not unit.episodes and self.by_line and not self.by_event and not self.segments:
            unit.place = str(place)
        self._paths(unit, episode)
        unit.input = episode.input
        unit.episodes += 1
        side.episodes += 1
        for name, document in episode.side.items():
            unit.missing[name] = unit.missing.get(name, 0) + (document is None)
        defects = Defects()
        facts = self.module.start(episode, defects)
        adapter = None if isinstance(facts, Dropped) else self.module.Adapter(facts)
        events = self._events(unit, episode, place)
        if adapter is None or adapter.dropped:
            unit.first.setdefault(Fact("dropped"), str(place))
            count = sum(1 for _ in events)
            unit.note(defects, place)
            return count
        for event in events:
            adapter.push(event)
        adapter.close()
        labels = self.module.labels(episode, defects)
        account = adapter.account
        self._account(unit, account, place)
        for name, value in labels.outcome.items():
            unit.unlabelled[name] = unit.unlabelled.get(name, 0) + (value is None)
            if value is None:
                unit.first.setdefault(Fact("unlabelled", name), str(place))
        unit.note(adapter.defects, place)
        unit.note(defects, place)
        return account.events

    def _account(self, unit: _Unit, account: EpisodeAccount, place: Place) -> None:
        steps = sum(account.steps.values())
        unit.kept += 1
        self.side.events += account.events
        self.side.steps += steps
        told = {
            Fact("eventless"): not account.events,
            Fact("stepless"): account.events > 0 and not steps,
            Fact("unknown"): account.unknown > 0,
            Fact("silent"): account.silent > 0,
            **{Fact("arm", arm.label, arm.line): arm.events > 0 for arm in account.arms},
            **{Fact("step", name): count > 0 for name, count in account.steps.items()},
        }
        unit.eventless += not account.events
        unit.stepless += account.events > 0 and not steps
        for fact, here in told.items():
            if here:
                unit.first.setdefault(fact, str(place))
        account.defects = []
        unit.account.merge(account)

    def _events(self, unit: _Unit, episode: Episode, place: Place) -> Iterator[Any]:
        subject, profile = self.subject, self.side.profile
        for index, event in enumerate(episode.events):
            if self.by_event:
                profile.add(event, at=self.event_segments, more=bool(index), place=unit.place)
            if subject is not None:
                value = subject.value(event)
                if value not in unit.values:
                    if len(unit.values) >= MOST_VALUES:
                        value = REST
                    unit.first.setdefault(Fact("value", value, subject.line), f"{place}, event {index}")
                unit.values[value] = unit.values.get(value, 0) + 1
            yield event

    def _paths(self, unit: _Unit, episode: Episode) -> None:
        profile = self.side.profile
        if not self.text and not self.by_event:
            if not unit.episodes:
                profile.add(episode.document, place=unit.place)
            if _is_split(episode.document, self.segments):
                profile.add(episode.element, at=_at(self.segments), more=True, place=unit.place)
        for name, document in episode.side.items():
            if document is not None and self.beside.get(name) is not document:
                self.beside[name] = document
                profile.add(document, name, place=str(Place(episode.file.path, episode.index)))

    def _measure(self, fact: Fact) -> Measure:
        measures = self.side.measures
        if fact not in measures and len(measures) >= MOST_FACTS:
            return Measure()
        return measures.setdefault(fact, Measure())

    def _commit(self, unit: _Unit) -> None:
        side, account = self.side, unit.account
        side.documents += 1
        if not unit.episodes and not self.text:
            side.profile.add(unit.document, place=unit.place)
        dropped = unit.episodes - unit.kept
        events = account.events
        counts: list[tuple[Fact, int, int]] = [
            (Fact("refused"), 0, 1),
            *((Fact("input", given.name), int(unit.input == given.name), 1) for given in self.module.SOURCE.inputs if given.name),
            (Fact("empty"), int(not unit.episodes), 1),
            (Fact("dropped"), dropped, unit.episodes),
            (Fact("eventless"), unit.eventless, unit.kept),
            (Fact("stepless"), unit.stepless, unit.kept - unit.eventless),
            (Fact("unknown"), account.unknown, events),
            (Fact("silent"), account.silent, events),
            *((Fact("arm", arm.label, arm.line), arm.events, events) for arm in account.arms),
            *((Fact("step", name), count, events) for name, count in account.steps.items()),
            *((Fact("missing", name), count, unit.episodes) for name, count in unit.missing.items()),
            *((Fact("unlabelled", name), count, unit.kept) for name, count in unit.unlabelled.items()),
            *((Fact("value", name, self.subject.line), count, events) for name, count in unit.values.items() if self.subject is not None),
            *(
                (Fact("defect", f"{kind} {site}".rstrip(), line), count, max(events, 1))
                for (kind, site, line), count in unit.defects.items()
            ),
            (Fact("events"), events, events),
            (Fact("records"), max(events, 1), max(events, 1)),
        ]
        for fact, count, of in counts:
            self._measure(fact).add(count, of, unit.first.get(fact, unit.place))


def _at(segments: Segments) -> tuple[str | None, ...]:
    return tuple(segment if isinstance(segment, str) else None for segment in segments)


def _is_split(document: Json, segments: Segments) -> bool:
    """Whether a document is one that was too large to decode: the list of its episodes is empty, and yet there is one."""
    value: Any = document
    for name in keys_to_list(segments) or ():
        value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, list) and not value and bool(segments)
