"""Every estimator on runs whose truth is known: intervals cover it, ceilings bound it, thresholds keep their budgets."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic
from evaluation import known

from stepwatch.evaluation.alerting import Alerts
from stepwatch.evaluation.ceilings import ceiling, ceilings
from stepwatch.evaluation.controls import controls, fold_of
from stepwatch.evaluation.evaluation import representations
from stepwatch.evaluation.figures import Judge
from stepwatch.metrics import Costs, Levels, auprc
from stepwatch.metrics.alerts import clopper_pearson, first_alerts, peaks
from stepwatch.metrics.ceiling import Cells, plug_in
from stepwatch.metrics.thresholds import at_place, guaranteed_place

MACHINE = known.MACHINE
TIMES = 20


def judge_of(cases: known.Cases, resamples: int = 200) -> Judge:
    return Judge(cases, fold_of(cases), resamples)


@pytest.mark.parametrize("horizon", [None, 3])
def test_intervals_of_the_area_cover_that_of_the_law(horizon: int | None) -> None:
    truth = plug_in(*MACHINE.law("state", horizon))
    covered = []
    for seed in range(TIMES):
        cases = known.scored(synthetic.runs(MACHINE, 150, seed=seed), horizon)
        judge = judge_of(cases)
        _, low, high = judge._areas_of("monitor", "all", cases.score, None, None)["auprc"]
        covered.append(low <= truth <= high)
    assert np.mean(covered) >= 0.8


def test_ceilings_hold_the_truth_between_them() -> None:
    # By the last event alone: few cells, identified. By the whole history: many, with bounds that are wide and right.
    inside = {"event": 0, "state": 0}
    for seed in range(TIMES):
        cases = known.scored(synthetic.runs(MACHINE, 200, seed=seed))
        judge, fold = judge_of(cases, 100), fold_of(cases)[cases.run]
        by_event = ceiling(judge, cases.recent[:, 0], cases.recent[:, :1], fold)
        by_history = ceiling(judge, cases.history, cases.recent, fold)
        assert by_event["identified"]
        for name, found in (("event", by_event), ("state", by_history)):
            low, high = found["interval"]
            inside[name] += low <= plug_in(*MACHINE.law(name)) <= high
    assert inside["event"] >= 0.85 * TIMES
    assert inside["state"] >= 0.95 * TIMES


def test_a_history_that_never_comes_twice_is_not_identified() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 40, seed=1))
    judge = judge_of(cases, 100)
    alone = ceiling(judge, np.arange(len(cases)), cases.recent[:, :1], fold_of(cases)[cases.run])
    assert alone["replicated"] == 0.0
    assert not alone["identified"]
    assert alone["plug_in"][0] == 1.0


def test_the_noise_of_a_state_is_that_of_the_law() -> None:
    eta = MACHINE.eventually()
    _, mass = MACHINE.law("state")
    truth = float((mass * (eta * (1 - eta))[1:]).sum())
    found = []
    for seed in range(10):
        cases = known.scored(synthetic.runs(MACHINE, 400, seed=seed))
        found.append(Cells(cases.symbols["state"], cases.run, cases.truth).noise())
    assert np.mean(found) == pytest.approx(truth, abs=0.012)


def test_where_the_score_is_lost_adds_up_and_exact_risks_lose_nothing() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 1500, seed=3))
    judge = judge_of(cases, 100)
    chain = representations(cases)
    assert list(chain) == ["steps", "symbols"]
    found = ceilings(judge, chain, cases.score, cases.risk, fold_of(cases)[cases.run])
    gaps = found["gaps"]
    assert sum(gaps["brier"]) == pytest.approx(gaps["brier_total"], abs=5e-4)
    assert sum(gaps["auprc_high"]) == pytest.approx(1 - found["reached"][0], abs=5e-4)
    # eta of a state is eta of any history that leads to it: symbols lose nothing, and exact risks neither.
    assert abs(gaps["brier"][1]) < 0.02
    assert abs(gaps["brier"][2]) < 0.02
    assert found["implied"] == pytest.approx(found["reached"][0], abs=0.08)


def test_no_control_beats_the_ceiling_of_what_it_knows_by_much_and_the_truth_beats_all() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 500, seed=5, length=6), words=True)
    fold = fold_of(cases)[cases.run]
    truth = auprc(Levels(cases.score, cases.truth).masses())
    reached = {name: auprc(Levels(scores, cases.truth).masses()) for name, scores in controls(cases, fold)}
    assert reached["base rate"] == pytest.approx(cases.truth.mean())
    assert reached["position"] == pytest.approx(plug_in(*MACHINE.law("position")), abs=0.05)
    assert max(reached.values()) < truth
    assert set(reached) == {"base rate", "position", "length so far", "last status", "group", "raw text"}


def test_a_planted_leak_is_worth_much_at_the_last_point_and_nothing_before() -> None:
    plain = known.scored(synthetic.runs(MACHINE, 300, seed=6, length=6), words=True)
    leaking = known.scored(synthetic.runs(MACHINE, 300, seed=6, leak=True, length=6), words=True)
    area = {}
    for name, cases in (("plain", plain), ("leaking", leaking)):
        text = dict(controls(cases, fold_of(cases)[cases.run]))["raw text"]
        last = cases.left == 0
        area[name] = [auprc(Levels(text[part], cases.truth[part]).masses()) for part in (last, ~last)]
    assert area["leaking"][0] > area["plain"][0] + 0.15
    assert abs(area["leaking"][1] - area["plain"][1]) < 0.06


def test_groups_explain_what_their_difficulty_makes() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 600, seed=7, groups=40, effect=2.0))
    group = dict(controls(cases, fold_of(cases)[cases.run]))["group"]
    assert auprc(Levels(group, cases.truth).masses()) > cases.truth.mean() + 0.1


def test_thresholds_keep_their_budgets_on_runs_to_come() -> None:
    many = known.scored(synthetic.runs(MACHINE, 6000, seed=99))
    passing = np.array([one.label is False for one in many.runs])
    highest = peaks(many.score, many.run)[passing]
    random = np.random.default_rng(0)
    for budget in (0.1, 0.2):
        place = guaranteed_place(60, budget, 0.9)
        over = [(highest > at_place(random.choice(highest, 60, replace=False), place)).mean() > budget for _ in range(400)]
        assert np.mean(over) <= 0.1 + 3 * np.sqrt(0.09 / 400)


def test_budgets_out_of_fold_are_kept_and_say_what_they_promise() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 900, seed=8, groups=300))
    # The highest state alone is more than some budgets allow, and an alert needs more than a tie.
    score = cases.score + np.random.default_rng(0).random(len(cases)) / 100
    found = Alerts(cases, score, fold_of(cases)[cases.run], Costs(), resamples=100)
    for budget in (0.05, 0.2):
        told = found.at_budget(budget)
        assert told["guarantee"] == "confidence"
        assert told["figures"]["false_alarm_rate"][0] <= 1.6 * budget
        assert told["figures"]["recall"][0] > 0
        assert told["at_best"]["recall"] <= told["at_best"]["most"]


def test_intervals_of_shares_know_that_runs_of_a_group_are_alike() -> None:
    width = {}
    for groups in (12, 400):
        cases = known.scored(synthetic.runs(MACHINE, 400, seed=8, groups=groups, effect=3.0))
        found = Alerts(cases, cases.score, fold_of(cases)[cases.run], Costs(), resamples=400)
        told = found.figures(found.zone(float(np.quantile(cases.score, 0.6))))
        share, low, high = told["false_alarm_rate"]
        exact = clopper_pearson(told["false_alarms"], told["passing"])
        assert low <= exact[1] + 1e-4 and exact[2] - 1e-4 <= high and share == pytest.approx(exact[0], abs=1e-4)
        width[groups] = (high - low) / (exact[2] - exact[1])
    assert width[12] > 1.3 > 1.15 > width[400]


def test_a_budget_that_needs_more_runs_is_refused_with_the_number() -> None:
    cases = known.scored(synthetic.runs(MACHINE, 60, seed=9))
    found = Alerts(cases, cases.score, fold_of(cases)[cases.run], Costs(), resamples=100)
    told = found.at_budget(0.01)
    assert (told["guarantee"], told["met"]) == ("none", False)
    assert told["needed_for_confidence"] == 230
    assert told["needed_on_average"] == 99
    assert told["figures"]["found"] == told["figures"]["false_alarms"] == 0


def test_alerts_come_near_the_planted_pivot() -> None:
    runs = synthetic.runs(MACHINE, 500, seed=10, pivot=0.08)
    cases = known.read(runs)
    # How many of the last four points were conflicts: what is seen of a run that is lost.
    latent = {run.id: run.latent for run in runs}
    conflict = np.array(
        [
            sum(event == synthetic.CONFLICT for event in latent[cases.runs[run].id][max(0, index - 4) : index])
            for run, index in zip(cases.run, cases.index, strict=True)
        ],
        dtype=float,
    )
    found = Alerts(cases, conflict, fold_of(cases)[cases.run], Costs(), resamples=100)
    near = found.decisive({"zone red": first_alerts(found.scores, found.cases.run, 1.5)})
    assert near is not None
    rows = near["rows"]
    constants = [name for name in rows if name not in near["monitors"]]
    assert rows["zone red"]["near"]["3"] > max(rows[name]["near"]["3"] for name in constants)
    assert near["runs"] == sum(run.pivot is not None and run.failed is not None for run in runs)


def test_weights_undo_censoring() -> None:
    truth = float(MACHINE.eventually()[0])
    naive, weighted = [], []
    for seed in range(10):
        cases = known.read(synthetic.runs(MACHINE, 500, seed=seed, censoring=0.06))
        weights = cases.weights()
        assert weights is not None
        done = cases.known & (cases.left == 0)
        naive.append(cases.truth[done].mean())
        weighted.append(np.average(cases.truth[done], weights=weights[done]))
    assert abs(np.mean(weighted) - truth) < abs(np.mean(naive) - truth)
    assert np.mean(weighted) == pytest.approx(truth, abs=0.035)
