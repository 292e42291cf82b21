"""Which raw paths documents have, how often, and with how much text: bounded, in one pass, without keeping any value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stepc.check.paths import ELEMENT, key
from stepc.ir import AnyElement, DocumentPath, KeyPattern

MOST_KEYS = 64
"""An object with more keys than this is a table with data for keys: they are folded into one path `.*`."""

MOST_DEPTH = 64
"""Values nested deeper are not told apart."""

ANY_KEY = KeyPattern(("*",), True)

Segments = tuple[KeyPattern | AnyElement, ...]


class Node:
    """One raw path. `null`, `objects`, `lists` and `scalars` count values by shape; `characters` is the length of its texts."""

    __slots__ = ("characters", "element", "keys", "lists", "null", "objects", "other", "scalars")

    def __init__(self) -> None:
        self.null = 0
        self.objects = 0
        self.lists = 0
        self.scalars = 0
        self.characters = 0
        self.keys: dict[str, Node] = {}
        self.element: Node | None = None
        self.other: Node | None = None

    @property
    def present(self) -> int:
        """How many values stand here that are not null."""
        return self.objects + self.lists + self.scalars

    def below(self, names: Iterable[str]) -> Callable[[str], Node]:
        """Where the values of these keys belong; with more than `MOST_KEYS` different ones, all keys share one node."""
        if self.other is None and len(self.keys.keys() | names) > MOST_KEYS:
            self.other = _merged(list(self.keys.values()))
            self.keys = {}
        other = self.other
        return self._of if other is None else lambda _: other

    def _of(self, name: str) -> Node:
        node = self.keys.get(name)
        if node is None:
            node = self.keys[name] = Node()
        return node

    def children(self) -> Iterator[tuple[KeyPattern | AnyElement, Node]]:
        """The nodes below, keys by name, then elements."""
        for name in sorted(self.keys):
            yield key(name), self.keys[name]
        if self.other is not None:
            yield ANY_KEY, self.other
        if self.element is not None:
            yield ELEMENT, self.element


def _merged(nodes: list[Node]) -> Node:
    into = Node()
    pending = [(into, nodes)]
    while pending:
        target, sources = pending.pop()
        names: dict[str, list[Node]] = {}
        elements: list[Node] = []
        others: list[Node] = []
        for source in sources:
            target.null += source.null
            target.objects += source.objects
            target.lists += source.lists
            target.scalars += source.scalars
            target.characters += source.characters
            for name, node in source.keys.items():
                names.setdefault(name, []).append(node)
            elements += [source.element] if source.element is not None else []
            others += [source.other] if source.other is not None else []
        if others or len(names) > MOST_KEYS:
            target.other = Node()
            pending.append((target.other, others + [node for group in names.values() for node in group]))
        else:
            for name, group in names.items():
                target.keys[name] = Node()
                pending.append((target.keys[name], group))
        if elements:
            target.element = Node()
            pending.append((target.element, elements))
    return into


class Profile:
    """The raw paths of documents and of those beside them. `roots` maps the name of a side document ("": the document) to its node."""

    def __init__(self) -> None:
        self.roots: dict[str, Node] = {}

    def add(self, value: Any, side: str = "") -> None:
        """Count the paths of one document."""
        node = self.roots.setdefault(side, Node())
        pending: list[tuple[Node, Any, int]] = [(node, value, 0)]
        while pending:
            node, value, depth = pending.pop()
            if value is None:
                node.null += 1
            elif isinstance(value, dict):
                node.objects += 1
                if depth < MOST_DEPTH:
                    below = node.below(value)
                    pending += [(below(name), item, depth + 1) for name, item in value.items()]
            elif isinstance(value, list):
                node.lists += 1
                if depth < MOST_DEPTH:
                    if node.element is None:
                        node.element = Node()
                    element = node.element
                    pending += [(element, item, depth + 1) for item in value]
            else:
                node.scalars += 1
                node.characters += len(value) if isinstance(value, str) else 1

    def paths(self) -> Iterator[tuple[DocumentPath, Node, Node | None]]:
        """Every path with its node and its parent's, the document before side documents, parents before children."""
        for side in sorted(self.roots):
            pending: list[tuple[Segments, Node, Node | None]] = [((), self.roots[side], None)]
            while pending:
                segments, node, parent = pending.pop()
                yield DocumentPath(side, segments), node, parent
                below = [((*segments, segment), child, node) for segment, child in node.children()]
                pending += reversed(below)
