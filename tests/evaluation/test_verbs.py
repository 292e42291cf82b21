"""`stepc monitor evaluate` and `compare` from traces to files, on a project of runs of known truth."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import synthetic
import synthetic_project
from llm.protocol import Answer, completion, serving

from stepc.cli.app import run as main

FILES = {"old.json": (160, 1), "new.json": (160, 2)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shop")
    runs = {name: synthetic.runs(synthetic.machine(), count, seed=seed, length=4) for name, (count, seed) in FILES.items()}
    # The files hold other runs of other groups.
    renamed = {name: [replace(run, id=f"{name}:{run.id}", group=f"{name}:{run.group}") for run in found] for name, found in runs.items()}
    synthetic_project.project(made, renamed)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        assert main(["monitor", "train", "shop", "old.json", "-o", "shop.monitor"]) == 0
    return made


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


def test_a_report_of_runs_that_were_not_trained_on(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "evaluate", "shop.monitor", "new.json", "-o", "report", "--resamples", "100"]) == 0
    text = capsys.readouterr().out
    assert "shop_watch" in text
    assert "this monitor" in text
    assert "was part of" not in text
    report = json.loads((here / "report/report.json").read_text(encoding="utf-8"))
    assert report["warnings"] == []
    assert report["base"]["runs"] == FILES["new.json"][0]
    assert report["shuffled"] is not None
    assert (here / "report/report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    before = (here / "report/report.html").read_bytes()
    assert main(["monitor", "evaluate", "shop.monitor", "new.json", "-o", "report", "--resamples", "100", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == report
    assert (here / "report/report.html").read_bytes() == before


def test_what_was_trained_on_is_told_and_can_be_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "evaluate", "shop.monitor", "old.json", "--resamples", "100"]) == 0
    assert "groups were part of this monitor's training: the figures are optimistic" in capsys.readouterr().out
    assert main(["monitor", "evaluate", "shop.monitor", "old.json", "--unseen"]) == 2
    assert "are of groups that training saw" in capsys.readouterr().err
    assert main(["monitor", "evaluate", "shop.monitor", "old.json", "new.json", "--unseen", "--resamples", "100", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["base"]["runs"] == FILES["new.json"][0]


def test_groups_that_training_left_out_are_judged_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "train", "shop", "old.json", "-o", "part.monitor", "--leave-out", "0.4"]) == 0
    left = int(capsys.readouterr().err.split(" runs were left out")[0].rsplit("\n", 1)[-1])
    assert main(["monitor", "evaluate", "part.monitor", "old.json", "--unseen", "--resamples", "100", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["base"]["runs"] == left > 30


def test_a_rival_that_scores_the_same_prefixes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "evaluate", "shop.monitor", "new.json", "-o", "report", "--resamples", "100"]) == 0
    rows = list(csv.DictReader((here / "report/scores.csv").read_text(encoding="utf-8").splitlines()))
    with (here / "theirs.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["episode", "step", "score"])
        out.writerows([row["episode"], row["step"], -float(row["score"])] for row in rows)
    capsys.readouterr()
    command = ["monitor", "compare", "shop.monitor", "theirs.csv", "--on", "new.json", "--resamples", "100"]
    assert main([*command, "-o", "compared"]) == 0
    text = capsys.readouterr().out
    assert "shop is better than theirs over all decision points" in text
    assert "budget 10 %" in text
    assert (here / "compared/compare.html").is_file()
    # Scores alone need to be told what is predicted.
    (here / "ours.csv").write_text((here / "report/scores.csv").read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["monitor", "compare", "ours.csv", "theirs.csv", "--on", "new.json"]) == 2
    assert "--spec" in capsys.readouterr().err
    assert (
        main(
            ["monitor", "compare", "ours.csv", "theirs.csv", "--on", "new.json", "--spec", "shop", "--resamples", "100", "--format", "json"]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["first"] == "ours"
    assert main(["monitor", "compare", "shop.monitor", "theirs.csv", "--on", "old.json"]) == 3
    assert "none of its episodes is among the traces" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["evaluate", "shop.monitor"], 2, "name the traces"),
        (["evaluate", "nothing.monitor", "new.json"], 3, "cannot be read"),
        (["evaluate", "shop.stepview", "new.json"], 3, "no monitor's artefact"),
        (["evaluate", "shop.monitor", "absent.json"], 3, "there is no file absent.json"),
        (["evaluate", "shop.monitor", "new.json", "--cost", "peace=1"], 2, "states no cost"),
        (["evaluate", "shop.monitor", "new.json", "--cost", "effect=2"], 2, "states no cost"),
        (["evaluate", "shop.monitor", "new.json", "--resamples", "3"], 2, "--resamples"),
        (["evaluate", "shop.monitor", "new.json", "-o", "shop.stepview", "--resamples", "100"], 3, "is a file"),
        (["compare", "shop.monitor", "--on", "new.json"], 2, "two artefacts"),
        (["compare", "shop.monitor", "absent.csv", "--on", "new.json"], 3, "absent.csv cannot be read"),
        (["compare", "shop.monitor", "shop.monitor", "--on", "new.json"], 2, "named twice"),
    ],
)
def test_mistakes_are_told(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str) -> None:
    assert main(["monitor", *arguments]) == code
    assert says in capsys.readouterr().err


def test_runs_that_were_cut_off_count_as_far_as_they_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = synthetic.runs(synthetic.machine(), 200, seed=3, censoring=0.03, length=4)
    synthetic_project.project(tmp_path, {"runs.json": runs})
    spec = tmp_path / "shop.stepview"
    text = spec.read_text(encoding="utf-8")
    text = text.replace("failed: bool? = .failed", "failed: bool? = .failed\n  open: bool = absent .failed")
    spec.write_text(text.replace("predict failed eventually", "predict failed within 3\n  censored when open"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["monitor", "train", "shop", "runs.json", "-o", "shop.monitor", "--leave-out", "0.5"]) == 0
    capsys.readouterr()
    assert main(["monitor", "evaluate", "shop.monitor", "runs.json", "--unseen", "--resamples", "100", "--format", "json"]) == 0
    base = json.loads(capsys.readouterr().out)["base"]
    traces = json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))
    for run in traces["runs"]:
        run["failed"], run["events"] = None, run["events"][:1]
    (tmp_path / "open.json").write_text(json.dumps(traces), encoding="utf-8")
    assert main(["monitor", "evaluate", "shop.monitor", "open.json", "--resamples", "100"]) == 2
    assert "no prefix of any run has a known label" in capsys.readouterr().err
    assert base["cut_off"] > 0
    assert base["runs"] == base["failing"] + base["passing"] + base["cut_off"]


def test_a_language_model_judges_some_points(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(request: dict[str, Any], _: int) -> Answer:
        return completion(f"probability: {0.2 + 0.1 * (request['messages'][1]['content'].count('error=true') % 5):.1f}", usage=(40, 5))

    with serving(answer) as server:
        asked = ["monitor", "evaluate", "shop.monitor", "new.json", "-o", "judged", "--resamples", "100", "--judge", "60"]
        asked += ["--model", "small", "--base-url", server.url]
        assert main(asked) == 0
        assert "On 60 sampled decision points the monitor reaches" in capsys.readouterr().out
        found = json.loads((here / "judged/report.json").read_text(encoding="utf-8"))["judge"]
        assert (found["points"], found["model"], found["unreadable"], found["ended"]) == (60, "small-1", 0, "")
        assert "A language model as a judge" in (here / "judged/report.html").read_text(encoding="utf-8")
        shown = "\n".join(message["content"] for request in server.requests for message in request["messages"])
        assert "failed=" not in shown and '"failed"' not in shown
        before = len(server.requests)
        assert before <= 60
        # Nothing is asked twice, and the report is the same.
        assert main(asked) == 0
        assert len(server.requests) == before
        assert json.loads((here / "judged/report.json").read_text(encoding="utf-8"))["judge"] == found
        capped = [*asked, "--fresh", "--max-cost", "0.01", "--price", "10,10", "--format", "json"]
        capsys.readouterr()
        assert main(capped) == 0
        found = json.loads(capsys.readouterr().out)["judge"]
        assert "budget" in found["ended"] and 0 < found["points"] < 60 and found["cost"] <= 0.01
    assert main(["monitor", "evaluate", "shop.monitor", "new.json", "--judge", "5"]) == 2
    assert main(["monitor", "evaluate", "shop.monitor", "new.json", "--model", "small"]) == 2


def test_an_automaton_stands_in_the_chain_of_what_is_lost(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", "automaton", "shop.monitor", "old.json", "-o", "machine", "--resamples", "0", "--symbols", "typed"]) == 0
    command = ["monitor", "evaluate", "shop.monitor", "new.json", "--resamples", "100", "--format", "json"]
    capsys.readouterr()
    assert main([*command, "--automaton", "machine/shop_watch_automaton.monitor"]) == 0
    found = json.loads(capsys.readouterr().out)["ceilings"]
    assert list(found["chain"]) == ["steps", "symbols", "automaton"]
    assert found["gaps"]["parts"] == ["lost before steps", "lost by symbols", "lost by automaton", "lost by the monitor"]
    assert sum(found["gaps"]["brier"]) == pytest.approx(found["gaps"]["brier_total"], abs=5e-4)
    cells = [one["cells"] for one in found["chain"].values()]
    assert cells == sorted(cells, reverse=True)
    assert main([*command, "--automaton", "shop.monitor"]) == 2
    assert "holds no automaton" in capsys.readouterr().err


def test_labels_beside_the_traces_win(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = json.loads((here / "new.json").read_text(encoding="utf-8"))["runs"]
    (here / "labels.csv").write_text(
        "id,failed\n" + "".join(f"{run['id']},{not run['failed']}\n" for run in runs).lower(), encoding="utf-8"
    )
    command = ["monitor", "evaluate", "shop.monitor", "new.json", "--resamples", "100", "--format", "json"]
    assert main(command) == 0
    base = json.loads(capsys.readouterr().out)["base"]
    assert main([*command, "--outcomes", "labels.csv"]) == 0
    turned = json.loads(capsys.readouterr().out)["base"]
    assert (turned["failing"], turned["passing"]) == (base["passing"], base["failing"])
    assert main([*command, "--outcomes", "absent.csv"]) == 3
