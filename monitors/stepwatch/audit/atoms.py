"""One field's value as small facts: atoms (things that are so or not) and numbers. Bounded, total, the same for equal values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from stepwatch.audit.words import told, window, words

AtomKind = Literal["value", "shape", "key", "word", "spoken"]
Atom = tuple[AtomKind, str]

LONGEST_VALUE = 120
MOST_LEAVES = 64
MOST_DEPTH = 6
MOST_ITEMS = 20
COUNTED = re.compile(r"[^\d]{0,40}(\d{1,15})(?:[^\d].{0,40})?", re.DOTALL)


class Facts(NamedTuple):
    """What one value says: atoms, and numbers by name."""

    atoms: tuple[Atom, ...]
    numbers: tuple[tuple[str, float], ...] = ()


ABSENT = Facts((("value", "null"),))
EMPTY = Facts((("shape", "empty"),), (("length", 0.0),))


def leaves(name: str, value: object) -> Iterator[tuple[str, object]]:
    """The scalar leaves of a value by dotted name, list elements under `[]`, and one entry for each object's keys. Bounded."""
    if not isinstance(value, (dict, list, tuple, Mapping)):
        yield name, value
        return
    waiting: list[tuple[str, object, int]] = [(name, value, 0)]
    given = 0
    while waiting and given < MOST_LEAVES:
        path, node, depth = waiting.pop(0)
        if isinstance(node, Mapping) and depth < MOST_DEPTH:
            yield path, Keys(tuple(str(key)[:60] for key in list(node)[:MOST_ITEMS]))
            given += 1
            for key, child in list(node.items())[:MOST_ITEMS]:
                waiting.append((f"{path}.{str(key)[:60]}", child, depth + 1))
        elif isinstance(node, (list, tuple)) and depth < MOST_DEPTH:
            yield path, Length(len(node))
            given += 1
            for child in node[:MOST_ITEMS]:
                waiting.append((f"{path}[]", child, depth + 1))
        elif not isinstance(node, (Mapping, list, tuple)):
            yield path, node
            given += 1


class Keys(NamedTuple):
    """An object seen from outside: the names of its keys."""

    names: tuple[str, ...]


class Length(NamedTuple):
    """A list seen from outside: how long it is."""

    items: int


def facts(value: object) -> Facts:
    """What one leaf says. Anything that is no JSON scalar is read as its text."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return Facts((("value", "true" if value else "false"),))
    if isinstance(value, (int, float)):
        number = float(value) if abs(value) < 1e300 else 0.0
        return Facts(
            (("value", f"{value:.6g}" if isinstance(value, float) else str(value)[:40]),), (("number", number),) if number == number else ()
        )
    if isinstance(value, Keys):
        return Facts(tuple(("key", name) for name in value.names))
    if isinstance(value, Length):
        return Facts((("shape", "empty list"),) if not value.items else (), (("length", float(value.items)),))
    return text_facts(value if isinstance(value, str) else str(value)[: LONGEST_VALUE * 10])


def text_facts(text: str) -> Facts:
    """What a text says: itself if short, its words, verdict words and what they are said to be, its length, its number."""
    if not text.strip():
        return EMPTY
    atoms: list[Atom] = []
    numbers: list[tuple[str, float]] = [("length", float(len(text)))]
    if len(text) <= LONGEST_VALUE:
        atoms.append(("value", f'"{text}"'))
        counted = COUNTED.fullmatch(text)
        if counted:
            numbers.append(("number in the text", float(counted.group(1))))
    seen = window(text)
    verdict, others = words(seen)
    if verdict:
        phrases, told_numbers = told(seen)
        atoms.extend(("spoken", word) for word in verdict)
        atoms.extend(("spoken", phrase) for phrase in phrases)
        numbers.extend((f'number after "{word}"', number) for word, number in told_numbers)
    if len(others) + len(verdict) > 1 or len(text) > LONGEST_VALUE:
        atoms.extend(("word", word) for word in others)
    return Facts(tuple(atoms), tuple(numbers))
