"""Probabilities, first alerts and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from stepwatch.metrics import Resamples, alert_figures, brier, clopper_pearson, first_alerts, murphy
from stepwatch.metrics.bootstrap import expanded, interval

PROBABILITIES = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 10).map(lambda tenth: tenth / 10), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
        st.lists(st.integers(1, 5), min_size=n, max_size=n),
    )
)
RUNS = st.lists(st.tuples(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=12), st.booleans()), min_size=1, max_size=25)


@given(PROBABILITIES)
def test_p6_murphys_parts_make_up_the_brier_score(case: tuple[list[float], list[bool], list[int]]) -> None:
    probabilities, labels, weights = (np.array(column, dtype=float) for column in case)
    parts = murphy(probabilities, labels, weights)
    assert parts.brier == pytest.approx(brier(probabilities, labels, weights), abs=1e-12)
    assert min(parts) >= 0


@given(RUNS, st.integers(-1, 6).map(float))
def test_first_alerts_are_the_first_points_above_the_threshold(runs: list[tuple[list[float], bool]], threshold: float) -> None:
    scores = np.concatenate([scores for scores, _ in runs])
    numbers = np.repeat(np.arange(len(runs)), [len(scores) for scores, _ in runs])
    first = first_alerts(scores, numbers, threshold)
    expected = [next((at for at, score in enumerate(scores, 1) if score > threshold), 0) for scores, _ in runs]
    assert first.tolist() == expected
    # P7: an alert exists just where the highest score is above the threshold.
    assert ((first > 0) == np.array([max(scores) > threshold for scores, _ in runs])).all()


@given(RUNS, st.integers(-1, 6).map(float))
def test_alert_figures_count_runs(runs: list[tuple[list[float], bool]], threshold: float) -> None:
    lengths = np.array([len(scores) for scores, _ in runs])
    failed = np.array([failed for _, failed in runs])
    first = np.array([next((at for at, score in enumerate(scores, 1) if score > threshold), 0) for scores, _ in runs])
    figures = alert_figures(first, lengths, failed, ahead=(0, 1, 3))
    assert (figures.passing, figures.failing) == ((~failed).sum(), failed.sum())
    if figures.failing:
        assert figures.early[0] == figures.recall[0] == figures.found / figures.failing
        assert figures.early[3] <= figures.early[1] <= figures.early[0]
        assert 0 <= figures.saved <= 1
    if figures.found:
        leads = [T - A for T, A, bad in zip(lengths, first, failed, strict=True) if A and bad]
        assert figures.lead[2] == np.median(leads)


def test_clopper_pearson_has_the_tails_it_promises() -> None:
    share, low, high = clopper_pearson(3, 40)
    assert share == 3 / 40
    assert binom.sf(2, 40, low) == pytest.approx(0.025)
    assert binom.cdf(3, 40, high) == pytest.approx(0.025)
    assert clopper_pearson(0, 10)[1] == 0.0
    assert clopper_pearson(10, 10)[2] == 1.0


def test_resampling_counts_groups_and_not_cases() -> None:
    # One group holds half of the cases: the mean moves with that group, by far more than if cases were independent.
    groups = ["big"] * 50 + [f"g{index}" for index in range(50)]
    values = np.r_[np.ones(50), np.zeros(50)]
    resamples = Resamples(groups, 400)
    means = resamples.samples(lambda weights: float(np.average(values, weights=weights)))
    assert np.isclose(means, 0.0).mean() == pytest.approx((1 - 1 / 51) ** 51, abs=0.08)
    assert (resamples.samples(lambda weights: float(weights.sum())) >= 1).all()
    again = Resamples(groups, 400).samples(lambda weights: float(np.average(values, weights=weights)))
    assert (means == again).all()
    low, high = resamples.interval(0.5, means)[1:]
    assert low < 0.05
    assert high > 0.7


def test_figures_of_some_cases_have_intervals_of_their_groups() -> None:
    resamples = Resamples([f"g{index // 4}" for index in range(200)], 100)
    some = np.arange(200) < 20  # of five groups
    samples = np.linspace(0.0, 1.0, 1_001)
    assert resamples.interval(0.5, samples, some) == interval(0.5, samples, 5)
    assert resamples.interval(0.5, samples) == interval(0.5, samples, 50)


def test_intervals_of_few_groups_are_wider() -> None:
    samples = np.linspace(0.0, 1.0, 1_001)
    ends = [interval(0.5, samples, groups)[1:] for groups in (1, 2, 5, 10, 100, 10_000)]
    assert ends[0] == (0.0, 1.0)
    assert ends[1] == pytest.approx((0.0, 1.0), abs=1e-6)
    assert ends[-1] == pytest.approx((0.025, 0.975), abs=1e-4)
    assert [low for low, _ in ends] == sorted(low for low, _ in ends)
    assert all(low + high == pytest.approx(1.0) for low, high in ends)
    # Hesterberg 2015: for ten groups 2.262 standard errors of sqrt(10 / 9) of what resampling shows.
    assert expanded(10, 0.95) == pytest.approx(norm.cdf(-2.262 * (10 / 9) ** 0.5), abs=1e-4)
    assert np.isnan(interval(0.5, np.array([np.nan]), 10)[1])
