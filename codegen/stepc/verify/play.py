"""One episode through its adapter, event by event, with what became of each: for people to look at, not for speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stepc.runtime import AdapterBase, Defects, Dropped, Episode, EpisodeAccount, Labels, Step
from stepc.runtime.problems import Problems
from stepc.runtime.readers import Counts, read
from stepc.runtime.run import AdapterModule


@dataclass(frozen=True, slots=True)
class Event:
    """A raw event's index, its steps as `{type, …fields}`, and the line of the arm that took it (0: none, or the event is sealed)."""

    index: int
    steps: tuple[dict[str, Any], ...]
    arm: int
    fate: str


@dataclass(slots=True)
class Played:
    """An episode that was read to its end. `labels` is None for a dropped one."""

    episode: Episode
    events: list[Event] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    labels: Labels | None = None
    account: EpisodeAccount = field(default_factory=EpisodeAccount)
    dropped: str = ""

    @property
    def steps(self) -> list[dict[str, Any]]:
        """All steps in order."""
        return [step for event in self.events for step in event.steps]


def play(module: AdapterModule, episode: Episode) -> Played:
    """Read an episode to its end."""
    defects = Defects()
    played = Played(episode)
    facts = module.start(episode, defects)
    if isinstance(facts, Dropped):
        played.dropped = f"{facts.field} is missing (line {facts.line})"
        for _ in episode.events:
            pass
        return played
    played.facts = facts
    adapter = module.Adapter(facts)
    if adapter.dropped:
        played.dropped = f"{adapter.dropped} is missing"
        for _ in episode.events:
            pass
        return played
    for index, event in enumerate(episode.events):
        before = (list(adapter.arms), list(adapter.silent), list(adapter.ignored), list(adapter.unknown))
        steps = adapter.push(event)
        played.events.append(Event(index, tuple(map(_object, steps)), *_fate(adapter, *before)))
    late = adapter.close()
    if late:
        played.events.append(Event(max(len(played.events) - 1, 0), tuple(map(_object, late)), 0, "mapped"))
    played.labels = module.labels(episode, defects)
    played.account = adapter.account
    return played


def _object(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(step)
    return found


def _fate(adapter: AdapterBase, arms: list[int], silent: list[int], ignored: list[int], unknown: list[int]) -> tuple[int, str]:
    """The line of the arm that took the last event, and what the event is."""
    taken = next((i for i, (now, then) in enumerate(zip(adapter.arms, arms, strict=True)) if now != then), -1)
    if taken < 0:
        return 0, "sealed"
    arm = adapter.ARMS[taken]
    if arm.outcome == "ignored" or adapter.ignored[taken] != ignored[taken]:
        return arm.line, "ignored"
    if arm.outcome == "unknown" or adapter.unknown[taken] != unknown[taken]:
        return arm.line, "unknown"
    return arm.line, "silent" if adapter.silent[taken] != silent[taken] else "mapped"


def episodes(
    module: AdapterModule,
    paths: list[str],
    *,
    root: str | None = None,
    input: str | None = None,
    problems: Problems | None = None,
    on_file: Callable[[str], None] | None = None,
) -> Iterator[Episode]:
    """The episodes of files, as the readers give them."""
    return read(module, paths, root=root, input=input, problems=problems, counts=Counts(), on_file=on_file)
