"""A step, whatever it is made of, as its type and the values of the fields that a monitor asks for.

A step is an instance of a generated class, any object whose class has the step's name, or a mapping with `type` (a line of steps as
`stepc run` writes it). How to read a class is found out once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

MOST_CLASSES: Final = 256
"""Classes whose readers are kept; a host that makes classes without end pays for it, and nobody else."""

_EQUAL: Final = frozenset({"bool", "int", "float"})
"""Types whose values may be equal and not the same: true, 1 and 1.0."""
_LOOSE: Final = frozenset({"Json", "Any", "object"})
"""Types that may be any of these."""

Reader = Callable[[Any], tuple[Any, ...]]
"""Gives the values of the wanted fields of a step, None for those it does not have."""


def type_of(step: Any) -> str:
    """The name of a step's type."""
    if isinstance(step, Mapping):
        name = step.get("type")
        return name if type(name) is str else ""
    return class_name(type(step))


def class_name(kind: type[Any]) -> str:
    """The step type that a class stands for: its tag where it has one (a class may be called otherwise than its step), else its name."""
    tag = getattr(getattr(kind, "__struct_config__", None), "tag", None)
    return tag if type(tag) is str else kind.__name__


def reader(kind: type[Any], names: tuple[str, ...]) -> Reader:
    """How to read these fields of the instances of a class."""
    if issubclass(kind, Mapping):
        return lambda step: tuple([step.get(name) for name in names])
    here = attributes(kind, names)
    if here is None:
        return lambda step: tuple([getattr(step, name, None) for name in names])
    if not here:
        return lambda step: ()
    if len(here) == 1:
        only = attrgetter(here[0])
        return lambda step: (only(step),)
    return attrgetter(*here)


def value_reader(kind: type[Any], name: str) -> Callable[[Any], Any]:
    """How to read one field of the instances of a class: its value, None where they do not have it."""
    here = attributes(kind, (name,))
    if here is not None:
        return attrgetter(here[0])
    read = reader(kind, (name,))
    return lambda step: read(step)[0]


def attributes(kind: type[Any], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """What a generated class calls these fields; None where it is no such class or lacks one."""
    encoded, own = getattr(kind, "__struct_encode_fields__", None), getattr(kind, "__struct_fields__", None)
    if type(encoded) is not tuple or type(own) is not tuple or len(encoded) != len(own):
        return None
    spelled = dict(zip(encoded, own, strict=True))
    return tuple(spelled[name] for name in names) if all(name in spelled for name in names) else None


def tells_apart(kind: type[Any], names: tuple[str, ...]) -> bool:
    """Whether these fields of a generated class are declared so that equal values are the same: none may be `true` here and 1 there."""
    here = attributes(kind, names)
    if here is None:
        return False
    declared: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        declared.update(getattr(base, "__annotations__", {}))
    found = [set(re.findall(r"\w+", str(declared.get(name, "Any")))) for name in here]
    return all(_LOOSE.isdisjoint(types) and len(_EQUAL & types) < 2 for types in found)
