"""The tests against sums of exact integers, and against chance."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepc.drift.evidence import level, presence, spread
from stepc.drift.exact import fisher, least, none_of, tarone
from stepc.drift.measure import Measure

SIDES = st.integers(1, 40).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def exactly(some: int, of: int, others: int, of_others: int) -> Fraction:
    both = some + others
    chances = {
        x: Fraction(comb(of, x) * comb(of_others, both - x), comb(of + of_others, both))
        for x in range(max(0, both - of_others), min(of, both) + 1)
    }
    above = sum((chance for x, chance in chances.items() if x >= some), Fraction())
    below = sum((chance for x, chance in chances.items() if x <= some), Fraction())
    return min(Fraction(1), 2 * (above if some * of_others > others * of else below))


@given(SIDES, SIDES)
def test_fisher(left: tuple[int, int], right: tuple[int, int]) -> None:
    found = fisher(*left, *right)
    if left[0] + right[0] in (0, left[1] + right[1]):
        assert found == 1.0
    else:
        assert found == pytest.approx(float(exactly(*left, *right)), rel=1e-9)
    assert found == pytest.approx(fisher(*right, *left), rel=1e-9)
    assert least(left[0] + right[0], left[1], right[1]) <= found * (1 + 1e-9)


def test_large_samples_are_fast() -> None:
    assert 0.1 < fisher(500_000, 1_000_000, 499_000, 1_000_000) < 0.2
    assert fisher(1_000_000, 1_000_000, 0, 1_000_000) == 0.0


def test_none_of() -> None:
    assert none_of(0.5, 10) == pytest.approx(2**-10)
    assert (none_of(1.0, 3), none_of(1.0, 0), none_of(0.0, 5)) == (0.0, 1.0, 1.0)


def test_facts_too_rare_to_tell_cost_nothing() -> None:
    assert tarone([1e-6] * 3 + [0.5] * 1_000, 0.01) == pytest.approx(0.01 / 3)
    assert tarone([1e-9] * 50, 0.01) == pytest.approx(0.01 / 50)
    assert tarone([], 0.01) == 0.01


def test_the_risk_is_kept() -> None:
    """Forty facts of documents drawn from one source: any of them is established in at most about the risk's share of trials."""
    rng = random.Random(3)
    alarms = 0
    for _ in range(300):
        tests = []
        for fact in range(40):
            sides = [Measure(), Measure()]
            for index in range(24):
                sides[index % 2].add(sum(rng.random() < (fact + 1) / 41 for _ in range(10)), 10)
            tests += [presence(*sides), spread(*sides)]
        alarms += min(test.p for test in tests) <= level(tests, 0.05)
    assert alarms <= 0.05 * 300
