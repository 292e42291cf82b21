"""Where a spec writes a document path, and edits of its text that leave every other character as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from stepc.check import printer
from stepc.ir import AnyElement, DocumentPath, KeyPattern, Program, ReadFact
from stepc.syntax import tree

Part = str | None
"""A part of a document path: a key, or None for every element of a list."""
Parts = tuple[Part, ...]


class Edit(NamedTuple):
    """Replace the text from `start` to `end`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that do not overlap; the same edit twice counts once."""
    for edit in sorted(set(edits), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def overlapping(one: Iterable[Edit], other: Iterable[Edit]) -> bool:
    """Whether two sets of edits touch the same text."""
    known = list(other)
    return any((a.start < b.end and b.start < a.end) or (a.start == b.start and a != b) for a in one for b in known)


@dataclass(frozen=True, slots=True)
class Place:
    """A path as it is written: `parts` are those of the document path, of which the last are in `path`; `whole`: all below is read."""

    side: str
    parts: Parts
    path: tree.Path
    context: str
    whole: bool = False

    @property
    def first(self) -> int:
        """The index in `parts` of the first written segment."""
        return len(self.parts) - len(self.path.segments)


@dataclass(frozen=True, slots=True)
class RulePlace:
    """A path of `sealed`, `secret`, `ignore` or `before`."""

    pattern: tree.PathPattern

    @property
    def side(self) -> str:
        """The side document it is of."""
        return "" if self.pattern.base is None else self.pattern.base.text


def parts_of(path: DocumentPath) -> Parts | None:
    """The parts of a path; None where a part is known at run time only."""
    found: list[Part] = []
    for segment in path.segments:
        if isinstance(segment, AnyElement):
            if segment.keys_too:
                return None
            found.append(None)
        elif isinstance(segment, KeyPattern) and len(segment.alternatives) == 1 and not segment.glob:
            found.append(segment.alternatives[0])
        else:
            return None
    return tuple(found)


def places(file: tree.File, program: Program) -> list[Place]:
    """Every path of the spec that reads a document, once for each place."""
    nodes = sorted(walk(file, tree.Path), key=lambda path: path.span.start)
    found: dict[tuple[int, Parts], Place] = {}
    for fact in program.reads:
        parts = parts_of(fact.path)
        if parts is None:
            continue
        for node in nodes:
            if fact.span.start <= node.span.start and node.span.end <= fact.span.end:
                within = _within_event(node) if fact.of else node
                if _aligned(within, parts, fact):
                    found.setdefault((node.span.start, parts), Place(fact.path.side, parts, within, fact.context, fact.whole))
    events = [parts for fact in program.reads if fact.context == "event" and (parts := parts_of(fact.path)) is not None]
    placed = {start for start, _ in found}
    for item in file.items:
        if isinstance(item, tree.Match) and len(events) == 1:
            # What a `let` names is read where the name is used; it is written here.
            for node in walk(item, tree.Path):
                if node.base is None and node.segments and node.span.start not in placed:
                    parts = (*events[0], *(segment.key if isinstance(segment, tree.Field) else None for segment in node.segments))
                    found[node.span.start, parts] = Place("", parts, node, "match")
        if isinstance(item, tree.Source):
            for episode in (item.episode, *(given.episode for given in item.inputs)):
                if isinstance(episode, tree.EpisodePath) and not episode.path.segments:
                    # The document itself: nothing is read, but it may come to lie deeper.
                    found[episode.path.span.start, ()] = Place("", (), episode.path, "episode")
    return [found[key] for key in sorted(found, key=lambda key: (key[0], len(key[1])))]


def rule_places(file: tree.File) -> list[RulePlace]:
    """Every path of a rule."""
    found: list[RulePlace] = []
    for item in file.items:
        if isinstance(item, tree.Paths):
            found += [RulePlace(pattern) for rule in item.rules for pattern in rule.paths]
        elif isinstance(item, tree.Source):
            found += [RulePlace(pattern) for beside in item.beside for pattern in beside.before]
    return found


def _within_event(node: tree.Path) -> tree.Path:
    """What is written behind `first.<kind>` or `last.<kind>`."""
    return msgspec.structs.replace(node, segments=node.segments[1:]) if node.base is not None else node


def _aligned(node: tree.Path, parts: Parts, fact: ReadFact) -> bool:
    if len(node.segments) > len(parts) or (not node.segments and fact.context not in ("episode", "event")):
        return False
    written = parts[len(parts) - len(node.segments) :]
    return all(
        (segment.key == part) if isinstance(segment, tree.Field) else part is None
        for segment, part in zip(node.segments, written, strict=True)
    )


def walk(value: Any, kind: type[tree.Node]) -> Iterator[Any]:
    """Every node of a kind below a node, in no particular order."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, kind):
            yield item
        if isinstance(item, msgspec.Struct):
            pending += [getattr(item, name) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            pending += item


def replaced(place: Place, begin: int, end: int, new: Parts) -> Edit | None:
    """The edit that writes `new` for the parts from `begin` to `end`; None where they are not written at this place."""
    segments = place.path.segments
    low, high = begin - place.first, end - place.first
    if low < 0 or high > len(segments):
        return None
    lists = place.context in ("episode", "event")
    text = written(new, lists=lists)
    if not segments:
        return Edit(place.path.span.start, place.path.span.end, text)
    start = segments[low].span.start if low < len(segments) else segments[-1].span.end
    stop = segments[high - 1].span.end if high > low else start
    rest = segments[high:]
    base = place.path.base is not None
    if low == 0 and not base and not text:
        # A path cannot be without a dot in front; what follows brings its own, but for an index.
        text = "." if not rest or not isinstance(rest[0], tree.Field) else ""
    elif low == 0 and not base and text.startswith("["):
        text = "." + text
    if low == 0 and not base and place.path.span.start < start:
        start = place.path.span.start
    return Edit(start, stop, text)


def replaced_in_rule(place: RulePlace, begin: int, old: Parts, new: Parts) -> Edit | None:
    """The edit of a rule's path that has `old` from `begin` on; a choice is changed where one alternative is renamed."""
    segments = place.pattern.segments
    end = begin + len(old)
    if end > len(segments):
        return None
    for segment, part in zip(segments[begin:end], old, strict=True):
        if isinstance(segment, tree.PatternEvery) != (part is None):
            return None
        if isinstance(segment, tree.PatternKey) and segment.alternatives != (part,):
            return None
    text = written(new, lists=True)
    if not text and (begin == 0 or end == begin):
        return None
    start = segments[begin].span.start if begin < len(segments) else place.pattern.span.end
    return Edit(start, segments[end - 1].span.end if end > begin else start, text)


def written(parts: Parts, *, lists: bool) -> str:
    """Parts as they stand behind a path; with `lists` every element is walked, else the first one is read."""
    text = ""
    for part in parts:
        text += ("[]" if lists else "[0]") if part is None else printer.key(part, first=False)
    return text
