"""From two checked sides to the report: rules first, then samples, and the plain cases where one side is not there."""

from __future__ import annotations

from collections.abc import Sequence

from stepc.diff.compare import compare, ordered
from stepc.diff.evidence import with_evidence
from stepc.diff.model import BREAKING, CATEGORIES, EVERYTHING, Category, Change, Report
from stepc.diff.replay import Player, Sample, replay
from stepc.diff.sides import Side


def report_on(old: Side, new: Side, play: tuple[Player, Player] | None, samples: Sequence[Sample]) -> Report:
    """The differences of two sides. With players both are run over the samples, and what they show has the last word."""
    changes = compare(old, new)
    note = "The text differs in comments or layout only." if not changes and old.text != new.text else ""
    if play is None:
        return Report(old.name, new.name, changes, None, note)
    seen = replay(*play, samples)
    return Report(old.name, new.name, ordered(with_evidence(changes, seen)), seen, note)


def one_sided(old: Side | None, new: Side | None, old_name: str, new_name: str) -> Report:
    """The report where only one side exists: a new source takes nothing from anybody, one that is gone takes its module along."""
    if new is not None:
        place = new.head(new.program.source.span)
        change = Change("COMPATIBLE", "insert", f"source {new.program.source.name}", "the whole spec is new", None, place, rule="spec")
        return Report(old_name, new_name, (change,), None, f"{old_name} does not exist.")
    if old is None:
        return Report(old_name, new_name, (), None, "Neither side exists.")
    place = old.head(old.program.source.span)
    message = "the spec is gone, and its step types and its module with it"
    change = Change("STEP_TYPE", "remove", f"source {old.program.source.name}", message, place, None, (EVERYTHING,), "spec")
    return Report(old_name, new_name, (change,), None, f"{new_name} does not exist.")


def failing(asked: Sequence[str]) -> tuple[Category, ...]:
    """The categories that `--fail-on` names; `any` stands for all that break a promise."""
    if "any" in asked:
        return tuple(category for category in CATEGORIES if category in BREAKING or category in asked)
    return tuple(category for category in CATEGORIES if category in asked)
