"""Kinds of events that refer to each other by values they share, whatever the keys are called: calls, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stepc.induce import words
from stepc.induce.nodes import Json, Node, Path, at_path, node_of
from stepc.induce.objects import find_call, find_result

_ONE_TO_ONE = 0.9
_ANSWERED = 0.7
_MOST_GROUPS = 24
_MOST_EVENTS = 3_000
_LEAST = 2


def links(groups: Mapping[str, Sequence[Json]], events: Sequence[Json]) -> tuple[dict[str, Path], dict[str, Path]]:
    """For kinds of events by the value that tells them apart: where those that call have an id, where those that answer name it.
    `events` are those of all kinds in their order.

    Calls and answers that say so by the usual keys are left out.
    """
    ids: dict[str, Path] = {}
    refs: dict[str, Path] = {}
    order = {id(event): number for number, event in enumerate(events)}
    open_ = {name: group for name, group in list(groups.items())[:_MOST_GROUPS] if len(group) >= _LEAST}
    common = _common(open_)
    calling = {name: group for name, group in open_.items() if words.kind(name) in (None, "call", "agent") and _calls(group, name)}
    for name in sorted(calling):
        own = _names(calling[name])
        for other in sorted(open_):
            if other == name or other in refs or words.kind(other) not in (None, "result", "tool", "call") or _refers(open_[other]):
                continue
            theirs = _names(open_[other])
            found = [
                (path[-1] != ref[-1], len(path), path, ref)
                for path, values in own.items()
                for ref, named in theirs.items()
                if len(named & values) >= _ONE_TO_ONE * len(named) and len(named) >= _ANSWERED * len(values) and path not in common
            ]
            if found and other not in ids:
                _, _, path, ref = min(found, key=lambda item: (item[0], item[1], str(item[2]), str(item[3])))
                if _before(calling[name], open_[other], path, ref, order):
                    ids[name], refs[other] = path, ref
                    break
    return ids, refs


def _common(groups: Mapping[str, Sequence[Json]]) -> set[Path]:
    """Paths that most kinds of events have: they name the run or the record, not a call."""
    found: dict[Path, int] = {}
    for events in groups.values():
        for path, child in node_of(events).below(lists=False):
            found[path] = found.get(path, 0) + (child.presence > 0.5)
    return {path for path, count in found.items() if count > max(3, len(groups) / 2)}


def _calls(events: Sequence[Json], name: str) -> bool:
    """Whether events call something without an id under a usual key."""
    node = node_of(events)
    for place in _places(node):
        inner = node.at(place)
        held = [item for event in events for item in at_path(event, place)]
        call = find_call(inner, held, said=words.kind(name) == "call") if inner is not None else None
        if call is not None and call.name is not None:
            return call.id is None
    return False


def _refers(events: Sequence[Json]) -> bool:
    node = node_of(events)
    inner = [node.at(place) for place in _places(node)]
    return any((found := find_result(one, frozenset())) is not None and found.ref is not None for one in inner if one is not None)


def _places(node: Node) -> list[Path]:
    return [(), *((name,) for name, child in node.keys.items() if child.objects > 0.5 * node.total and not child.folded)]


def _names(events: Sequence[Json]) -> dict[Path, set[str]]:
    """Texts in events that are different in nearly each of them, by their paths."""
    node = node_of(events)
    found: dict[Path, set[str]] = {}
    for path, child in node.below(lists=False):
        if len(path) > 2 or child.texts < _ONE_TO_ONE * node.total or child.longest > 200 or child.shapes.get("time", 0):
            continue
        values = [item for event in events[:_MOST_EVENTS] for item in at_path(event, path) if isinstance(item, str) and item]
        if len(set(values)) >= _ONE_TO_ONE * len(values):
            found[path] = set(values)
    return found


def _before(calls: Sequence[Json], answers: Sequence[Json], path: Path, ref: Path, place: Mapping[int, int]) -> bool:
    """Whether calls come before what names them. `place` tells where an event stands, by its identity."""
    made = {item: place[id(event)] for event in reversed(calls) for item in at_path(event, path) if isinstance(item, str)}
    later = [place[id(event)] > made[item] for event in answers for item in at_path(event, ref) if isinstance(item, str) and item in made]
    return sum(later) > 0.5 * len(later)
