"""Mutations of real documents: the ways in which tomorrow's trace differs from today's sample.

A mutation is a name and two non-negative integers that choose where and how; applying it is a pure function, so a failing list of
mutations shrinks, replays and prints. A document is never changed in place.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Place = tuple[str | int, ...]
Keys = Collection[str]

_SCALARS: tuple[Json, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**53,
    10**30,
    "",
    "0",
    "true",
    "error",
    "\u2028",
    "\x00",
    "é" * 3,
    "x" * 9_000,
    [],
    {},
    [[]],
    {"": None},
)
_NESTING = 150
"""Deeper than any encoder downstream takes, and shallow enough that four of them leave the harness its own stack."""
_LONG = 20_000
_SENTENCE = 40
"""Characters of what is more than a name."""
_MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: `where` is taken modulo the places that the kind can change, `how` modulo its variants. An aimed one changes what stands
    at one of the keys that are looked for, where there is any: large documents hold a lot that no rule reads."""

    kind: str
    where: int
    how: int
    aimed: bool = False


def places(document: Json, *, most: int = _MOST_PLACES) -> list[Place]:
    """Every place of a document in document order, the root first, at most `most`."""
    return [place for place, _ in _walked(document, most)]


def _walked(document: Json, most: int = _MOST_PLACES) -> list[tuple[Place, Json]]:
    """The places of a document, each with its value."""
    found: list[tuple[Place, Json]] = []
    stack: list[tuple[Place, Json]] = [((), document)]
    while stack and len(found) < most:
        place, value = entry = stack.pop()
        found.append(entry)
        if isinstance(value, dict):
            stack.extend(((*place, key), value[key]) for key in reversed(list(value)))
        elif isinstance(value, list):
            stack.extend(((*place, index), value[index]) for index in range(len(value) - 1, -1, -1))
    return found


def value_at(document: Json, place: Place) -> Json:
    """The value at a place that exists."""
    for part in place:
        document = document[part]
    return document


def replaced(document: Json, place: Place, value: Json) -> Json:
    """A copy of `document` with `value` at `place`; only the containers on the way are copied."""
    if not place:
        return value
    outer: Json = dict(document) if isinstance(document, dict) else list(document)
    outer[place[0]] = replaced(document[place[0]], place[1:], value)
    return outer


def removed(document: Json, place: Place) -> Json:
    """A copy of `document` without the key or element at `place`; the root becomes null."""
    if not place:
        return None
    parent = value_at(document, place[:-1])
    if isinstance(parent, dict):
        return replaced(document, place[:-1], {key: value for key, value in parent.items() if key != place[-1]})
    return replaced(document, place[:-1], [value for index, value in enumerate(parent) if index != place[-1]])


def _chosen(document: Json, where: int, fits: Callable[[Json], bool], aim: Keys) -> Place | None:
    fitting = [place for place, value in _walked(document) if fits(value)]
    if aim:
        fitting = [place for place in fitting if _innermost(place) in aim] or fitting
    return fitting[where % len(fitting)] if fitting else None


def _innermost(place: Place) -> str | None:
    """The last key on the way to a place."""
    return next((part for part in reversed(place) if isinstance(part, str)), None)


def _anything(value: Json) -> bool:
    return True


def _long_list(value: Json) -> bool:
    return isinstance(value, list) and len(value) > 1


def _wide_object(value: Json) -> bool:
    return isinstance(value, dict) and len(value) > 1


def _odd(how: int) -> Json:
    """A value that a reader may not expect; lists and objects are new ones, for the caller to change."""
    return copy.deepcopy(_SCALARS[how % len(_SCALARS)])


def _drop(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _anything, aim)
    return document if not place else removed(document, place)


def _retype(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _anything, aim)
    return document if place is None else replaced(document, place, _odd(how))


def _null(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _anything, aim)
    return document if place is None else replaced(document, place, None)


def _duplicate(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, lambda value: isinstance(value, list) and bool(value), aim)
    if place is None:
        return document
    items = list(value_at(document, place))
    index = how % len(items)
    return replaced(document, place, [*items[: index + 1], *items[index:]])


