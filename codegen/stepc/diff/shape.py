"""Expressions by what they mean: a hashable value without places, without derived types, and without the names of locals.

What the checker derives from declarations (the types of nodes, where a raw value is read or known to fit, spellings of enums, sites of
defects) is left out: a change of a declaration is reported where it stands, once, not at every use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stepc import ir

Shape = tuple[Any, ...]
Scope = Mapping[str, Shape]

_DERIVED: Final = frozenset({"span", "type", "site", "spellings", "docs", "reason", "label", "origin"})


def shape(node: object, scope: Scope | None = None) -> Shape:
    """The shape of a node, a tuple of nodes or a scalar. Locals are looked up in `scope`; unknown ones keep their names."""
    if isinstance(node, ir.Read | ir.Cast):
        return shape(node.value, scope)
    if isinstance(node, ir.Local):
        return (scope or {}).get(node.name, ("local", node.name))
    if isinstance(node, msgspec.Struct):
        fields = (name for name in node.__struct_fields__ if name not in _DERIVED)
        return (type(node).__name__, *(shape(getattr(node, name), scope) for name in fields))
    if isinstance(node, tuple):
        return ("tuple", *(shape(item, scope) for item in node))
    return (type(node).__name__, node)


def walk(node: object) -> list[msgspec.Struct]:
    """A node and everything below it, in order."""
    found: list[msgspec.Struct] = []
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, msgspec.Struct):
            found.append(item)
            stack.extend(getattr(item, name) for name in reversed(item.__struct_fields__))
        elif isinstance(item, tuple):
            stack.extend(reversed(item))
    return found


def type_text(declared: ir.Type) -> str:
    """A type as the spec writes it, without `max`."""
    if declared.name == "list" and declared.item is not None:
        text = f"list<{type_text(declared.item)}>"
    else:
        text = declared.enum if declared.name == "enum" else declared.name
    return text + ("?" if declared.optional else "")


def required(declared: ir.Type) -> ir.Type:
    """The type without its `?`."""
    return msgspec.structs.replace(declared, optional=False)
