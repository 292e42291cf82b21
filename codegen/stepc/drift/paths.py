"""The raw paths of two profiles side by side: which are gone, new, or of another type, and what a spec says of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from stepc.check.paths import ELEMENT, covers, key, show, starts
from stepc.drift.measure import Measure
from stepc.ir import AnyElement, DocumentPath, KeyPattern, Program
from stepc.verify.profile import ANY_KEY, KINDS, LIST, MOST_DEPTH, NULL, OBJECT, Node, Profile

MOST_PATHS: Final = 5_000
"""Pairs of paths that are compared; documents with more are compared down to where it ends."""

_ALIKE: Final = 0.5

Use = Literal["read", "sealed", "within", "unread"]
LOOSE: Final = ("within", "unread")
"""Uses of paths whose going and coming says little: parts of a value that is read whole may be data, and the rest nothing reads."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a spec says of a path: read or gone through at `lines`, sealed there, within a value that is read whole at `lines`, or not
    looked at. `below` says whether to look further."""

    use: Use
    lines: tuple[int, ...]
    below: bool


@dataclass(frozen=True, slots=True)
class PathPair:
    """A path on both sides. `old` and `new` are None where it is not there; the measures count where it holds something other than null.

    `parent` is the path above it.
    """

    path: DocumentPath
    parent: DocumentPath
    verdict: Verdict
    old: Node | None
    new: Node | None
    was: Measure
    now: Measure

    @property
    def text(self) -> str:
        """The path as the spec writes it."""
        return show(self.path)


class Reader:
    """What a program says of document paths."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._facts = [(fact.path, fact.whole, fact.span.line) for fact in program.reads]
        self._rules = {
            name: [(path, rule.span.line) for rule in rules for path in rule.paths]
            for name, rules in (("sealed", program.sealed), ("ignore", program.ignore), ("secret", program.secret))
        }

    def verdict(self, path: DocumentPath) -> Verdict | None:
        """The use of a path; None for one that belongs to a value which is ignored, sealed or secret as a whole."""
        depth = len(path.segments)
        secret = [rule for rule, _ in self._rules["secret"] if covers(rule, path)]
        if any(len(rule.segments) < depth for rule in secret):
            return None
        lines = tuple(sorted({line for fact, _, line in self._facts if starts(path, fact)}))
        if lines:
            return Verdict("read", lines, not secret)
        around = tuple(sorted({line for fact, whole, line in self._facts if whole and covers(fact, path)}))
        if around:
            return Verdict("within", around, not secret)
        sealed = [(rule, line) for rule, line in self._rules["sealed"] if covers(rule, path)]
        if sealed:
            at = tuple(sorted({line for rule, line in sealed if len(rule.segments) == depth}))
            return Verdict("sealed", at, False) if at else None
        if any(covers(rule, path) for rule, _ in self._rules["ignore"]):
            return None
        return Verdict("unread", (), not secret)

    def leads_to_events(self, path: DocumentPath) -> bool:
        """Whether episodes or events are found through a key at this path."""
        return any(fact.context in ("episode", "event") and starts(path, fact.path) for fact in self._program.reads)

    def keys_are_data(self, path: DocumentPath) -> bool:
        """Whether the spec looks keys up below a path that it knows at run time only."""
        depth = len(path.segments)
        return any(
            len(fact.segments) > depth
            and isinstance(segment := fact.segments[depth], AnyElement)
            and segment.keys_too
            and starts(path, fact)
            for fact, _, _ in self._facts
        )


def pairs(reader: Reader, old: Profile, new: Profile) -> Iterator[PathPair]:
    """Every path that either side has and the spec has no reason to leave out; below one that a side lacks nothing is named.

    Values that are read whole come last: they may hold any number of keys, which shall cost no other path its place.
    """
    left = MOST_PATHS
    late: deque[PathPair] = deque()
    pending = [
        (DocumentPath(side, ()), old.roots[side], new.roots[side]) for side in sorted(old.roots.keys() & new.roots.keys(), reverse=True)
    ]
    while left and (pending or late):
        first = bool(pending)
        for pair in list(_below(reader, *pending.pop())) if first else [late.popleft()]:
            if first and pair.verdict.use == "within":
                late.append(pair)
                continue
            if not left:
                break
            left -= 1
            yield pair
            if pair.old is not None and pair.new is not None and pair.verdict.below and len(pair.path.segments) < MOST_DEPTH:
                pending.append((pair.path, pair.old, pair.new))


