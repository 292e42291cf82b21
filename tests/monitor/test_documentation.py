"""The examples of docs/monitor-api.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stepc_adapters.tau2_watch as tau2_watch
from stepwatch import artefact as artefacts
from stepwatch import plan as plans

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "monitor-api.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def table(plan: plans.Plan) -> str:
    """Write the artefact of a table for which every point raises the risk; its digest."""
    scorer = {"kind": "belief", "name": "belief", "symbols": "typed", "params": {"prior": -1.0, "decay": 1.0}}
    header = {
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "spec": {"file": "specs/tau2.stepview", "identity": tau2_watch.SPEC, "source": "tau2"},
        "data": {"files": [], "episodes": 0},
        "seed": 0,
        "libraries": {},
        "parts": {
            "symbols": {"typed": {"kind": "typed", "params": {"keys": []}, "blocks": {}}},
            "scorers": [{**scorer, "blocks": {"start": "belief.start", "table": "belief.table"}}],
            "risk": "belief",
            "calibration": {"kind": "identity", "params": {}, "blocks": {}},
            "zones": [
                {
                    **{name: getattr(zone, name) for name in ("name", "budget", "confidence", "hits", "window")},
                    "threshold": float(number),
                    "certificate": {},
                }
                for number, zone in enumerate(plan.zones)
            ],
        },
        "report": {},
    }
    return artefacts.write("artefacts/tau2_watch.monitor", header, {"belief.start": [0.5], "belief.table": [0.5]})


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tau2_watch, "DIGEST", table(plans.from_json(tau2_watch.PLAN)))
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(examples) == 7
    names: dict[str, object] = {}
    for number, example in enumerate(examples):
        exec(compile(example, f"{PAGE.name}, example {number + 1}", "exec"), names)
    told = capsys.readouterr().out
    assert "run 17 should be looked at: the risk was above the red threshold" in told
    assert "red: run 18 at step" in told
    assert told.count("yellow: run 1") == 2
