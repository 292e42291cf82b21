"""What stands at the raw paths of some values: kinds, presence, a bounded count of values, text lengths and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from stepc.induce.shapes import shape

Json = Any
Step = str | None
"""A part of a path: a key, or None for every element of a list."""
Path = tuple[Step, ...]

MOST_VALUES: Final = 64
MOST_KEYS: Final = 96
MOST_DEPTH: Final = 24
MOST_ELEMENTS: Final = 5_000
"""Elements of one list that are looked at."""
_VALUE_CHARACTERS: Final = 120
_MOST_KNOWN: Final = 24
_KINDS: dict[type, str] = {dict: "object", list: "list", str: "text", int: "number", float: "number", bool: "boolean", type(None): "null"}


@dataclass(slots=True)
class Node:
    """One path. Counts are of values.

    kinds      how many values of each kind: object, list, text, number, boolean, null
    parents    objects (or lists) that could have had it
    values     scalars by their text, at most `MOST_VALUES` different ones; `more` counts those beyond
    shapes     texts by their shape
    longest, characters   of its texts
    least, most, whole    of its numbers; `whole`: all are integers
    sizes      the lengths of its lists: how often each, bounded
    folded     the object has more keys than `MOST_KEYS`: they are data, and stand under the key `*`
    """

    kinds: dict[str, int] = field(default_factory=dict)
    parents: int = 0
    values: dict[str, int] = field(default_factory=dict)
    more: int = 0
    shapes: dict[str, int] = field(default_factory=dict)
    longest: int = 0
    characters: int = 0
    least: float = float("inf")
    most: float = float("-inf")
    whole: bool = True
    sizes: dict[int, int] = field(default_factory=dict)
    keys: dict[str, Node] = field(default_factory=dict)
    element: Node | None = None
    folded: bool = False

    @property
    def total(self) -> int:
        """All values."""
        return sum(self.kinds.values())

    @property
    def present(self) -> int:
        """Values that are not null."""
        return self.total - self.kinds.get("null", 0)

    @property
    def presence(self) -> float:
        """The share of parents that have it, null not counted."""
        return self.present / self.parents if self.parents else 0.0

    @property
    def texts(self) -> int:
        """How many texts."""
        return self.kinds.get("text", 0)

    @property
    def scalars(self) -> int:
        """How many texts, numbers and booleans."""
        return self.texts + self.kinds.get("number", 0) + self.kinds.get("boolean", 0)

    @property
    def objects(self) -> int:
        """How many objects."""
        return self.kinds.get("object", 0)

    @property
    def lists(self) -> int:
        """How many lists."""
        return self.kinds.get("list", 0)

    @property
    def mean(self) -> float:
        """The mean length of its texts."""
        return self.characters / self.texts if self.texts else 0.0

    @property
    def distinct(self) -> int:
        """How many different scalars, as far as they were told apart."""
        return len(self.values) + self.more

    @property
    def mainly(self) -> str:
        """The commonest kind but null; empty where there is nothing."""
        kinds = {kind: count for kind, count in self.kinds.items() if kind != "null"}
        return max(sorted(kinds), key=lambda kind: kinds[kind]) if kinds else ""

    def at(self, path: Iterable[Step]) -> Node | None:
        """The node at a path below."""
        node: Node | None = self
        for part in path:
            if node is None:
                return None
            node = node.element if part is None else node.keys.get(part)
        return node

    def below(self, *, lists: bool = True) -> Iterator[tuple[Path, Node]]:
        """Every path below with its node, parents first; with `lists=False` elements of lists are left out."""
        pending: list[tuple[Path, Node]] = [((), self)]
        while pending:
            path, node = pending.pop()
            if path:
                yield path, node
            children: list[tuple[Path, Node]] = [((*path, name), child) for name, child in node.keys.items()]
            if lists and node.element is not None:
                children.append(((*path, None), node.element))
            pending += reversed(children)


def add(node: Node, value: Json) -> None:
    """Count a value and what is in it."""
    pending: list[tuple[Node, Json, int]] = [(node, value, 0)]
    while pending:
        at, item, depth = pending.pop()
        kind = _KINDS.get(type(item), "text")
        at.kinds[kind] = at.kinds.get(kind, 0) + 1
        if kind == "object":
            if depth < MOST_DEPTH:
                pending += [(child, entry, depth + 1) for child, entry in _children(at, item)]
        elif kind == "list":
            if len(at.sizes) < MOST_VALUES or len(item) in at.sizes:
                at.sizes[len(item)] = at.sizes.get(len(item), 0) + 1
            if item and depth < MOST_DEPTH:
                if at.element is None:
                    at.element = Node()
                at.element.parents += len(item)
                pending += [(at.element, entry, depth + 1) for entry in reversed(item[:MOST_ELEMENTS])]
        elif kind != "null":
            _scalar(at, item, kind)


def _children(node: Node, value: dict[str, Json]) -> list[tuple[Node, Json]]:
    if not node.folded and len(node.keys.keys() | value.keys()) > MOST_KEYS:
        node.folded = True
        node.keys = {"*": Node()}
    if node.folded:
        return [(node.keys["*"], entry) for entry in value.values()]
    found = []
    for name, entry in value.items():
        child = node.keys.get(name)
        if child is None:
            child = node.keys[name] = Node()
        found.append((child, entry))
    return found


def _scalar(node: Node, value: Json, kind: str) -> None:
    if kind == "text":
        node.longest = max(node.longest, len(value))
        node.characters += len(value)
        looks = shape(value)
        node.shapes[looks] = node.shapes.get(looks, 0) + 1
        shown = value if len(value) <= _VALUE_CHARACTERS else value[:_VALUE_CHARACTERS] + "…"
    else:
        shown = "true" if value is True else "false" if value is False else repr(value)
        if kind == "number":
            node.least, node.most = min(node.least, value), max(node.most, value)
            node.whole = node.whole and float(value).is_integer()
    if shown in node.values or len(node.values) < MOST_VALUES:
        node.values[shown] = node.values.get(shown, 0) + 1
    else:
        node.more += 1


_known: dict[tuple[int, ...], tuple[tuple[Json, ...], Node]] = {}


def settle(node: Node) -> Node:
    """Tell every path how many parents could have had it; to be asked once all values are in."""
    pending = [node]
    while pending:
        at = pending.pop()
        for child in at.keys.values():
            child.parents = at.objects
            pending.append(child)
        if at.element is not None:
            pending.append(at.element)
    return node


def node_of(values: Iterable[Json]) -> Node:
    """The node of some values. It is not to be changed: who asks again for the same values gets it again."""
    kept = tuple(values)
    key = tuple(map(id, kept))
    known = _known.get(key)
    if known is not None:
        return known[1]
    node = Node(parents=len(kept))
    for value in kept:
        add(node, value)
    settle(node)
    # The values are held as long as their node is: nothing else can get their place in memory.
    _known[key] = (kept, node)
    if len(_known) > _MOST_KNOWN:
        del _known[next(iter(_known))]
    return node


def forget() -> None:
    """Let go of the values whose nodes are remembered."""
    _known.clear()


def leaves(value: Json, most: int) -> int:
    """How much is in a value: the scalars and containers in it, at most about `most`."""
    count = 0
    pending = [value]
    while pending and count < most:
        item = pending.pop()
        count += 1
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return count


def without(values: Iterable[Json], places: Iterable[Path]) -> list[Json]:
    """Values without what stands below some of their keys: most of a document are its events, which tell nothing about it."""
    keys = {place[0] for place in places if place and place[0] is not None and (len(place) == 1 or place[1] is None)}
    return [{key: entry for key, entry in value.items() if key not in keys} if isinstance(value, dict) else value for value in values]


def at_path(value: Json, path: Iterable[Step]) -> list[Json]:
    """All values at a path, in order; what is missing or of another shape gives none."""
    found = [value]
    for part in path:
        if part is None:
            found = [entry for item in found if isinstance(item, list) for entry in item]
        else:
            found = [item[part] for item in found if isinstance(item, dict) and part in item]
    return found


def written(path: Iterable[Step], start: str = "") -> str:
    """A path as a spec writes it.

    >>> written(("a", None, "b c"))
    '.a[]["b c"]'
    """
    made = start
    for part in path:
        if part is None:
            made += "[]"
        elif part.isascii() and part.isidentifier():
            made += f".{part}"
        else:
            made += ("" if made else ".") + '["' + quoted(part) + '"]'
    return made or "."


def quoted(text: str) -> str:
    """A text as it stands between double quotes in a spec."""
    out = []
    for character in text:
        if character in '"\\{}':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff":
            out.append(f"\\u{ord(character):04x}")
        else:
            out.append(character)
    return "".join(out)
