"""Monitors on the first day, when no outcome is known: their rules speak, and nothing pretends to know a risk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from monitor.small import PLAN, runs, small

from stepc.cli.app import run
from stepwatch import artefact as artefacts
from stepwatch import untrained
from stepwatch.live import Monitor, Verdict
from stepwatch.report.page import as_markdown

ROOT = Path(__file__).parents[2]
SPEC = """stepview 1
use agent

source shop {
  format json
  episode .runs[]
  event .messages[]
}

meta {
  id: str = .id
}

match .role {
  "user", "assistant" => {
    emit Said when nonempty .content {
      by = if .role == "user" then Actor.user else Actor.agent
      text = .content
    }
    each call in .calls[]? {
      emit ToolCall {
        call_id = call.id else ""
        by = Actor.agent
        tool = call.name else skip
        args = call.arguments else {}
      }
    }
  }
  "tool" => emit ToolResult {
    call_id = .id else ""
    by = Actor.agent
    error = .error
    text = .content else ""
  }
  otherwise => unknown
}

monitor shop_watch {
  score after ToolResult, Said{by: user}
  rule repeats when same(tool, args) for 3 => yellow "the same call three times"
  rule errors when count(ToolResult{error: true}) in 3 >= 2 => red "two of three calls failed"
}
"""


def trace(name: str, numbers: list[int], errors: set[int]) -> dict[str, object]:
    messages: list[dict[str, object]] = [{"role": "user", "content": "Find it."}]
    for place, number in enumerate(numbers):
        messages.append({"role": "assistant", "content": "", "calls": [{"id": f"c{place}", "name": "find", "arguments": {"n": number}}]})
        messages.append({"role": "tool", "id": f"c{place}", "error": place in errors, "content": "x"})
    return {"id": name, "messages": messages}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.stepview").write_text(SPEC, encoding="utf-8")
    traces = [trace("well", [1, 2, 3], set()), trace("again", [7, 7, 7, 8], set()), trace("broken", [1, 2, 3], {0, 2})]
    (tmp_path / "traces.json").write_text(json.dumps({"runs": traces}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def small_rules() -> artefacts.Artefact:
    data, _ = artefacts.encode(untrained.header(PLAN, {}), {})
    return artefacts.decode(data)


def verdicts(artefact: artefacts.Artefact) -> list[Verdict]:
    monitor = Monitor(artefact)
    found: list[Verdict] = []
    for ran in runs():
        episode = monitor.open(ran.id)
        for begin, end in zip((0, *ran.ends), ran.ends, strict=False):
            found += episode.take(ran.steps[begin:end])
        found += episode.close()
    return found


def test_rules_hold_where_they_hold_beside_a_trained_monitor() -> None:
    alone, trained = verdicts(small_rules()), verdicts(small())
    assert [(one.episode, one.event, one.point, one.rules) for one in alone] == [
        (one.episode, one.event, one.point, one.rules) for one in trained
    ]
    assert any(one.alert for one in alone)
    assert all(one.rules or not one.alert for one in alone)


def test_its_risk_is_anything() -> None:
    assert {(one.risk, one.low, one.high) for one in verdicts(small_rules())} == {(0.5, 0.0, 1.0)}


def test_an_episode_goes_on_elsewhere() -> None:
    ran = max(runs(), key=lambda one: len(one.ends))
    steps = [ran.steps[begin:end] for begin, end in zip((0, *ran.ends), ran.ends, strict=False)]
    monitor = Monitor(small_rules())
    episode = monitor.open("one")
    for event in steps[: len(steps) // 2]:
        episode.take(event)
    resumed = Monitor(small_rules()).resume(episode.save())
    rest = steps[len(steps) // 2 :]
    assert [one.line() for event in rest for one in resumed.take(event)] == [one.line() for event in rest for one in episode.take(event)]


def test_from_a_spec_without_an_outcome_to_alerts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["monitor", "train", "shop:shop_watch"]) == 0
    shown = capsys.readouterr().out
    assert "rules alone" in shown
    assert "two of three calls failed" in shown
    assert run(["compile", "shop.stepview"]) == 0
    assert run(["compile", "--check", "shop.stepview"]) == 0
    capsys.readouterr()
    assert run(["monitor", "replay", "artefacts/shop_watch.monitor", "traces.json"]) == 0
    told = capsys.readouterr()
    assert "3 runs, alerts: 1 red, 1 yellow; by rule: 1 errors, 1 repeats" in told.err
    assert told.out.splitlines() == [
        "yellow again point 3, step 5: the same call three times",
        "red    broken point 4, step 6: two of three calls failed",
    ]


def test_it_needs_no_library_of_training(project: Path) -> None:
    hidden = "import sys; sys.modules.update(dict.fromkeys(('numpy', 'scipy', 'sklearn')));"
    called = f"{hidden} from stepc.cli.app import run; sys.exit(run(sys.argv[1:]))"
    for arguments in (["monitor", "train", "shop"], ["monitor", "replay", "artefacts/shop_watch.monitor", "traces.json"]):
        done = subprocess.run([sys.executable, "-c", called, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "shop", "traces.json"],
        ["train", "shop", "--scorer", "table"],
        ["evaluate", "artefacts/shop_watch.monitor", "traces.json"],
        ["compare", "artefacts/shop_watch.monitor", "artefacts/shop_watch.monitor", "--on", "traces.json"],
        ["explain", "artefacts/shop_watch.monitor", "traces.json", "--episode", "0"],
        ["automaton", "artefacts/shop_watch.monitor", "traces.json"],
        ["automaton", "shop", "traces.json"],
    ],
)
def test_what_takes_an_outcome_says_so(project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(["monitor", "train", "shop"]) == 0
    capsys.readouterr()
    assert run(["monitor", *arguments]) == 2
    told = capsys.readouterr().err
    assert "shop_watch" in told
    assert "help:" in told


def test_a_monitor_that_predicts_something_can_begin_with_its_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    place = str(tmp_path / "tau2.monitor")
    assert run(["monitor", "train", "tau2", "--rules-only", "-o", place]) == 0
    first = Path(place).read_bytes()
    assert run(["monitor", "train", "tau2", "--rules-only", "-o", place]) == 0
    assert Path(place).read_bytes() == first
    assert run(["monitor", "train", "tau2", "--rules-only", "specs/samples/tau2", "-o", place]) == 2
    capsys.readouterr()
    assert run(["monitor", "evaluate", place, "specs/samples/tau2", "--resamples", "100", "-o", str(tmp_path / "report")]) == 0
    shown = capsys.readouterr().out
    assert "Nothing was learned" in shown
    assert "The rule repeats (yellow) holds in" in shown
    assert "budget 5 %" not in shown
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["alerts"]["budgets"] == report["alerts"]["zones"] == []
    assert "rule repeats (yellow)" in as_markdown(report)
