"""What the readers of all formats share: the source and its limits, what was counted, and the documents beside the traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from stepc.runtime.episode import Episode, File
from stepc.runtime.limits import Limits
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.beside import Sides
from stepc.runtime.readers.paths import Walk, elements, event_walk
from stepc.runtime.readers.projection import Loads, loads
from stepc.runtime.source import EpisodeBy, EpisodeFile, EpisodePath, EventLines, EventPath, Input, Segments, Source
from stepc.runtime.step import Json

Accepts = Callable[[Json, File], bool]
KeyOf = Callable[[Json], "str | None"]
KindOf = Callable[[Json], "str | None"]


class SourceModule(Protocol):
    """What the readers need of a generated module; `accepts(document, file) -> bool`, `episode_key(event) -> str | None` and
    `event_kind(event) -> str | None` are looked for too."""

    @property
    def SOURCE(self) -> Source:  # noqa: N802
        """The source."""
        ...


class Counts:
    """What the readers met: files, documents that `accept` refused, and lines outside of every episode by what they are."""

    __slots__ = ("files", "outside", "refused")

    def __init__(self) -> None:
        self.files = 0
        self.refused = 0
        self.outside: dict[str, int] = {}

    def out(self, kind: str, count: int = 1) -> None:
        """Count records of no episode: `blank`, `banner` or `fragment`."""
        self.outside[kind] = self.outside.get(kind, 0) + count


class Reading:
    """One run over files of one source. `whole`: values hold what the source never reads, too."""

    __slots__ = ("accepts", "counts", "key_of", "kind_of", "limits", "loads", "problems", "sides", "source", "walk", "wants_object")

    def __init__(self, module: SourceModule, limits: Limits, problems: Problems, counts: Counts, whole: bool = True) -> None:
        self.source = module.SOURCE
        self.loads: Loads = loads(None if whole else self.source.reads, text=True)
        accepts: Accepts | None = getattr(module, "accepts", None)
        self.accepts = accepts
        key_of: KeyOf | None = getattr(module, "episode_key", None) if isinstance(self.source.episode, EpisodeBy) else None
        self.key_of = key_of
        """Tells what the events of one episode have in common, where files hold runs in pieces."""
        kind_of: KindOf | None = getattr(module, "event_kind", None)
        self.kind_of = kind_of
        self.limits = limits
        self.problems = problems
        self.counts = counts
        self.sides: Sides | None = None
        event = self.source.event
        self.walk: Walk = event_walk(EventPath()) if isinstance(event, EventLines) else event_walk(event)
        self.wants_object = _wants_object(self.source)

    def misfit(self, kind: str, site: str, file: File, episode: int) -> None:
        """Count a defect of a raw path at an episode."""
        self.problems.add(kind, Place(file.path, episode), site=site)

    def reported(self, place: Place) -> Callable[[str, str], None]:
        """Counts a defect of a document, with a sentence about it."""

        def report(kind: str, detail: str) -> None:
            self.problems.add(kind, place, detail)

        return report

    def takes(self, document: Json, file: File) -> bool:
        """Whether the source's `accept` takes a document."""
        return self.accepts is None or self.accepts(document, file)

    def refuse(self, file: File, episode: int) -> None:
        """Count a document that `accept` does not take."""
        self.counts.refused += 1
        self.problems.add("not_accepted", Place(file.path, episode), f"not a document of {self.source.name}")

    def documents(self, value: Json, file: File) -> list[Json]:
        """The documents that a decoded value stands for.

        Usually the value itself. A list of objects where the source speaks of an object, or one that `accept` does not take, is a list of
        documents if `accept` takes any of them.
        """
        if (
            type(value) is list
            and value
            and all(type(item) is dict for item in value)
            and (self.wants_object or not self.takes(value, file))
        ):
            for item in value:
                if self.takes(item, file):
                    return value
        return [value]

    def segments(self, given: Input) -> Segments:
        """The path to the episodes of a document."""
        episode = given.episode or self.source.episode
        return episode.segments if isinstance(episode, EpisodePath) else ()

    def is_one_episode(self, given: Input) -> bool:
        """Whether a whole file is one episode."""
        return isinstance(given.episode or self.source.episode, EpisodeFile)

    def episode(self, file: File, given: Input, index: int, document: Json, element: Json) -> Episode:
        """An episode of a decoded document."""
        return self.ready(Episode(file, given.name, index, document, element, self.walk(element, self, file, index)))

    def ready(self, episode: Episode) -> Episode:
        """The episode with its side documents, and with an eye on its kinds of events."""
        if self.kind_of is not None:
            episode.first, episode.last = {}, {}
            episode.events = _noted(episode.events, self.kind_of, episode.first, episode.last)
        if self.sides is not None:
            self.sides.load(episode)
        return episode

    def episodes(self, file: File, given: Input, document: Json, first: int) -> Iterator[Episode]:
        """The episodes of a decoded document that `accept` took; their indices begin with `first`."""
        if document is None:
            self.problems.add("wrong_type", Place(file.path, first), "null in the place of a document")
            return
        index = first
        for element in self.elements(document, self.segments(given), file, first):
            if element is None:
                self.problems.add("wrong_type", Place(file.path, index), "null in the place of an episode")
            else:
                yield self.episode(file, given, index, document, element)
            index += 1

    def elements(self, document: Json, segments: Segments, file: File, first: int) -> Iterator[Json]:
        """The episodes' own values in a document."""
        return elements(document, segments, self, file, first)


def _noted(events: Iterator[Json], kind_of: KindOf, first: dict[str, Json], last: dict[str, Json]) -> Iterator[Json]:
    """The events; the first and the last of every kind are kept."""
    for event in events:
        kind = kind_of(event)
        if kind is not None:
            first.setdefault(kind, event)
            last[kind] = event
        yield event


def _wants_object(source: Source) -> bool:
    """Whether the first thing that the source reads of a document is a key."""
    paths: list[Segments] = []
    if isinstance(source.episode, EpisodePath):
        paths.append(source.episode.segments)
    if isinstance(source.event, EventPath):
        if isinstance(source.episode, EpisodeBy) and not source.event.segments:
            return True  # the key of an event
        paths.append(source.event.segments)
    elif not isinstance(source.event, EventLines):
        paths += [segments for _, segments in source.event.columns]
    first = next((segments[0] for segments in paths if segments), None)
    return type(first) is str
