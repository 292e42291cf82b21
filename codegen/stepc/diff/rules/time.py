"""Steps keep their time. Without `time` they have no `at`: removing it is STEP_TYPE, adding it FEATURE, another path STEP_VALUE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Category, Change, Target
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """The change of `time`."""
    old, new = comparison.old.program.source.time, comparison.new.program.source.time
    if shape(old) == shape(new):
        return
    action = action_of(old, new)
    category: dict[str, Category] = {"insert": "FEATURE", "remove": "STEP_TYPE", "update": "STEP_VALUE"}
    message = {"insert": "every step gains `at`", "remove": "every step loses `at`", "update": "`at` is read elsewhere"}
    places = (comparison.old.place(old.span) if old else None, comparison.new.place(new.span) if new else None)
    yield Change(category[action], action, "source.time", message[action], *places, (Target("*", "at"),))
