"""The bound on values that steps carry whole."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import orjson

from stepc.runtime.defects import Defects
from stepc.runtime.step import Json

T = TypeVar("T")

DEEPEST: Final = 200
"""How deep a carried value may be nested: encoders downstream give up at 254."""


def bounded(value: Json, most: int, defects: Defects, site: str, line: int) -> Json:
    """`value`, or an empty object and a defect `too_large` where its JSON is longer than `most` bytes or nested too deep."""
    try:
        size = len(orjson.dumps(value))
    except (TypeError, ValueError, RecursionError):
        size = _size(value, most)
    if size <= most:
        return value
    defects.add("too_large", site, line)
    return {}


def deeper(value: Json, most: int) -> bool:
    """Whether a value is nested deeper than `most` containers: asked here, because how deep encoders and decoders go differs by version."""
    level: list[Any] = [value]
    for _ in range(most + 1):
        inner: list[Any] = []
        for item in level:
            if type(item) is dict:
                inner.extend(entry for entry in item.values() if type(entry) is dict or type(entry) is list)
            elif type(item) is list:
                inner.extend(entry for entry in item if type(entry) is dict or type(entry) is list)
        if not inner:
            return False
        level = inner
    return True


def _size(value: Json, most: int) -> int:
    """About how many bytes of JSON, for values that the fast encoder refuses; more than `most` for a value nested too deep."""
    total = 0
    pending: list[tuple[Any, int]] = [(value, 0)]
    while pending and total <= most:
        item, depth = pending.pop()
        if depth > DEEPEST:
            return most + 1
        if type(item) is str:
            total += len(item.encode("utf-8", "surrogatepass")) + 2
        elif type(item) is dict:
            total += 2 + 4 * len(item)
            for key, entry in item.items():
                total += len(key) if type(key) is str else 0
                pending.append((entry, depth + 1))
        elif type(item) is list:
            total += 2 + len(item)
            pending.extend((entry, depth + 1) for entry in item)
        elif type(item) is int:
            total += item.bit_length() // 3 + 1
        else:
            total += 8
    return total


def bounded_list(value: list[T], most: int, defects: Defects, site: str, line: int) -> list[T]:
    """As `bounded`, for a list: an empty list in its place."""
    return value if bounded(value, most, defects, site, line) is value else []
