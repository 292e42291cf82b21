"""Changes of a spec that follow paths: renamed, moved, put into something or taken out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stepc.check.paths import ELEMENT, key
from stepc.drift.paths import Reader
from stepc.induce.nodes import Node
from stepc.induce.nodes import written as shown
from stepc.induce.update.likeness import Lost, likeness
from stepc.induce.update.picture import Picture
from stepc.induce.update.places import Edit, Parts, RulePlace, places, replaced, replaced_in_rule, rule_places, written
from stepc.ir import DocumentPath, Program
from stepc.syntax import tree

MOST_PATHS = 600
_LIKELY = 0.3
_EACH = 5
"""Places that a lost path is looked for at."""


@dataclass(frozen=True, slots=True)
class Change:
    """Edits that belong together.

    title      what they follow
    likeness   how much speaks for it, from 0 to 1
    depth      how deep the place lies: of two changes with the same gain the higher one is meant, with everything below it
    """

    title: str
    edits: tuple[Edit, ...]
    likeness: float
    depth: int = 0


class Moves:
    """What may have become of the paths of one spec."""

    def __init__(self, text: str, file: tree.File, program: Program, new: Picture, old: Picture | None) -> None:
        self._text = text
        self._new = new
        self._old = old
        self._places = places(file, program)
        self._rules = rule_places(file)
        self._values = _compared(file)
        found = list(_unread(Reader(program), new))
        self._unread = [(side, parts, node) for side, parts, node, within in found if not within]
        self._within = [(side, parts, node) for side, parts, node, within in found if within]

    def changes(self) -> Iterator[Change]:
        """All that are likely, in no order."""
        lost = self._lost()
        for side, one in lost:
            ranked = [(likeness(one, parts, node), parts) for at, parts, node in self._unread if at == side]
            # In a value that is read whole, a key is sought where it stood: elsewhere anything may be data.
            ranked += [
                (likeness(one, parts, node), parts) for at, parts, node in self._within if at == side and parts[:-1] == one.parts[:-1]
            ]
            for like, parts in sorted(ranked, key=lambda item: (-item[0], item[1] != one.parts, shown(item[1])))[:_EACH]:
                if like >= _LIKELY:
                    yield from self._moved(side, one.parts, parts, like)
        roots = {(side, one.parts) for side, one in lost}
        yield from self._everywhere(lost)
        yield from self._nested(roots)
        yield from self._taken_out(roots)
        yield from self._wrapped()
        yield from self._unwrapped()

    @property
    def complete(self) -> bool:
        """Whether nothing is lost."""
        return not self._lost()

    def met(self) -> float:
        """The share of read paths that the new documents have."""
        found = {(place.side, place.parts) for place in self._places if place.parts}
        there = [self._new.at(side, parts) is not None or self._ends_in_list(side, parts) for side, parts in found]
        return sum(there) / len(there) if there else 0.0

    def _ends_in_list(self, side: str, parts: Parts) -> bool:
        return parts[-1] is None and (node := self._new.at(side, parts[:-1])) is not None and node.lists > 0

    # ---- what is lost

    def _lost(self) -> list[tuple[str, Lost]]:
        found: dict[tuple[str, Parts], None] = {}
        for place in self._places:
            end = self._missing(place.side, place.parts)
            if end is None:
                continue
            if self._old is not None and self._old.at(place.side, place.parts[:end]) is None:
                continue  # it was not there before either
            found.setdefault((place.side, place.parts[:end]))
            if place.parts[-1] is not None:
                found.setdefault((place.side, place.parts))
        return [(side, self._described(side, parts)) for side, parts in found]

    def _missing(self, side: str, parts: Parts) -> int | None:
        """How much of a path is not there any more: up to the first key that is missing, or that should be a list and is none."""
        if side not in self._new.roots:
            return None
        for index, part in enumerate(parts):
            above = self._new.at(side, parts[:index])
            if above is None:
                return None  # an empty list, or null: nothing is known of what would be in it
            if part is None:
                if not above.lists:
                    return index or None
            elif self._new.at(side, parts[: index + 1]) is None:
                return index + 1
        return None

    def _described(self, side: str, parts: Parts) -> Lost:
        below: set[str] = set()
        walked = False
        for place in self._places:
            if place.side == side and place.parts[: len(parts)] == parts and len(place.parts) > len(parts):
                rest = place.parts[len(parts) :]
                walked = walked or rest[0] is None
                first = next((part for part in rest if part is not None), None)
                if first is not None and len(rest) > 0 and (rest[0] == first or (len(rest) > 1 and rest[1] == first)):
                    below.add(first)
        old = self._old.at(side, parts) if self._old is not None else None
        own = frozenset().union(*(self._values.get(place.path.span.start, frozenset()) for place in self._places if place.parts == parts))
        whole = any(place.whole for place in self._places if place.side == side and place.parts == parts)
        return Lost(parts, frozenset(below), walked, whole, old, own)

    # ---- one path

    def _moved(self, side: str, old: Parts, new: Parts, like: float) -> Iterator[Change]:
        common = 0
        while common < min(len(old), len(new)) and old[common] == new[common]:
            common += 1
        if new[common:].count(None) != old[common:].count(None):
            return  # one value would be taken for many, or many for one
        edits = self._edits(side, old, common, new)
        if edits:
            yield Change(f"`{shown(old)}` is now `{shown(new)}`", edits, like, len(old))

    def _edits(self, side: str, old: Parts, common: int, new: Parts) -> tuple[Edit, ...]:
        edits: set[Edit] = set()
        for place in self._places:
            if place.side != side or place.parts[: len(old)] != old:
                continue
            edit = replaced(place, common, len(old), new[common:])
            if edit is not None:
                edits.add(edit)
            elif place.first < len(old):
                return ()
        for rule in self._rules:
            if rule.side == side and _fits(rule, old[:common]):
                edit = replaced_in_rule(rule, common, old[common:], new[common:]) or self._in_choice(rule, old, new)
                if edit is not None:
                    edits.add(edit)
        return tuple(sorted(edits))

    def _in_choice(self, rule: RulePlace, old: Parts, new: Parts) -> Edit | None:
        """The rename of one alternative of `.{a, b}`."""
        end = len(old) - 1
        if len(new) != len(old) or old[:-1] != new[:-1] or old[-1] is None or new[-1] is None or not new[-1].isidentifier():
            return None
        if not _fits(rule, old[:-1]) or len(rule.pattern.segments) <= end:
            return None
        segment = rule.pattern.segments[end]
        if not isinstance(segment, tree.PatternKey) or len(segment.alternatives) < 2 or old[-1] not in segment.alternatives:
            return None
        stretch = self._text[segment.span.start : segment.span.end]
        at = _word(stretch, old[-1])
        return Edit(segment.span.start + at, segment.span.start + at + len(old[-1]), new[-1]) if at >= 0 else None

    # ---- several paths at once

    def _everywhere(self, lost: Sequence[tuple[str, Lost]]) -> Iterator[Change]:
        """A key that has another name wherever it stood."""
        unread = {(side, parts): node for side, parts, node in self._unread}
        renames: dict[tuple[str, str], list[tuple[str, Lost, float]]] = {}
        for side, one in lost:
            old = one.parts[-1]
            for at, parts in unread:
                new = parts[-1]
                if at == side and old is not None and new is not None and parts[:-1] == one.parts[:-1]:
                    like = likeness(one, parts, unread[at, parts])
                    if like >= _LIKELY:
                        renames.setdefault((old, new), []).append((side, one, like))
        for (old, new), found in renames.items():
            if len(found) < 2:
                continue
            edits: set[Edit] = set()
            for side, one, _ in found:
                edits |= set(self._edits(side, one.parts, len(one.parts) - 1, (*one.parts[:-1], new)))
            if edits:
                yield Change(f"`{old}` is now `{new}` everywhere", tuple(sorted(edits)), max(like for _, _, like in found))

    def _nested(self, lost: set[tuple[str, Parts]]) -> Iterator[Change]:
        """Keys that now stand in a new object beside which they stood."""
        for side, parts, node in self._unread:
            parent, name = parts[:-1], parts[-1]
            inside = node.keys.keys()
            gone = [old[-1] for at, old in lost if at == side and old[:-1] == parent and old[-1] in inside]
            if not gone or name is None:
                continue
            edits: set[Edit] = set()
            for place in self._places:
                rest = place.parts[len(parent) :]
                if (
                    place.side == side
                    and place.parts[: len(parent)] == parent
                    and rest
                    and rest[0] in inside
                    and self._gone(side, parent, rest[0])
                ):
                    edit = replaced(place, len(parent), len(parent), (name,))
                    if edit is not None:
                        edits.add(edit)
            edits |= set(self._rules_nested(side, parent, name, node))
            if edits:
                yield Change(f"{_several(gone)} now in `{shown(parts)}`", tuple(sorted(edits)), min(1.0, 0.6 + 0.1 * len(gone)))

    def _gone(self, side: str, parent: Parts, name: str | None) -> bool:
        return self._new.at(side, (*parent, name)) is None

    def _rules_nested(self, side: str, parent: Parts, name: str, node: Node) -> Iterator[Edit]:
        for rule in self._rules:
            segments = rule.pattern.segments
            if rule.side != side or not _fits(rule, parent) or len(segments) <= len(parent):
                continue
            segment = segments[len(parent)]
            if isinstance(segment, tree.PatternKey) and all(
                one in node.keys and self._gone(side, parent, one) for one in segment.alternatives
            ):
                edit = replaced_in_rule(rule, len(parent), (), (name,))
                if edit is not None:
                    yield edit

    def _taken_out(self, lost: set[tuple[str, Parts]]) -> Iterator[Change]:
        """Keys that stood in an object which is gone, and now stand where it stood."""
        for side, parts in sorted(lost, key=lambda item: (item[0], shown(item[1]))):
            parent = parts[:-1]
            below = [
                place
                for place in self._places
                if place.side == side and place.parts[: len(parts)] == parts and len(place.parts) > len(parts)
            ]
            there = {place.parts[len(parts)] for place in below if self._new.at(side, (*parent, place.parts[len(parts)]))}
            if not there or None in there:
                continue
            edits: set[Edit] = set()
            for place in below:
                edit = replaced(place, len(parent), len(parts), ())
                if edit is not None and place.parts[len(parts)] in there:
                    edits.add(edit)
            for rule in self._rules:
                if rule.side == side and len(rule.pattern.segments) > len(parts) and _fits(rule, parts):
                    edit = replaced_in_rule(rule, len(parent), parts[len(parent) :], ())
                    if edit is not None:
                        edits.add(edit)
            if edits:
                yield Change(f"`{shown(parts)}` is gone: what was in it stands beside", tuple(sorted(edits)), 0.7)

    # ---- whole episodes

    def _wrapped(self) -> Iterator[Change]:
        """Episodes that now stand deeper in the document."""
        episodes = [place for place in self._places if place.context == "episode" and not place.side]
        wanted = {place.parts[0] for place in self._places if not place.side and place.parts and place.path.base is None}
        root = self._new.roots.get("")
        if len(episodes) != 1 or root is None or not wanted or wanted & root.keys.keys():
            return
        for parts, node in [*root.below()]:
            inside = node if parts and parts[-1] is None else None
            inside = node if inside is None and not node.lists and node.objects else inside
            if inside is None or len(parts) > 4 or sum(part is None for part in parts) > 1:
                continue
            share = len(wanted & inside.keys.keys()) / len(wanted)
            if share < 0.4:
                continue
            edits = {edit for edit in (replaced(episodes[0], 0, 0, parts),) if edit is not None}
            edits |= {Edit(rule.pattern.span.start, rule.pattern.span.start, _prefix(parts, rule)) for rule in self._rules if not rule.side}
            head = parts[:1] if parts[0] is not None else ()
            for place in self._places:
                if place.context == "accept" and not place.side and head:
                    edits.add(Edit(place.path.span.start, place.path.span.end, written(head, lists=True)))
            yield Change(f"episodes now stand at `{shown(parts)}`", tuple(sorted(edits)), 0.5 + 0.5 * share)

    def _unwrapped(self) -> Iterator[Change]:
        """Episodes that stood in a list and now are documents."""
        episodes = [place for place in self._places if place.context == "episode" and not place.side]
        root = self._new.roots.get("")
        if len(episodes) != 1 or root is None or not episodes[0].parts or self._new.at("", episodes[0].parts[:1]) is not None:
            return
        prefix = episodes[0].parts
        inner = [
            place for place in self._places if not place.side and place.parts[: len(prefix)] == prefix and len(place.parts) > len(prefix)
        ]
        wanted = {place.parts[len(prefix)] for place in inner}
        share = len(wanted & root.keys.keys()) / len(wanted) if wanted else 0.0
        if share < 0.4:
            return
        edits = {Edit(episodes[0].path.span.start, episodes[0].path.span.end, ".")}
        events = next((place.parts[len(prefix)] for place in inner if place.context == "event"), None)
        for place in self._places:
            if place.context == "accept" and place.parts[:1] == prefix[:1] and events is not None:
                edits.add(Edit(place.path.span.start, place.path.span.end, written((events,), lists=True)))
        for rule in self._rules:
            if not rule.side and len(rule.pattern.segments) > len(prefix) and _fits(rule, prefix):
                edit = replaced_in_rule(rule, 0, prefix, ())
                behind = rule.pattern.segments[len(prefix)].span.start
                edits.add(edit if edit is not None else Edit(rule.pattern.span.start, behind, ""))
        yield Change("every document is now an episode", tuple(sorted(edits)), 0.5 + 0.5 * share)


def _prefix(parts: Parts, rule: RulePlace) -> str:
    return written(parts, lists=True) if parts[0] is not None else "." + written(parts, lists=True)


def _fits(rule: RulePlace, parts: Parts) -> bool:
    """Whether a rule's path begins with exactly these parts."""
    segments = rule.pattern.segments
    return len(segments) >= len(parts) and all(
        part is None if isinstance(segment, tree.PatternEvery) else segment.alternatives == (part,)
        for segment, part in zip(segments, parts, strict=False)
    )


