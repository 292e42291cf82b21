"""Events with a place of their own at the edge of every run: one that begins it and names it, one that ends it and tells how it went.

A log of events has no document around them. What tells the outcome of a run is then the last event, and taken for a step it would tell
every monitor what it is to find out: such events become a sealed kind, which `outcome` alone may read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from stepc.induce import words
from stepc.induce.attributes import Attributes
from stepc.induce.keys import name_of_runs
from stepc.induce.layout import MOST_EVENTS, Found, best_match
from stepc.induce.nodes import Json, Path, at_path, node_of, written
from stepc.induce.outcomes import OutcomeCandidate, candidates
from stepc.induce.reporters import Reporters
from stepc.induce.writing import Lines, string
from stepc.syntax.tables import RESERVED

_OFTEN = 0.8
"""The share of runs that must have such an event: of those that broke off the end is missing."""
_STEPS = words.listed("tool call calls function observation message assistant agent user human action response answer")
"""What is called so is a step, though it may be the last of every run."""
_SIDES = ("agent", "user")
_RARE = 0.25
"""The largest share of all events that a kind may be which ends sessions: answers to calls are more."""
_TELLING = words.listed("type kind event subtype role category name method")
"""Keys whose values are kinds."""
_MOST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Edge:
    """A kind of events of which a run has one, at its beginning or, sealed, at its end.

    name     of the kind in the spec
    test     what tells its events from all others, as a condition
    events   one a run, where there is one
    told_by  the path whose value says which of several endings it is; empty where all are called the same
    more     events of the kind that stand elsewhere: a session that was taken up again has ended before
    opening  what in its events is read in another form, such as lists of keys and values, which may hold the outcome
    """

    name: str
    test: str
    sealed: bool
    events: tuple[Json, ...]
    told_by: Path = ()
    more: tuple[Json, ...] = ()
    opening: Attributes | Reporters | None = None

    @property
    def root(self) -> str:
        """What paths into its event begin with."""
        return f"{'last' if self.sealed else 'first'}.{self.name}"

    def outcomes(self) -> list[OutcomeCandidate]:
        """What in its events may be the outcome, the likeliest first."""
        if not self.sealed:
            return []
        opening = self.opening
        if opening is None:
            return candidates(self.events, [], root=self.root, ends=True, told_by=self.told_by)
        found = candidates(list(map(opening.opened, self.events)), [], root=self.root, ends=True)
        names = [[opening.condition(text, self.root) for text in (one.shown, one.label, one.asked)] for one in found]
        return [replace(one, shown=shown, label=label, asked=asked) for one, (shown, label, asked) in zip(found, names, strict=True)]

    def written(self) -> str:
        """The line of the spec that declares it."""
        return f"{self.name} {'sealed' if self.sealed else 'record'} when {self.test}"


def edges_of(found: Found) -> tuple[Edge, ...]:
    """The edges of the runs of a layout, sealed ones first; none where nothing names kinds of events.

    An end is one only where something in it may be the outcome, and where a single run is seen, its name has to sound like one. A beginning
    is looked for where there is no document that could name runs.
    """
    layout, path = found.layout, found.match.discriminant
    if layout.columns or path is None or found.match.on_key:
        return ()
    runs = [events for _, _, events in found.episodes if len(events) > 1]
    opening = found.match.opening
    closed: dict[int, Json] = {}
    if opening is not None:
        opened = [list(map(opening.opened, events)) for events in runs]
        closed = {id(one): event for ours, events in zip(opened, runs, strict=True) for one, event in zip(ours, events, strict=True)}
        runs = opened
    ends, begins = _end(runs, path) or _root(runs), _begin(runs, path) if layout.episode is None else None
    end, begin = (_as_written(edge, opening, closed) for edge in (ends, begins))
    if end is not None and not end.outcomes():
        end = None
    if begin is not None and end is not None and begin.name == end.name:
        begin = replace(begin, name=f"{begin.name}_begin")
    return tuple(edge for edge in (end, begin) if edge is not None)


def _as_written(edge: Edge | None, opening: Attributes | Reporters | None, closed: Mapping[int, Json]) -> Edge | None:
    """An edge that was found among opened events, with the events as they are, and its test as the spec writes it."""
    if edge is None or opening is None:
        return edge
    events, more = (tuple(closed[id(event)] for event in found) for found in (edge.events, edge.more))
    return replace(edge, test=opening.condition(edge.test), events=events, more=more, told_by=(), opening=opening)


def without_ends(found: Found, edges: Sequence[Edge]) -> Found:
    """The layout with its events read again, those left out that end runs."""
    ends = {id(event) for edge in edges if edge.sealed for event in (*edge.events, *edge.more)}
    if not ends:
        return found
    episodes = [(document, element, [event for event in events if id(event) not in ends]) for document, element, events in found.episodes]
    match = best_match(episodes, MOST_EVENTS, found.match.discriminant)
    return found if match is None else replace(found, episodes=episodes, match=match)


def _end(runs: Sequence[list[Json]], path: Path) -> Edge | None:
    """The kinds that come last in most runs, and nowhere else."""
    elsewhere = {value for events in runs for event in events[:-1] for value in _value(event, path)}
    found: dict[str, list[Json]] = {}
    for events in runs:
        for value in _value(events[-1], path):
            if not _STEPS & set(words.words(value)) and (len(runs) > 1 or words.outcome_strength(value) > 0):
                found.setdefault(value, []).append(events[-1])
    alone = {value: events for value, events in sorted(found.items()) if value not in elsewhere}
    if sum(map(len, alone.values())) >= max(1.0, _OFTEN * len(runs)):
        several = len(alone) > 1
        first = next(iter(alone))
        test = f"{written(path)} in [{', '.join(map(string, alone))}]" if several else _is(path, first)
        ends = tuple(event for kind in alone.values() for event in kind)
        return Edge("end" if several else _name(first, "end"), test, True, ends, path if several else ())
    return _marked(runs, found, path, "end") or _again(runs, found, path)


def _root(runs: Sequence[list[Json]]) -> Edge | None:
    """The span that holds all others of its run and is written last, since it ends last: the only one without a parent."""
    for key, node in node_of(event for events in runs for event in events).keys.items():
        if "parent" not in words.words(key) or node.texts < node.present:
            continue
        roots = [[event for event in events if isinstance(event, dict) and not event.get(key)] for events in runs]
        last = tuple(found[0] for found, events in zip(roots, runs, strict=True) if len(found) == 1 and found[0] is events[-1])
        if len(last) >= max(1.0, _OFTEN * len(runs)) and all(len(found) <= 1 for found in roots):
            return Edge("root", f"not {'nonempty' if '' in node.values else 'present'} {written((key,))}", True, last)
    return None


def _again(runs: Sequence[list[Json]], found: Mapping[str, list[Json]], path: Path) -> Edge | None:
    """The kind that comes last in most runs, and elsewhere too, but rarely and behind what was said alone: where a session ended, again."""
    for value, events in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(events) < _OFTEN * len(runs) or not words.outcome_strength(value):
            return None
        mine = {id(event) for event in events}
        more = [event for run in runs for event in run if id(event) not in mine and value in _value(event, path)]
        before = {kind for run in runs for one, other in pairwise(run) if value in _value(other, path) for kind in _value(one, path)}
        if len(events) + len(more) > _RARE * sum(map(len, runs)) or not all(words.kind(kind) in _SIDES for kind in before):
            return None
        return Edge(_name(value, "end"), _is(path, value), True, tuple(events), (), tuple(more))
    return None


def _begin(runs: Sequence[list[Json]], path: Path) -> Edge | None:
    """The kind that comes first in most runs."""
    firsts = [events[0] for events in runs]
    tried = [path, *((key,) for key in node_of(firsts).keys if (key,) != path and _TELLING & set(words.words(key)))]
    for one in tried:
        found: dict[str, list[Json]] = {}
        for first in firsts:
            for value in _value(first, one):
                found.setdefault(value, []).append(first)
        edge = _marked(runs, found, one, "begin")
        if edge is not None:
            return _naming(runs, path, edge)
    return None


def _naming(runs: Sequence[list[Json]], path: Path, edge: Edge) -> Edge:
    """The beginning; where later events name the run and it does not, the first kind of them that every run has one of."""
    named = name_of_runs(runs)
    if not named or all(at_path(event, named) for event in edge.events):
        return edge
    kinds = dict.fromkeys(value for events in runs for event in events for value in _value(event, path))
    for kind in kinds:
        firsts = [next((event for event in events if kind in _value(event, path)), None) for events in runs]
        if all(first is not None and at_path(first, named) for first in firsts):
            return Edge(_name(kind, "begin"), _is(path, kind), False, tuple(firsts))
    return edge


def _marked(runs: Sequence[list[Json]], found: Mapping[str, list[Json]], path: Path, edge: str) -> Edge | None:
    """The kind of these events that most runs have one of, told from others of the same kind by one more mark where there are others."""
    for value, events in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(events) < _OFTEN * len(runs):
            return None
        mine = {id(event) for event in events}
        others = [event for run in runs for event in run if id(event) not in mine and value in _value(event, path)]
        # The first event of the kind is the one, whatever comes later; what comes last has to be told from what comes before.
        mark = next(_marks(events, others, path), "" if edge == "begin" else None) if others else ""
        if mark is not None:
            test = " and ".join(filter(None, (_is(path, value), mark)))
            return Edge(_name(value, edge), test, edge == "end", tuple(events))
    return None


def _marks(events: Sequence[Json], others: Sequence[Json], path: Path) -> Iterator[str]:
    """What all these events say of their kind and none of the others does, as a condition."""
    for key, node in node_of(events).keys.items():
        if (key,) == path or not _TELLING & set(words.words(key)) or node.texts < len(events) or node.distinct != 1:
            continue
        (text,) = node.values
        if not any(isinstance(other, dict) and other.get(key) == text for other in others):
            yield _is((key,), text)


def _value(event: Json, path: Path) -> list[str]:
    return [value for value in at_path(event, path)[:1] if isinstance(value, str) and len(value) <= _MOST_TEXT]


def _is(path: Path, value: str) -> str:
    return f"{written(path)} == {string(value)}"


def _name(value: str, otherwise: str) -> str:
    """A name for the kind, from what its events are called."""
    made = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")[:40]
    return made if made and made[0].isalpha() and made not in RESERVED else otherwise


def event_lines(head: str, edges: Sequence[Edge]) -> Lines:
    """`event PATH`, with the kinds that its events have a name for."""
    return [f"{head} {{", *(edge.written() for edge in edges), "}"] if edges else [head]
