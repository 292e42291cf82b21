"""The examples of docs/monitor-api.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from monitor.small import table

import stepc_adapters.tau2_watch as tau2_watch
from stepwatch import plan as plans

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "monitor-api.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tau2_watch, "DIGEST", table(plans.from_json(tau2_watch.PLAN), tau2_watch.SPEC, "artefacts/tau2_watch.monitor"))
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(examples) == 9
    names: dict[str, object] = {}
    for number, example in enumerate(examples):
        exec(compile(example, f"{PAGE.name}, example {number + 1}", "exec"), names)
    told = capsys.readouterr().out
    assert "run 17 should be looked at: the risk was above the red threshold" in told
    assert "red: run 18 at step" in told
    assert told.count("yellow: run 1") == 2
    assert "red: run 41" in told and "red: run 42" in told
