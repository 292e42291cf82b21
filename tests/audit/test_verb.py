"""The verb: exit codes, both outputs, and what it says when it is called wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audit import synthetic_runs as synthetic
from audit.test_foreign import own_episodes, own_rows, write_rows

from stepc.cli.app import run
from stepwatch.audit import Run

UNSEALED = """stepview 1

source log {
  format jsonl
  episode file
  event .
}

meta {
  id: str = file.stem
  group: str? = file.stem
}

step Note {
  text: str
  lost: bool?
}

match .kind {
  otherwise => emit Note {
    text = .text else ""
    lost = .lost
  }
}
"""
PLANTED = synthetic.honest(1, plant=synthetic.status_of_last_result)
HONEST = synthetic.honest(1)


def call(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run(["audit", *map(str, arguments)])
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    return code, out, err


def written(folder: Path, runs: list[Run]) -> Path:
    write_rows(folder / "episodes.jsonl", own_episodes(runs))
    return write_rows(folder / "steps.jsonl", own_rows(runs))


def test_leak(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capfd, "--steps", written(tmp_path, PLANTED))
    assert (code, err) == (1, "")
    first = next(line for line in out.splitlines() if line.startswith(("LEAK", "suspicious", "predictive", "clean")))
    assert first.split() == ["LEAK", "ToolResult.status"]
    assert "settles the outcome" in out
    assert "for example: episode" in out
    assert out.splitlines()[-1].startswith("1 leak, 0 suspicious")


def test_clean(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "--steps", written(tmp_path, HONEST))
    assert code == 0
    assert "0 leaks, 0 suspicious" in out


def test_json_is_the_same_every_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    steps = written(tmp_path, PLANTED)
    code, out, _ = call(capfd, "--steps", steps, "--format", "json")
    found = json.loads(out)
    assert (code, found["leaks"], found["label"], found["runs"]) == (1, 1, "labels.failed", 240)
    assert found["findings"][0]["field"] == "ToolResult.status"
    assert found["findings"][0]["trait"]["auc"]["value"] == 1.0
    assert set(found["findings"][0]["auc_along_the_run"]) == {"25%", "50%", "75%", "before", "last", "100%"}
    assert call(capfd, "--steps", steps, "--format", "json")[1] == out


def test_accepted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "--steps", written(tmp_path, PLANTED), "--accept", "ToolResult.status")
    assert code == 0
    assert "(accepted)" in out
    assert "1 accepted" in out


def test_too_little(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capfd, "--steps", written(tmp_path, PLANTED[:15]))
    assert code == 0
    assert "cannot tell: only 15 labelled runs" in out


def test_hostile_values_reach_no_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def plant(draft: synthetic.Draft) -> None:
        synthetic.last(draft, "ToolResult")["status\x1b[31m"] = "\x1b]0;failed\x07" if draft.failed else "done\u202e"

    code, out, _ = call(capfd, "--steps", written(tmp_path, synthetic.honest(1, plant=plant)), "--all")
    assert code == 1
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\u202e" not in out
    assert "\\x1b" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "name a spec and its traces"),
        (("spec", "--steps", "x.jsonl"), 2, "name a spec and its traces"),
        (("spec", "traces", "--group-column", "x"), 2, "go with --steps only"),
        (("--steps", "missing.jsonl"), 3, "there is no file"),
        (("--steps", "steps.jsonl", "--episodes", "missing.jsonl"), 3, "there is no file"),
        (("--steps", "steps.jsonl", "--most-steps", "0"), 2, "above 0"),
        (("--steps", "steps.jsonl", "--label", "nothing"), 3, "nowhere true or false"),
    ],
)
def test_wrong_calls(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, HONEST[:5])
    found, out, err = call(capfd, *arguments)
    assert found == code
    assert message in out + err


SPEC = """\
stepview 1

source made_up {
  format jsonl
  episode .
  event .events[]
}

step Result {
  status: str
  text: str
}

meta {
  id: str = .id else "none"
  group: str? = .task
}

outcome {
  failed: bool? = .failed
}

match .kind {
  "result" => emit Result {
    status = .status else skip
    text = .text else ""
  }
  otherwise => unknown
}
"""


def raw(runs: list[Run]) -> list[dict[str, object]]:
    records = []
    for one in runs:
        results = [step.fields for step in one.steps if step.type == "ToolResult"]
        events = [{"kind": "result", "status": fields["status"], "text": fields["text"]} for fields in results]
        records.append({"id": one.id, "task": one.group, "failed": one.label, "events": events})
    return records


@pytest.mark.parametrize(("runs", "code"), [(PLANTED, 1), (HONEST, 0)], ids=["planted", "honest"])
def test_spec_and_traces(tmp_path: Path, capfd: pytest.CaptureFixture[str], runs: list[Run], code: int) -> None:
    spec = tmp_path / "made_up.stepview"
    spec.write_text(SPEC)
    traces = write_rows(tmp_path / "traces.jsonl", raw(runs))
    found, out, err = call(capfd, spec, traces, "--format", "json")
    assert (found, err) == (code, "")
    report = json.loads(out)
    assert [item["field"] for item in report["findings"] if item["verdict"] == "leak"] == (["Result.status"] if code else [])
    assert report["runs"] == 240
    assert call(capfd, spec, traces, "--label", "nothing")[0] == 2
    assert call(capfd, spec, tmp_path / "missing.jsonl")[0] == 3
    assert call(capfd, spec)[0] == 2


def test_labels_that_stand_elsewhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An event that tells how its run ended became a step. The spec declares no label, and with one from a file the audit finds it."""
    (tmp_path / "log.stepview").write_text(UNSEALED)
    rows = ["id,failed"]
    for number in range(60):
        failed = number % 2 == 0
        events = [{"kind": "note", "text": f"word{number % 7}"}] * (2 + number % 3) + [{"kind": "end", "text": "over", "lost": failed}]
        (tmp_path / f"{number}.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
        rows.append(f"{number},{str(failed).lower()}")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    spec = tmp_path / "log.stepview"
    code, _, err = call(capfd, spec, tmp_path)
    assert (code, "declares no label" in err) == (2, True)
    code, out, _ = call(capfd, spec, tmp_path, "--outcomes", tmp_path / "labels.csv")
    assert (code, "Note.lost" in out.split("LEAK", 1)[1]) == (1, True)
    code, _, err = call(capfd, "--steps", tmp_path / "labels.csv", "--outcomes", tmp_path / "labels.csv")
    assert (code, "--outcomes goes with a spec" in err) == (2, True)
