"""What samples tell more than once: runs that begin as other runs do, and kinds of events that say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stepc.induce.keys import run_key
from stepc.induce.nodes import Json, Path, without, written
from stepc.induce.shapes import shape
from stepc.induce.writing import string

_MOST_EPISODES: Final = 2_000
_MOST_EVENTS: Final = 50_000
_LEAST: Final = 2
_BEGINNINGS: Final = 0.25
"""The share of runs that may be beginnings of others without a doubt about it."""
_COINCIDE: Final = 0.8
_TEXTS: Final = 4
"""Texts that two kinds must share: one greeting says nothing."""
_SAYING: Final = ("Said", "Thought")


def doubts_about_runs(episodes: Sequence[tuple[Json, Json, list[Json]]], places: Sequence[Path]) -> list[tuple[int, str]]:
    """A doubt where runs are beginnings of others, as requests to a model are: each tells the conversation so far once more.

    places  where events stand in an episode's element
    """
    runs = [events for _, _, events in episodes[:_MOST_EPISODES] if events]
    found = _beginnings(runs)
    several = sum(len(events) >= _LEAST for events in found)
    if several < _LEAST or several < _BEGINNINGS * sum(len(events) >= _LEAST for events in runs):
        return []
    key = run_key([without([element for _, element, _ in episodes], places)])
    seen = f"{len(found):,} of {len(runs):,} runs are the beginning of another, as requests are that tell the conversation so far."
    if key:
        which = f"`{written(key)}` says which belong together: `episode by {written(key)}` with what is new in each, or the longest alone"
    else:
        which = "nothing says which belong together: keep the longest of each alone"
    return [(-2, f"{seen} Its steps are made each time: {which}")]


def _beginnings(runs: Sequence[Sequence[Json]]) -> list[Sequence[Json]]:
    """The runs that are the beginning of another, longer one."""
    begun: set[bytes] = set()
    whole: list[tuple[bytes, Sequence[Json]]] = []
    left = _MOST_EVENTS
    for events in runs:
        left -= len(events)
        if left < 0:
            break
        digests = list(_digests(events))
        begun.update(digests[:-1])
        whole.append((digests[-1], events))
    return [events for digest, events in whole if digest in begun]


def _digests(events: Sequence[Json]) -> Iterator[bytes]:
    """For each event, what tells it and all before it from any others."""
    told = hashlib.sha256()
    for event in events:
        told.update(json.dumps(event, sort_keys=True, default=str).encode("utf-8", "surrogatepass") + b"\n")
        yield told.digest()


def doubts_about_kinds(
    groups: Mapping[str, Sequence[Json]], made: Mapping[str, set[str]], runs: Mapping[int, int]
) -> list[tuple[int, str]]:
    """Doubts where what events of one kind say stands in events of another kind too.

    groups  events by their kind; made  the steps that are made of each kind; runs  the number of an event's run, by the event's identity
    """
    found: list[tuple[int, str]] = []
    said = {kind: _texts(events, runs) for kind, events in groups.items() if made.get(kind, set()) & set(_SAYING)}
    for kind, texts in sorted(said.items()):
        for other, theirs in sorted(said.items()):
            shared = len(texts & theirs)
            together = made[kind] & made[other] & set(_SAYING)
            if (
                kind == other
                or not together
                or shared < _TEXTS
                or shared < _COINCIDE * len(texts)
                or (len(texts), kind) > (len(theirs), other)
            ):
                continue
            head = f"events of kind {string(kind)} and {string(other)} say the same: {shared:,} of {len(texts):,} texts"
            found.append((0, f"{head}. Leave out one of the two, or steps are told twice"))
            break
    return found


def _texts(events: Sequence[Json], runs: Mapping[int, int]) -> set[tuple[int, str]]:
    """What may have been said in events, with the number of the run that it was said in."""
    found: set[tuple[int, str]] = set()
    for event in events:
        pending = [event]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                pending += item.values()
            elif isinstance(item, list):
                pending += item
            elif isinstance(item, str) and shape(item) in ("line", "text"):
                found.add((runs.get(id(event), 0), item))
    return found
