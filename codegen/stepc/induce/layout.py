"""Where episodes and events may stand in the documents of one kind of file, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stepc.induce import words
from stepc.induce.attributes import attributes_of
from stepc.induce.events import Match, discriminants, understand
from stepc.induce.families import Family
from stepc.induce.keys import pieces, run_key
from stepc.induce.nodes import Json, Node, Path, at_path, leaves, node_of, without, written
from stepc.induce.objects import is_attribute_list
from stepc.induce.reporters import reporters_of
from stepc.induce.samples import SampleFile

MOST_EVENTS = 3_000
"""Events of one layout that are read to find out what they say."""
MOST_TRIED = 12
_LOOKED = 40
_LOOKED_AT = 5
_GLANCED = 300
_LEAST = 12
_HELD = 100
"""Scalars and containers in an event, on average: layouts whose events hold more, whole runs for instance, are judged by fewer of them."""
_LEVELS = 3
_PARALLEL = 0.8
_DESERTED = 2.0
"""What is taken off a layout under which no document holds a run."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to cut documents into episodes and events.

    episode None: the file is one, or with `key` those of its events are that have the same value there. `columns` are parallel lists, else
    `event`.
    """

    family: Family
    episode: Path | None
    event: Path = ()
    columns: tuple[tuple[str, Path], ...] = ()
    key: Path = ()

    @property
    def places(self) -> list[Path]:
        """Where events stand, from the root of a document."""
        start = self.episode or ()
        return [(*start, *path) for _, path in self.columns] if self.columns else [(*start, *self.event)]


@dataclass(slots=True)
class Found:
    """A layout with its episodes and the best reading of its events."""

    layout: Layout
    episodes: list[tuple[Json, Json, list[Json]]]
    match: Match
    rank: float = 0.0

    @property
    def inner(self) -> list[Path]:
        """Where events stand in an episode."""
        return [path for _, path in self.layout.columns] if self.layout.columns else [self.layout.event]

    @property
    def heads(self) -> list[Json]:
        """The documents, each once, without the episodes and events in them."""
        return without({id(document): document for document, _, _ in self.episodes}.values(), self.layout.places)


def episodes_of(layout: Layout) -> list[tuple[Json, Json, list[Json]]]:
    """Document, element and events of every episode, as the readers would give them."""
    found: list[tuple[Json, Json, list[Json]]] = []
    for file in layout.family.files:
        if layout.episode is None:
            events = _of_file(layout, file)
            head = file.documents[0] if file.documents else None
            found += [(head, head, run) for run in (pieces(events, layout.key) if layout.key else [events])]
            continue
        for document in file.documents:
            for element in at_path(document, layout.episode):
                found.append((document, element, _events(layout, element)))
    return found


def _of_file(layout: Layout, file: SampleFile) -> list[Json]:
    return [event for document in file.documents for event in at_path(document, layout.places[0])]


def _in_pieces(layout: Layout) -> Layout:
    """The layout, or where its events are of several runs in one file, that which puts runs together by their key."""
    if layout.columns or layout.episode:
        return layout
    key = run_key([_of_file(layout, file) for file in layout.family.files])
    return replace(layout, episode=None, key=key) if key else layout


def _events(layout: Layout, element: Json) -> list[Json]:
    if not layout.columns:
        return at_path(element, layout.event)
    columns = [(name, at_path(element, path)) for name, path in layout.columns]
    return [
        {name: items[index] for name, items in columns if index < len(items)}
        for index in range(max((len(items) for _, items in columns), default=0))
    ]


def layouts(family: Family) -> list[Layout]:
    """All layouts that a family's paths allow."""
    root = family.root
    found: list[Layout] = []
    lined = family.form == "jsonl" and any(len(file.documents) > 1 for file in family.files)
    if lined:
        found.append(Layout(family, None, ()))
    for path, node in [((), root), *root.below()]:
        if node.lists and node.element is not None and node.element.objects and path.count(None) < _LEVELS and not is_attribute_list(node):
            found += _cuts(family, path)
        if node.objects:
            columns = _parallel(node)
            if columns:
                found.append(_zip(family, path, columns))
    return found


