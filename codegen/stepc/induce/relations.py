"""What values have to do with one another: which name others, which rise along a list, which are times, which hold JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from stepc.induce.families import Family
from stepc.induce.nodes import MOST_DEPTH, MOST_ELEMENTS, Json, Node, Path

_MOST_LEAVES: Final = 400_000
_MOST_PATHS: Final = 48
_MOST_PARSED: Final = 40
_MOST_JSON: Final = 100_000
_MOST_KEYS: Final = 12
_LONGEST_ID: Final = 200
_NEARLY: Final = 0.9
_FEW: Final = 3
_SINCE_1970: Final = (("seconds", 1.0), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9))
_YEAR_2000, _YEAR_2040 = 946_684_800, 2_208_988_800


@dataclass(slots=True)
class Relation:
    """What is known of one path beyond its own values. Everything may be missing.

    names    the path whose values its values are, with the share of its values that are there
    order    how numbers and times go on along the list that they stand in: `counts up`, `rises`, `never falls`, `falls`
    time     in which form it tells a time
    twice    every value stands in two records of the list: they belong together
    holds    `list`, or the keys of the objects, in JSON that texts hold
    """

    names: tuple[Path, float] | None = None
    order: str = ""
    time: str = ""
    twice: bool = False
    holds: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is known."""
        return self == Relation()


@dataclass(slots=True)
class _Row:
    """Counts of one path along lists."""

    instance: int = -1
    last: Any = None
    rises: int = 0
    ones: int = 0
    equal: int = 0
    falls: int = 0

    def go(self, instance: int, value: Any) -> None:
        """Count one value that follows the last one of the same list."""
        if instance == self.instance and isinstance(value, str) == isinstance(self.last, str):
            self.rises += value > self.last
            self.equal += value == self.last
            self.falls += value < self.last
            self.ones += not isinstance(value, str) and value == self.last + 1
        self.instance, self.last = instance, value

    @property
    def order(self) -> str:
        """What the counts say; empty where there is no order."""
        count = self.rises + self.equal + self.falls
        if count < _FEW or (self.falls and self.rises) or self.equal == count:
            return ""
        if self.falls:
            return "falls" if not self.equal else ""
        return ("counts up" if self.ones == count else "rises") if not self.equal else "never falls"


@dataclass(slots=True)
class _Reference:
    """Values of one path that stand at another."""

    found: int = 0
    of: int = 0
    different: set[str] = field(default_factory=set)


def relations(family: Family) -> dict[Path, Relation]:
    """The relations of a family's paths, from as many of its documents as a bound allows. Text files have none."""
    if family.form == "text":
        return {}
    nodes = {path: node for path, node in family.root.below() if node.scalars}
    named = [path for path, node in nodes.items() if _names_something(node)][:_MOST_PATHS]
    rows: dict[Path, _Row] = {}
    references: dict[tuple[Path, Path], _Reference] = {}
    pairs: dict[Path, list[int]] = {}
    texts: dict[Path, list[str]] = {}
    left = _MOST_LEAVES
    instance = 0
    for scope in _scopes(family):
        values: dict[Path, list[str]] = {path: [] for path in named}
        own = instance
        for document in scope:
            for path, value, inner in _scalars(document, instance):
                left -= 1
                instance = max(instance, inner)
                if not isinstance(value, bool) and (ordered := _ordered(value)) is not None:
                    rows.setdefault(path, _Row()).go(inner if inner > own and None in path else own, ordered)
                if isinstance(value, str) and value[:1] in "[{" and len(held := texts.setdefault(path, [])) < _MOST_PARSED:
                    held.append(value)
                if path in values and value != "":
                    values[path].append(str(value))
            instance += 1
            if left <= 0:
                break
        instance += 1
        _refer(values, references, pairs)
        if left <= 0:
            break
    made = {path: Relation(order=rows[path].order if path in rows else "", time=_time(node)) for path, node in nodes.items()}
    for path, held in texts.items():
        if path in made and nodes[path].shapes.get("json", 0) >= 0.5 * nodes[path].texts:
            made[path].holds = _held(held)
    for path, target, share in _best(references, named):
        made[path].names = (target, share)
    for path, (two, all_) in pairs.items():
        made[path].twice = all_ >= _FEW and two >= _NEARLY * all_
    return {path: relation for path, relation in made.items() if not relation.empty}


def _scopes(family: Family) -> Iterator[Sequence[Json]]:
    """What values name each other in: a file of lines, or one document."""
    for file in family.files:
        if family.form == "jsonl" and len(file.documents) > 1 and not any(_holds_lists(item) for item in file.documents[:20]):
            yield file.documents
        else:
            yield from ([document] for document in file.documents)


