"""Planted leaks are found and named; honest runs stay quiet."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from audit import synthetic_runs as synthetic

from stepwatch.audit import Finding, Report, Run, Settings, audit_runs


def found(report: Report, field: str) -> Finding:
    return next(finding for finding in report.findings if finding.field == field)


def alarms(report: Report) -> set[str]:
    return {finding.field for finding in report.findings if finding.verdict in ("leak", "suspicious")}


@pytest.mark.parametrize(
    ("plant", "field", "word"),
    [
        (synthetic.status_of_last_result, "ToolResult.status", "settles the outcome"),
        (synthetic.noisy_status_of_last_result, "ToolResult.status", "until its last step"),
        (synthetic.error_flag_of_last_result, "ToolResult.error", "jumps at the end"),
        (synthetic.reward_in_a_result, "ToolResult.text", "speaks like a judge"),
        (synthetic.reward_in_the_last_message, "Said.text", "speaks like a judge"),
        (synthetic.args_key_of_a_call, "ToolCall.args.split", "settles the outcome"),
        (synthetic.constant_field, "Said.cohort", "tells too much alone"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
@pytest.mark.parametrize("shape", [{}, {"tasks": 160, "trials": 1}, {"tasks": 8, "trials": 20}], ids=["60x4", "160x1", "8x20"])
def test_planted_leak(plant: synthetic.Planter, field: str, word: str, shape: dict[str, int]) -> None:
    report = audit_runs(synthetic.honest(1, plant=plant, **shape))
    finding = found(report, field)
    assert finding.verdict == "leak"
    assert any(word in reason for reason in finding.reasons), finding.reasons
    assert finding in report.leaks
    planted = {name for name in alarms(report) if name.rpartition(".")[2] != field.rpartition(".")[2]}
    assert not planted - {"ToolCall.args"}, "nothing but the planted field is accused"
    assert finding.trait is not None
    assert finding.trait.place is not None
    assert finding.trait.auc.low <= finding.trait.auc.value <= finding.trait.auc.high


def test_example_place_shows_the_leak() -> None:
    runs = synthetic.honest(1, plant=synthetic.status_of_last_result)
    place = found(audit_runs(runs), "ToolResult.status").trait
    assert place is not None
    assert place.place is not None
    run = next(run for run in runs if run.id == place.place.episode)
    assert place.place.step is not None
    assert run.steps[place.place.step].fields["status"] == "failed"
    assert run.label is True


def test_run_length() -> None:
    report = audit_runs(synthetic.honest(1, plant=synthetic.stops_at_success))
    finding = found(report, "run.steps")
    assert finding.verdict == "leak"
    assert "length" in finding.reasons[0]
    assert found(report, "ToolCall.call_id").verdict == "suspicious", "a counter is the run's length at its end"
    assert found(report, "run.steps of type ToolCall").verdict == "predictive", "one cause is one leak"
    assert any("stops" in note for note in report.notes)


def test_status_leaks_beyond_a_leaking_length() -> None:
    def both(draft: synthetic.Draft) -> None:
        synthetic.stops_at_success(draft)
        if draft.failed and draft.random.random() < 0.3:
            del draft.steps[8:-1]
        synthetic.status_of_last_result(draft)

    report = audit_runs(synthetic.honest(1, plant=both, tasks=150))
    assert found(report, "ToolResult.status").verdict == "leak"


def test_ids_and_order() -> None:
    runs = synthetic.honest(1)
    named = [replace(run, id=f"{'bad' if run.label else 'good'}/{run.id}") for run in runs]
    assert found(audit_runs(named), "run.id").verdict == "leak"
    ordered = sorted(runs, key=lambda run: bool(run.label))
    assert found(audit_runs(ordered), "run.order in the data").verdict == "leak"


def test_stratum_explains_an_id() -> None:
    runs = synthetic.honest(1, tasks=120)
    chance = Random(5)
    told = []
    for run in runs:
        easy = chance.random() < (0.25 if run.label else 0.75)
        told.append(replace(run, id=f"{'easy' if easy else 'hard'}/{run.id}", strata={"set": "easy" if easy else "hard"}))
    assert found(audit_runs(told), "run.id").verdict == "predictive"
    assert found(audit_runs([replace(run, strata={}) for run in told]), "run.id").verdict == "suspicious"


@pytest.mark.parametrize(
    ("shape", "seeds"),
    [
        ({}, 5),
        ({"error_gap": 0.3}, 4),
        ({"error_gap": 0.6}, 4),
        ({"tasks": 240, "trials": 1, "error_gap": 0.3}, 4),
        ({"tasks": 10, "trials": 20}, 4),
        ({"tasks": 12, "trials": 5}, 8),
    ],
    ids=str,
)
def test_honest_runs_stay_quiet(shape: dict[str, float], seeds: int) -> None:
    """At most one audit in the batch may raise a false alarm; in the trials behind this test one of 330 did."""
    reports = [audit_runs(synthetic.honest(seed, **shape), Settings(resamples=100)) for seed in range(500, 500 + seeds)]  # type: ignore[arg-type]
    accused = [alarms(report) for report in reports]
    assert sum(bool(names) for names in accused) <= 1, accused
    if shape.get("error_gap", 0.12) >= 0.3:
        assert all(found(report, "ToolResult.error").verdict == "predictive" for report in reports), "honest errors tell, and that is fine"


def test_pure_noise_is_clean() -> None:
    """With labels drawn by lot hardly anything may even be predictive: the error over all traits is held at 1 %."""
    told = 0
    for seed in range(10):
        chance = Random(seed)
        runs = [replace(run, label=chance.random() < 0.4) for run in synthetic.honest(900 + seed)]
        report = audit_runs(runs, Settings(resamples=50))
        told += any(finding.verdict not in ("clean", "cannot tell") for finding in report.findings)
    assert told <= 1


def test_equal_runs_equal_report() -> None:
    runs = synthetic.honest(3, plant=synthetic.reward_in_a_result)
    assert audit_runs(runs) == audit_runs(list(runs))
    other = audit_runs(runs, Settings(seed=11))
    assert [finding.field for finding in other.leaks] == [finding.field for finding in audit_runs(runs).leaks]


def test_accepted_leak_is_reported_and_not_counted() -> None:
    runs = synthetic.honest(1, plant=synthetic.status_of_last_result)
    report = audit_runs(runs, Settings(accepted=frozenset({"ToolResult.status"})))
    assert found(report, "ToolResult.status").verdict == "leak"
    assert not report.leaks


def labelled(runs: list[Run], label: bool | None, keep: int) -> list[Run]:
    return [run if index < keep else replace(run, label=label) for index, run in enumerate(runs)]


def test_too_little_is_said() -> None:
    runs = synthetic.honest(1)
    assert "only 20 labelled runs" in audit_runs(runs[:20]).cannot_tell
    assert "one outcome" in audit_runs([replace(run, label=True) for run in runs]).cannot_tell
    assert "are needed" in audit_runs([replace(run, label=index < 4) for index, run in enumerate(runs)]).cannot_tell
    assert "one group" in audit_runs([replace(run, group="x") for run in runs]).cannot_tell
    report = audit_runs(labelled(runs, None, 12))
    assert report.cannot_tell
    assert not report.findings
    assert audit_runs([]).cannot_tell


def test_unlabelled_and_ungrouped_runs_are_counted() -> None:
    runs = labelled(synthetic.honest(1), None, 200)
    report = audit_runs([replace(run, group=None) if index < 5 else run for index, run in enumerate(runs)])
    assert (report.runs, report.unlabelled, report.ungrouped) == (200, 40, 5)
    assert any("left out" in note for note in report.notes)
    assert any("no group" in note for note in report.notes)


def test_sample_depends_on_the_runs_alone() -> None:
    runs = synthetic.honest(1, plant=synthetic.status_of_last_result, tasks=120)
    bounded = Settings(steps=4_000)
    report = audit_runs(runs, bounded)
    assert report.steps <= 4_000
    assert report.runs < len(runs)
    assert any("hash of their id" in note for note in report.notes)
    assert found(report, "ToolResult.status").verdict == "leak"
    backwards = audit_runs(runs[::-1], bounded)
    assert {finding.field for finding in backwards.leaks} == {finding.field for finding in report.leaks}