def _below(reader: Reader, path: DocumentPath, old: Node, new: Node) -> Iterator[PathPair]:
    """What stands right below a path, and the spec has no reason to leave out."""
    for segment, was, now in _children(path, old, new, reader):
        below = DocumentPath(path.side, (*path.segments, segment))
        verdict = reader.verdict(below)
        if verdict is not None:
            kind = LIST if isinstance(segment, AnyElement) else OBJECT
            yield PathPair(below, path, verdict, was, now, _measure(was, old, kind), _measure(now, new, kind))


def _children(
    path: DocumentPath, old: Node, new: Node, reader: Reader
) -> Iterator[tuple[KeyPattern | AnyElement, Node | None, Node | None]]:
    if old.other is not None or new.other is not None or reader.keys_are_data(path):
        one, other = old.folded(), new.folded()
        if one is not None or other is not None:
            yield ANY_KEY, one, other
    else:
        for name in sorted(old.keys.keys() | new.keys.keys()):
            yield key(name), old.keys.get(name), new.keys.get(name)
    if old.element is not None or new.element is not None:
        yield ELEMENT, old.element, new.element


def _measure(node: Node | None, parent: Node, kind: int) -> Measure:
    """How often a path holds something, where its parent is of the kind that can have it.

    Folded keys may count documents too often. Elements are counted by documents: how many a list has says nothing of how sure they are.
    """
    documents = parent.documents[kind]
    of = documents if kind == LIST else parent.values[kind]
    if node is None:
        return Measure(0, of, documents, 0, [])
    some = min(node.holding, documents)
    return Measure(some if kind == LIST else min(node.present, of), of, documents, some, [], node.first)


def of_kind(node: Node, kind: int) -> Measure:
    """How often what stands at a path is of one kind."""
    return Measure(node.values[kind], node.present, node.holding, min(node.documents[kind], node.holding), [], node.first)


def kinds(node: Node | None) -> tuple[str, ...]:
    """The kinds of values at a path but null, the most frequent first."""
    if node is None:
        return ()
    found = sorted((-count, index) for index, count in enumerate(node.values) if count and index != NULL)
    return tuple(KINDS[index] for _, index in found)


def renamed(gone: PathPair, new: list[PathPair]) -> str:
    """The new path that a vanished one most likely became, as text: the same key one level further down, or a path beside it, or one
    of the same name elsewhere, with the same kinds of values about as often. Empty where there is none."""
    name = gone.path.segments[-1]
    best: tuple[float, str] | None = None
    for candidate in new:
        wanted = set(kinds(gone.old))
        if isinstance(name, KeyPattern) and candidate.new is not None:
            for list_too, inner in ((False, candidate.new), (True, candidate.new.element)):
                found = inner.keys.get(name.alternatives[0]) if inner is not None else None
                if found is not None and wanted & set(kinds(found)):
                    return show(DocumentPath(candidate.path.side, (*candidate.path.segments, *((ELEMENT,) if list_too else ()), name)))
        beside = candidate.parent == gone.parent
        often = abs(candidate.now.share - gone.was.share) <= _ALIKE
        if wanted & set(kinds(candidate.new)) and often and (beside or candidate.path.segments[-1] == name):
            scored = (-_likeness(gone, candidate) - beside, candidate.text)
            best = min(best, scored) if best is not None else scored
    return best[1] if best is not None else ""


def _likeness(gone: PathPair, candidate: PathPair) -> float:
    """How alike two paths are: in how often they hold something, in the length of texts, in the keys below, in their names."""
    assert gone.old is not None and candidate.new is not None
    ours, theirs = gone.old, candidate.new
    often = 1 - abs(candidate.now.share - gone.was.share)
    lengths = sorted((ours.characters / (ours.present or 1) + 1, theirs.characters / (theirs.present or 1) + 1))
    below = (ours.element or ours).keys.keys(), (theirs.element or theirs).keys.keys()
    shared = len(below[0] & below[1]) / (len(below[0] | below[1]) or 1)
    names = SequenceMatcher(None, show(gone.path)[-40:], candidate.text[-40:], autojunk=False).ratio()
    return often + lengths[0] / lengths[1] + shared + names / 2