def _word(text: str, word: str) -> int:
    """Where a word stands alone in a text; -1 where it does not."""
    at = text.find(word)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(word) : at + len(word) + 1]
        if not any(character.isalnum() or character in "_*" for character in around):
            return at
        at = text.find(word, at + 1)
    return -1


def _several(names: Sequence[str | None]) -> str:
    listed = ", ".join(f"`{name}`" for name in sorted({name for name in names if name}))
    return f"{listed} {'stands' if len(set(names)) == 1 else 'stand'}"


def _unread(reader: Reader, new: Picture) -> Iterator[tuple[str, Parts, Node, bool]]:
    """Paths of the new documents that the spec neither reads nor leaves out, and (True) those in values that it reads as a whole."""
    count = 0
    for side, root in sorted(new.roots.items()):
        for parts, node in root.below():
            if parts[-1] is None or not node.present or root.folded:
                continue
            verdict = reader.verdict(DocumentPath(side, tuple(ELEMENT if part is None else key(part) for part in parts)))
            if verdict is not None and verdict.use in ("unread", "within"):
                count += 1
                if count > MOST_PATHS:
                    return
                yield side, parts, node, verdict.use == "within"


def _compared(file: tree.File) -> dict[int, frozenset[str]]:
    """Texts that `match` compares its subject with, under the place of the subject."""
    found: dict[int, frozenset[str]] = {}
    for item in file.items:
        if isinstance(item, tree.Match) and isinstance(item.subject, tree.Path):
            values = {
                pattern.value
                for arm in item.arms
                for pattern in arm.patterns
                if isinstance(pattern, tree.Literal_) and isinstance(pattern.value, str)
            }
            found[item.subject.span.start] = frozenset(values)
    return found
