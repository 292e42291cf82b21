"""Events that hold messages under a key that differs from event to event, as a graph's nodes report: the object is a map, not a record.

`{"update": {"planner": {"messages": […]}}}` is looked at as `{"update": {"messages": […]}}`, and written `only_value(.update).messages`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stepc.induce import words
from stepc.induce.nodes import Json, Node, Path, at_path, node_of, written
from stepc.induce.objects import lists_of_objects
from stepc.induce.parts import Told
from stepc.induce.reading import Reading, read_event
from stepc.induce.writing import Lines, block, both, string, within

_OFTEN: Final = 0.8
_ONE_KEY: Final = 0.97
_KINDS: Final = ("role", "type")
_SIDES: Final = frozenset({"agent", "user", "tool"})


@dataclass(frozen=True, slots=True)
class Reporters:
    """The key of events that holds an object with one key, which names who reports."""

    at: str

    @property
    def doubts(self) -> list[tuple[int, str]]:
        """What a reviewer has to know about the keys that are passed over."""
        return [(27, f"the keys of `.{self.at}` are taken for names: whatever they are, what stands below is read in the same way")]

    def opened(self, value: Json) -> Json:
        """An event with what its map holds in place of the map."""
        inner = _only(value, self.at)
        return value if inner is None else {**value, self.at: inner}

    def written(self, match: str, arms: Sequence[str]) -> tuple[str, Lines]:
        """The discriminant and the arms, with the way through the map."""
        return self.condition(match), [self.condition(line) for line in arms]

    def condition(self, text: str, event: str = "") -> str:
        """A text of a spec with the way through the map, for paths of the event at hand or of that with this name."""
        return re.sub(rf"(?<![\w\])]){re.escape(event)}\.{re.escape(self.at)}(?=[.\[])", f"only_value({event}.{self.at})", text)


def reporters_of(events: Iterable[Json]) -> Reporters | None:
    """The map that most events hold with one key each, several in all, where messages stand below whatever the key is."""
    held = [event for event in events if isinstance(event, dict)]
    for name, node in node_of(held).keys.items():
        if not name.isidentifier() or node.objects < _OFTEN * len(held) or words.kind(name) == "call":
            continue
        inner = [found for event in held if (found := _only(event, name)) is not None]
        keys = {next(iter(event[name])) for event in held if _only(event, name) is not None}
        if len(keys) > 1 and len(inner) >= _ONE_KEY * node.objects and _conversation(node_of(inner)) is not None:
            return Reporters(name)
    return None


def _only(event: Json, name: str) -> Json | None:
    """The object that is the only one in a map, None where it is not."""
    found = event.get(name) if isinstance(event, dict) else None
    inner = next(iter(found.values())) if isinstance(found, dict) and len(found) == 1 else None
    return inner if isinstance(inner, dict) else None


def _conversation(node: Node) -> tuple[Path, str] | None:
    """Where an object holds messages of the agent and of somebody else, and the key of theirs that says whose."""
    for path, child in lists_of_objects(node, depth=2):
        for key in _KINDS:
            element = child.element
            told = element.keys.get(key) if element is not None else None
            said = {words.kind(value) for value in told.values} & _SIDES if told is not None and not told.more else set()
            if element is not None and child.lists >= _OFTEN * node.total and "agent" in said and len(said) > 1:
                return path, key
    return None


def read_reports(values: Sequence[Json], reporters: Reporters, told: Told) -> Reading | None:
    """What the messages in opened events say; None where there are none."""
    found = _conversation(node_of([item for value in values for item in at_path(value, (reporters.at,)) if isinstance(item, dict)]))
    if found is None:
        return None
    path, key = (reporters.at, *found[0]), found[1]
    groups: dict[str, list[Json]] = {}
    for value in values:
        for message in at_path(value, (*path, None)):
            if isinstance(message, dict) and isinstance(message.get(key), str):
                groups.setdefault(message[key], []).append(message)
    body: Lines = []
    made: set[str] = set()
    for kind, messages in sorted(groups.items()):
        for reading in read_event(messages, words.kind(kind), told, value=kind):
            condition = both(f"message.{key} == {string(kind)}", reading.guard)
            body += within(reading.lines, "message", condition, taken=body) if reading.made else []
            made |= reading.made
    return Reading(block(f"each message in {written(path)}[]?", body), understood=True, needs=reporters.at, made=made) if made else None