def _cuts(family: Family, path: Path) -> Iterator[Layout]:
    whole = (*path, None)
    last = max((index for index, part in enumerate(path) if part is None), default=-1)
    yield Layout(family, whole[: last + 1], whole[last + 1 :])
    if last >= 0:
        first = path.index(None)
        if first > 0 or last > first:
            yield Layout(family, (), whole)


def _parallel(node: Node) -> list[tuple[str, Path]]:
    """Lists of an object that run in step: actions beside observations."""
    lists = [(name, child) for name, child in node.keys.items() if child.lists and child.element is not None]
    acts = [name for name, _ in lists if words.kind(name) == "call" or any(words.same(name, known) for known in words.ACTION_KEYS)]
    backs = [name for name, _ in lists if words.kind(name) == "result" or any(words.same(name, known) for known in words.OBSERVATION_KEYS)]
    scalar = [name for name, child in lists if child.element is not None and child.element.scalars >= 0.5 * child.element.total]
    if not acts or not backs or not set(acts) & set(scalar):
        return []
    return [(name, (name, None)) for name in scalar if node.keys[name].lists]


def _zip(family: Family, path: Path, columns: list[tuple[str, Path]]) -> Layout:
    last = max((index for index, part in enumerate(path) if part is None), default=-1)
    singular = {name: _singular(name, [other for other, _ in columns]) for name, _ in columns}
    inner = path[last + 1 :]
    return Layout(family, path[: last + 1], columns=tuple((singular[name], (*inner, *below)) for name, below in columns))


def _singular(name: str, taken: list[str]) -> str:
    made = name[:-1] if name.endswith("s") and not name.endswith("ss") and name[:-1] not in taken else name
    return made if made.isidentifier() and made.isascii() else "column_" + "".join(c for c in made if c.isalnum() and c.isascii())


def explore(family: Family) -> list[Found]:
    """The layouts of a family, each with the best reading of its events, best first."""
    tried: list[tuple[float, Layout, list[tuple[Json, Json, list[Json]]]]] = []
    weight = max(_weight(family.root), 1)
    cuts = [_in_pieces(layout) for layout in layouts(family)]
    mixed = [layout.places for layout in cuts if layout.key]
    for layout in cuts:
        if not layout.key and layout.places in mixed:
            continue  # the same events, cut where a file or a batch ends
        episodes = episodes_of(layout)
        events = sum(len(events) for _, _, events in episodes)
        if not events:
            continue
        inside = sum(_weight(node) for node in _nodes(layout)) / weight
        mean = events / max(len(episodes), 1)
        levels = sum(part is None for part in layout.episode or ()) + sum(part is None for part in layout.event)
        promise = min(inside, 1.0) + 0.5 * min(1.0, mean / 3) - 0.15 * levels - _DESERTED * _deserted(layout, episodes)
        tried.append((promise, layout, episodes))
    tried.sort(key=lambda item: (-item[0], written(item[1].episode or ("file",)), written(item[1].event)))
    found = []
    glanced = [(_glance(episodes), base, layout, episodes) for base, layout, episodes in tried[:MOST_TRIED]]
    kept = sorted(range(len(glanced)), key=lambda at: -glanced[at][0] - glanced[at][1])[:_LOOKED_AT]
    for _, base, layout, episodes in (glanced[at] for at in sorted(kept)):
        best = best_match(episodes, MOST_EVENTS)
        if best is None:
            continue
        share = best.understood / max(best.events, 1)
        variety = len(best.made & {"Said", "Thought", "ToolCall", "ToolResult"}) / 4
        talks = 0.2 * _named(layout, episodes) + 0.6 * _converses(
            [event for _, _, events in episodes[:_LOOKED] for event in events[:_LOOKED]]
        )
        found.append(Found(layout, episodes, best, round(base + 2.0 * share + 1.6 * variety + talks - _within(episodes), 4)))
    return sorted(found, key=lambda item: (-item.rank, len(written(item.layout.event))))


