"""A run: files through the readers, the adapter and the labels of a generated module, episode by episode, with an account that adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from stepc.runtime.account import EpisodeAccount
from stepc.runtime.adapter import AdapterBase, Dropped, Labels
from stepc.runtime.defects import Defects
from stepc.runtime.episode import Episode, File
from stepc.runtime.limits import LIMITS, Limits
from stepc.runtime.outcomes import Outcomes
from stepc.runtime.problems import Place, Problems, RunDefect
from stepc.runtime.readers import STANDARD_INPUT, read
from stepc.runtime.readers.reading import Counts
from stepc.runtime.source import Source
from stepc.runtime.step import Json, Step
from stepc.runtime.tally import Tally

PART: Final = 20_000
"""Steps of one episode that are held before a sink takes them."""

MOST_IDS: Final = 2_000_000
"""Episode ids that are watched for duplicates."""


class AdapterModule(Protocol):
    """What a run needs of a generated module; `accepts` and `event_kind` are looked for too, and `EVENT_LABELS`: outcome fields that are
    events' places."""

    @property
    def SOURCE(self) -> Source:  # noqa: N802
        """The source."""
        ...

    @property
    def Adapter(self) -> type[AdapterBase]:  # noqa: N802
        """The adapter class."""
        ...

    def start(self, episode: Episode, defects: Defects, /) -> dict[str, Json] | Dropped:
        """The start facts."""
        ...

    def labels(self, episode: Episode, defects: Defects, /) -> Labels:
        """The labels, asked for after the last event."""
        ...


class RanEpisode:
    """An episode that was run.

    file, input, index   where it stands
    id, group, meta, labels   what is known of it; labels are the outcome, with what `--outcomes` says
    facts     what was known before the first event
    dropped   the start fact that was missing; empty for an episode that is kept
    events    how many raw events it has
    steps     its steps, from number `first_step` on: earlier ones went to the sink
    ends      for each event from `first_event` on, how many of `steps` were there when it was done
    """

    __slots__ = (
        "_adapter",
        "dropped",
        "ends",
        "events",
        "facts",
        "file",
        "first_event",
        "first_step",
        "group",
        "id",
        "index",
        "input",
        "labels",
        "meta",
        "steps",
    )

    def __init__(self, episode: Episode) -> None:
        self.file: File = episode.file
        self.input = episode.input
        self.index = episode.index
        self.id = ""
        self.group: str | None = None
        self.meta: dict[str, Json] = {}
        self.labels: dict[str, Json] = {}
        self.facts: dict[str, Json] = {}
        self.dropped = ""
        self.events = 0
        self.steps: list[Step] = []
        self.ends: list[int] = []
        self.first_step = 0
        self.first_event = 0
        self._adapter: AdapterBase | None = None

    @property
    def account(self) -> EpisodeAccount:
        """Where the events of this episode went."""
        return self._adapter.account if self._adapter is not None else EpisodeAccount(dropped=self.dropped)

    def placed(self) -> Iterator[tuple[int, int, Step]]:
        """The steps in hand with the index of their event and their own."""
        at, steps, base = 0, self.steps, self.first_step
        for event, end in enumerate(self.ends, self.first_event):
            while at < end:
                yield event, base + at, steps[at]
                at += 1
        last = max(self.first_event + len(self.ends) - 1, 0)
        for index in range(at, len(steps)):  # what only the end of the episode told
            yield last, base + index, steps[index]

    def last_step(self, event: int) -> int:
        """The index of the last step that was there when an event was done, -1 if there was none: a decisive event as a decisive step."""
        place = event - self.first_event
        return self.first_step + (self.ends[place] if 0 <= place < len(self.ends) else 0) - 1


class StepSink(Protocol):
    """Takes the steps of long episodes in parts, so that they need not be held."""

    def part(self, ran: RanEpisode) -> None:
        """The steps in hand; they are forgotten afterwards. `ran.id` is known already, the labels are not."""
        ...


