"""The account of an episode: where every event went, which steps came out, what was odd. Accounts add up."""

from __future__ import annotations

from typing import Final

import msgspec

from stepc.runtime.defects import Defect

MOST_VALUES: Final = 64
"""How many different unknown discriminants an account tells apart; the rest is counted under `REST`."""

REST: Final = "…"


class ArmAccount(msgspec.Struct):
    """One match arm: events that took it; of those silent, ignored and unknown. `outcome` is what the arm says an event is."""

    label: str
    line: int
    outcome: str
    events: int = 0
    silent: int = 0
    ignored: int = 0
    unknown: int = 0

    @property
    def mapped(self) -> int:
        """Events that the arm turned into steps, or into nothing without a reason (silent)."""
        return self.events - self.ignored - self.unknown


class PairAccount(msgspec.Struct):
    """The calls of one `pair`: opened = answered + superseded + over_bound + left_open; `unanswered` are results without a call."""

    opened: int = 0
    answered: int = 0
    unanswered: int = 0
    left_open: int = 0
    superseded: int = 0
    over_bound: int = 0

    def merge(self, other: PairAccount) -> None:
        """Add another account of the same pair."""
        self.opened += other.opened
        self.answered += other.answered
        self.unanswered += other.unanswered
        self.left_open += other.left_open
        self.superseded += other.superseded
        self.over_bound += other.over_bound


class Skipped(msgspec.Struct):
    """Steps that `else skip` dropped because one field had no value."""

    step: str
    field: str
    line: int
    count: int = 0


class EpisodeAccount(msgspec.Struct):
    """events = mapped + ignored + sealed + unknown; silent events are mapped ones that gave no step.

    `dropped` names the start fact that was missing, empty when the episode was read. `unknown_values` counts printable discriminants of
    events that no arm understands. Lists keep the order of the spec.
    """

    events: int = 0
    mapped: int = 0
    silent: int = 0
    ignored: int = 0
    sealed: int = 0
    unknown: int = 0
    dropped: str = ""
    arms: list[ArmAccount] = msgspec.field(default_factory=list)
    steps: dict[str, int] = msgspec.field(default_factory=dict)
    skipped: list[Skipped] = msgspec.field(default_factory=list)
    pairs: dict[str, PairAccount] = msgspec.field(default_factory=dict)
    unknown_values: dict[str, int] = msgspec.field(default_factory=dict)
    defects: list[Defect] = msgspec.field(default_factory=list)

    def merge(self, other: EpisodeAccount) -> None:
        """Add the account of another episode of the same source."""
        for name in ("events", "mapped", "silent", "ignored", "sealed", "unknown"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        arms = {(arm.label, arm.line): arm for arm in self.arms}
        for arm in other.arms:
            mine = arms.get((arm.label, arm.line))
            if mine is None:
                self.arms.append(msgspec.structs.replace(arm))
                continue
            mine.events += arm.events
            mine.silent += arm.silent
            mine.ignored += arm.ignored
            mine.unknown += arm.unknown
        for step, count in other.steps.items():
            self.steps[step] = self.steps.get(step, 0) + count
        skipped = {(item.step, item.field, item.line): item for item in self.skipped}
        for item in other.skipped:
            known = skipped.get((item.step, item.field, item.line))
            if known is None:
                self.skipped.append(msgspec.structs.replace(item))
            else:
                known.count += item.count
        for name, pair in other.pairs.items():
            self.pairs.setdefault(name, PairAccount()).merge(pair)
        for value, count in other.unknown_values.items():
            count_value(self.unknown_values, value, count)
        self.defects = merge_defects(self.defects, other.defects)


def count_value(counts: dict[str, int], value: str, count: int) -> None:
    """Count a value in a bounded table."""
    key = value if value in counts or len(counts) < MOST_VALUES else REST
    counts[key] = counts.get(key, 0) + count


def merge_defects(left: list[Defect], right: list[Defect]) -> list[Defect]:
    """Both lists as one by kind, site and line; the first place is that of the list that comes first."""
    found = {(item.kind, item.site, item.line): item for item in left}
    for item in right:
        key = (item.kind, item.site, item.line)
        known = found.get(key)
        found[key] = item if known is None else msgspec.structs.replace(known, count=known.count + item.count)
    return [found[key] for key in sorted(found)]
