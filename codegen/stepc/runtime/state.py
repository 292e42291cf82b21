"""The state of an adapter in the middle of an episode, as JSON and back, so that an episode outlives a process.

What comes back is checked: it was in somebody else's hands, and an adapter must stay as bounded and as quiet as it was.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stepc.runtime.account import MOST_VALUES
from stepc.runtime.defects import LARGEST, MOST_KINDS, SMALLEST
from stepc.runtime.pairing import Pairing

if TYPE_CHECKING:
    from stepc.runtime.adapter import AdapterBase

Adapter = TypeVar("Adapter", bound="AdapterBase")

KEYS: Final = frozenset(["id", "event", "dropped", "closed", "sealed", "counts", "memory", "pairs", "defects", "unknown_values"])
COUNTS: Final = ("arms", "silent", "ignored", "unknown", "steps", "skipped")
PAIR_KEYS: Final = ("opened", "answered", "unanswered", "superseded", "over_bound", "calls")
PLAIN: Final = {"str": str, "int": int, "float": float, "bool": bool}


class StateError(ValueError):
    """Some JSON is no state of an adapter; the message says why."""


def save(adapter: AdapterBase) -> dict[str, Any]:
    """The state as objects, lists and plain values. Texts of the trace are in it: keys of open calls, what the adapter remembers."""
    return {
        "id": adapter.id,
        "event": adapter.defects.event,
        "dropped": adapter.dropped,
        "closed": adapter._closed,
        "sealed": adapter.sealed,
        "counts": {name: list(getattr(adapter, name)) for name in COUNTS},
        "memory": {name: getattr(adapter, name) for name in memories(type(adapter))},
        "pairs": [_saved_pair(pair) for pair in adapter.pairs],
        "defects": [[*key, *counts] for key, counts in adapter.defects._found.items()],
        "unknown_values": dict(adapter._unknown_values),
    }


def restore(kind: type[Adapter], value: Any) -> Adapter:
    """The adapter that `save` was asked about.

    Raises:
        StateError: it is no state of such an adapter.
    """
    given = _object(value, "state", KEYS)
    id = given["id"]
    if id is not None and type(id) is not str:
        raise StateError("id: a text or null is needed")
    adapter = kind(None, id)
    _restore_counts(adapter, given)
    fields = memories(kind)
    memory = _object(given["memory"], "memory", frozenset(fields))
    for name, annotation in fields.items():
        if not fits(memory[name], annotation):
            raise StateError(f"memory.{name}: {annotation} is needed")
        setattr(adapter, name, memory[name])
    pairs = given["pairs"]
    if type(pairs) is not list or len(pairs) != len(adapter.pairs):
        raise StateError(f"pairs: a list of {len(adapter.pairs)} is needed")
    for pair, saved in zip(adapter.pairs, pairs, strict=True):
        _restore_pair(pair, saved, f"pairs.{pair.name}")
    return adapter


def memories(kind: type[AdapterBase]) -> dict[str, str]:
    """The attributes of a generated class that an episode changes or is given, with their annotations; its pairs stand apart."""
    own = [slot for base in kind.__mro__ if base.__module__ != "stepc.runtime.adapter" for slot in _slots(base)]
    annotations = {name: str(text) for base in reversed(kind.__mro__) for name, text in vars(base).get("__annotations__", {}).items()}
    return {name: annotations.get(name, "") for name in own if annotations.get(name) != Pairing.__name__}


def fits(value: Any, annotation: str) -> bool:
    """Whether a value is of the type that an adapter's attribute is annotated with. Members of enums are texts."""
    base = annotation.removesuffix(" | None")
    if base == "Json":
        return True
    if value is None:
        return base != annotation
    if base.startswith("list["):
        return type(value) is list and all(fits(item, base[5:-1]) for item in value)
    return bool(base) and type(value) is PLAIN.get(base, str)


def _slots(base: type[Any]) -> tuple[str, ...]:
    slots = vars(base).get("__slots__", ())
    return (slots,) if type(slots) is str else tuple(slots)


def _restore_counts(adapter: AdapterBase, given: dict[str, Any]) -> None:
    counts = _object(given["counts"], "counts", frozenset(COUNTS))
    for name in COUNTS:
        found, here = counts[name], getattr(adapter, name)
        if type(found) is not list or len(found) != len(here):
            raise StateError(f"counts.{name}: a list of {len(here)} is needed")
        setattr(adapter, name, [_count(item, f"counts.{name}") for item in found])
    adapter.sealed = _count(given["sealed"], "sealed")
    if given["dropped"] not in ["", *(fact.name for fact in adapter.FACTS)]:
        raise StateError("dropped: the name of a start fact is needed")
    adapter.dropped = given["dropped"]
    if type(given["closed"]) is not bool:
        raise StateError("closed: true or false is needed")
    adapter._closed = given["closed"]
    adapter.defects.event = _count(given["event"], "event", -1)
    adapter.defects._found = dict(_defect(item) for item in _list(given["defects"], "defects", MOST_KINDS + 1))
    values = given["unknown_values"]
    if type(values) is not dict or len(values) > MOST_VALUES + 1:
        raise StateError(f"unknown_values: an object of at most {MOST_VALUES + 1} keys is needed")
    adapter._unknown_values = {key: _count(item, "unknown_values") for key, item in values.items()}


def _defect(value: Any) -> tuple[tuple[str, str, int], list[int]]:
    if type(value) is not list or len(value) != 5 or type(value[0]) is not str or type(value[1]) is not str:
        raise StateError("defects: lists of a kind, a site, a line, a count and an event are needed")
    kind, site, line, count, event = value
    return (kind, site, _count(line, "defects")), [_count(count, "defects"), _count(event, "defects", -1)]


def _saved_pair(pair: Pairing) -> dict[str, Any]:
    """Counts, and the open calls in the order of their keys: [key, what its first call carries, what its further ones carry …]."""
    calls = [[key, carried, *pair._further.get(key, ())] for key, carried in pair._next.items()]
    return {**{name: getattr(pair, name) for name in PAIR_KEYS[:-1]}, "calls": calls}


def _restore_pair(pair: Pairing, value: Any, at: str) -> None:
    given = _object(value, at, frozenset(PAIR_KEYS))
    for name in PAIR_KEYS[:-1]:
        setattr(pair, name, _count(given[name], f"{at}.{name}"))
    open_calls = 0
    for call in _list(given["calls"], f"{at}.calls", pair.most):
        if type(call) is not list or len(call) < 2 or type(call[0]) not in (str, int, float, bool, type(None)) or call[0] in pair._next:
            raise StateError(f"{at}.calls: lists of a key and what its calls carry are needed, each key once")
        key, first, *further = call
        pair._next[key] = first
        if further:
            pair._further[key] = deque(further)
            pair._waiting += len(further)
        open_calls += len(call) - 1
    if open_calls > pair.most:
        raise StateError(f"{at}.calls: more open calls than {pair.most}")


def _object(value: Any, at: str, keys: frozenset[str]) -> dict[str, Any]:
    if type(value) is not dict or value.keys() != keys:
        raise StateError(f"{at}: an object of the keys {', '.join(sorted(keys)) or '(none)'} is needed")
    return value


def _list(value: Any, at: str, most: int) -> list[Any]:
    if type(value) is not list or len(value) > most:
        raise StateError(f"{at}: a list of at most {most} is needed")
    return value


def _count(value: Any, at: str, least: int = 0) -> int:
    if type(value) is not int or not max(least, SMALLEST) <= value <= LARGEST:
        raise StateError(f"{at}: a whole number from {least} on is needed")
    return value
