"""The verb: exit codes, formats, hostile text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drift.conftest import SAMPLES

from stepc.cli.app import run
from stepc.drift.measure import Measure
from stepc.drift.render import as_github, as_json, as_text
from stepc.drift.report import KINDS, Finding, Report, Thresholds, Total

SPEC = str(SAMPLES.parent / "tau2.stepview")
OLD = str(SAMPLES / "tau2")


@pytest.fixture
def renamed(tmp_path: Path) -> str:
    """The samples with another word for who speaks."""
    (tmp_path / "new").mkdir()
    for path in (SAMPLES / "tau2").glob("*.json"):
        (tmp_path / "new" / path.name).write_text(path.read_text().replace('"assistant"', '"bot\\u001b[31m\\u202e"'))
    return str(tmp_path / "new")


def test_exit_codes(renamed: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["drift", SPEC, OLD, OLD]) == 0
    assert "no drift" in capfd.readouterr().out
    assert run(["drift", SPEC, OLD, renamed]) == 1
    limits = ["--unknown", "1", "--vanished", "50", "--share", "1", "--silent", "1", "--dropped", "1"]
    assert run(["drift", SPEC, OLD, renamed, *limits]) == 0
    assert run(["drift", SPEC, OLD, str(tmp_path / "nowhere")]) == 3
    (tmp_path / "empty").mkdir()
    assert run(["drift", SPEC, OLD, str(tmp_path / "empty")]) == 3
    assert run(["drift", SPEC, str(tmp_path / "empty"), OLD]) == 3
    assert run(["drift", "no_such_spec", OLD, OLD]) == 2
    assert run(["drift", SPEC, OLD, OLD, "--unknown", "3"]) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_formats(renamed: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["drift", SPEC, OLD, renamed]) == 1
    text = capfd.readouterr().out
    assert "\\x1b[31m\\u202e` is new" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert run(["drift", SPEC, OLD, renamed, "--format", "json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert found["drift"]
    assert {finding["kind"] for finding in found["findings"]} <= KINDS.keys()
    assert found["shares"]["events unknown"]["old"]["count"] == 0 < found["shares"]["events unknown"]["new"]["count"]
    assert run(["drift", SPEC, OLD, renamed, "--format", "github"]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert all(line.startswith(("::error file=", "::notice file=")) for line in lines)
    assert len(lines) == len(found["findings"])


def test_hostile_names() -> None:
    """What stands in traces reaches no terminal and no annotation as it is."""
    nasty = "a\x1b[2J\n::error::x%\ud800\u202e"
    finding = Finding("vanished path", "drift", nasty, f"{nasty} is gone", Measure(), Measure(), "places", (3,), nasty, (nasty,))
    total = Total(nasty, 1, 1, 0, 1, 1, 1)
    report = Report("s", "s.stepview", total, total, (), (finding,), Thresholds(), 1, 0.01)
    for shown in (as_text(report), as_github(report), as_json(report)):
        assert "\x1b" not in shown
        shown.encode()
    assert len(as_github(report).splitlines()) == 1
    assert "\u202e" not in as_text(report)
