"""What a function's expressions have in common: keys that tell equal expressions, and which raw values are only stepped through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any

import msgspec

from stepc import ir

Key = tuple[Any, ...]

_PLACES = frozenset({"span", "site"})


def key_of(node: ir.Base) -> Key:
    """Equal for nodes that mean the same, wherever they stand. (`==` would take a 1 for a true.)"""
    found: Key = _key(node)
    return found


@singledispatch
def _key(node: Any) -> Any:
    if isinstance(node, msgspec.Struct):
        return (type(node).__name__, *(_key(getattr(node, name)) for name in node.__struct_fields__ if name not in _PLACES))
    if isinstance(node, tuple):
        return tuple(_key(item) for item in node)
    return (type(node).__name__, node)


@_key.register
def _(node: ir.Type) -> Any:
    return (node.name, node.optional, node.enum, None if node.item is None else _key(node.item))


def path_key(base: ir.AnyExpression, segments: tuple[ir.AnySegment, ...]) -> Key:
    """The key of a raw value below a base."""
    if isinstance(base, ir.Path):
        return path_key(base.base, (*base.segments, *segments))
    return ("path", base_name(base), *(_key(segment) for segment in segments))


def base_name(base: ir.AnyExpression) -> Key:
    """The key of what a path starts from. Types are left out: narrowing must not split a value in two."""
    if isinstance(base, ir.Root):
        return ("root", base.root, base.name)
    if isinstance(base, ir.Local):
        return ("local", base.name)
    return key_of(base)


def flat(path: ir.Path) -> ir.Path:
    """The same path without a path as its base."""
    while isinstance(path.base, ir.Path):
        path = msgspec.structs.replace(path, base=path.base.base, segments=(*path.base.segments, *path.segments))
    return path


def children(node: Any) -> Iterator[ir.Base]:
    """The expressions and statements directly below a node."""
    if isinstance(node, ir.Has):
        yield from children(node.path)
        return
    if isinstance(node, ir.Path):
        if not isinstance(node.base, ir.Root | ir.Local):
            yield node.base
        for segment in node.segments:
            if isinstance(segment, ir.DynamicSegment):
                yield segment.value
        return
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, ir.Base):
                yield item
            elif isinstance(item, tuple):
                yield from (part for part in item if isinstance(part, ir.Expression))


def walk(nodes: Iterable[Any]) -> Iterator[Any]:
    """All nodes of these trees, expressions and statements."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))


class Uses:
    """What a function does with raw values.

    `values` are raw values used for themselves, `reads` those used as one type, `objects` and `lists` those stepped into. A value with a
    single use may be made to fit it in place. `calls` counts equal calls.
    """

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.values: set[Key] = set()
        self.reads: dict[Key, set[str]] = {}
        self.objects: set[Key] = set()
        self.lists: set[Key] = set()
        self.calls: Counter[Key] = Counter()
        self.locals: set[str] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            read = _reading(node)
            if read is None:
                self._note(node)
                pending.extend(children(node))
            else:
                path, kind = read
                self._steps(path, last_is_value=False)
                self.reads.setdefault(path_key(path.base, path.segments), set()).add(kind)
                pending.extend(children(path))

    def _note(self, node: Any) -> None:
        match node:
            case ir.Has():
                self._steps(flat(node.path), last_is_value=False)
            case ir.Path():
                self._steps(flat(node), last_is_value=True)
            case ir.Root():
                self.values.add(path_key(node, ()))
            case ir.Local():
                self.values.add(path_key(node, ()))
                self.locals.add(node.name)
            case ir.Call():
                self.calls[key_of(node)] += 1
            case _:
                pass

    def _steps(self, path: ir.Path, *, last_is_value: bool) -> None:
        segments = path.segments
        if isinstance(path.base, ir.Local):
            self.locals.add(path.base.name)
        for count, segment in enumerate(segments):
            key = path_key(path.base, segments[:count])
            if isinstance(segment, ir.KeySegment):
                self.objects.add(key)
            elif isinstance(segment, ir.IndexSegment):
                self.lists.add(key)
            else:
                self.values.add(key)
        if last_is_value:
            self.values.add(path_key(path.base, segments))

    def only_read(self, key: Key, kind: str) -> bool:
        """Whether the value is used as one type and in no other way."""
        return (
            key in self.reads
            and self.reads[key] <= ({kind, "text", "nonempty"} if kind == "str" else {kind})
            and key not in self.values
            and key not in self.objects
            and key not in self.lists
        )

    def only_text(self, key: Key) -> bool:
        """Whether the value is used as a text that the checker knows to be one."""
        return (
            self.reads.get(key, set()) <= {"text", "nonempty"} and key in self.reads and key not in self.values and key not in self.objects
        )

    def only_object(self, key: Key) -> bool:
        """Whether the value is nothing but an object that is read by key."""
        return key in self.objects and not self._used(key) and key not in self.lists

    def only_list(self, key: Key) -> bool:
        """Whether the value is nothing but a list that is read by index."""
        return key in self.lists and not self._used(key) and key not in self.objects

    def _used(self, key: Key) -> bool:
        return key in self.values or key in self.reads


def _reading(node: Any) -> tuple[ir.Path, str] | None:
    """The raw value that a node reads as a text or a flag, with the kind."""
    match node:
        case ir.Read():
            kind, inner = node.type.name, node.value
        case ir.Cast():
            kind, inner = "text" if node.type.name == "str" and not node.type.optional else node.type.name, node.value
        case ir.Nonempty():
            kind, inner = "nonempty", node.operand
        case _:
            return None
    if kind not in ("str", "text", "bool", "nonempty") or inner.type.name != "json":
        return None
    if isinstance(inner, ir.Local):
        return ir.Path(inner.type, inner.span, inner, (), ""), kind
    return (flat(inner), kind) if isinstance(inner, ir.Path) else None
