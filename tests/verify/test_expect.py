"""Steps held against patterns."""

from __future__ import annotations

from typing import Any

import pytest

from stepc.ir import StepPattern
from stepc.verify.expect import compare, equal, holds

GAP = StepPattern("", {}, gap=True)


def pattern(step: str, **fields: Any) -> StepPattern:
    return StepPattern(step, fields)


def step(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


STEPS = [step("Said", by="user"), step("ToolCall", tool="a"), step("ToolResult", error=True), step("Said", by="agent")]


@pytest.mark.parametrize(
    ("expect", "good"),
    [
        ([pattern("Said"), pattern("ToolCall"), pattern("ToolResult", error=True), pattern("Said")], True),
        ([pattern("Said"), GAP], True),
        ([GAP, pattern("Said", by="agent")], True),
        ([GAP, pattern("ToolCall", tool="a"), GAP], True),
        ([GAP, GAP], True),
        ([pattern("Said"), pattern("ToolCall"), pattern("ToolResult", error=False), pattern("Said")], False),
        ([pattern("Said"), pattern("ToolCall")], False),
        ([GAP, pattern("Thought"), GAP], False),
        ([], False),
    ],
)
def test_patterns(expect: list[StepPattern], good: bool) -> None:
    assert holds(compare(expect, STEPS)) is good


def test_no_steps() -> None:
    assert holds(compare([], []))
    assert holds(compare([GAP], []))
    assert [row.kind for row in compare([pattern("Said")], [])] == ["missing"]


def test_the_reading_with_the_fewest_differences() -> None:
    rows = compare([pattern("Said"), pattern("ToolResult", error=False), pattern("Said")], STEPS)
    assert [row.kind for row in rows] == ["same", "extra", "differs", "same"]
    assert rows[2].fields == ("error",)


def test_a_gap_says_how_many_steps_it_stands_for() -> None:
    rows = compare([pattern("Said"), GAP, pattern("Said", by="agent")], STEPS)
    assert [(row.kind, row.count) for row in rows] == [("same", 0), ("gap", 2), ("same", 0)]


def test_values() -> None:
    assert equal({"a": 1}, {"a": 1.0, "b": 2})
    assert not equal({"a": {"b": None}}, {"a": {}})
    assert not equal(True, 1)
    assert equal(None, None)
    assert equal([1, 2], [1, 2])


def test_long_inputs_stay_cheap() -> None:
    steps = [step("Said")] * 20_000
    assert not holds(compare([pattern("Said"), pattern("ToolCall")] * 200, steps))
