"""The laws of the fold from steps to risk, for every kind of scorer at once: the small stack holds one of each."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.small import PLAN, events, runs, small
from monitor.steps import odd, steps
from monitor.steps import runs as any_runs

from stepwatch.memory import LONGEST, StateError
from stepwatch.model import Model, Reading, Run, score

KINDS = ("table", "linear", "stack")


@cache
def model(kind: str = "stack") -> Model:
    return Model(small(kind))


def again(one: Model, run: Run) -> Run:
    """The run through bytes."""
    return one.load(json.loads(json.dumps(one.save(run))))


def folded(one: Model, given: list[list[Any]], *, save: bool = False) -> list[Reading]:
    """The readings step by step, saved and resumed between any two steps."""
    run, found = one.begin(), []
    for event in given:
        ends = False
        for step in event:
            ends |= one.step(run, step)
            run = again(one, run) if save else run
        if ends:
            found.append(one.point(run))
            run = again(one, run) if save else run
    return found


def same(left: list[Reading], right: list[Reading]) -> bool:
    return json.dumps([one._asdict() for one in left]) == json.dumps([one._asdict() for one in right])


@settings(max_examples=40, deadline=None)
@given(any_runs)
def test_batch_and_streaming_and_resuming_say_the_same(given: list[list[Any]]) -> None:
    readings = list(score(model(), given))
    assert same(readings, folded(model(), given))
    assert same(readings, folded(model(), given, save=True))


@settings(max_examples=40, deadline=None)
@given(any_runs, any_runs)
def test_what_follows_changes_nothing(before: list[list[Any]], after: list[list[Any]]) -> None:
    readings = list(score(model(), before))
    assert same(readings, list(score(model(), before + after))[: len(readings)])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), any_runs)
def test_contributions_sum_to_the_change_of_the_logit(kind: str, given: list[list[Any]]) -> None:
    one = model(kind)
    run, before = one.begin(), one.origin
    for event in given:
        ends = False
        for step in event:
            ends |= one.step(run, step)
        if ends:
            logit = one.point(run).logit
            changes = one.contributions(run, event)
            assert math.isclose(math.fsum(change for _, _, change in changes), logit - before, abs_tol=1e-9)
            assert all(-1 <= number < len(event) for number, _, _ in changes)
            before = logit


def test_real_steps_are_named_by_their_words() -> None:
    one, ran = model(), runs()[0]
    run, names, pending = one.begin(), [], []
    for event in events(ran):
        ends = False
        for step in event:
            ends |= one.step(run, step)
        pending += event
        if ends:
            one.point(run)
            names += [what for _, what, _ in one.contributions(run, pending)]
            pending.clear()
    assert any(name.startswith('Said.text "') for name in names)
    assert any(name.startswith("ToolCall.args ") for name in names)
    assert [name for name in names if name.startswith("token ")] == []


@settings(max_examples=60, deadline=None)
@given(any_runs)
def test_risks_are_probabilities_around_which_the_interval_lies(given: list[list[Any]]) -> None:
    for reading in score(model(), given):
        assert 0.0 <= reading.low <= reading.risk <= reading.high <= 1.0
        assert all(map(math.isfinite, reading.logits.values()))


def size(value: Any) -> int:
    """Numbers, and characters by the thousand, in a saved state."""
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, list):
        return sum(map(size, value))
    return 1 + len(value) // 1_000 if isinstance(value, str) else 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_bounded_whatever_comes(kind: str) -> None:
    one = model(kind)
    run, sizes = one.begin(), []
    for number in range(1_500):
        text = " ".join(f"w{number}x{i}" for i in range(90))
        step = {"type": "ToolResult", "tool": f"tool {number}" * 40, "error": number, "text": text, "by": f"by {number}"}
        one.step(run, {"type": "ToolCall", "tool": "x", "args": {f"k{number}": [text] * 20}, "by": "agent"})
        one.step(run, step)
        if number % 3 == 0:  # points of several events as well
            one.point(run)
        if number % 100 == 99:
            sizes.append(size(one.save(run)))
    # A state without bounds would have doubled.
    assert sizes[-1] <= sizes[len(sizes) // 2] * 1.25, sizes
    features = len(PLAN.features) * 2
    assert sizes[-1] < 3 * LONGEST * features


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(steps, min_size=3, max_size=8))
def test_a_state_that_somebody_changed_is_refused_or_still_one(data: st.DataObject, given: list[Any]) -> None:
    one = model()
    run = one.begin()
    for step in given:
        one.step(run, step)
    one.point(run)
    value = json.loads(json.dumps(one.save(run)))
    holder: Any = value
    for _ in range(data.draw(st.integers(1, 4))):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], dict | list) or not holder[key]:
            break
        holder, key = holder[key], None
    if key is None:
        key = next(iter(holder)) if isinstance(holder, dict) else 0
    holder[key] = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({}))
    try:
        found = one.load(value)
    except StateError:
        return
    for step in given:
        one.step(found, step)
    with suppress(ArithmeticError):  # what was put there multiplies beyond all bounds
        assert 0.0 <= one.point(found).risk <= 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(odd, max_size=8))
def test_odd_steps_never_raise(given: list[Any]) -> None:
    run = model().begin()
    for step in given:
        model().step(run, step)
    model().point(run)
