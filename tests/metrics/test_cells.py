"""Ceilings over cells of runs, parts of the distance to perfection, reliability, and nearness to decisive points."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.metrics import Levels, Masses, Resamples, brier
from stepwatch.metrics.ceiling import (
    Cells,
    implied,
    mixture_bound,
    mixture_probe,
    mixture_proven,
    mixture_share,
    pair_second_moment,
    plug_in,
    variance_bound,
)
from stepwatch.metrics.decisive import constants, nearness
from stepwatch.metrics.gaps import area_gaps, brier_gaps
from stepwatch.metrics.reliability import bins, calibration_error, places

LAYOUTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=2, max_size=7)
"""For each case its cell and its run."""
TABLES = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 8), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda labels: 0 < sum(labels) < len(labels)),
        st.lists(st.integers(0, 10).map(lambda tenth: tenth / 10), min_size=n, max_size=n),
    )
)


@given(LAYOUTS, st.lists(st.integers(0, 10).map(lambda tenth: tenth / 10), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_p6_pairs_of_different_runs_are_unbiased_though_a_run_repeats_itself(layout: list[tuple[int, int]], eta: list[float]) -> None:
    # A run's label in a cell is drawn once for all of its cases there: its cases are as dependent as they can be.
    cells, runs = (np.array(column) for column in zip(*layout, strict=True))
    drawn = sorted(set(layout))
    moment = noise = 0.0
    for outcome in itertools.product((0, 1), repeat=len(drawn)):
        chance = math.prod(eta[cell] if one else 1 - eta[cell] for (cell, _), one in zip(drawn, outcome, strict=True))
        known = dict(zip(drawn, outcome, strict=True))
        found = Cells(cells, runs, np.array([known[pair] for pair in layout], dtype=float))
        moment += chance * found.second_moment()
        if found.twins.any():
            noise += chance * found.noise()
    twins = Cells(cells, runs, np.zeros(len(layout))).twins
    exact = [eta[cell] ** 2 if twin else eta[cell] for cell, twin in zip(cells, twins, strict=True)]
    assert moment == pytest.approx(float(np.mean(exact)))
    if twins.any():
        assert noise == pytest.approx(float(np.mean([eta[cell] * (1 - eta[cell]) for cell in cells[twins]])))


@given(TABLES)
def test_cells_of_single_runs_are_what_counts_say(table: tuple[list[int], list[int], list[bool], list[float]]) -> None:
    cells, _, labels, _ = (np.array(column) for column in table)
    found = Cells(cells, np.arange(len(cells)), labels.astype(float))
    positive, mass = found.table()
    assert found.second_moment() == pytest.approx(pair_second_moment(positive, mass))
    assert found.plug_in() == pytest.approx(plug_in(positive, mass))
    assert found.replicated() == pytest.approx(mass[mass >= 2].sum() / mass.sum())


@given(TABLES, st.floats(0.5, 4.0))
def test_weights_have_no_scale(table: tuple[list[int], list[int], list[bool], list[float]], scale: float) -> None:
    cells, runs, labels, _ = (np.array(column) for column in table)
    found = Cells(cells, runs, labels.astype(float))
    weights = np.full(len(cells), scale)
    assert found.second_moment(weights) == pytest.approx(found.second_moment())
    assert found.plug_in(weights) == pytest.approx(found.plug_in())
    assert found.pair_bound(weights) == pytest.approx(found.pair_bound())


@given(TABLES)
def test_parts_of_a_brier_score_add_up_to_it(table: tuple[list[int], list[int], list[bool], list[float]]) -> None:
    cells, runs, labels, risks = (np.array(column, dtype=float) for column in table)
    coarse = cells // 2
    found = brier_gaps([cells.astype(int), coarse.astype(int)], runs.astype(int), labels, risks)
    twins = Cells(cells.astype(int), runs.astype(int), labels).twins
    assert found.cases == twins.sum()
    if twins.any():
        assert found.noise + sum(found.lost) + found.monitor == pytest.approx(found.total, abs=1e-12)
        assert found.total == pytest.approx(brier(risks[twins], labels[twins]))
    else:
        assert math.isnan(found.total)


def test_parts_of_a_brier_score_are_those_of_the_law() -> None:
    # Two fine cells a coarse one; the monitor says 0.5 always. noise .14, forgotten .09 - .0, monitor (eta - .5)^2.
    eta = np.array([0.1, 0.7, 0.3, 0.5])
    random = np.random.default_rng(1)
    cells = random.integers(0, 4, 60_000)
    labels = (random.random(60_000) < eta[cells]).astype(float)
    found = brier_gaps([cells, cells // 2], np.arange(60_000), labels, np.full(60_000, 0.5))
    assert found.share == 1.0
    assert found.noise == pytest.approx(float((eta * (1 - eta)).mean()), abs=0.005)
    assert found.lost[0] == pytest.approx(float(np.mean([(0.3) ** 2, (0.1) ** 2])), abs=0.005)
    assert found.monitor == pytest.approx(float(np.mean([(0.4 - 0.5) ** 2, (0.4 - 0.5) ** 2])), abs=0.005)


@given(st.lists(st.floats(0, 1), max_size=4), st.floats(0, 1))
def test_parts_of_an_area_add_up(ceilings: list[float], area: float) -> None:
    assert sum(area_gaps(ceilings, area)) == pytest.approx(1 - area)


@given(st.floats(0.02, 0.98), st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_the_variance_bound_is_the_integral_of_the_best_precision(rate: float, share: float) -> None:
    variance = share * rate * (1 - rate)
    recalls = (np.arange(4000) + 0.5) / 4000
    # The least mass whose best set holds enough positives, by bisection: at the mass q it does, and what does is an interval.
    low, high = np.zeros(4000), recalls.copy()
    for _ in range(60):
        mass = (low + high) / 2
        enough = np.minimum(mass, mass * rate + np.sqrt(mass * (1 - mass) * variance)) >= recalls * rate
        low, high = np.where(enough, low, mass), np.where(enough, mass, high)
    area = float((recalls * rate / high).mean())
    assert variance_bound(rate, variance) == pytest.approx(area, abs=1e-3)
    assert variance_bound(rate, variance) >= area - 1e-6
    assert rate - 1e-9 <= variance_bound(rate, variance) <= 1.0


@given(st.floats(0.05, 0.95), st.floats(0.0, 1.0))
def test_what_an_area_proves_of_the_mixture(rate: float, share: float) -> None:
    assert mixture_proven(mixture_bound(share, rate), rate) == pytest.approx(share, abs=1e-6)
    assert mixture_proven(rate / 2, rate) == 0.0


@given(st.lists(st.tuples(st.integers(0, 100), st.floats(0.05, 1.0)), min_size=2, max_size=6))
def test_the_probe_of_a_law_is_no_more_than_its_mixture(cells: list[tuple[int, float]]) -> None:
    shares, mass = np.array(cells).T
    order = np.argsort(-shares)
    mass = mass[order] / mass.sum()
    masses = Masses(shares[order] / 100 * mass, mass)
    if 0.01 < masses.positive.sum() < 0.99:
        assert mixture_probe(masses) <= mixture_share(*masses) + 1e-9


def test_exact_risks_imply_the_area_that_they_reach() -> None:
    random = np.random.default_rng(0)
    risks = random.choice([0.1, 0.3, 0.8], 40_000)
    labels = (random.random(40_000) < risks).astype(float)
    positive, mass = Levels(risks, labels).masses()
    assert implied(risks) == pytest.approx(plug_in(positive, mass), abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 12))
def test_bins_hold_equal_values_together_in_order(values: list[float], count: int) -> None:
    column = np.array(values)
    place = places(column, count)
    assert set(place.tolist()) == set(range(int(place.max()) + 1))
    assert int(place.max()) < count
    order = np.argsort(column, kind="stable")
    assert (np.diff(place[order]) >= 0).all()
    assert all(len(set(place[column == value].tolist())) == 1 for value in set(values))


def test_reliable_risks_lie_in_their_bins_intervals() -> None:
    random = np.random.default_rng(4)
    risks = random.random(6_000)
    labels = (random.random(6_000) < risks).astype(float)
    found = bins(risks, labels, Resamples(np.arange(6_000), 200))
    assert sum(one.cases for one in found) == 6_000
    assert sum(one.low <= one.predicted <= one.high for one in found) >= 8
    assert calibration_error(found) < 0.03
    assert calibration_error(bins(risks**3, labels, Resamples(np.arange(6_000), 100))) > 0.1


def test_nearness_counts_all_runs_and_measures_alerted_ones() -> None:
    found = nearness(np.array([3, 0, 7, 5]), np.array([3, 2, 5, 9]))
    assert (found.runs, found.alerted) == (4, 3)
    assert (found.before, found.at, found.after) == (0.25, 0.25, 0.25)
    assert found.near == {0: 0.25, 1: 0.25, 3: 0.5}
    assert found.distance == (-2.0, 0.0, 1.0)
    assert constants(np.array([4, 1]))["half of the run"].tolist() == [2, 1]
    assert constants(np.array([4, 1]))["point 3"].tolist() == [3, 0]
    assert constants(np.array([4, 1]))["the last point"].tolist() == [4, 1]
