"""Exchanges with a model: what it was given, which tells the conversation so far once more, and what it answered, as lists of messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from stepc.induce import words
from stepc.induce.nodes import Json, Node, Path, at_path, node_of
from stepc.induce.objects import lists_of_objects

_GIVEN: Final = frozenset({"input", "prompt", "request"})
_ANSWERED: Final = frozenset({"output", "completion", "response"})
_BODIES: Final = ("parts", "content")
_MOST_CHARACTERS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where events of a kind hold both sides of an exchange; `given` None: what the model was given stands nowhere."""

    answered: Path
    given: Path | None


def messages_in(value: Json) -> list[Json] | None:
    """The messages in a text that holds nothing but a list of them as JSON; None for any other value."""
    if not isinstance(value, str) or not value.startswith("[") or len(value) > _MOST_CHARACTERS:
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(map(_is_message, found)) else None


def _is_message(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and any(name in value for name in _BODIES)


def exchange_of(node: Node) -> Exchange | None:
    """The exchange that events hold, by the keys of their lists of messages."""
    given: Path | None = None
    answered: Path | None = None
    for path, child in lists_of_objects(node):
        element = child.element
        if element is None or element.keys.get("role") is None or not any(name in element.keys for name in _BODIES):
            continue
        have = set(words.words(str(path[-1])))
        if have & _ANSWERED:
            answered = answered or path
        elif have & _GIVEN:
            given = given or path
    return Exchange(answered, given) if answered is not None else None


def body_of(messages: Sequence[Json]) -> Path | None:
    """Where messages hold what they say."""
    node = node_of(messages)
    return next(((name,) for name in _BODIES if name in node.keys and node.keys[name].present), None)


def parts_of(message: Json) -> list[dict[str, Json]]:
    """The parts of a message that name their type."""
    found = [part for name in _BODIES for part in at_path(message, (name, None))]
    return [part for part in found if isinstance(part, dict) and isinstance(part.get("type"), str)]


def by_role(values: Sequence[Json], path: Path) -> dict[str, list[Json]]:
    """The messages in events by the role of who said them, in the order of their roles' names."""
    found: dict[str, list[Json]] = {}
    for value in values:
        for message in at_path(value, (*path, None)):
            if isinstance(message, dict) and isinstance(message.get("role"), str):
                found.setdefault(message["role"], []).append(message)
    return dict(sorted(found.items()))


def grows(runs: Sequence[Sequence[Json]], path: Path) -> bool:
    """Whether in each run every list of messages begins with the one before: then what is new in it stands behind that one's length."""
    return all(_extends(found) for run in runs if (found := [item for event in run for item in at_path(event, path)]))


def _extends(lists: Sequence[Json]) -> bool:
    return all(isinstance(item, list) for item in lists) and all(after[: len(before)] == before for before, after in pairwise(lists))