class LabelCount(msgspec.Struct):
    """How often a label was true, false, known as another value, and unknown, in kept episodes."""

    true: int = 0
    false: int = 0
    other: int = 0
    unknown: int = 0

    def add(self, value: Json) -> None:
        """Count one episode."""
        if value is None:
            self.unknown += 1
        elif value is True:
            self.true += 1
        elif value is False:
            self.false += 1
        else:
            self.other += 1


class RunAccount(msgspec.Struct):
    """What became of everything that was read.

    records = in_kept + in_dropped + outside; in_kept = account.mapped + ignored + sealed + unknown. A record lost to decoding is a defect
    outside of these sums. `outside` counts lines of no episode by what they are. `watched` is False once there were too many ids to
    watch for duplicates.
    """

    source: str = ""
    files: int = 0
    refused: int = 0
    kept: int = 0
    dropped: dict[str, int] = msgspec.field(default_factory=dict)
    in_kept: int = 0
    in_dropped: int = 0
    outside: dict[str, int] = msgspec.field(default_factory=dict)
    duplicates: int = 0
    watched: bool = True
    without_group: int = 0
    labels: dict[str, LabelCount] = msgspec.field(default_factory=dict)
    overridden: int = 0
    unused_outcomes: int = 0
    conflicts: dict[str, int] = msgspec.field(default_factory=dict)
    account: EpisodeAccount = msgspec.field(default_factory=EpisodeAccount)
    defects: list[RunDefect] = msgspec.field(default_factory=list)

    @property
    def episodes(self) -> int:
        """Kept and dropped."""
        return self.kept + sum(self.dropped.values())

    @property
    def records(self) -> int:
        """All records that were read."""
        return self.in_kept + self.in_dropped + sum(self.outside.values())

    @property
    def adds_up(self) -> bool:
        """Whether every record of a kept episode is accounted for once, by what became of it and by the arm that took it."""
        found = self.account
        by_arm = sum(arm.events for arm in found.arms) + found.sealed
        return self.in_kept == found.events == found.mapped + found.ignored + found.sealed + found.unknown == by_arm


