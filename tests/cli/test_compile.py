"""`compile` with its four kinds of findings, `where`, `fmt`, `check`, `explain`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import RUN, Call
from emit.trained import train

from stepc.project import find_project

ARTEFACT = Path("artefacts/shop_watch.monitor")
MODULE = Path("generated/adapters/shop.py")


@pytest.fixture
def project(call: Call) -> Path:
    """A project with one spec, compiled."""
    Path("specs").mkdir()
    assert call("new", "shop").code == 0
    assert call("compile").code == 0
    return Path("specs/shop.stepview")


def kinds(call: Call) -> list[str]:
    checked = call("compile", "--check", "--format", "json")
    found = [finding["kind"] for finding in json.loads(checked.out)["findings"]]
    assert checked.code == (1 if found else 0)
    return found


def test_compiled_is_up_to_date(call: Call, project: Path) -> None:
    assert kinds(call) == []
    again = call("compile")
    assert again.code == 0
    assert again.err == "1 up to date\n"


def test_stale(call: Call, project: Path) -> None:
    project.write_text(project.read_text().replace("reward < 1.0", "reward < 0.5"))
    assert kinds(call) == ["stale"]
    shown = call("compile", "--check", "--diff")
    assert shown.code == 1
    assert "fix: stepc compile specs/shop.stepview" in shown.out
    assert "0.5" in shown.out
    assert call("compile", "--diff").code == 0


def test_missing(call: Call, project: Path) -> None:
    MODULE.unlink()
    assert "missing" in kinds(call)


def test_hand_edited(call: Call, project: Path) -> None:
    MODULE.write_text(MODULE.read_text().replace("self.arms[0] += 1", "self.arms[0] += 2", 1))
    assert kinds(call) == ["hand_edited"]
    assert "::error" in call("compile", "--check", "--format", "github").out


def test_orphaned(call: Call, project: Path) -> None:
    project.rename("specs/store.stepview").write_text(Path("specs/store.stepview").read_text().replace("source shop", "source store"))
    assert "orphaned" in kinds(call)
    assert call("compile", "--prune").code == 0
    assert kinds(call) == []
    assert not MODULE.exists()


def test_a_spec_with_errors_writes_nothing(call: Call, project: Path) -> None:
    before = MODULE.read_bytes()
    project.write_text(project.read_text().replace("call.name else skip", "call.name"))
    for arguments in (["compile"], ["compile", "--check"], ["run", "shop", "x.json"], ["test", "shop"]):
        shown = call(*arguments)
        assert shown.code == 2
        assert "error[SV203]" in shown.err
    assert MODULE.read_bytes() == before


def test_two_specs_of_one_source(call: Call, project: Path) -> None:
    Path("specs/other.stepview").write_text(project.read_text())
    shown = call("compile")
    assert shown.code == 2
    assert "both declare the source shop" in shown.err


def test_the_fresh_module_is_used_and_a_stale_one_is_not(call: Call, project: Path) -> None:
    Path("traces.json").write_text(json.dumps({"runs": [RUN]}))
    first = call("run", "shop", "traces.json").out
    # A module that was edited by hand is not what the spec says: it is never run.
    MODULE.write_text(MODULE.read_text().replace("def push(", "def push_(", 1))
    assert call("run", "shop", "traces.json").out == first
    project.write_text(project.read_text().replace("format json\n", "format json\n  // a line more\n"))
    assert call("run", "shop", "traces.json").out == first


@pytest.mark.parametrize("place", ["specs/shop.stepview", "specs/../specs/shop.stepview", "shop", "away"])
def test_no_spec_is_compiled_where_its_fresh_module_stands(
    call: Call, project: Path, place: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("traces.json").write_text(json.dumps({"runs": [RUN]}))
    traces = str(Path("traces.json").absolute())
    if place == "away":
        Path("stepc.toml").write_text("")
        place = str(project.absolute())
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setattr("stepc.emit.project.compile_program", lambda program, project: pytest.fail("compiled"))
    assert call("detect", traces, "--spec", place).code == 0
    assert call("run", place, traces).code == 0


def test_a_spec_of_another_project_has_the_limits_of_that_project(
    call: Call, project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("stepc.toml").write_text("[limits]\njson = 10\n")
    MODULE.unlink()
    Path("traces.json").write_text(json.dumps({"runs": [RUN]}))
    spec, traces = str(project.absolute()), str(Path("traces.json").absolute())
    here = call("run", "shop", traces).out
    assert '"args":{}' in here
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert call("run", spec, traces).out == here


def test_where(call: Call, project: Path) -> None:
    lines = MODULE.read_text().splitlines()
    number = next(index for index, line in enumerate(lines, 1) if "ToolResult(" in line and "class" not in line)
    found = call("where", f"{MODULE}:{number}")
    assert found.code == 0
    assert found.out.startswith("specs/shop.stepview:")
    vocabulary = next(index for index, line in enumerate(lines, 1) if line.startswith("class Said("))
    assert "agent.stepview (comes with stepc)" in call("where", f"{MODULE}:{vocabulary}").out
    assert json.loads(call("where", f"{MODULE}:{number}", "--format", "json").out)["spec"] == "specs/shop.stepview"


@pytest.mark.parametrize(
    "place", ["generated/adapters/shop.py", "nowhere.py:3", "generated/adapters/shop.py:1", "generated/adapters/shop.py:99999"]
)
def test_where_there_is_nothing(call: Call, project: Path, place: str) -> None:
    shown = call("where", place)
    assert shown.code == 2
    assert shown.err.startswith("error: ")


# ---- fmt -------------------------------------------------------------------------------------------------------------


def test_formatting(call: Call, project: Path) -> None:
    good = project.read_text()
    project.write_text(good.replace("  format json", "      format   json"))
    assert call("fmt", str(project)).out == good
    checked = call("fmt", "--check")
    assert (checked.code, checked.out) == (1, "specs/shop.stepview is not formatted\n")
    assert "+  format json" in call("fmt", "--diff", "specs").out
    assert call("fmt", "-w", "shop").code == 0
    assert project.read_text() == good
    assert call("fmt", "--check", "specs").code == 0


def test_formatting_what_does_not_parse(call: Call, project: Path) -> None:
    project.write_text("stepview 1\nsource {\n")
    shown = call("fmt", "--check")
    assert shown.code == 2
    assert "error[SV1" in shown.err
    assert call("fmt").code == 2


# ---- check -----------------------------------------------------------------------------------------------------------


def test_check_in_all_formats(call: Call, project: Path) -> None:
    project.write_text(project.read_text().replace("call.name else skip", "call.name"))
    text = call("check", "shop")
    assert text.code == 2
    assert " --> specs/shop.stepview:" in text.out
    assert "tool = call.name else skip" in text.out
    assert text.err == "1 error in 1 spec\n"
    document = json.loads(call("check", "--format", "json").out)
    assert document["errors"] == 1
    assert document["diagnostics"][0]["path"] == "specs/shop.stepview"
    assert call("check", "--format", "github").out.startswith("::error file=specs/shop.stepview,line=")


def test_check_with_samples(call: Call, project: Path) -> None:
    Path("traces.json").write_text(json.dumps({"runs": [{**RUN, "rewad": 1}]}).replace('"error"', '"eror"'))
    checked = call("check", "shop", "--samples", "traces.json")
    assert checked.code == 0
    assert "did you mean `.runs[].messages[].eror`?" in checked.out
    assert call("check", "shop", "--samples", "traces.json", "--deny-warnings").code == 1
    nameless = {"role": "assistant", "content": "", "tool_calls": [{"id": "c2"}]}
    Path("traces.json").write_text(json.dumps({"runs": [{**RUN, "messages": [*RUN["messages"], nameless]}]}))  # type: ignore[misc]
    project.write_text(project.read_text().replace("call.name else skip", "call.name"))
    assert "absent in 1 of 2 sampled" in call("check", "shop", "--samples", "traces.json").out
    assert call("check", "shop", "--samples", "nothing.json").code == 3


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"stepview", b"{" * 10_000, b"stepview 1\n" + b"a" * 2_000_000])
def test_check_of_anything_is_no_traceback(call: Call, data: bytes) -> None:
    Path("bad.stepview").write_bytes(data)
    checked = call("check", "bad.stepview")
    assert checked.code == 2
    assert "error[SV1" in checked.out


# ---- explain ---------------------------------------------------------------------------------------------------------


def test_explain(call: Call) -> None:
    listed = call("explain", "--list")
    codes = [line.split()[0] for line in listed.out.splitlines()]
    assert codes == sorted(codes)
    assert {"SV203", "SV401", "SV900"} <= set(codes)
    assert call("explain", "sv203").out == call("explain", "203").out
    assert json.loads(call("explain", "SV203", "--format", "json").out)["severity"] == "error"
    assert call("explain", "SV000").code == 2


MONITOR = """
monitor shop_watch {
  score after ToolResult
  predict failed eventually
  alert red budget 0.05 confidence 0.90
}
"""


@pytest.fixture
def watched(call: Call, project: Path) -> Path:
    """The project with a monitor and its artefact, compiled."""
    project.write_text(project.read_text() + MONITOR)
    train(find_project(), project)
    assert call("compile").code == 0
    return project


def test_a_trained_monitor_is_up_to_date(call: Call, watched: Path) -> None:
    shown = call("compile", "--check")
    assert (shown.code, shown.err) == (0, "1 adapter and 1 monitor up to date\n")
    again = call("compile")
    assert again.err == "2 up to date\n"
    assert json.loads(call("compile", "--format", "json").out)["untrained"] == []


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda spec: train(find_project(), spec, risk=0.1), "stale", "pins another artefact than artefacts/shop_watch.monitor"),
        (lambda spec: ARTEFACT.unlink(), "missing", "artefacts/shop_watch.monitor does not exist, and shop_watch.py pins"),
        (lambda spec: ARTEFACT.write_bytes(b""), "damaged", "artefacts/shop_watch.monitor is no monitor's artefact"),
        (lambda spec: spec.write_text(spec.read_text().replace("0.05", "0.04")), "foreign", "specs/shop.stepview has now: `zones` changed"),
        (lambda spec: spec.write_text(spec.read_text().replace("0.90", "0.80")), "stale", "shop_watch.py"),
    ],
)
def test_artefacts_that_do_not_fit_are_told_apart(
    call: Call, watched: Path, change: Callable[[Path], object], kind: str, message: str
) -> None:
    change(watched)
    assert kind in kinds(call)
    shown = call("compile", "--check")
    assert shown.code == 1
    assert message in shown.out
    assert message in call("compile", "--check", "--format", "github").out


def test_an_artefact_that_cannot_be_used_is_told_when_compiling(call: Call, watched: Path) -> None:
    watched.write_text(watched.read_text().replace("0.05", "0.04"))
    shown = call("compile")
    assert shown.code == 1
    assert call("compile", "--format", "json").code == 1
    assert "foreign  artefacts/shop_watch.monitor was trained for another plan" in shown.err
    assert "fix: stepc monitor train specs/shop.stepview:shop_watch TRACES..." in shown.err
    assert "not trained yet" not in shown.err
    ARTEFACT.unlink()
    untrained = call("compile")
    assert untrained.code == 0 and "shop_watch is not trained yet" in untrained.err
    assert json.loads(call("compile", "--format", "json").out)["untrained"] == ["shop_watch"]


def test_two_specs_with_one_monitor(call: Call, watched: Path) -> None:
    Path("specs/other.stepview").write_text(watched.read_text().replace("source shop", "source other"))
    shown = call("compile")
    assert shown.code == 2
    assert "specs/other.stepview and specs/shop.stepview both declare the monitor shop_watch" in shown.err


def test_where_leads_from_a_monitor_to_its_block(call: Call, watched: Path) -> None:
    lines = Path("generated/adapters/shop_watch.py").read_text().splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if '"name": "red"' in line)
    shown = call("where", f"generated/adapters/shop_watch.py:{number}")
    assert "specs/shop.stepview" in shown.out
    assert "alert red budget 0.05 confidence 0.90" in shown.out