def _holds_lists(document: Json) -> bool:
    """Whether a line is a run of its own: a list of several objects stands in it."""
    values = document.values() if isinstance(document, dict) else ()
    return any(isinstance(value, list) and sum(isinstance(item, dict) for item in value) > 1 for value in values)


def _scalars(document: Json, instance: int) -> Iterator[tuple[Path, Any, int]]:
    """Every scalar in order, with its path and the number of the innermost list that it stands in."""
    pending: list[tuple[Path, Json, int]] = [((), document, instance)]
    lists = instance
    while pending:
        path, value, inner = pending.pop()
        if len(path) > MOST_DEPTH:
            continue
        if isinstance(value, dict):
            pending += reversed([((*path, name), entry, inner) for name, entry in value.items()])
        elif isinstance(value, list):
            lists += 1
            pending += reversed([((*path, None), entry, lists) for entry in value[:MOST_ELEMENTS]])
        elif value is not None:
            yield path, value, inner


def _ordered(value: Any) -> Any:
    """A number, or a text that is a time, to be compared; None for others."""
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or not value[:1].isdigit() or len(value) > 40:
        return None
    if value.isdecimal() and value.isascii():
        return int(value)
    return value if value[4:5] == "-" and value[7:8] == "-" else None


def _names_something(node: Node) -> bool:
    """Whether values may be names of something: short texts without blanks of which there are several."""
    if not node.texts or node.texts < node.scalars or node.longest > _LONGEST_ID or node.distinct < _FEW:
        return False
    return sum(node.shapes.get(kind, 0) for kind in ("id", "uuid", "word", "number", "empty")) >= _NEARLY * node.texts


def _refer(values: dict[Path, list[str]], references: dict[tuple[Path, Path], _Reference], pairs: dict[Path, list[int]]) -> None:
    """Count which values of one scope stand at another path of it, where they stand once."""
    sets = {path: set(found) for path, found in values.items() if found}
    for target, known in sets.items():
        if len(known) < len(values[target]):
            counts: dict[str, int] = {}
            for value in values[target]:
                counts[value] = counts.get(value, 0) + 1
            two, all_ = pairs.get(target, [0, 0])
            pairs[target] = [two + sum(count == 2 for count in counts.values()), all_ + len(counts)]
            continue
        pairs[target] = [pairs.get(target, [0, 0])[0], pairs.get(target, [0, 0])[1] + len(known)]
        for path, mine in sets.items():
            if path != target:
                entry = references.setdefault((path, target), _Reference())
                common = mine & known
                entry.found += len(common)
                entry.of += len(mine)
                entry.different |= set(sorted(common)[:_FEW]) if len(entry.different) < _FEW else set()


def _best(references: dict[tuple[Path, Path], _Reference], order: Sequence[Path]) -> Iterator[tuple[Path, Path, float]]:
    """For every path the one that its values name: the later of two names the earlier."""
    place = {path: number for number, path in enumerate(order)}
    kept = {
        pair: entry.found / entry.of
        for pair, entry in references.items()
        if entry.of and entry.found >= _NEARLY * entry.of and len(entry.different) >= _FEW
    }
    for path in order:
        found = [
            (-share, place[target], target, share)
            for (mine, target), share in kept.items()
            if mine == path and ((target, path) not in kept or place[target] < place[path])
        ]
        if found:
            yield path, min(found)[2], round(min(found)[3], 4)


def _time(node: Node) -> str:
    """In which form a path tells a time; empty where it does not."""
    if node.texts and node.shapes.get("time", 0) >= _NEARLY * node.scalars:
        return "ISO 8601"
    if node.kinds.get("number", 0) == node.scalars:
        least, most = node.least, node.most
    elif node.texts == node.scalars and node.shapes.get("number", 0) == node.texts and not node.keys:
        digits = [float(value) for value in node.values if value.isascii() and value.isdecimal()]
        if len(digits) < len(node.values):
            return ""
        least, most = min(digits), max(digits)
    else:
        return ""
    for unit, scale in _SINCE_1970:
        if _YEAR_2000 * scale < least and most < _YEAR_2040 * scale:
            return f"{unit} since 1970"
    return ""


def _held(texts: Sequence[str]) -> tuple[str, ...]:
    """The keys of the objects that texts hold as JSON, commonest first, or `list`."""
    counts: dict[str, int] = {}
    for text in texts:
        try:
            value = orjson.loads(text[:_MOST_JSON])
        except orjson.JSONDecodeError:
            continue
        for name in value if isinstance(value, dict) else ["list"] if isinstance(value, list) else []:
            counts[name] = counts.get(name, 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_KEYS])