def _deserted(layout: Layout, episodes: Sequence[tuple[Json, Json, list[Json]]]) -> float:
    """The share of documents without a run, where a document is to hold one or several: a list in a few lines of a log is no run."""
    if layout.episode is None:
        return 0.0
    documents = sum(len(file.documents) for file in layout.family.files)
    return 1.0 - len({id(document) for document, _, events in episodes if events}) / max(documents, 1)


def _named(layout: Layout, episodes: Sequence[tuple[Json, Json, list[Json]]]) -> bool:
    """Whether episodes in a list have ids or verdicts of their own: then they are runs, not parts of one."""
    first = episodes[0][1] if layout.episode else None
    return isinstance(first, dict) and any(words.outcome_strength(name) == 2 or "id" in words.words(name) for name in first)


def _glance(episodes: list[tuple[Json, Json, list[Json]]]) -> float:
    """What a few events promise: whether it is worth while to read all of them."""
    best = best_match(episodes, _GLANCED)
    if best is None:
        return -5.0
    variety = len(best.made & {"Said", "Thought", "ToolCall", "ToolResult"}) / 4
    return 2.0 * best.understood / max(best.events, 1) + 1.6 * variety + 0.6 * _converses(episodes[0][2][:_LOOKED]) - _within(episodes)


def _converses(events: Sequence[Json]) -> bool:
    """Whether events are turns of several sides: their role or kind names the agent and somebody else."""
    for name in ("role", "type", "kind", "author", "source", "sender", "speaker", "from"):
        said = {words.kind(event[name]) for event in events if isinstance(event, dict) and isinstance(event.get(name), str)}
        if "agent" in said and said & {"user", "tool", "result"}:
            return True
    return False


def _within(episodes: Sequence[tuple[Json, Json, list[Json]]]) -> float:
    """What is taken off because whole conversations stand inside single events: those are the runs, or repeat what was said before."""
    looked = [event for _, _, events in episodes[:_LOOKED] for event in events[:_LOOKED]]
    holding = sum(
        any(len(held) > 2 and _converses(held) for held in event.values() if isinstance(held, list))
        for event in looked
        if isinstance(event, dict)
    )
    return 1.5 if holding > 0.3 * max(len(looked), 1) else 0.0


def _nodes(layout: Layout) -> Iterator[Node]:
    for place in layout.places:
        node = layout.family.root.at(place)
        if node is not None:
            yield node


def _weight(node: Node) -> int:
    return node.characters + sum(child.characters for _, child in node.below())


def _is_open(path: Path | None) -> bool:
    """Whether nothing is matched, or a name, of which others than those of the samples may come."""
    return path is None or words.words(str(path[-1])) == ("name",)


def best_match(episodes: Sequence[tuple[Json, Json, list[Json]]], most: int, told_by: Path | None = None) -> Match | None:
    """The best reading of at most so many events, told apart by the value at `told_by` where it is given; None where none is an object."""
    values: list[Json] = []
    before: list[Json] = []
    left = _HELD * most
    for _, _, events in episodes:
        last: Json = None
        for event in events:
            values.append(event)
            before.append(last)
            last = event
            left -= leaves(event, left)
            if left <= 0 and len(values) >= _LEAST:
                break
        if len(values) >= most or (left <= 0 and len(values) >= _LEAST):
            break
    if not any(isinstance(value, dict) for value in values):
        return None
    opening = attributes_of(values) or reporters_of(values)
    if opening is not None:
        values, before = [opening.opened(value) for value in values], [opening.opened(value) for value in before]
    node = node_of(values)
    best: tuple[float, Match] | None = None
    for path in [told_by] if told_by is not None else [*discriminants(node, values)[:3], None]:
        match = understand(values, following=before, discriminant=path, opening=opening)
        made = len(match.made & {"Said", "Thought", "ToolCall", "ToolResult"})
        score = (match.understood - 0.1 * match.untold) / max(match.events, 1) + 0.3 * made - (0.1 if _is_open(path) else 0.0)
        if best is None or score > best[0]:
            best = (score, match)
    return best[1] if best is not None else None
