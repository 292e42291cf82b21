"""A score of some decision points, held against the monitor on the same points."""

from __future__ import annotations

import numpy as np
import synthetic
from evaluation.known import MACHINE, scored

from stepwatch.evaluation.evaluation import Settings
from stepwatch.evaluation.sampled import LEAST, sampled
from stepwatch.report.judge import asked, judge, sentence

QUICK = Settings(resamples=100)


def test_who_knows_the_truth_is_better_than_who_guesses() -> None:
    cases = scored(synthetic.runs(MACHINE, 300, seed=5))
    keys = [(cases.runs[run].id, index) for run, index in zip(cases.run.tolist(), cases.index.tolist(), strict=True)]
    drawn = np.random.default_rng(1).choice(len(keys), 400, replace=False)
    guesses = np.random.default_rng(2).uniform(size=len(keys))
    found = sampled(cases, {keys[row]: float(guesses[row]) for row in drawn}, QUICK)
    assert found["judged"] and found["points"] == 400
    assert found["beyond"]["all"]["auprc"][1] > 0
    assert found["probabilities"]["judge"]["brier"][0] > found["probabilities"]["monitor"]["brier"][0]
    same = sampled(cases, {keys[row]: float(cases.risk[row]) for row in drawn}, QUICK)
    assert same["beyond"]["all"]["auprc"] == [0.0, 0.0, 0.0]
    assert same["areas"]["judge"]["all"]["auprc"] == same["areas"]["monitor"]["all"]["auprc"]
    told = {**found, "model": "small", "unreadable": 3, "tokens": 1_000, "cost": 0.5, "ended": "the budget has no room"}
    section = judge({"judge": told})
    assert "400 decision points" in asked(told) and "better" in sentence(told) and len(section.blocks) == 2


def test_too_little_is_said_to_be_too_little() -> None:
    cases = scored(synthetic.runs(MACHINE, 60, seed=6))
    failing = [one.id for one in cases.runs if one.label]
    few = {(one, 1): 0.5 for one in failing[: LEAST - 1]}
    alike = {(one, 1): 0.5 for one in failing}
    for risks in ({}, few, alike, {("nobody", 1): 0.5}):
        found = sampled(cases, risks, QUICK)
        assert not found["judged"]
        assert "too few" in sentence(found)
