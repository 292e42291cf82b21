"""The line of chance holds its level, whatever the groups look like."""

from __future__ import annotations

import numpy as np
import pytest

from stepwatch.audit.chance import FAMILIES, blocks_of, centred_ranks, chance_for
from stepwatch.audit.columns import Frame
from stepwatch.audit.strength import Resamples, auc, lower_bound, purity, stratified_auc


def frame(labels: np.ndarray, groups: np.ndarray) -> Frame:
    runs = len(labels)
    steps = np.ones(runs, dtype=np.int64)
    return Frame(
        ids=[str(index) for index in range(runs)],
        labels=labels.astype(np.float32),
        groups=groups.astype(np.int64),
        steps=steps,
        cuts=np.ones((runs, 3), dtype=np.int64),
        length_bin=np.zeros(runs, dtype=np.int64),
        strata={},
    )


@pytest.mark.parametrize(
    "sizes", [[1] * 120, [4] * 40, [2] * 60 + [1] * 40, [40, 30, 20, 10, 10]], ids=["single", "fours", "mixed", "few large"]
)
def test_level(sizes: list[int]) -> None:
    """Traits that follow the group, labels that follow the group: chance passes the 10 % line in about 10 % of data sets."""
    passed = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(len(sizes)), sizes)
        hard = random.beta(1.5, 1.5, len(sizes))[groups]
        taste = random.beta(0.7, 0.7, (len(sizes), 80))[groups]
        labels = random.random(len(groups)) < hard
        if labels.all() or not labels.any():
            continue
        columns = (random.random(taste.shape) < taste).astype(np.float32)
        families = np.arange(80) % FAMILIES
        chance = chance_for(frame(labels, groups), 159, seed)
        scores = chance.scores(columns, families)
        passed += bool((scores > chance.lines(0.1)[:, families]).any())
    assert passed <= 10


def test_a_real_relation_passes() -> None:
    random = np.random.default_rng(1)
    labels = random.random(200) < 0.4
    columns = np.stack([labels ^ (random.random(200) < 0.1), random.random(200) < 0.5], axis=1).astype(np.float32)
    families = np.array([1, 1])
    for groups in (np.arange(200), np.arange(200) // 5, np.arange(200) % 3):
        chance = chance_for(frame(labels, groups), 599, 7)
        scores = chance.scores(columns, families)
        assert ((scores > chance.lines(0.01)[:, families]).any(axis=0) == [True, False]).all()


def test_labels_that_groups_settle() -> None:
    """Where a task always ends alike there is nothing to exchange within it; the test between groups still sees the relation."""
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(60), 4)
    labels = (random.random(60) < 0.5)[groups]
    columns = (labels ^ (random.random(240) < 0.05)).astype(np.float32)[:, None]
    chance = chance_for(frame(labels, groups), 599, 7)
    assert "within" not in chance.method
    assert (chance.scores(columns, np.array([1])) > chance.lines(0.01)[:, [1]]).any()


def test_blocks() -> None:
    assert blocks_of(np.array([0, 1, 1, 2])).tolist() == [3, 1, 1, 3]


def test_ranks_with_ties_and_holes() -> None:
    ranks = centred_ranks(np.array([3, np.nan, 1, 3, 2], dtype=np.float32))
    assert ranks.tolist() == pytest.approx([0.25, 0.0, -0.375, 0.25, -0.125])


def test_auc_against_pairs() -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 5, 60).astype(np.float32)
    values[:4] = np.nan
    labels = (random.random(60) < 0.4).astype(np.float32)
    finite = np.isfinite(values)
    pairs = [(a > b) + 0.5 * (a == b) for a in values[finite & (labels > 0)] for b in values[finite & (labels == 0)]]
    assert auc(values, labels) == pytest.approx(float(np.mean(pairs)))
    assert stratified_auc(values, labels, np.zeros(60, dtype=np.int64)) == pytest.approx(float(np.mean(pairs)))
    assert stratified_auc(values, labels, labels.astype(np.int64)) is None


def test_resamples_centre_on_the_estimate() -> None:
    random = np.random.default_rng(3)
    labels = random.random(300) < 0.4
    column = (labels + random.normal(0, 1, 300)).astype(np.float32)
    samples = Resamples(frame(labels, np.arange(300) // 3), 400, 7).aucs(column)
    assert float(samples.mean()) == pytest.approx(auc(column, labels.astype(np.float32)), abs=0.01)
    assert 0.01 < float(samples.std()) < 0.06


def test_purity_counts_a_group_of_one_outcome_once() -> None:
    labels = np.array([True] * 50 + [False] * 50)
    groups = np.array([0] * 50 + list(range(1, 51)))
    showing = np.zeros(100, dtype=np.bool_)
    showing[:50] = True
    found = purity(showing, frame(labels, groups))
    assert (found.outcome, found.share, found.runs, found.groups, found.covers) == (True, 1.0, 50, 1, 1.0)
    assert found.low == pytest.approx(0.05), "fifty runs of one task are one witness"
    assert found.auc == pytest.approx(1.0)


def test_lower_bound() -> None:
    assert lower_bound(1.0, 30) == pytest.approx(0.05 ** (1 / 30))
    assert lower_bound(0.9, 100) < 0.9
    assert lower_bound(0.5, 0) == 0.0
