"""The laws of an adapter, each as a function of one recorded episode. A law that does not hold raises `BrokenError`.

These laws need only a generated adapter and events. What needs whole files stands in `document_laws`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stepc.runtime import AdapterBase, EpisodeAccount, Step

Json = Any
MOST_DEFECTS = 257
"""Entries that the defects of one episode may have: 256 and one for the rest."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


class BrokenError(Exception):
    """A law does not hold. `event` is the raw event in whose steps it shows, -1 where it is not one event's; `shown` what was changed."""

    def __init__(self, law: str, message: str, *, event: int = -1, step: str = "", shown: Json = None) -> None:
        super().__init__(message)
        self.law = law
        self.event = event
        self.step = step
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Recorded:
    """An episode as it was read: its start facts and its events."""

    file: str
    index: int
    start: dict[str, Json]
    events: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an adapter gave: the encoded steps of each event, those of `close`, and the account."""

    by_event: tuple[tuple[bytes, ...], ...]
    at_close: tuple[bytes, ...]
    account: EpisodeAccount

    @property
    def steps(self) -> tuple[bytes, ...]:
        """All steps in order."""
        return tuple(step for steps in self.by_event for step in steps) + self.at_close


Make = Callable[[dict[str, Json], str | None], AdapterBase]


def encoded(step: Step) -> bytes:
    """A step as canonical JSON; `decoded` reads it back. Lone surrogates, which UTF-8 cannot hold, are escaped."""
    try:
        return _ENCODER.encode(step)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(step), sort_keys=True, separators=(",", ":")).encode()


def decoded(step: bytes) -> dict[str, Json]:
    """The fields of an encoded step."""
    try:
        found: dict[str, Json] = msgspec.json.decode(step)
    except msgspec.DecodeError:
        found = json.loads(step)  # the one that takes an escaped lone surrogate
    return found


def outcome_of(make: Make, start: dict[str, Json], events: Sequence[Json]) -> Outcome:
    """Push the events one by one into a new adapter.

    Raises:
        BrokenError: the adapter raised, or gave something that is no step.
    """
    adapter = make(start, "episode")
    given: list[tuple[bytes, ...]] = []
    for index, event in enumerate(events):
        try:
            steps = adapter.push(event)
        except Exception as error:
            raise BrokenError("total", f"push raised {type(error).__name__}: {error}", event=index) from error
        if type(steps) is not tuple or not all(isinstance(step, Step) for step in steps):
            raise BrokenError("total", "push gave something else than a tuple of steps", event=index)
        given.append(tuple(encoded(step) for step in steps))
    try:
        last = tuple(encoded(step) for step in adapter.close())
        again = adapter.close()
        account = adapter.account
    except Exception as error:
        raise BrokenError("total", f"close or account raised {type(error).__name__}: {error}") from error
    if again:
        raise BrokenError("total", "closing twice gave steps twice")
    return Outcome(tuple(given), last, account)


def deterministic(make: Make, episode: Recorded) -> None:
    """The same events give the same bytes, whatever other adapters do meanwhile."""
    first = outcome_of(make, episode.start, episode.events)
    other = make(episode.start, None)
    one = make(episode.start, None)
    steps: list[bytes] = []
    for event in episode.events:
        other.push({"role": "user", "content": "noise"})
        steps += [encoded(step) for step in one.push(event)]
    steps += [encoded(step) for step in one.close()]
    if tuple(steps) != first.steps:
        raise BrokenError("deterministic", "an adapter beside it changed the steps")


def prefix_causal(make: Make, episode: Recorded) -> None:
    """For every k the first k events give the first steps of the whole run: adapt(events[:k]) == adapt(events)[:n_k]."""
    whole = outcome_of(make, episode.start, episode.events)
    for count in range(len(episode.events) + 1):
        part = outcome_of(make, episode.start, copy.deepcopy(episode.events[:count]))
        if part.by_event != whole.by_event[:count]:
            raise BrokenError("causal", f"the first {count} events alone give other steps than within the run", event=count - 1)


def unchanged_events(make: Make, episode: Recorded) -> None:
    """An adapter changes no event that it is given."""
    before = repr(episode.events)
    outcome_of(make, episode.start, episode.events)
    if repr(episode.events) != before:
        raise BrokenError("deterministic", "the adapter changed the events it was given")


def accounted(make: Make, episode: Recorded) -> None:
    """events = mapped + ignored + sealed + unknown, also per arm; the steps add up by type."""
    adds_up(outcome_of(make, episode.start, episode.events), len(episode.events))


def adds_up(outcome: Outcome, events: int) -> None:
    """The account of a run over so many events adds up.

    Raises:
        BrokenError: it does not.
    """
    account = outcome.account
    if account.dropped:
        if outcome.steps or account.events:
            raise BrokenError("accounted", "a dropped episode gave steps or counted events")
        return
    parts = account.mapped + account.ignored + account.sealed + account.unknown
    if account.events != events or parts != account.events:
        raise BrokenError("accounted", f"{events} events were pushed, {account.events} counted, {parts} placed")
    if sum(arm.events for arm in account.arms) + account.sealed != account.events:
        raise BrokenError("accounted", "the arms do not add up to the events")
    if any(arm.silent > arm.mapped or arm.ignored + arm.unknown > arm.events for arm in account.arms):
        raise BrokenError("accounted", "an arm counts more silent, ignored or unknown events than it took")
    if sum(account.steps.values()) != len(outcome.steps):
        raise BrokenError("accounted", f"{len(outcome.steps)} steps came out, {sum(account.steps.values())} were counted")


def pairing_conserved(make: Make, episode: Recorded) -> None:
    """Every call that was opened is answered, superseded, over the bound, or left open."""
    pairs_conserved(outcome_of(make, episode.start, episode.events).account)


def pairs_conserved(account: EpisodeAccount) -> None:
    """No opened call of an account is lost.

    Raises:
        BrokenError: one is.
    """
    for name, pair in account.pairs.items():
        if pair.opened != pair.answered + pair.superseded + pair.over_bound + pair.left_open:
            raise BrokenError("pairing", f"pair {name}: {pair.opened} opened do not add up")


def bounded(make: Make, episode: Recorded, *, most_open: int) -> None:
    """Defects, unknown values and open calls stay within their bounds, however long the run."""
    within_bounds(outcome_of(make, episode.start, tuple(episode.events) * 3).account, most_open=most_open)


def within_bounds(account: EpisodeAccount, *, most_open: int) -> None:
    """An account holds no more than it may.

    Raises:
        BrokenError: it does.
    """
    if len(account.defects) > MOST_DEFECTS:
        raise BrokenError("bounded", f"{len(account.defects)} defects are kept")
    for name, pair in account.pairs.items():
        if pair.left_open > most_open:
            raise BrokenError("bounded", f"pair {name} holds {pair.left_open} open calls")
