"""Runs in pieces: what the events of one run have in common, where a file holds several runs one beside the other."""

from __future__ import annotations

from collections.abc import Sequence

from stepc.induce import words
from stepc.induce.nodes import Json, Path, at_path, node_of

_RUNS = ("episode", "trajectory", "rollout", "run", "trace", "conversation", "session", "thread", "chat", "dialogue")
"""What a key names, the one that is most often a single run first."""
_NAMES = words.listed("id key uuid name")
_SHARE = 0.8
"""The share of events that must have the key."""
_EVENTS = 2
"""Events that a run must have on average: what tells every event from every other is no key of runs."""
_DEEPEST = 2
_NAMED = 0.5
"""The share of events that must name their run, where each run has a file of its own."""


def run_key(files: Sequence[Sequence[Json]]) -> Path:
    """The path of the key in events, of which every file's are given; empty where no file holds several runs."""
    events = [event for file in files for event in file]
    found: list[tuple[int, int, Path]] = []
    for path, node in node_of(events).below(lists=False):
        rank = _rank(path)
        if rank is None or len(path) > _DEEPEST or node.scalars < _SHARE * len(events) or not (node.texts or node.whole):
            continue
        values = [[str(value) for event in file for value in at_path(event, path)[:1] if _plain(value)] for file in files]
        runs = sum(len(set(file)) for file in values)
        if any(len(set(file)) > 1 for file in values) and _EVENTS * runs <= sum(map(len, values)) >= _SHARE * len(events):
            found.append((rank, len(path), path))
    return min(found, key=lambda item: (item[0], item[1], item[2]))[2] if found else ()


def name_of_runs(runs: Sequence[Sequence[Json]]) -> Path:
    """The path whose value names the run in most of its events; empty where none does."""
    events = [event for run in runs for event in run]
    found: list[tuple[int, int, Path]] = []
    for path, node in node_of(events).below(lists=False):
        rank = _rank(path)
        if rank is None or len(path) > _DEEPEST or node.texts < _NAMED * len(events):
            continue
        names = [{value for event in run for value in at_path(event, path) if _plain(value)} for run in runs]
        if all(len(one) == 1 for one in names) and len(set().union(*names)) == len(runs):
            found.append((rank, len(path), path))
    return min(found, key=lambda item: (item[0], item[1], item[2]))[2] if found else ()


def pieces(events: Sequence[Json], key: Path) -> list[list[Json]]:
    """The events of a file by their runs, in the order in which these begin; those of no run are left out."""
    found: dict[str, list[Json]] = {}
    for event in events:
        for value in at_path(event, key)[:1]:
            if _plain(value):
                found.setdefault(str(value), []).append(event)
    return list(found.values())


def _plain(value: Json) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _rank(path: Path) -> int | None:
    """The place of a key among `_RUNS`; None where it names no run. `.session.id` does, as `.session_id` does."""
    have = words.words(str(path[-1]))
    if len(path) > 1 and set(have) <= _NAMES:
        have = (*words.words(str(path[-2])), *have)
    named = [word for word in have if word not in _NAMES]
    return _RUNS.index(named[-1]) if len(named) == 1 and named[-1] in _RUNS else None
