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


KINDS = ("null", "object", "list", "text", "number", "boolean")
"""The kinds of JSON values that a node tells apart, in the order of its counts."""

NULL, OBJECT, LIST, TEXT, NUMBER, BOOLEAN = range(len(KINDS))
_KIND: dict[type, int] = {type(None): NULL, dict: OBJECT, list: LIST, str: TEXT, int: NUMBER, float: NUMBER, bool: BOOLEAN}


class Node:
    """One raw path.

    values       how many values of each of `KINDS` stand here
    documents    in how many documents a value of that kind stands here; of folded keys an upper bound
    holding      in how many documents anything but null stands here
    characters   the length of its texts
    first        the first document that has it, as whoever filled the profile calls it
    """

    __slots__ = ("_last", "_last_holding", "characters", "documents", "element", "first", "holding", "keys", "other", "values")

    def __init__(self) -> None:
        self.values = [0] * len(KINDS)
        self.documents = [0] * len(KINDS)
        self.holding = 0
        self.characters = 0
        self.first = ""
        self.keys: dict[str, Node] = {}
        self.element: Node | None = None
        self.other: Node | None = None
        self._last = [0] * len(KINDS)
        self._last_holding = 0

    def count(self, kind: int, document: int) -> None:
        """Count a value of a kind in a document; documents have numbers above 0, one after the other."""
        self.values[kind] += 1
        if self._last[kind] != document:
            self._last[kind] = document
            self.documents[kind] += 1
            if kind != NULL and self._last_holding != document:
                self._last_holding = document
                self.holding += 1

    @property
    def null(self) -> int:
        """How many nulls stand here."""
        return self.values[NULL]

    @property
    def objects(self) -> int:
        """How many objects."""
        return self.values[OBJECT]

    @property
    def lists(self) -> int:
        """How many lists."""
        return self.values[LIST]

    @property
    def scalars(self) -> int:
        """How many texts, numbers and booleans."""
        return self.values[TEXT] + self.values[NUMBER] + self.values[BOOLEAN]

    @property
    def present(self) -> int:
        """How many values stand here that are not null."""
        return sum(self.values) - self.values[NULL]

    def below(self, names: Iterable[str]) -> Callable[[str], Node]:
        """Where the values of these keys belong; with more than `MOST_KEYS` different ones, all keys share one node."""
        if self.other is None and len(self.keys.keys() | names) > MOST_KEYS:
            self.other = _merged(list(self.keys.values()))
            self.keys = {}
        other = self.other
        return self._of if other is None else lambda _: other

    def elements(self) -> Node:
        """Where the elements of the lists belong."""
        if self.element is None:
            self.element = Node()
        return self.element

    def _of(self, name: str) -> Node:
        node = self.keys.get(name)
        if node is None:
            node = self.keys[name] = Node()
        return node

    def absorb(self, other: Node) -> None:
        """Add the counts of another path, but not what stands below it. Documents that have both are then counted twice."""
        self.values = [mine + theirs for mine, theirs in zip(self.values, other.values, strict=True)]
        self.documents = [mine + theirs for mine, theirs in zip(self.documents, other.documents, strict=True)]
        self.holding += other.holding
        self.characters += other.characters
        self.first = self.first or other.first
        self._last = [max(mine, theirs) for mine, theirs in zip(self._last, other._last, strict=True)]
        self._last_holding = max(self._last_holding, other._last_holding)

    def folded(self) -> Node | None:
        """The node of all keys together, whatever they are; None where there are none."""
        nodes = [*self.keys.values(), *([self.other] if self.other is not None else [])]
        return _merged(nodes) if nodes else None

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
            target.absorb(source)
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
        self._documents: dict[str, int] = {}

    def add(self, value: Any, side: str = "", *, at: Iterable[str | None] = (), more: bool = False, place: str = "") -> None:
        """Count the paths of one document.

        `at` leads to where the value stands in its document (None: an element of a list), `more` says that it belongs to the document of
        the call before, and `place` is what the document is called.
        """
        node = self.roots.setdefault(side, Node())
        for name in at:
            node = node.elements() if name is None else node.below((name,))(name)
        document = self._documents[side] = self._documents.get(side, 0) + (not more or side not in self._documents)
        pending: list[tuple[Node, Any, int]] = [(node, value, 0)]
        while pending:
            node, value, depth = pending.pop()
            kind = _KIND.get(type(value), TEXT)
            node.count(kind, document)
            if kind > LIST:
                node.characters += len(value) if kind == TEXT else 1
            node.first = node.first or place
            if kind == OBJECT and depth < MOST_DEPTH:
                below = node.below(value)
                pending += [(below(name), item, depth + 1) for name, item in value.items()]
            elif kind == LIST and depth < MOST_DEPTH:
                element = node.elements()
                pending += [(element, item, depth + 1) for item in value]

    def paths(self) -> Iterator[tuple[DocumentPath, Node, Node | None]]:
        """Every path with its node and its parent's, the document before side documents, parents before children."""
        for side in sorted(self.roots):
            pending: list[tuple[Segments, Node, Node | None]] = [((), self.roots[side], None)]
            while pending:
                segments, node, parent = pending.pop()
                yield DocumentPath(side, segments), node, parent
                below = [((*segments, segment), child, node) for segment, child in node.children()]
                pending += reversed(below)
