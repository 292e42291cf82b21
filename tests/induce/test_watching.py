"""A drafted spec ends with a monitor that works on the first day: rules alone, over the very samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepc.cli.app import run
from stepc.front import check_text
from stepc.induce.watching import with_monitor

SAMPLES = Path(__file__).parents[2] / "specs" / "samples"
SOURCES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
SPEC = """stepview 1
use agent

source shop {
  format jsonl
  episode .
  event .messages[]
}

meta {
  id: str = .id
}

match .role {
  "tool" => emit ToolResult {
    call_id = .id else ""
    by = Actor.agent
    text = .content else ""
  }
  "call" => emit ToolCall {
    call_id = .id else ""
    by = Actor.agent
    tool = .name else skip
    args = .arguments else {}
  }
  otherwise => unknown
}

/// What it looks like.
example "a run" {
  given "samples/shop/run.jsonl"
  expect [...]
}
"""


@pytest.mark.parametrize("source", SOURCES)
def test_from_samples_to_a_monitor_in_two_commands(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["induce", str(SAMPLES / source), "-o", "drafted.stepview"]) == 0
    text = Path("drafted.stepview").read_text(encoding="utf-8")
    assert text.count("\nmonitor drafted_watch {") == 1
    assert run(["check", "drafted.stepview"]) == 0
    assert run(["fmt", "--check", "drafted.stepview"]) == 0
    if "\n  rule " not in text:
        assert "\n  predict failed eventually" in text
        return
    assert "--rules-only" in capsys.readouterr().err
    assert run(["monitor", "train", "drafted", "--rules-only", "-o", "drafted.monitor"]) == 0
    capsys.readouterr()
    assert run(["monitor", "replay", "drafted.monitor", str(SAMPLES / source), "--format", "json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


def test_rules_ask_only_for_what_steps_have() -> None:
    longer = with_monitor(SPEC, {"ToolCall": 2, "ToolResult": 2})
    monitor = longer[longer.index("monitor shop_watch") : longer.index("/// What it looks like.")]
    assert "rule repeats" in monitor
    assert "rule errors" not in monitor  # no arm says whether a call failed
    assert "\n//   predict failed eventually" in monitor  # there is no outcome
    checked = check_text(longer, file="shop.stepview")
    assert checked.program is not None
    assert [one.label for one in checked.program.monitors] == [""]
    assert longer.index("monitor shop_watch") < longer.index('example "a run"')


@pytest.mark.parametrize("steps", [{}, {"Thought": 3}, {"Said": 4}])
def test_without_anything_to_watch_there_is_no_monitor(steps: dict[str, int]) -> None:
    assert with_monitor(SPEC, steps) == SPEC
