"""JSON equality: `true` is not `1`, numbers compare by value, objects regardless of the order of keys. Never raises, however deep."""

from __future__ import annotations

from typing import Any


def json_equal(left: object, right: object) -> bool:
    """Whether two decoded values are the same JSON."""
    pending: list[tuple[Any, Any]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        if type(one) is dict:
            if type(other) is not dict or len(one) != len(other):
                return False
            for key, value in one.items():
                if key not in other:
                    return False
                pending.append((value, other[key]))
        elif type(one) is list:
            if type(other) is not list or len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif type(one) is bool or type(other) is bool:
            if one is not other:
                return False
        elif type(other) is dict or type(other) is list or one != other:
            return False
    return True


def json_in(value: object, items: list[Any]) -> bool:
    """Whether a list holds a value."""
    return any(json_equal(value, item) for item in items)
