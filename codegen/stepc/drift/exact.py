"""Exact tests on counts, for samples of any size. Pure arithmetic on logarithms of binomial coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log1p

_NEGLIGIBLE = 1e-17


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)


def fisher(some: int, of: int, others: int, of_others: int) -> float:
    """Fisher's exact test of two shares, `some / of` against `others / of_others`: twice the smaller tail, at most 1.

    With both margins fixed, the count on the left is hypergeometric: P(x) = C(of, x) C(of_others, k - x) / C(of + of_others, k) with
    k = some + others (R. A. Fisher, Statistical Methods for Research Workers, 1934, section 21.02; doubling: Agresti, Categorical Data
    Analysis, 3.5.3). Linear in the smaller margin.
    """
    both, total = some + others, of + of_others
    if both in (0, total) or not of or not of_others:
        return 1.0
    step = 1 if some * of_others > others * of else -1
    end = min(of, both) if step > 0 else max(0, both - of_others)
    term = exp(_log_choose(of, some) + _log_choose(of_others, others) - _log_choose(total, both))
    tail = 0.0
    for x in range(some, end + step, step):
        tail += term
        if step > 0:
            term *= (of - x) * (both - x) / ((x + 1) * (of_others - both + x + 1))
        else:
            term *= x * (of_others - both + x) / ((of - x + 1) * (both - x + 1))
        if term <= tail * _NEGLIGIBLE:
            break
    return min(1.0, 2 * tail)


def least(both: int, of: int, of_others: int) -> float:
    """The least p-value that `fisher` can give when `both` of all documents have something: all of them on one side."""
    left = min(of, both)
    right = min(of_others, both)
    return min(fisher(left, of, both - left, of_others), fisher(both - right, of, right, of_others))


def none_of(share: float, of: int) -> float:
    """The binomial probability of not a single one among `of` when each is one with probability `share`: (1 - share) ** of."""
    return 0.0 if share >= 1 and of else exp(of * log1p(-share)) if of else 1.0


def tarone(least_values: Sequence[float], risk: float) -> float:
    """The level of each single test so that all together raise a false alarm with at most the probability `risk`.

    Bonferroni over the tests that can succeed at all: with k the smallest number such that at most k tests have a least attainable
    p-value of risk / k or below, each is made at risk / k (R. E. Tarone, A modified Bonferroni method for discrete data, Biometrics 46,
    1990). Facts too rare for a verdict then cost the others nothing.
    """
    ordered = sorted(least_values)
    for k in range(1, len(ordered) + 1):
        if k == len(ordered) or ordered[k] > risk / k:
            return risk / k
    return risk
