"""Declarations are paired by name: the one way in which lists of them are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from stepc import ir
from stepc.diff.shape import shape, type_text

T = TypeVar("T")


def by_name(old: Iterable[T], new: Iterable[T], name: Callable[[T], str]) -> Iterator[tuple[T | None, T | None]]:
    """Pairs in the new order, then what only the old side has."""
    before = {name(item): item for item in old}
    after = {name(item): item for item in new}
    for key, item in after.items():
        yield before.get(key), item
    for key, item in before.items():
        if key not in after:
            yield item, None


def fields(old: Iterable[ir.Field], new: Iterable[ir.Field]) -> Iterator[tuple[ir.Field | None, ir.Field | None]]:
    """Fields paired by name."""
    return by_name(old, new, lambda item: item.name)


def any_name(old: T | None, new: T | None, name: Callable[[T], str]) -> str:
    """The name of a pair, of which at least one side is there."""
    item = new if new is not None else old
    return name(item) if item is not None else ""


def field_change(old: ir.Field, new: ir.Field) -> str:
    """What differs between two declarations of one field, in a clause; empty when nothing does."""
    if (before := declared_type(old)) != (after := declared_type(new)):
        return f"type changed from `{before}` to `{after}`"
    if shape(old.value) != shape(new.value):
        return "its value changed"
    if old.last_resort != new.last_resort:
        return f"what happens without a value changed from {_resort(old)} to {_resort(new)}"
    return ""


def declared_type(item: ir.Field) -> str:
    """The type of a field as the spec writes it, with its bound."""
    return type_text(item.type) + (f" max {item.type.maximum}" if item.type.maximum is not None else "")


def _resort(item: ir.Field) -> str:
    return f"`else {item.last_resort}`" if item.last_resort else "nothing special"
