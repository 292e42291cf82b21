"""The base of generated adapters: the state of one episode, its counters, and its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, NamedTuple, Self

from stepc.runtime.account import ArmAccount, EpisodeAccount, PairAccount, Skipped, count_value
from stepc.runtime.defects import Defects
from stepc.runtime.functions import to_time
from stepc.runtime.pairing import MOST_OPEN, Pairing
from stepc.runtime.state import restore, save
from stepc.runtime.step import Json, Step

MOST_SHOWN: Final = 80
"""How many characters of an unknown discriminant an account shows."""


class Arm(NamedTuple):
    """One arm of a spec's match: its text, its line, and what it says an event is."""

    label: str
    line: int
    outcome: Literal["mapped", "ignored", "unknown"]


class Skip(NamedTuple):
    """One `else skip` of a spec."""

    step: str
    field: str
    line: int


class Fact(NamedTuple):
    """One field of `start`: the type as the spec names it; `members` of an enum; `maximum` characters of a text; `item` of a list."""

    name: str
    type: str
    optional: bool
    line: int
    members: tuple[str, ...] = ()
    maximum: int = 0
    item: str = ""


class Dropped(NamedTuple):
    """An episode that is not read, because a start fact with `else drop` is missing. Its line is that of the spec."""

    field: str
    line: int


class Labels(NamedTuple):
    """What is known only for reports and training: `meta` and `outcome` by field, without `id` and `group`, which stand apart."""

    id: str
    group: str | None
    meta: dict[str, Json]
    outcome: dict[str, Json]


class AdapterBase:
    """One episode, event by event.

    `start` holds the facts of the spec's `start` block; they are checked like raw values. An adapter that lacks a fact its spec cannot do
    without is `dropped`: it takes events, gives no steps and counts nothing; its account names the fact.
    Nothing that is pushed makes it raise.
    """

    __slots__ = (
        "_closed",
        "_unknown_values",
        "arms",
        "defects",
        "dropped",
        "id",
        "ignored",
        "pairs",
        "sealed",
        "silent",
        "skipped",
        "steps",
        "unknown",
    )

    ARMS: ClassVar[tuple[Arm, ...]] = ()
    STEPS: ClassVar[tuple[str, ...]] = ()
    SKIPS: ClassVar[tuple[Skip, ...]] = ()
    FACTS: ClassVar[tuple[Fact, ...]] = ()

    def __init__(self, start: Mapping[str, Any] | None = None, id: str | None = None) -> None:
        self.id = id
        self.defects = Defects()
        self.dropped = ""
        self.arms = [0] * len(self.ARMS)
        self.silent = [0] * len(self.ARMS)
        self.ignored = [0] * len(self.ARMS)
        self.unknown = [0] * len(self.ARMS)
        self.steps = [0] * len(self.STEPS)
        self.skipped = [0] * len(self.SKIPS)
        self.sealed = 0
        self.pairs: list[Pairing] = []
        self._unknown_values: dict[str, int] = {}
        self._closed = False
        self.begin(self._facts(start if isinstance(start, Mapping) else {}))

    def begin(self, facts: dict[str, Any]) -> None:
        """Set the episode's own state; generated where a spec has any. Every fact is there, of its type or None where it is optional."""

    def push(self, event: Json) -> tuple[Step, ...]:
        """The steps of the next event."""
        raise NotImplementedError

    def close(self) -> tuple[Step, ...]:
        """No event follows. Closing twice is the same as closing once."""
        self._closed = True
        return ()

    def save(self) -> dict[str, Any]:
        """The state of the episode as JSON objects, lists and plain values, at any moment; `restore` goes on from it."""
        return save(self)

    @classmethod
    def restore(cls, state: Any) -> Self:
        """An adapter in the state that `save` gave, of this very class.

        Raises:
            StateError: it is no such state.
        """
        return restore(cls, state)

    @property
    def account(self) -> EpisodeAccount:
        """Where every event so far went."""
        arms = [
            ArmAccount(label, line, outcome, count, self.silent[i], self._share(outcome, "ignored", i), self._share(outcome, "unknown", i))
            for i, ((label, line, outcome), count) in enumerate(zip(self.ARMS, self.arms, strict=True))
        ]
        return EpisodeAccount(
            events=sum(arm.events for arm in arms) + self.sealed,
            mapped=sum(arm.mapped for arm in arms),
            silent=sum(arm.silent for arm in arms),
            ignored=sum(arm.ignored for arm in arms),
            sealed=self.sealed,
            unknown=sum(arm.unknown for arm in arms),
            dropped=self.dropped,
            arms=arms,
            steps=dict(zip(self.STEPS, self.steps, strict=True)),
            skipped=[Skipped(*skip, count) for skip, count in zip(self.SKIPS, self.skipped, strict=True)],
            pairs={
                pair.name: PairAccount(pair.opened, pair.answered, pair.unanswered, pair.left_open, pair.superseded, pair.over_bound)
                for pair in self.pairs
            },
            unknown_values=dict(sorted(self._unknown_values.items())),
            defects=list(self.defects),
        )

    def pair(self, name: str, latest: bool, most: int = MOST_OPEN) -> Pairing:
        """The open calls of one `pair`, in the account from now on."""
        pairing = Pairing(name, latest, most)
        self.pairs.append(pairing)
        return pairing

    def not_known(self, value: Json) -> None:
        """Count the discriminant of an event that no arm understands."""
        if type(value) is dict:
            shown = "(an object)"
        elif type(value) is list:
            shown = "(a list)"
        elif value is None:
            shown = "(absent)"
        elif type(value) is bool:
            shown = "true" if value else "false"
        elif type(value) is int and value.bit_length() > 256:
            shown = "(a large number)"
        else:
            shown = str(value)[:MOST_SHOWN].encode("utf-8", "replace").decode()
        count_value(self._unknown_values, shown, 1)

    def _share(self, outcome: str, kind: Literal["ignored", "unknown"], index: int) -> int:
        counts = self.ignored if kind == "ignored" else self.unknown
        return self.arms[index] if outcome == kind else counts[index]

    def _facts(self, given: Mapping[str, Any]) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for fact in self.FACTS:
            value = self._fact(fact, given.get(fact.name))
            if value is None and not fact.optional and not self.dropped:
                self.dropped = fact.name
            facts[fact.name] = value
        return facts

    def _fact(self, fact: Fact, value: Any) -> Any:
        site = f"start.{fact.name}"
        defects = self.defects
        if value is None or fact.type == "json":
            return value
        if fact.type == "int":
            return defects.integer(value, site, fact.line)
        if fact.type == "float":
            return defects.number(value, site, fact.line)
        if fact.type == "time":
            return to_time(value, defects, site)
        if fact.type == "list":
            return defects.items(value, fact.item, site, fact.line)
        if fact.type == "bool":
            return value if type(value) is bool else defects.wrong_type(value, site, fact.line)
        if fact.type == "enum":
            return value if type(value) is str and value in fact.members else defects.not_member(value, site, fact.line)
        if type(value) is not str:
            return defects.wrong_type(value, site, fact.line)
        return value if len(value) <= fact.maximum else value[: fact.maximum - 1] + "…"
