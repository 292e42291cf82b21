"""A syntax tree as an S-expression: what the corpus holds. Spans and empty fields are left out; the rest is `(Kind field: value)`."""

from __future__ import annotations

import json

import msgspec

from stepc.syntax import tree

WIDTH = 120


def sexpr(node: object, indent: int = 0) -> str:
    """One value: on one line where it fits, else one field a line."""
    flat = _flat(node)
    if len(flat) + indent <= WIDTH or not isinstance(node, tree.Node | tuple) or isinstance(node, tree.Name):
        return flat
    inside = " " * (indent + 2)
    if isinstance(node, tuple):
        return "[\n" + "".join(f"{inside}{sexpr(item, indent + 2)}\n" for item in node) + " " * indent + "]"
    lines = []
    for name, value in _fields(node):
        head = f"{inside}{name}: "
        lines.append(head + sexpr(value, indent + 2) + "\n")
    return f"({_kind(node)}\n" + "".join(lines) + " " * indent + ")"


def _flat(node: object) -> str:
    if isinstance(node, tree.Name):
        return node.text
    if isinstance(node, tree.Node):
        fields = "".join(f" {name}: {_flat(value)}" for name, value in _fields(node))
        return f"({_kind(node)}{fields})"
    if isinstance(node, tuple):
        return "[" + ", ".join(_flat(item) for item in node) + "]"
    return json.dumps(node, ensure_ascii=False)


def _kind(node: tree.Node) -> str:
    return type(node).__name__.rstrip("_")


def _fields(node: tree.Node) -> list[tuple[str, object]]:
    found = []
    for field in msgspec.structs.fields(node):
        value = getattr(node, field.name)
        empty = value is None or value == () or value is False
        if not field.name.endswith("span") and (not empty or (isinstance(node, tree.Literal_) and field.name == "value")):
            found.append((field.name, value))
    return found
