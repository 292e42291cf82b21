"""Two versions of a spec in, the changes out: every rule asked, the answers in one stable order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stepc import ir
from stepc.diff.model import CATEGORIES, EVERYTHING, Change
from stepc.diff.rules import RULES
from stepc.diff.sides import Comparison, Side


def compare(old: Side, new: Side) -> tuple[Change, ...]:
    """All changes, the gravest category first, within one in the order of the new spec.

    When the programs differ and no rule says how, that is reported as a change of step values: silence would be a promise.
    """
    comparison = Comparison(old, new)
    found = [replace(change, rule=name) for name, rule in RULES.items() for change in rule(comparison)]
    if not found and ir.identity(old.program) != ir.identity(new.program):
        message = "the checked programs differ in a way that no rule names"
        found.append(Change("STEP_VALUE", "update", "program", message, touches=(EVERYTHING,), rule="program"))
    return ordered(found)


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes with the gravest category first, then by their place in the new spec."""
    return tuple(sorted(changes, key=_order))


def _order(change: Change) -> tuple[int, int, int, str, str, str]:
    place = change.new or change.old
    line = (place.span.line, place.span.column) if place else (0, 0)
    return (CATEGORIES.index(change.category), *line, change.path, change.rule, change.message)