def _reorder_keys(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _wide_object, aim)
    if place is None:
        return document
    entries = list(value_at(document, place).items())
    turn = 1 + how % (len(entries) - 1)
    return replaced(document, place, dict(entries[turn:] + entries[:turn]))


def _truncate(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, lambda value: isinstance(value, (list, str)) and bool(value), aim)
    if place is None:
        return document
    value = value_at(document, place)
    return replaced(document, place, value[: how % len(value)])


def _lengthen(document: Json, where: int, how: int, aim: Keys) -> Json:
    least = _SENTENCE if how % 2 else 1  # names and ids outnumber the texts that bounds are for
    place = _chosen(document, where, lambda value: isinstance(value, str) and len(value) >= least, aim)
    if place is None:
        return document
    text = value_at(document, place)
    return replaced(document, place, text * (1 + _LONG // len(text)))


def _splice(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _anything, aim)
    everywhere = places(document)
    return document if place is None else replaced(document, place, value_at(document, everywhere[how % len(everywhere)]))


def _nest(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _anything, aim)
    if place is None:
        return document
    value = value_at(document, place)
    for _ in range(1 + how % _NESTING):
        value = [value] if how % 2 else {"a": value}
    return replaced(document, place, value)


def _swap_elements(document: Json, where: int, how: int, aim: Keys) -> Json:
    place = _chosen(document, where, _long_list, aim)
    if place is None:
        return document
    items = list(value_at(document, place))
    index = how % (len(items) - 1)
    items[index], items[index + 1] = items[index + 1], items[index]
    return replaced(document, place, items)


def _move_between_lists(document: Json, where: int, how: int, aim: Keys) -> Json:
    source = _chosen(document, where, _long_list, aim)
    target = _chosen(document, how, _long_list, aim)
    if source is None or target is None or source[: len(target)] == target or target[: len(source)] == source:
        return document
    items = value_at(document, source)
    moved = items[how % len(items)]
    return replaced(replaced(document, source, [item for item in items if item is not moved]), target, [*value_at(document, target), moved])


KINDS: Mapping[str, Callable[[Json, int, int, Keys], Json]] = {
    "drop": _drop,
    "duplicate": _duplicate,
    "lengthen": _lengthen,
    "move between lists": _move_between_lists,
    "nest": _nest,
    "null": _null,
    "reorder keys": _reorder_keys,
    "retype": _retype,
    "splice": _splice,
    "swap elements": _swap_elements,
    "truncate": _truncate,
}


def mutated(document: Json, mutations: tuple[Mutation, ...], keys: Keys = ()) -> Json:
    """`document` after each mutation in turn; `keys` are those that aimed ones look for."""
    for mutation in mutations:
        document = KINDS[mutation.kind](document, mutation.where, mutation.how, keys if mutation.aimed else ())
    return document


def with_unknown_keys(document: Json, where: tuple[int, ...], key: str, *, may: Callable[[Place], bool]) -> Json:
    """A copy with `key` added to some objects at places that `may` allows, chosen by `where`; no rule may read `key`."""
    fitting = [place for place, value in _walked(document) if isinstance(value, dict) and may(place)]
    for number in where if fitting else ():
        place = fitting[number % len(fitting)]
        document = replaced(document, place, {**value_at(document, place), key: _odd(number)})
    return document


def with_keys_reversed(document: Json) -> Json:
    """The same document with the keys of every object in reverse order."""
    if isinstance(document, dict):
        return {key: with_keys_reversed(document[key]) for key in reversed(list(document))}
    if isinstance(document, list):
        return [with_keys_reversed(value) for value in document]
    return document


def corrupted(data: bytes, where: int, how: int) -> bytes:
    """`data` with one byte replaced, removed or inserted, or cut short."""
    if not data:
        return bytes([how % 256])
    index = where % len(data)
    byte = bytes([how % 256])
    return (
        data[:index] + byte + data[index + 1 :],
        data[:index] + data[index + 1 :],
        data[:index] + byte + data[index:],
        data[:index],
    )[how % 4]
