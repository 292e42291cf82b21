"""Attributes as spans have them, lists of keys and values or objects with dotted keys: read by the rules as if they had short names.

`[{"key": "tool.name", "value": {"stringValue": "ls"}}]` is looked at as `{"tool_name": "ls"}`, and written `kv(.attributes)["tool.name"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stepc.induce import words
from stepc.induce.exchanges import messages_in
from stepc.induce.nodes import Json
from stepc.induce.writing import Lines, string
from stepc.runtime import Defects, key_values
from stepc.syntax.tables import RESERVED

_MOST_KEYS: Final = 200
_WORDS: Final = ("tool", "call", "input", "output", "span", "operation", "agent")
_ASKED: Final = frozenset({"input", "prompt", "request"})
"""Parts of keys of what a model was given: what it said has the shorter name."""
_DOTTED: Final = re.compile(r"\w\.\w")
_NUMBER: Final = re.compile(r"\.(\d+)(?=\.|$)")


@dataclass(frozen=True, slots=True)
class Attributes:
    """The key of events that holds the list, and what its keys are called while the rules look at them.

    messages  keys whose texts hold messages as JSON, which the rules see as lists
    repeated  keys with a number in them that tell a conversation message by message: the rules do not see them
    """

    at: str
    names: dict[str, str]
    messages: frozenset[str] = frozenset()
    repeated: tuple[str, ...] = ()

    @property
    def doubts(self) -> list[tuple[int, str]]:
        """What a reviewer has to know about attributes that no step is made of."""
        if not self.repeated:
            return []
        more = f" and {len(self.repeated) - 1} more" if len(self.repeated) > 1 else ""
        said = "no step is made of them, and what users said stands there"
        return [(3, f"{string(self.repeated[0])}{more} tell the conversation so far once more, by numbers in their keys: {said}")]

    def opened(self, value: Json) -> Json:
        """An event with its attributes as an object."""
        if not isinstance(value, dict) or not isinstance(value.get(self.at), list | dict):
            return value
        held = _read(value[self.at], self.at)
        shown = {self.names[key]: messages_in(one) if key in self.messages else one for key, one in held.items() if key in self.names}
        return {**value, self.at: shown}

    def written(self, match: str, arms: Sequence[str]) -> tuple[str, Lines]:
        """The discriminant and the arms, with what the attributes are really called."""
        made: Lines = []
        depth = 0
        arm: Lines = []
        for line in arms:
            arm.append(line)
            depth += line.count("{") - line.count("}") if line.endswith(("{", "}")) else 0
            if depth <= 0:
                made += self._arm(arm)
                arm, depth = [], 0
        return self.condition(match), [*made, *arm]

    def condition(self, text: str, event: str = "") -> str:
        """A text outside of arms, with what the attributes of an event are really called: of the one at hand, or of that with this name."""
        return self._renamed(text, f"kv({event}.{self.at})", event)

    @property
    def _call(self) -> str:
        return f"kv(.{self.at})"

    def _arm(self, arm: Lines) -> Lines:
        """An arm whose body finds the attributes once, under a name."""
        head, body = arm[0], arm[1:]
        if " => emit " in head:
            condition, statement = head.split(" => ", 1)
            head, body = f"{condition} => {{", [statement, *body, "}"]
        name = "given" if self.at in RESERVED else self.at
        inner = [self._renamed(line, name) for line in body]
        if inner == body:
            return arm if self._renamed(arm[0], self._call) == arm[0] else [self._renamed(arm[0], self._call), *arm[1:]]
        return [self._renamed(head, self._call), f"let {name} = {self._call}", *inner]

    def _renamed(self, line: str, root: str, event: str = "") -> str:
        keys = {name: key for key, name in self.names.items()}

        def raw(found: re.Match[str]) -> str:
            name = found.group(1)
            if name not in keys:
                return found.group()
            shown = f"{root}[{string(keys[name])}]"
            return f"json({shown})" if keys[name] in self.messages else shown

        return re.sub(rf"(?<![\w\])]){re.escape(event)}\.{re.escape(self.at)}\.(\w+)\b", raw, line)


def is_entry(value: Json) -> bool:
    """Whether a value is a key with its value."""
    return isinstance(value, dict) and isinstance(value.get("key"), str) and "value" in value


def attributes_of(events: Iterable[Json]) -> Attributes | None:
    """The attributes of events, where a key holds lists of keys and values, or objects with dotted keys, in most of them."""
    lists: dict[str, int] = {}
    keys: dict[str, dict[str, list[Json]]] = {}
    total = 0
    for event in events:
        total += 1
        for name, value in event.items() if isinstance(event, dict) else ():
            if (isinstance(value, list) and value and all(map(is_entry, value))) or _is_dotted(value):
                lists[name] = lists.get(name, 0) + 1
                for key, one in _read(value, name).items():
                    keys.setdefault(name, {}).setdefault(key, []).append(one)
    best = max(sorted(lists), key=lambda name: lists[name], default=None)
    if best is None or lists[best] < 0.5 * total or not best.isidentifier():
        return None
    found = keys.get(best, {})
    repeated = tuple(sorted(filter(_is_repeated, found), key=lambda key: (not _is_asked(key), key)))
    names: dict[str, str] = {}
    shown = [key for key in found if key not in repeated]
    for key in sorted(shown, key=lambda key: (_is_asked(key), key.count("."), key))[:_MOST_KEYS]:
        name = _short(key)
        names[key] = name if name not in names.values() else re.sub(r"\W", "_", key)
    messages = frozenset(key for key in names if all(messages_in(one) is not None for one in found[key]))
    return Attributes(best, names, messages, repeated)


def _is_dotted(value: Json) -> bool:
    """Whether a value is an object with keys such as `tool.name`: attributes that were made one already."""
    return isinstance(value, dict) and len(value) > 1 and sum(_DOTTED.search(key) is not None for key in value) > 0.5 * len(value)


def _read(entries: Json, at: str) -> dict[str, Json]:
    """A list of keys and values as an object; an object stays what it is."""
    found = key_values(entries, Defects(), at)
    return found if isinstance(found, dict) else {}


def _is_asked(key: str) -> bool:
    return not _ASKED.isdisjoint(words.words(key))


def _is_repeated(key: str) -> bool:
    """Whether a key tells a message of a conversation by its number: one that the model was given, or gave behind the first."""
    numbers = _NUMBER.findall(key)
    return bool(numbers) and (numbers[0] != "0" or _is_asked(key) or words.words(key)[-1] == "role")


def _short(key: str) -> str:
    """A key by its last part, or its last two where the part before says of what: `tool.name`, `session.id`."""
    parts = [part for part in re.split(r"[.]", key) if part and not part.isdigit()] or ["value"]
    kept = parts[-2:] if len(parts) > 1 and (parts[-2] in _WORDS or parts[-1] == "id") else parts[-1:]
    return re.sub(r"\W", "_", "_".join(kept))
