"""The encoder's laws: what a point says hangs on the steps up to it, on their content alone, and within bounds."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.small import PLAN, points, runs
from tests.monitor.small import events as events_of
from tests.monitor.steps import runs as odd_runs

from stepwatch import dense, encode, tokens
from stepwatch.encode import Encoder, State
from stepwatch.memory import StateError
from stepwatch.plan import Feature, PointPattern

ENCODER = Encoder(PLAN)


def resumed(state: State) -> State:
    """The state after a life as JSON."""
    return ENCODER.load(json.loads(json.dumps(state.save())))


@given(odd_runs, st.integers(0, 12))
def test_points_hang_on_nothing_behind_them(events: list[list[Any]], cut: int) -> None:
    assert points(events)[:cut] == points(events[:cut])


@given(odd_runs, st.integers(0, 12))
def test_a_saved_state_goes_on_as_if_nothing_had_been(events: list[list[Any]], cut: int) -> None:
    state, found = ENCODER.begin(), []
    for number, steps in enumerate(events):
        for step in steps:
            ENCODER.step(state, step)
            if number == cut:  # also between the steps of a point
                state = resumed(state)
        found.append(ENCODER.point(state))
    assert found == points(events)


@given(odd_runs)
def test_numbers_stay_small_and_tokens_few(events: list[list[Any]]) -> None:
    for point in points(events):
        assert all(math.isfinite(value) and abs(value) < 64 for value in point.dense)
        assert len(point.tokens) <= encode.MOST_TOKENS + 2
        assert all(0 <= token < tokens.BUCKETS for token in point.tokens)


class Loose(msgspec.Struct, tag="Observed"):
    """A step whose flag may be anything, as a host may make it."""

    error: Any


@pytest.mark.parametrize("first", [True, 1, 1.0])
def test_what_is_true_hangs_on_no_other_run(first: Any) -> None:
    plan = replace(PLAN, points=(PointPattern("Observed", {"error": True}),))
    encoder = Encoder(plan)
    encoder.step(encoder.begin(), Loose(first))
    found = {repr(value): encoder.step(encoder.begin(), Loose(value)) for value in (True, 1, 1.0)}
    assert found == {"True": True, "1": False, "1.0": False}


def turned(value: Any) -> Any:
    """The same value, the keys of its objects in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


@given(odd_runs)
def test_the_order_of_a_steps_fields_says_nothing(events: list[list[Any]]) -> None:
    other = [[dict(reversed(step.items())) for step in steps] for steps in events]
    assert points(other) == points(events)


@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5), st.integers(1, 3))
def test_the_order_of_an_arguments_keys_is_no_other_call(args: dict[str, Any], times: int) -> None:
    calls = [[{"type": "ToolCall", "by": "agent", "tool": "t", "args": args}]] * times
    other = [[{**calls[0][0], "args": turned(args)}]] * times
    assert [sorted(point.tokens) for point in points(calls)] == [sorted(point.tokens) for point in points(other)]
    assert [point.dense for point in points(calls)] == [point.dense for point in points(other)]


def test_a_class_of_the_adapter_says_what_its_line_of_steps_says() -> None:
    for ran in runs():
        made = [list(steps) for steps in events_of(ran)]
        lines = [[json.loads(msgspec.json.encode(step)) for step in steps] for steps in made]
        assert points(lines) == points(made)


def test_a_state_is_bounded_whatever_comes() -> None:
    state, sizes = ENCODER.begin(), []
    for number in range(4_000):
        words = " ".join(f"w{number}x{place}" for place in range(60))
        for step in (
            {"type": "ToolCall", "tool": f"t{number}", "args": {"n": number}},
            {"type": "ToolResult", "text": words, "tool": f"t{number}"},
        ):
            ENCODER.step(state, step)
        ENCODER.point(state)
        if number in (1_999, 3_999):
            sizes.append(len(json.dumps(state.save())))
    assert sizes[1] < sizes[0] * 1.05


def test_without_need_of_tokens_or_summaries_there_are_none() -> None:
    events = [list(steps) for steps in events_of(runs()[0])]
    whole = points(events)
    for needs in ({"symbol"}, {"symbol", "dense"}, {"symbol", "tokens"}):
        part = points(events, Encoder(PLAN, needs))
        assert [point.key for point in part] == [point.key for point in whole]
        assert [tuple(point.dense) for point in part] == [tuple(point.dense) if "dense" in needs else () for point in whole]
        assert [list(point.tokens) for point in part] == [list(point.tokens) if "tokens" in needs else [] for point in whole]


def test_words_and_pairs_of_words_have_names() -> None:
    steps = [{"type": "Said", "by": "agent", "text": "order not found"}]
    state = ENCODER.begin()
    ENCODER.step(state, steps[0])
    point = ENCODER.point(state)
    names = ENCODER.named(point, steps, point.tokens)
    assert set(point.tokens) <= names.keys()
    said = {name for _, name in names.values()}
    assert {'Said.text "order"', 'Said.text "not found"'} <= said
    assert 'Said.text "order found"' not in said


def test_pairs_tell_the_order_of_words() -> None:
    one, other = [7, 90_000, 1_000_000], [1_000_000, 90_000, 7]
    assert len(tokens.pairs(one)) == 2
    assert not set(tokens.pairs(one)) & set(tokens.pairs(other))
    assert tokens.pairs([5]) == tokens.pairs([]) == []


def test_a_repeated_call_is_told_from_a_new_one() -> None:
    name = "ToolCall.args repeated again"
    place = ENCODER.names.index(name)
    call = {"type": "ToolCall", "by": "agent", "tool": "get", "args": {"id": 1}}
    found = points([[call], [call], [{**call, "args": {"id": 2}}], [call]])
    assert [round(math.expm1(point.dense[place])) for point in found] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"tokens": [tokens.BUCKETS]},
        {"tokens": [-1]},
        {"index": 1.5},
        {"values": []},
        {"key": 7},
        {"memories": None},
        {"before": -1},
        {"taken": encode.MOST_TOKENS + 1},
    ],
)
def test_a_state_of_somebody_else_is_refused(change: dict[str, Any]) -> None:
    value = copy.deepcopy(ENCODER.begin().save())
    with pytest.raises(StateError):
        ENCODER.load({**value, **change})
    with pytest.raises(StateError):
        ENCODER.load({key: item for key, item in value.items() if key != next(iter(change))})


def test_a_time_says_how_long_ago() -> None:
    plan = PLAN.__class__(**{**{name: getattr(PLAN, name) for name in PLAN.__slots__}, "features": (Feature("at", "time", ("Said",)),)})
    encoder = Encoder(plan)
    place = encoder.names.index("at gap")
    found = points([[{"type": "Said", "text": "", "at": at}] for at in (100.0, 103.0, 103.0)], encoder)
    assert [round(math.expm1(point.dense[place])) for point in found] == [0, 3, 0]


def test_text_so_far_is_counted_once_and_over_points() -> None:
    total, over_points = (ENCODER.names.index(name) for name in ("characters total", "characters total over points"))
    found = points([[{"type": "Said", "by": "user", "text": "a" * length}] for length in (3, 4, 0)])
    assert [round(math.expm1(point.dense[total])) for point in found] == [3, 7, 7]
    assert [round(math.expm1(point.dense[over_points])) for point in found] == [3, 10, 17]


@given(st.lists(st.integers(0, 1_030) | st.integers(0, 1 << 70), max_size=8))
def test_logarithms_are_the_same_one_by_one_and_together(counts: list[int]) -> None:
    assert dense.logs(counts) == [dense.log(count) for count in counts]
