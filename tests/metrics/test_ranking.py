"""Ranking figures against scikit-learn, quadrature and brute force, and the laws of the ceiling on random tables."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from stepwatch.metrics import Levels, Masses, Strata, auprc, auroc, average_precision
from stepwatch.metrics.ceiling import cross_fitted, mixture_bound, mixture_share, pair_second_moment, plug_in, variance_bound
from stepwatch.metrics.strata import codes

CASES = st.integers(3, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(-4, 4), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda ys: 0 < sum(ys) < len(ys)),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)
CELLS = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.floats(0.01, 1.0)).map(lambda cell: (round(cell[0], 3), cell[1])), min_size=2, max_size=7
).filter(lambda cells: 0.02 < sum(e * m for e, m in cells) / sum(m for _, m in cells) < 0.98)
"""Cells of a law: the share of positives and the mass of each."""


def law(cells: list[tuple[float, float]]) -> Masses:
    """The law as it stands, of total mass 1."""
    shares, mass = np.array(cells).T
    mass = mass / mass.sum()
    return Masses(shares * mass, mass)


@given(CASES)
def test_areas_with_ties_and_weights_are_those_of_scikit_learn(case: tuple[list[int], list[bool], list[int]]) -> None:
    scores, labels, weights = (np.array(column, dtype=float) for column in case)
    levels = Levels(scores, labels)
    assert average_precision(levels.masses()) == pytest.approx(average_precision_score(labels, scores))
    assert auroc(levels.masses()) == pytest.approx(roc_auc_score(labels, scores))
    inside = weights > 0
    if 0 < labels[inside].sum() < inside.sum():
        weighted = levels.masses(weights)
        assert average_precision(weighted) == pytest.approx(average_precision_score(labels, scores, sample_weight=weights))
        assert auroc(weighted) == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights))


@given(CASES)
def test_weights_are_repetitions(case: tuple[list[int], list[bool], list[int]]) -> None:
    scores, labels, weights = (np.array(column, dtype=float) for column in case)
    times = weights.astype(int)
    many = np.repeat(scores, times), np.repeat(labels, times)
    if 0 < many[1].sum() < len(many[1]):
        weighted, repeated = Levels(scores, labels).masses(weights), Levels(*many).masses()
        for figure in (auprc, average_precision, auroc):
            assert figure(weighted) == pytest.approx(figure(repeated))


@given(CELLS)
@settings(max_examples=30)
def test_interpolated_area_is_the_integral_of_precision_over_recall(cells: list[tuple[float, float]]) -> None:
    masses = law(cells)
    a = b = area = 0.0
    for p, m in zip(*masses, strict=True):
        if p > 0:
            u = (np.arange(20_000) + 0.5) * p / 20_000
            area += float(((a + u) / (b + u * m / p)).mean() * p)
        a, b = a + p, b + m
    assert auprc(masses) == pytest.approx(area / masses.positive.sum(), abs=2e-4)


@given(CELLS)
def test_p1_area_lies_between_the_worst_ranking_and_one(cells: list[tuple[float, float]]) -> None:
    masses = law(cells)
    rate = float(masses.positive.sum())
    assert 1 + (1 - rate) * math.log1p(-rate) / rate - 1e-9 <= auprc(masses) <= 1 + 1e-9
    assert auprc(Masses(np.array([rate]), np.array([1.0]))) == pytest.approx(rate)


@given(CELLS, st.data())
def test_p2_a_coarser_representation_has_no_higher_ceiling(cells: list[tuple[float, float]], data: st.DataObject) -> None:
    masses = law(cells)
    into = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(cells), max_size=len(cells))))
    coarse = [np.array([column[into == place].sum() for place in range(3)]) for column in masses]
    assert plug_in(*coarse) <= plug_in(*masses) + 1e-9


@given(CELLS.filter(lambda cells: len(cells) <= 5))
@settings(max_examples=40)
def test_p3_no_order_beats_that_of_the_conditional_probability(cells: list[tuple[float, float]]) -> None:
    masses = law(cells)
    best = max(auprc(Masses(masses.positive[list(order)], masses.mass[list(order)])) for order in itertools.permutations(range(len(cells))))
    assert best == pytest.approx(plug_in(*masses), abs=1e-9)


@given(CELLS)
def test_p4_the_ceiling_stays_below_its_bounds(cells: list[tuple[float, float]]) -> None:
    masses = law(cells)
    rate = float(masses.positive.sum())
    variance = float((masses.positive**2 / masses.mass).sum()) - rate**2
    ceiling = plug_in(*masses)
    assert ceiling <= mixture_bound(mixture_share(*masses), rate) + 1e-9
    assert ceiling <= variance_bound(rate, max(variance, 0.0)) + 1e-9


def test_p5_single_cases_have_a_plug_in_of_one_and_cross_fitting_stays_below() -> None:
    assert plug_in(np.array([1.0, 0.0, 1.0]), np.ones(3)) == 1.0
    plugs, fitted = [], []
    for seed in range(25):
        random = np.random.default_rng(seed)
        cells = random.integers(0, 6, 300)
        labels = (random.random(300) < np.linspace(0.1, 0.8, 6)[cells]).astype(float)
        positive, mass = np.bincount(cells, labels, 6), np.bincount(cells, minlength=6).astype(float)
        plugs.append(plug_in(positive, mass))
        fitted.append(cross_fitted([(str(cell),) for cell in cells], labels, np.arange(300) % 5))
    assert np.mean(fitted) < np.mean(plugs)
    assert np.mean(plugs) - np.mean(fitted) < 0.1


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(2, 4)), min_size=1, max_size=3))
@settings(max_examples=30)
def test_p6_the_second_moment_from_pairs_is_unbiased(cells: list[tuple[int, int]]) -> None:
    shares, sizes = np.array([share for share, _ in cells]) / 100, np.array([size for _, size in cells])
    expected = 0.0
    for counts in itertools.product(*(range(size + 1) for size in sizes)):
        chances = [math.comb(size, k) * e**k * (1 - e) ** (size - k) for e, size, k in zip(shares, sizes, counts, strict=True)]
        expected += math.prod(chances) * pair_second_moment(np.array(counts, dtype=float), sizes.astype(float))
    assert expected == pytest.approx(float((shares**2 * sizes).sum() / sizes.sum()))


@given(CASES)
def test_area_within_strata_counts_pairs_of_one_stratum(case: tuple[list[int], list[bool], list[int]]) -> None:
    scores, labels, strata = case
    pairs = won = 0.0
    for i, j in itertools.product(range(len(scores)), repeat=2):
        if labels[i] and not labels[j] and strata[i] == strata[j]:
            pairs += 1
            won += (scores[i] > scores[j]) + (scores[i] == scores[j]) / 2
    found = Strata(np.array(scores, dtype=float), np.array(labels, dtype=float), np.array(strata))
    assert found.pairs() == (pairs, pytest.approx(won))
    if pairs:
        assert found.auroc() == pytest.approx(won / pairs)
        assert found.auroc(np.full(len(scores), 3.0)) == pytest.approx(won / pairs)


def test_strata_of_several_columns() -> None:
    found = codes(["a", "a", "b", "b"], [1, 2, 1, 1])
    assert len({*found.tolist()}) == 3
    assert found[2] == found[3]


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        Levels(np.array([0.1, float("nan")]), np.array([0.0, 1.0]))