class Run:
    """An iterator over the episodes of a run. `account` is complete once it is exhausted, and right for what was read before."""

    def __init__(
        self,
        module: AdapterModule,
        paths: Iterable[str | Path],
        *,
        root: str | Path | None = None,
        input: str | None = None,
        limits: Limits = LIMITS,
        outcomes: Outcomes | None = None,
        on_file: Callable[[str], None] | None = None,
        sink: StepSink | None = None,
        piped: str = STANDARD_INPUT,
        whole: bool = False,
    ) -> None:
        self._module = module
        self._outcomes = outcomes
        self._sink = sink if module.SOURCE.format != "text" else None
        self._problems = Problems()
        self._counts = Counts()
        self._tally = Tally(module.Adapter)
        self._event_labels: tuple[str, ...] = getattr(module, "EVENT_LABELS", ())
        self._account = RunAccount(source=module.SOURCE.name)
        self._ids: set[int] = set()
        episodes = read(
            module,
            paths,
            root=root,
            input=input,
            limits=limits,
            problems=self._problems,
            counts=self._counts,
            on_file=on_file,
            piped=piped,
            whole=whole,
        )
        self._ran = map(self._one, episodes)

    def __iter__(self) -> Iterator[RanEpisode]:
        return self._ran

    def __next__(self) -> RanEpisode:
        return next(self._ran)

    @property
    def account(self) -> RunAccount:
        """What became of everything that was read so far."""
        account, counts = self._account, self._counts
        account.files, account.refused, account.outside = counts.files, counts.refused, dict(sorted(counts.outside.items()))
        account.dropped = dict(sorted(account.dropped.items()))
        account.watched = len(self._ids) < MOST_IDS
        account.account = self._tally.account()
        account.defects = list(self._problems)
        if self._outcomes is not None:
            account.overridden, account.unused_outcomes = self._outcomes.used, self._outcomes.unused
            account.conflicts = dict(sorted(self._outcomes.conflicts.items()))
        return account

    def _one(self, episode: Episode) -> RanEpisode:
        ran = RanEpisode(episode)
        defects = Defects()
        facts = self._module.start(episode, defects)
        if isinstance(facts, Dropped):
            ran.dropped = facts.field
        else:
            adapter = self._module.Adapter(facts)
            if adapter.dropped:
                ran.dropped = adapter.dropped
            else:
                ran._adapter = adapter
                ran.facts = facts
                self._push(ran, episode, adapter)
        if ran.dropped:
            for _ in episode.events:
                ran.events += 1
        self._label(ran, episode, defects)
        if len(defects):
            self._note(defects, episode)
        return ran

    def _push(self, ran: RanEpisode, episode: Episode, adapter: AdapterBase) -> None:
        push, steps, ends = adapter.push, ran.steps, ran.ends
        size, done = len, ends.append
        if self._sink is None:
            for event in episode.events:
                steps += push(event)
                done(size(steps))
        else:
            for event in episode.events:
                steps += push(event)
                done(size(steps))
                if size(steps) >= PART:
                    self._hand_over(self._sink, ran, episode)
        steps += adapter.close()
        ran.events = ran.first_event + size(ends)
        self._tally.add(adapter)
        if size(adapter.defects):
            self._note(adapter.defects, episode)

    def _hand_over(self, sink: StepSink, ran: RanEpisode, episode: Episode) -> None:
        if not ran.first_event:  # outside of texts, no label depends on the events
            ran.id = self._module.labels(episode, Defects()).id
        sink.part(ran)
        ran.first_event += len(ran.ends)
        ran.first_step += len(ran.steps)
        ran.steps.clear()
        ran.ends.clear()

    def _label(self, ran: RanEpisode, episode: Episode, defects: Defects) -> None:
        ran.id, ran.group, ran.meta, labels = self._module.labels(episode, defects)
        if self._outcomes is not None:
            labels = self._outcomes.apply(ran.id, labels)
        for name in self._event_labels:
            place: Any = labels.get(name)
            if type(place) is int and place >= ran.events:
                self._problems.add(
                    "bad_value", Place(episode.file.path, episode.index), f"the episode has {ran.events} events", site=f"outcome.{name}"
                )
                labels = {**labels, name: None}
        ran.labels = labels
        account = self._account
        if len(self._ids) < MOST_IDS:
            before = len(self._ids)
            self._ids.add(hash(ran.id))
            account.duplicates += len(self._ids) == before
        if ran.dropped:
            account.dropped[ran.dropped] = account.dropped.get(ran.dropped, 0) + 1
            account.in_dropped += ran.events
            return
        account.kept += 1
        account.in_kept += ran.events
        account.without_group += ran.group is None
        for name, value in labels.items():
            count = account.labels.get(name)
            if count is None:
                count = account.labels[name] = LabelCount()
            count.add(value)

    def _note(self, defects: Defects, episode: Episode) -> None:
        for defect in defects:
            place = Place(episode.file.path, episode.index, defect.first_event)
            self._problems.add(defect.kind, place, site=defect.site, line=defect.line, count=defect.count)


def run(
    module: AdapterModule,
    paths: Iterable[str | Path],
    *,
    root: str | Path | None = None,
    input: str | None = None,
    limits: Limits = LIMITS,
    outcomes: Outcomes | None = None,
    on_file: Callable[[str], None] | None = None,
    sink: StepSink | None = None,
    piped: str = STANDARD_INPUT,
    whole: bool = False,
) -> Run:
    """Run a generated module over files: see `read` for the paths, `Run` for what comes out.

    outcomes   labels that win over those of the traces
    sink       takes the steps of very long episodes in parts; without one an episode's steps are held until it ends
    piped      the name that standard input goes by
    whole      build what the source never reads, too: for a proof that it makes no difference
    """
    return Run(
        module, paths, root=root, input=input, limits=limits, outcomes=outcomes, on_file=on_file, sink=sink, piped=piped, whole=whole
    )
