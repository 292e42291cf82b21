"""Steps held against the step patterns of an example: whether they fit, and if not, the reading with the fewest differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from stepc.ir import StepPattern

MOST_CELLS = 200_000
"""Patterns times steps that are aligned at most; what is longer is compared from the front only."""

Kind = Literal["same", "differs", "missing", "extra", "gap"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison.

    same, differs    `expected` beside `got`; `fields` are those that differ (`type` where the step is another)
    missing          `expected` has no step
    extra            `got` is not expected
    gap              `count` steps that a gap stands for
    """

    kind: Kind
    expected: StepPattern | None = None
    got: Mapping[str, Any] | None = None
    fields: tuple[str, ...] = ()
    count: int = 0


def equal(wanted: Any, got: Any) -> bool:
    """Whether a value fits a pattern: objects by the keys that the pattern lists, numbers by value, `true` is not `1`."""
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(name in got and equal(value, got[name]) for name, value in wanted.items())
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    return bool(wanted == got)


def differing(pattern: StepPattern, got: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields in which a step differs from a pattern; `type` when it is another step."""
    if got.get("type") != pattern.step:
        return ("type",)
    return tuple(name for name, value in pattern.fields.items() if name not in got or not equal(value, got[name]))


def compare(expect: Sequence[StepPattern], steps: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Patterns and steps side by side, with as few differences as possible. A step is a mapping with `type` and its fields."""
    if len(expect) * len(steps) > MOST_CELLS:
        steps = steps[: MOST_CELLS // max(len(expect), 1)]
    cost = _costs(expect, steps)
    rows: list[Row] = []
    i = j = 0
    while i < len(expect) or j < len(steps):
        here = cost[i][j]
        if i < len(expect) and expect[i].gap:
            begin = j
            while cost[i + 1][j] != here:
                j += 1
            rows.append(Row("gap", count=j - begin))
            i += 1
            continue
        if i < len(expect) and j < len(steps):
            fields = differing(expect[i], steps[j])
            if here == cost[i + 1][j + 1] + _weight(fields):
                rows.append(Row("differs" if fields else "same", expect[i], steps[j], fields))
                i, j = i + 1, j + 1
                continue
        if i < len(expect) and here == cost[i + 1][j] + 2:
            rows.append(Row("missing", expect[i]))
            i += 1
        else:
            rows.append(Row("extra", got=steps[j]))
            j += 1
    return tuple(rows)


def holds(rows: Sequence[Row]) -> bool:
    """Whether a comparison shows no difference."""
    return all(row.kind in ("same", "gap") for row in rows)


def _weight(fields: tuple[str, ...]) -> int:
    # A step of another type is as bad as one missing and one extra; the latter reads better, so it costs a little more.
    return 0 if not fields else 5 if fields == ("type",) else 1


def _costs(expect: Sequence[StepPattern], steps: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """`costs[i][j]`: the cheapest way to fit patterns from i on to steps from j on."""
    table = [[0] * (len(steps) + 1) for _ in range(len(expect) + 1)]
    table[len(expect)] = [2 * (len(steps) - j) for j in range(len(steps) + 1)]
    for i in range(len(expect) - 1, -1, -1):
        row, below = table[i], table[i + 1]
        for j in range(len(steps), -1, -1):
            if expect[i].gap:
                row[j] = below[j] if j == len(steps) else min(below[j], row[j + 1])
                continue
            best = below[j] + 2
            if j < len(steps):
                best = min(best, row[j + 1] + 2, below[j + 1] + _weight(differing(expect[i], steps[j])))
            row[j] = best
    return table
