"""Drift of steps and scores: no alarm where nothing changed, an alarm where something did, and blind where it says it is."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitor_drift.observed import observations

from stepwatch.drift import BLIND_SPOT, Observation, compare, from_json, report, to_json
from stepwatch.drift.permute import Rearrangements
from stepwatch.drift.process import exchangeability, false_alarms
from stepwatch.drift.statistics import frequencies, largest_gap, mean_embedding, stability_index

LEVEL = 0.05


def test_nothing_is_told_where_nothing_changed() -> None:
    alarms = 0
    for seed in range(1, 31):
        old, new = observations(60, 2 * seed), observations(40, 2 * seed + 1)
        alarms += any(check.holds(LEVEL) for check in compare(old, new))
    # 30 trials at a family-wise level of .05: more than 5 come with a chance below .002.
    assert alarms <= 5


def test_groups_that_are_alike_do_not_look_like_change() -> None:
    alarms = 0
    for seed in range(1, 16):
        old, new = (observations(80, 2 * seed + side, groups=10, effect=1.5) for side in (0, 1))
        alarms += any(check.holds(LEVEL) for check in compare(old, new))
    assert alarms <= 3


def grouped(side: str, seed: int, alike: float) -> list[Observation]:
    """Four runs each of 30 tasks, as alike as this (the intraclass correlation), each of which names its task somewhere."""
    draw = np.random.default_rng(seed)
    found = []
    for task in range(30):
        own = draw.normal(scale=alike**0.5)
        for trial in range(4):
            counts = {"ToolCall.tool": {"search": int(draw.integers(1, 4)), f"open {side}{task}": 1}}
            highest = float(own + draw.normal(scale=(1 - alike) ** 0.5))
            failed = bool(draw.random() < 0.2)
            alerted = own > 1.6  # about a twentieth of tasks, in all their runs
            found.append(Observation(f"{side}{task}.{trial}", f"{side}{task}", counts, {"highest logit": highest}, alerted, 0.5, failed))
    draw.shuffle(found)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.9])
def test_the_whole_answer_keeps_its_level_where_runs_come_in_groups(alike: float) -> None:
    sides = [(grouped("old", 2 * seed, alike), grouped("new", 2 * seed + 1, alike)) for seed in range(40)]
    alarms = sum(report(old, new, with_labels=True).drifted for old, new in sides)
    assert alarms <= 6  # 40 trials at .05: more come with a chance below .004


def test_a_shift_of_scores_is_found_where_runs_come_in_groups() -> None:
    old, new = grouped("old", 1, 0.5), grouped("new", 2, 0.5)
    moved = [replace(one, numbers={"highest logit": one.numbers["highest logit"] + 2.0}) for one in new]
    told = report(old, moved)
    assert told.drifted and 1 <= told.evidence.alarm <= len(moved)


def test_a_renamed_tool_is_found_and_named() -> None:
    told = report(observations(80, 1), observations(60, 2, drift=True))
    assert told.drifted and told.severity in ("slight", "moderate", "high", "severe")
    first = {(check.channel, check.method) for check in told.checks if check.holds(LEVEL)}
    assert ("ToolResult.tool", "unseen values") in first and ("ToolResult.tool", "stability index") in first
    changes = next(check for check in told.checks if check.channel == "ToolResult.tool" and check.method == "stability index").changes
    assert {change.value for change in changes[:2]} == {"search", "lookup"}


def test_a_new_tool_in_a_fifth_of_the_runs_is_found() -> None:
    draw = random.Random(5)
    new = [
        replace(one, counts={**one.counts, "ToolResult.tool": {**one.counts.get("ToolResult.tool", {}), "deploy": 1}})
        if draw.random() < 0.2
        else one
        for one in observations(60, 2)
    ]
    found = {(check.channel, check.method) for check in compare(observations(80, 1), new) if check.holds(LEVEL)}
    assert ("ToolResult.tool", "unseen values") in found


def test_another_mix_of_lengths_is_found_in_the_numbers() -> None:
    long = [one for one in observations(300, 2) if one.numbers["points"] > 8][:50]
    found = {check.channel for check in compare(observations(80, 1), long) if check.holds(LEVEL)}
    assert "points" in found


def test_outcomes_do_not_change_a_byte_of_what_is_told_without_them() -> None:
    old, new = observations(40, 1), observations(40, 2)
    flipped = [replace(one, failed=not one.failed) for one in new]
    assert json.dumps(report(old, new).as_values()) == json.dumps(report(old, flipped).as_values())
    assert report(old, new).as_values()["blind_spot"] == BLIND_SPOT
    told = report(old, flipped, with_labels=True).labelled
    assert told is not None and told["brier"][1] > told["brier"][0]


def test_the_order_of_runs_does_not_matter_to_the_checks() -> None:
    old, new = observations(40, 1), observations(30, 2)
    assert compare(old[::-1], new[::-1]) == compare(old, new)


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8 are needed"):
        compare(observations(3, 1), observations(30, 2))


def test_a_profile_comes_back_without_outcomes() -> None:
    runs = sorted(observations(12, 1), key=lambda one: one.id)
    back = from_json(json.loads(json.dumps(to_json(runs))))
    assert back == [replace(one, failed=None) for one in runs]
    for wrong in (
        None,
        {},
        {"schema": 1, "runs": [{"id": 1}]},
        {"schema": 1, "runs": [{**to_json(runs)["runs"][0], "counts": {"a": {"b": -1}}}]},
    ):
        with pytest.raises(ValueError, match="profile"):
            from_json(wrong)


def test_looking_after_every_run_does_not_make_false_alarms() -> None:
    draw = np.random.default_rng(11)
    alarms = sum(exchangeability(draw.normal(size=40), draw.normal(size=80), seed=trial).alarm > 0 for trial in range(300))
    assert alarms <= 25  # the bound is 15 of 300; more than 25 come with a chance below .01 even where it is met exactly
    shifted = sum(exchangeability(draw.normal(size=40), draw.normal(1.5, size=80), seed=trial).alarm > 0 for trial in range(30))
    assert shifted >= 27


def test_a_budget_that_is_kept_is_not_accused_and_one_that_is_not_is() -> None:
    draw = np.random.default_rng(12)
    kept = sum(false_alarms((draw.random(200) < 0.05).tolist(), 0.05).alarm > 0 for _ in range(200))
    assert kept <= 19
    overrun = sum(false_alarms((draw.random(200) < 0.20).tolist(), 0.05).alarm > 0 for _ in range(50))
    assert overrun >= 45


tables = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 6), min_size=columns, max_size=columns), min_size=2, max_size=10)
)


@given(tables, st.data())
def test_statistics_are_what_they_say(rows: list[list[int]], data: st.DataObject) -> None:
    counts = np.array(rows, dtype=np.float64)
    side = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), dtype=np.float64)[None, :]
    index = stability_index(counts)
    assert index(side)[0] >= 0 and index(side)[0] == pytest.approx(index(1 - side)[0], abs=1e-12)
    twice = np.vstack([counts, counts])
    halves = np.r_[np.zeros(len(rows)), np.ones(len(rows))][None, :]
    assert stability_index(twice)(halves)[0] == pytest.approx(0.0, abs=1e-12)
    assert largest_gap(twice.sum(axis=1))(halves)[0] == pytest.approx(0.0, abs=1e-12)
    if 0 < side.sum() < len(rows):
        inside, values = side[0] == 1, counts.sum(axis=1)
        gaps = [abs(np.mean(values[inside] <= value) - np.mean(values[~inside] <= value)) for value in values]
        assert largest_gap(values)(side)[0] == pytest.approx(max(gaps), abs=1e-9)


def test_the_kernel_statistic_is_unbiased() -> None:
    draw = np.random.default_rng(3)
    values = [mean_embedding(draw.normal(size=(30, 3)))(np.r_[np.zeros(15), np.ones(15)][None, :])[0] for _ in range(400)]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20


def test_rearrangements_move_groups_as_a_whole() -> None:
    sides, groups = [False] * 6 + [True] * 6, ["a", "a", "b", "b", "", "", "c", "c", "d", "d", "", ""]
    rows = Rearrangements(sides, groups, 1).later
    assert rows[0].tolist() == [float(side) for side in sides]
    for left, right in ((0, 1), (2, 3), (6, 7), (8, 9)):
        assert (rows[:, left] == rows[:, right]).all()
    assert (rows[:, 4] != rows[:, 5]).any()


def test_frequencies_keep_every_count() -> None:
    names, table = frequencies([{"a": 2, "b": 1}, {"c": 4, "a": 1}, {}], 2)
    assert names == ["c", "a"] and table.tolist() == [[0, 2, 1], [4, 1, 0], [0, 0, 0]]


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.lists(st.floats(-5, 5), max_size=30), st.integers(0, 5))
def test_capital_is_never_negative(old: list[float], new: list[float], seed: int) -> None:
    found = exchangeability(old, new, seed=seed)
    assert found.last >= 0 and found.highest >= min(found.last, 1.0) * (1 if new else 0)
    assert exchangeability(old, new, seed=seed) == found


def test_a_channel_is_counted_once_in_the_severity() -> None:
    old, new = observations(60, 1), observations(60, 2, drift=True)
    told = report(old, new)
    changed = {check.channel for check in told.checks if check.holds(LEVEL)}
    assert told.composite == pytest.approx(len(changed) / len({check.channel for check in told.checks}))
    assert isinstance(old[0], Observation)
