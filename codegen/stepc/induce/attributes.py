"""Attributes that are lists of keys and values, as spans have them: read by the rules as if they were objects, written for what they are.

`[{"key": "tool.name", "value": {"stringValue": "ls"}}]` has no path to `ls`: a spec captures it from the list's canonical JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stepc.induce.nodes import Json
from stepc.induce.writing import Lines, literal

_WITHIN: Final = 1_000_000
"""Characters of the attributes of one event that are searched."""
_MOST_KEYS: Final = 200
_WORDS: Final = ("tool", "call", "input", "output", "span", "operation", "agent")
_VALUES: Final = ("stringValue", "intValue", "doubleValue", "boolValue")


@dataclass(frozen=True, slots=True)
class Attributes:
    """The key of events that holds the list, what its keys are called while the rules look at them, and which hold texts."""

    at: str
    names: dict[str, str]
    texts: frozenset[str]

    def opened(self, value: Json) -> Json:
        """An event with its attributes as an object."""
        if not isinstance(value, dict) or not isinstance(value.get(self.at), list):
            return value
        found = {}
        for entry in value[self.at]:
            if is_entry(entry) and entry["key"] in self.names:
                held = entry["value"]
                found[self.names[entry["key"]]] = (
                    next((held[kind] for kind in _VALUES if kind in held), held) if isinstance(held, dict) else held
                )
        return {**value, self.at: found}

    def written(self, match: str, arms: Sequence[str]) -> tuple[str, Lines]:
        """The discriminant and the arms with paths into the attributes replaced by what finds them."""
        keys = {name: key for key, name in self.names.items()}
        pattern = re.compile(rf"\.{re.escape(self.at)}\.(\w+)\b")

        def raw(found: re.Match[str]) -> str:
            return self._capture(keys[found.group(1)]) if found.group(1) in keys else found.group()

        made: Lines = []
        depth = 0
        arm: Lines = []
        for line in arms:
            arm.append(line)
            depth += line.count("{") - line.count("}") if line.endswith(("{", "}")) else 0
            if depth <= 0:
                made += self._arm(arm, keys, pattern, raw)
                arm, depth = [], 0
        return pattern.sub(raw, match), [*made, *arm]

    def _arm(self, arm: Lines, keys: dict[str, str], pattern: re.Pattern[str], raw: object) -> Lines:
        head, body = arm[0], arm[1:]
        emits = " => emit " in head
        used = list(
            dict.fromkeys(
                name for line in ([head.split(" => ", 1)[1]] if emits else []) + body for name in pattern.findall(line) if name in keys
            )
        )
        if not used:
            return [pattern.sub(raw, head), *body]  # type: ignore[call-overload]
        lets: Lines = []
        for name in used:
            lets.append(f"let raw_{name} = {self._capture(keys[name])}")
            lets.append(f'let given_{name} = text_of(json("\\"{{raw_{name}}}\\""))')
        if emits:
            pattern_part, statement = head.split(" => ", 1)
            head, body = f"{pattern_part} => {{", [statement, *body, "}"]
        inner = [pattern.sub(lambda found: f"given_{found.group(1)}" if found.group(1) in keys else found.group(), line) for line in body]
        # A text cannot stand beside JSON where both come from calls.
        inner = [re.sub(r"json\((given_\w+)\) else \1 else", r"json(\1) else", line) for line in inner]
        return [pattern.sub(raw, head), *lets, *inner]  # type: ignore[call-overload]

    def _capture(self, key: str) -> str:
        head = rf'\{{"key":"{literal(key)}","value":\{{'
        value = r'"stringValue":"((?:[^"\\]|\\.)*)"' if key in self.texts else r'"(?:int|double|bool)Value":"?([^",\}]*)'
        return f"capture(canonical(.{self.at}), /{head}{value}/, {_WITHIN})"


def is_entry(value: Json) -> bool:
    """Whether a value is a key with its value."""
    return isinstance(value, dict) and isinstance(value.get("key"), str) and "value" in value


def _is_text(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("stringValue"), str)


def attributes_of(events: Iterable[Json]) -> Attributes | None:
    """The attributes of events, where a key holds lists of keys and values in most of them."""
    lists: dict[str, int] = {}
    keys: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    total = 0
    for event in events:
        total += 1
        for name, value in event.items() if isinstance(event, dict) else ():
            if isinstance(value, list) and value and all(map(is_entry, value)):
                lists[name] = lists.get(name, 0) + 1
                keys.setdefault(name, set()).update(entry["key"] for entry in value)
                texts.setdefault(name, set()).update(entry["key"] for entry in value if _is_text(entry["value"]))
    best = max(sorted(lists), key=lambda name: lists[name], default=None)
    if best is None or lists[best] < 0.5 * total or not best.isidentifier():
        return None
    names: dict[str, str] = {}
    for key in sorted(keys[best], key=lambda key: (key.count("."), key))[:_MOST_KEYS]:
        name = _short(key)
        names[key] = name if name not in names.values() else re.sub(r"\W", "_", key)
    return Attributes(best, names, frozenset(texts[best]))


def _short(key: str) -> str:
    """A key by its last part, or its last two where the part before says of what: `tool.name`."""
    parts = [part for part in re.split(r"[.]", key) if part and not part.isdigit()] or ["value"]
    kept = parts[-2:] if len(parts) > 1 and parts[-2] in _WORDS else parts[-1:]
    return re.sub(r"\W", "_", "_".join(kept))
