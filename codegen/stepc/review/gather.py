"""The events that a reviewer should see: one of every way an event goes, what is doubtful first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from stepc.induce.doubts import Doubt, doubts
from stepc.induce.excerpts import shortened
from stepc.induce.redact import HIDDEN, without_keys
from stepc.ir import KeyPattern, Program
from stepc.runtime.problems import Problems
from stepc.runtime.run import AdapterModule
from stepc.verify.coverage import Collector
from stepc.verify.play import episodes, play

Json = Any
EVENTS: Final = 24
EPISODES: Final = 200
_ELEMENTS, _CHARACTERS = 6, 600
_ORDER: Final = {"unknown": 0, "silent": 1, "mapped": 2, "ignored": 3, "sealed": 4}
_UNREAD: Final = 40


@dataclass(frozen=True, slots=True)
class Row:
    """An event and what became of it.

    raw     the event with long texts and lists shortened, and without what is secret
    steps   `{type, …fields}` each
    fate    mapped, silent, ignored, sealed or unknown
    arm     the line of the arm that took it; 0: none
    note    why it became nothing, where the spec says so
    alike   how many events of the samples went the same way
    """

    episode: str
    event: int
    raw: Json
    steps: tuple[dict[str, Json], ...]
    fate: str
    arm: int
    note: str
    alike: int


@dataclass(frozen=True, slots=True)
class Review:
    """`unread` are paths that the spec neither reads nor leaves out, with their values; `problems` what was wrong with files."""

    doubts: tuple[Doubt, ...]
    rows: tuple[Row, ...]
    ways: int
    unread: tuple[tuple[str, int], ...]
    episodes: int
    problems: Problems


@dataclass(slots=True)
class _Way:
    row: Row
    count: int = 0


def review(
    text: str,
    program: Program,
    module: AdapterModule,
    files: Iterable[str],
    *,
    root: str | None = None,
    events: int = EVENTS,
    most_episodes: int = EPISODES,
    on_file: Callable[[str], None] | None = None,
) -> Review:
    """Read samples with a spec and pick `events` of their events: the first of every arm, fate and sequence of steps."""
    problems = Problems()
    collector = Collector(program, module)
    reasons = {arm.span.line: getattr(arm.body, "reason", "") for arm in program.match.arms}
    secret = _secret_keys(program)
    ways: dict[tuple[int, str, tuple[str, ...]], _Way] = {}
    count = 0
    for episode in episodes(module, list(files), root=root, problems=problems, on_file=on_file):
        if count >= most_episodes:
            break
        count += 1
        collector.watch(episode)
        raw: list[Json] = []
        episode.events = _kept(episode.events, raw)
        played = play(module, episode)
        collector.add(played.account)
        name = played.labels.id if played.labels is not None else episode.file.path
        for event in played.events:
            key = (event.arm, event.fate, tuple(str(step["type"]) for step in event.steps))
            if key not in ways:
                note = reasons.get(event.arm, "") if event.fate in ("ignored", "unknown", "sealed") else ""
                shown = _shown(raw[event.index], secret) if event.index < len(raw) else None
                ways[key] = _Way(Row(name, event.index, shown, event.steps, event.fate, event.arm, note, 0))
            ways[key].count += 1
    ranked = sorted(ways.items(), key=lambda item: (_ORDER.get(item[0][1], 5), item[0][0], item[0][2]))
    chosen = _spread(ranked, events)
    rows = tuple(_counted(way) for _, way in chosen)
    unread = sorted(((path.path, path.values) for path in collector.coverage().unread()), key=lambda item: (-item[1], item[0]))
    return Review(doubts(text), rows, len(ways), tuple(unread[:_UNREAD]), count, problems)


def _spread(ranked: list[tuple[tuple[int, str, tuple[str, ...]], _Way]], most: int) -> list[tuple[Any, _Way]]:
    """At most so many, in order: the commonest way of every arm before a second one of any."""
    if len(ranked) <= most:
        return ranked
    turn: dict[tuple[int, str], int] = {}
    places = []
    for key, way in sorted(ranked, key=lambda item: (-item[1].count, item[0])):
        turn[key[:2]] = turn.get(key[:2], -1) + 1
        places.append((turn[key[:2]], -way.count, key))
    kept = {key for _, _, key in sorted(places)[:most]}
    return [(key, way) for key, way in ranked if key in kept]


def _counted(way: _Way) -> Row:
    row = way.row
    return Row(row.episode, row.event, row.raw, row.steps, row.fate, row.arm, row.note, way.count)


def _kept(events: Iterator[Json], into: list[Json]) -> Iterator[Json]:
    """The events of an episode, kept as they pass."""
    for event in events:
        into.append(event)
        yield event


def _secret_keys(program: Program) -> tuple[str, ...]:
    """The last keys of secret paths. What stands under such a key is not shown, wherever that is: rather too little than too much."""
    found: list[str] = []
    for rule in program.secret:
        for path in rule.paths:
            last = next((segment for segment in reversed(path.segments) if isinstance(segment, KeyPattern)), None)
            if last is not None:
                found += last.alternatives
    return tuple(found)


def _shown(event: Json, secret: tuple[str, ...]) -> Json:
    return (
        without_keys(_hidden(shortened(event, _ELEMENTS, _CHARACTERS), secret))
        if secret
        else without_keys(shortened(event, _ELEMENTS, _CHARACTERS))
    )


def _hidden(value: Json, secret: tuple[str, ...]) -> Json:
    if isinstance(value, dict):
        return {name: HIDDEN if any(fnmatchcase(name, one) for one in secret) else _hidden(entry, secret) for name, entry in value.items()}
    return [_hidden(entry, secret) for entry in value] if isinstance(value, list) else value
