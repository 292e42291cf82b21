"""Two runs over the same samples, compared step by step: pure counting, whatever produced the runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

from stepc.diff.model import Effect, EpisodeEffect, Replay, Sighting, Target

_ALIGNED: Final = 100
"""Steps of one event that are aligned by order; more of them are paired type by type, in linear time."""


@dataclass(frozen=True, slots=True)
class SeenStep:
    """One step: the event it came from, its type and its fields as JSON values."""

    event: int
    type: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenEpisode:
    """What one version made of one episode. `facts` are the values of `outcome.<field>` and `meta.<field>`; a dropped one has no steps."""

    sample: str
    index: int
    kept: bool
    facts: Mapping[str, Any]
    steps: tuple[SeenStep, ...]

    @property
    def key(self) -> tuple[str, int]:
        """What the same episode has in both runs."""
        return (self.sample, self.index)


@dataclass(slots=True)
class _Count:
    total: int = 0
    changed: int = 0
    removed: int = 0
    added: int = 0
    first: Sighting | None = None

    def see(self, place: Sighting) -> None:
        self.first = self.first or place


@dataclass(slots=True)
class Counting:
    """Differences added up over episodes. Feed pairs of runs sample by sample, then ask for the `replay`."""

    episodes: int = 0
    steps: int = 0
    targets: dict[Target, _Count] = field(default_factory=dict)
    facts: dict[str, _Count] = field(default_factory=dict)

    def add(self, old: Iterable[SeenEpisode], new: Iterable[SeenEpisode]) -> None:
        """Count the differences of two runs over the same files."""
        before = {episode.key: episode for episode in old if episode.kept}
        after = {episode.key: episode for episode in new if episode.kept}
        for key in sorted(before.keys() | after.keys()):
            one, other = before.get(key), after.get(key)
            self.episodes += 1
            kept = self.facts.setdefault("kept", _Count())
            kept.total += 1
            if one is None or other is None:
                kept.changed += 1
                kept.see(Sighting(*key, 0))
            else:
                self._facts(one, other)
            self._steps(key, one.steps if one else (), other.steps if other else ())

    def _facts(self, old: SeenEpisode, new: SeenEpisode) -> None:
        for name in sorted(old.facts.keys() & new.facts.keys()):
            count = self.facts.setdefault(name, _Count())
            count.total += 1
            if not identical(old.facts[name], new.facts[name]):
                count.changed += 1
                count.see(Sighting(old.sample, old.index, 0))

    def _steps(self, key: tuple[str, int], old: Sequence[SeenStep], new: Sequence[SeenStep]) -> None:
        self.steps += len(old)
        before, after = _by_event(old), _by_event(new)
        for event in sorted(before.keys() | after.keys()):
            place = Sighting(*key, event)
            for one, other in _paired(before.get(event, []), after.get(event, [])):
                self._pair(one, other, place)

    def _pair(self, old: SeenStep | None, new: SeenStep | None, place: Sighting) -> None:
        if old is None or new is None:
            given = old or new
            if given is None:
                return
            count = self.targets.setdefault(Target(given.type), _Count())
            count.total += new is None
            count.removed += new is None
            count.added += old is None
            count.see(place)
            return
        self.targets.setdefault(Target(old.type), _Count()).total += 1
        for name in old.fields.keys() & new.fields.keys():
            count = self.targets.setdefault(Target(old.type, name), _Count())
            count.total += 1
            if not identical(old.fields[name], new.fields[name]):
                count.changed += 1
                count.see(place)

    def replay(self, samples: Iterable[str], missing: Iterable[str]) -> Replay:
        """Everything counted, sorted."""
        effects = tuple(
            Effect(target, count.total, count.changed, count.removed, count.added, count.first)
            for target, count in sorted(self.targets.items(), key=lambda item: item[0])
        )
        facts = tuple(EpisodeEffect(name, count.total, count.changed, count.first) for name, count in sorted(self.facts.items()))
        return Replay(tuple(samples), self.episodes, self.steps, effects, facts, tuple(missing))


def identical(old: object, new: object) -> bool:
    """Equality of JSON values that tells `True` from `1`, at any depth, and finds a NaN equal to itself."""
    waiting = [(old, new)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            waiting.extend((one[key], other[key]) for key in one)
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            if len(one) != len(other):
                return False
            waiting.extend(zip(one, other, strict=True))
        elif isinstance(one, bool) != isinstance(other, bool) or (one != other and (one == one or other == other)):
            return False
    return True


def _by_event(steps: Sequence[SeenStep]) -> dict[int, list[SeenStep]]:
    found: dict[int, list[SeenStep]] = {}
    for step in steps:
        found.setdefault(step.event, []).append(step)
    return found


def _paired(old: list[SeenStep], new: list[SeenStep]) -> list[tuple[SeenStep | None, SeenStep | None]]:
    """The steps of one event: kept ones by type in order, the rest as removed or added."""
    before, after = [step.type for step in old], [step.type for step in new]
    if before == after:
        return list(zip(old, new, strict=True))
    if len(old) > _ALIGNED or len(new) > _ALIGNED:
        return _paired_by_type(old, new)
    pairs: list[tuple[SeenStep | None, SeenStep | None]] = []
    for operation, start, stop, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            pairs.extend(zip(old[start:stop], new[begin:end], strict=True))
        else:
            pairs.extend((step, None) for step in old[start:stop])
            pairs.extend((None, step) for step in new[begin:end])
    return pairs


def _paired_by_type(old: list[SeenStep], new: list[SeenStep]) -> list[tuple[SeenStep | None, SeenStep | None]]:
    waiting: dict[str, list[SeenStep]] = {}
    for step in reversed(new):
        waiting.setdefault(step.type, []).append(step)
    pairs: list[tuple[SeenStep | None, SeenStep | None]] = [
        (step, waiting[step.type].pop() if waiting.get(step.type) else None) for step in old
    ]
    pairs.extend((None, step) for kind in sorted(waiting) for step in reversed(waiting[kind]))
    return pairs
