"""Types of the language: the constants, how they print, and when one fits into another."""

from __future__ import annotations

import msgspec

from stepc.ir import Type

STR = Type("str")
INT = Type("int")
FLOAT = Type("float")
BOOL = Type("bool")
TIME = Type("time")
JSON = Type("json")
REGEX = Type("regex")
TEXTS = Type("list", item=STR)
RAW = Type("json", optional=True)
"""What a raw path gives: any JSON value, or nothing."""
NULL = Type("null", optional=True)
ERROR = Type("error")
"""The type of an expression that already has a diagnostic: it fits everywhere, so that one mistake is reported once."""


def optional(value: Type) -> Type:
    """The type with `?`."""
    return value if value.optional else msgspec.structs.replace(value, optional=True)


def required(value: Type) -> Type:
    """The type without `?`."""
    return msgspec.structs.replace(value, optional=False) if value.optional else value


def bare(value: Type) -> Type:
    """The type without `?` and without `max`."""
    return msgspec.structs.replace(value, optional=False, maximum=None)


def is_error(value: Type) -> bool:
    """Whether a diagnostic stands behind this type already."""
    return value.name == "error"


def is_raw(value: Type) -> bool:
    """Whether values of this type still have to be read into a declared type."""
    return value.name == "json"


def is_number(value: Type) -> bool:
    """Whether the type is `int` or `float`."""
    return value.name in ("int", "float")


def same(left: Type, right: Type) -> bool:
    """Whether two types are one but for `?` and `max`."""
    if left.name != right.name or left.enum != right.enum:
        return False
    if left.item is None or right.item is None:
        return left.item is right.item
    return same(left.item, right.item)


def show(value: Type) -> str:
    """The type as it is written in a spec."""
    if value.name == "enum":
        name = value.enum
    elif value.name == "list" and value.item is not None:
        name = f"list<{show(value.item)}>"
    elif value.name == "regex":
        name = "a regular expression"
    else:
        name = value.name
    return name + "?" if value.optional and value.name != "null" else name
