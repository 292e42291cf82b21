"""What a step must not depend on: the places that `outcome` reads, that are sealed, or that are ignored; and how to disturb them.

Non-interference as a test: disturb such a place, and every step must stay as it was, byte for byte (law 4). What the spec reads
elsewhere is left alone, even where an ignored path lies above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from stepc import ir
from stepc.check import paths
from stepc.verify.mutate import Place, places, value_at

Json = Any
Reason = Literal["outcome", "sealed", "ignored"]

_VERDICTS: tuple[tuple[str, str], ...] = (
    ("INCORRECT", "CORRECT"),
    ("incorrect", "correct"),
    ("FAILED", "PASSED"),
    ("failed", "passed"),
    ("False", "True"),
    ("false", "true"),
    ("FAIL", "SUCCESS"),
    ("failure", "success"),
    ("0", "1"),
    ("no", "yes"),
)

_SEGMENTING = ("accept", "episode", "event", "key", "kind", "time")
_READING = (*_SEGMENTING, "start", "meta", "match")


def document_path(place: Place, side: str = "") -> ir.DocumentPath:
    """A concrete place as a document path: keys as they are, indices as `[]`."""
    segments = tuple(paths.key(part) if isinstance(part, str) else paths.ELEMENT for part in place)
    return ir.DocumentPath(side, segments)


class Blind:
    """The places of one spec that no step may depend on. `kind_of` is the `event_kind` of its module, where it has one; `over_lines` says
    that documents are lists of lines, which its paths do not begin with."""

    def __init__(self, program: ir.Program, kind_of: Callable[[Json], str | None] | None = None, *, over_lines: bool = False) -> None:
        self.sides = tuple(beside.name for beside in program.source.beside)
        event = program.source.event
        sealed = {kind.name for kind in event.kinds if kind.mode == "sealed"} if isinstance(event, ir.EventPath) else set()
        self._over_lines = over_lines
        self._kind_of = kind_of if sealed else None
        self._sealed = sealed
        self._events = tuple(fact.path for fact in program.reads if fact.context == "event") or (paths.ROOT,)
        # What is read of sealed events alone may be read by steps in others.
        outcome = [fact.path for fact in program.reads if fact.context == "outcome" and fact.of not in sealed]
        self.rules: tuple[tuple[Reason, tuple[ir.DocumentPath, ...]], ...] = (
            ("outcome", tuple(outcome)),
            ("sealed", tuple(path for rule in program.sealed for path in rule.paths)),
            ("ignored", tuple(path for rule in program.ignore for path in rule.paths)),
        )
        # Disturbing what cuts a document into events would change the question. What an arm reads stays out of it only for ignored places:
        # a step that reads the outcome is the very leak that this looks for.
        self.segmenting = tuple(fact for fact in program.reads if fact.context in _SEGMENTING and fact.path.segments)
        self.whole = tuple(fact.path for fact in program.reads if fact.whole and fact.context in _READING)
        self.read = tuple(fact for fact in program.reads if fact.context in _READING and fact.path.segments)

    def places(self, document: Json, side: str = "") -> list[tuple[Reason, Place]]:
        """Every outermost place of `document` that may be disturbed, with the reason. Where runs go over lines, it is their list."""
        if self._over_lines and not side and isinstance(document, list):
            return [(reason, (line, *place)) for line, value in enumerate(document) for reason, place in self._places(value, side)]
        return self._places(document, side)

    def _places(self, document: Json, side: str) -> list[tuple[Reason, Place]]:
        found: list[tuple[Reason, Place]] = []
        sealed = () if side else self._sealed_events(document)
        for place in places(document):
            if not place or any(place[: len(above)] == above for _, above in found[-1:]):
                continue
            here = document_path(place, side)
            reason = next((reason for reason, rules in self.rules if any(paths.covers(rule, here) for rule in rules)), None)
            if any(len(place) > len(event) and place[: len(event)] == event for event in sealed):
                reason = "sealed"
            if reason is not None and not _touches(here, self.read if reason == "ignored" else self.segmenting):
                found.append((reason, place))
        return found

    def _sealed_events(self, document: Json) -> tuple[Place, ...]:
        """The events of sealed kinds: with all that is in them, but for what tells their kind."""
        kind_of = self._kind_of
        if kind_of is None:
            return ()
        depths = {len(path.segments) for path in self._events}
        events = [place for place in places(document) if len(place) in depths and document_path(place) in self._events]
        return tuple(place for place in events if kind_of(value_at(document, place)) in self._sealed)

    def takes_keys(self, place: Place) -> bool:
        """Whether a key added to the object at a place is one that no rule reads: the object is no part of a value used as a whole."""
        here = document_path(place[1:] if self._over_lines else place)
        return not any(paths.starts(whole, here) for whole in self.whole)


def _touches(here: ir.DocumentPath, facts: tuple[ir.ReadFact, ...]) -> bool:
    """Whether a read may see a change at a place: it reads what lies there or below, or the whole of something above."""
    return any(paths.starts(here, fact.path) or (fact.whole and paths.starts(fact.path, here)) for fact in facts)


def swapped(text: str) -> str:
    """The text with the first pair of opposite verdict words exchanged; unchanged where it holds none."""
    for bad, good in _VERDICTS:
        if bad in text:
            return text.replace(bad, good)
        if good in text:
            return text.replace(good, bad)
    return text


def disturbed(value: Json, how: int, pool: Iterable[Json] = ()) -> Json:
    """Another value in the place of `value`: the opposite verdict for even `how`, else of another type or one from `pool`."""
    choices: list[Json] = [None, True, False, 0, 1, 0.0, 1.0, "", "reward: 1.0", [], {}, [value], {"verdict": value}, *pool]
    if isinstance(value, bool):
        choices.insert(0, not value)
    elif isinstance(value, str):
        choices.insert(0, swapped(value))
    elif isinstance(value, (int, float)):
        choices.insert(0, 1 - value)
    return choices[0 if how % 2 == 0 else how // 2 % len(choices)]
