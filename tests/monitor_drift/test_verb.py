"""`stepc monitor drift` from traces to an answer: quiet on like runs, loud on changed ones, blind to labels unless asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import synthetic
import synthetic_project
from automata.escalation import MACHINE
from cli.conftest import Call, call

from stepc.cli.app import run as stepc

__all__ = ["call"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained monitor, old runs, new runs, and new runs of a changed tool."""
    folder = tmp_path_factory.mktemp("shop")
    files = {
        "old.json": synthetic.runs(MACHINE, 240, seed=1, length=3),
        "new.json": synthetic.runs(MACHINE, 60, seed=2, length=3),
        "changed.json": synthetic.runs(MACHINE, 60, seed=3, length=3, drift=True),
    }
    synthetic_project.project(folder, files)
    assert stepc(["monitor", "train", str(folder / "shop.stepview"), str(folder / "old.json"), "-o", str(folder / "shop.monitor")]) == 0
    return folder


def test_like_runs_are_quiet_and_changed_ones_are_not(call: Call, trained: Path) -> None:
    spec = ["--spec", str(trained / "shop.stepview")]
    quiet = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", trained / "new.json", *spec)
    assert quiet.code == 0, quiet.out + quiet.err
    assert "no change that chance does not explain" in quiet.out and "Without labels nobody can see" in quiet.out
    loud = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", trained / "changed.json", *spec, "--format", "json")
    assert loud.code == 1
    told = json.loads(loud.out)
    assert told["drifted"] and told["severity"] != "none"
    assert {check["channel"] for check in told["checks"] if check["adjusted"] < 0.05} >= {"typed key", "ToolResult.error"}


def test_a_profile_stands_for_the_old_runs(call: Call, trained: Path) -> None:
    spec = ["--spec", str(trained / "shop.stepview")]
    wrote = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", "--write-profile", "profile.json", *spec)
    assert wrote.code == 0 and "wrote profile.json: 240 runs" in wrote.err
    assert '"failed"' not in Path("profile.json").read_text()
    answers = [
        call("monitor", "drift", trained / "shop.monitor", old, trained / "changed.json", *spec, "--format", "json")
        for old in (trained / "old.json", "profile.json")
    ]
    assert answers[0] == answers[1] and answers[0].code == 1


def test_the_same_runs_have_not_drifted_whatever_order_files_have(call: Call, trained: Path) -> None:
    spec = ["--spec", str(trained / "shop.stepview")]
    runs = json.loads((trained / "old.json").read_text())["runs"]
    Path("sorted.json").write_text(json.dumps({"runs": sorted(runs, key=lambda run: (run["failed"], len(run["events"])))}))
    quiet = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", "sorted.json", *spec)
    assert quiet.code == 0, quiet.out
    ordered = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", "sorted.json", *spec, "--in-order")
    assert ordered.code == 1
    assert "drift: of single channels none, but a bet was won" in ordered.out and "alarm at new run" in ordered.out


def test_a_profile_of_another_monitor_is_refused(call: Call, trained: Path) -> None:
    spec = ["--spec", str(trained / "shop.stepview")]
    assert call("monitor", "drift", trained / "shop.monitor", trained / "old.json", "--write-profile", "profile.json", *spec).code == 0
    other = ["--scorer", "linear", "-o", "other.monitor"]
    assert call("monitor", "train", trained / "shop.stepview", trained / "old.json", *other).code == 0
    told = call("monitor", "drift", "other.monitor", "profile.json", trained / "old.json", *spec)
    assert told.code == 3 and "its scores are of another artefact" in told.err


def test_labels_are_read_when_they_are_asked_for(call: Call, trained: Path) -> None:
    spec = ["--spec", str(trained / "shop.stepview")]
    told = call("monitor", "drift", trained / "shop.monitor", trained / "old.json", trained / "new.json", *spec, "--with-labels", "--all")
    assert told.code == 0, told.out
    assert "bet against the budget" in told.out and "Brier score" in told.out


def test_what_cannot_be_had_is_said(call: Call, trained: Path) -> None:
    Path("bad.json").write_text('{"schema": 1, "runs": [3]}')
    spec = ["--spec", str(trained / "shop.stepview")]
    for arguments, code, words in (
        ([trained / "shop.monitor", trained / "old.json", *spec], 2, "name the new traces"),
        ([trained / "shop.monitor", trained / "old.json", "none.json", *spec], 3, "there is no file none.json"),
        ([trained / "shop.monitor", "bad.json", trained / "new.json", *spec], 3, "is no profile of runs"),
        ([trained / "old.json", trained / "old.json", trained / "new.json"], 3, "no monitor's artefact"),
        ([trained / "shop.monitor", trained / "old.json", trained / "new.json", *spec, "--level", "2"], 2, "between 0 and 1"),
    ):
        told = call("monitor", "drift", *arguments)
        assert (told.code, words in told.err) == (code, True), told.err
