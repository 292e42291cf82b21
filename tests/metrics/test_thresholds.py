"""Thresholds keep the budgets that they promise, for scores with ties too, and an alert is decided by one number a run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.metrics import Costs, alert_figures, first_alerts, peaks, policy, utility
from stepwatch.metrics.alerts import WEIGHTED, weighted
from stepwatch.metrics.thresholds import at_place, expected_place, guaranteed_place, one_per_group, runs_needed

LAWS = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(lambda parts: np.array(parts) / sum(parts))
"""Chances of the values 0, 1, 2 … of a run's highest score."""
RUNS = st.lists(st.tuples(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12), st.booleans()), min_size=1, max_size=20)


def draws(law: np.ndarray, runs: int) -> Iterator[tuple[float, np.ndarray]]:
    """Every sample of so many runs, without order, with its chance."""
    for values in itertools.combinations_with_replacement(range(len(law)), runs):
        counts = np.bincount(values, minlength=len(law))
        ways = math.factorial(runs) / math.prod(math.factorial(count) for count in counts.tolist())
        yield ways * math.prod(law**counts), np.array(values, dtype=float)


def far(law: np.ndarray, threshold: float) -> float:
    return float(law[np.arange(len(law)) > threshold].sum())


@given(LAWS, st.integers(5, 11), st.sampled_from([(0.3, 0.8), (0.25, 0.75), (0.4, 0.9)]))
@settings(max_examples=40, deadline=None)
def test_p8_a_guaranteed_threshold_overruns_its_budget_no_more_often_than_promised(
    law: np.ndarray, runs: int, wanted: tuple[float, float]
) -> None:
    budget, confidence = wanted
    place = guaranteed_place(runs, budget, confidence)
    if place is None:
        assert runs < runs_needed(budget, confidence)
        return
    over = sum(chance for chance, values in draws(law, runs) if far(law, at_place(values, place)) > budget + 1e-12)
    assert over <= 1 - confidence + 1e-9


@given(LAWS, st.integers(2, 11), st.sampled_from([0.1, 0.2, 0.35, 0.5]))
@settings(max_examples=40, deadline=None)
def test_an_expected_threshold_keeps_its_budget_on_average(law: np.ndarray, runs: int, budget: float) -> None:
    place = expected_place(runs, budget)
    if place is None:
        assert runs + 1 < 1 / budget + 1e-9
        return
    mean = sum(chance * far(law, at_place(values, place)) for chance, values in draws(law, runs))
    assert mean <= budget + 1e-9


def test_how_many_runs_a_guarantee_takes() -> None:
    known = {(0.1, 0.9): 22, (0.1, 0.95): 29, (0.05, 0.9): 45, (0.05, 0.95): 59, (0.01, 0.9): 230, (0.01, 0.95): 299}
    for (budget, confidence), runs in known.items():
        assert runs_needed(budget, confidence) == runs
        assert guaranteed_place(runs, budget, confidence) == runs
        assert guaranteed_place(runs - 1, budget, confidence) is None
    assert expected_place(99, 0.1) == 90
    assert expected_place(9, 0.1) == 9
    assert expected_place(8, 0.1) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        runs_needed(0.0, 0.9)


def test_without_a_place_nothing_is_alerted() -> None:
    assert at_place(np.array([1.0, 2.0]), None) == math.inf


def test_one_run_of_each_group_whatever_stands_between() -> None:
    groups = ["b", "a", "b", "c", "a", "b"]
    chosen = one_per_group(groups, seed=3)
    assert [groups[place] for place in chosen] == ["a", "b", "c"]
    assert one_per_group(groups, seed=3).tolist() == chosen.tolist()
    assert {tuple(one_per_group(groups, seed=seed)) for seed in range(20)} != {tuple(chosen)}


@given(RUNS, st.integers(1, 5).flatmap(lambda window: st.tuples(st.integers(1, window), st.just(window))), st.integers(-1, 6).map(float))
def test_p7_persistence_is_one_number_a_run(runs: list[tuple[list[float], bool]], rule: tuple[int, int], threshold: float) -> None:
    hits, window = rule
    scores = np.concatenate([values for values, _ in runs])
    numbers = np.repeat(np.arange(len(runs)), [len(values) for values, _ in runs])
    series = policy(scores, numbers, hits, window)
    first = first_alerts(series, numbers, threshold)
    expected = [
        next((at for at in range(1, len(values) + 1) if sum(value > threshold for value in values[max(0, at - window) : at]) >= hits), 0)
        for values, _ in runs
    ]
    assert first.tolist() == expected
    assert ((first > 0) == (peaks(series, numbers) > threshold)).all()


@given(RUNS, st.integers(0, 6).map(float), st.integers(0, 3).map(float))
def test_p7_a_higher_threshold_alerts_later_if_at_all(runs: list[tuple[list[float], bool]], low: float, more: float) -> None:
    scores = np.concatenate([values for values, _ in runs])
    numbers = np.repeat(np.arange(len(runs)), [len(values) for values, _ in runs])
    yellow, red = first_alerts(scores, numbers, low), first_alerts(scores, numbers, low + more)
    assert ((red == 0) | ((yellow > 0) & (yellow <= red))).all()


@given(RUNS, st.integers(-1, 6).map(float), st.lists(st.integers(1, 3), min_size=20, max_size=20))
def test_weighted_figures_are_those_of_repeated_runs(runs: list[tuple[list[float], bool]], threshold: float, times: list[int]) -> None:
    lengths = np.array([len(values) for values, _ in runs])
    failed = np.array([bad for _, bad in runs])
    first = np.array([next((at for at, value in enumerate(values, 1) if value > threshold), 0) for values, _ in runs])
    costs = Costs(step=0.1)
    repeat = np.array(times[: len(runs)])
    once = weighted(first, lengths, failed, costs, 3, repeat.astype(float))
    many = tuple(np.repeat(column, repeat) for column in (first, lengths, failed))
    assert once == pytest.approx(weighted(*many, costs, 3), nan_ok=True)
    plain = alert_figures(many[0], many[1], many[2], ahead=(3,))
    shown = dict(zip(WEIGHTED, once, strict=True))
    assert shown["false_alarm_rate"] == pytest.approx(plain.far[0], nan_ok=True)
    assert shown["recall"] == pytest.approx(plain.recall[0], nan_ok=True)
    assert shown["early_recall"] == pytest.approx(plain.early[3], nan_ok=True)
    assert shown["precision"] == pytest.approx(plain.precision, nan_ok=True)
    assert (shown["saved"], shown["lost"]) == pytest.approx((plain.saved, plain.lost), nan_ok=True)


def test_utility_of_what_alerts_can_do() -> None:
    costs = Costs(failure=10, intervention=1, false_alarm=2, effect=0.5, least_lead=2)
    lengths, failed = np.array([5, 5, 5, 5]), np.array([True, True, False, False])
    assert utility(np.array([0, 0, 0, 0]), lengths, failed, costs) == 0
    assert utility(np.array([3, 0, 0, 0]), lengths, failed, costs) == pytest.approx((5 - 1) / 4)
    assert utility(np.array([4, 0, 0, 0]), lengths, failed, costs) == pytest.approx(-1 / 4)  # too late to help
    assert utility(np.array([0, 0, 1, 0]), lengths, failed, costs) == pytest.approx(-3 / 4)


def test_of_no_runs_there_is_no_first_alert() -> None:
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    assert first_alerts(nothing, none, 0.0).tolist() == peaks(nothing, none).tolist() == []
