"""The specs of the repository: clean, short, and right about their samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stepc.runtime.run import run
from stepc.syntax import format_text
from stepc.verify.examples import run_examples

from .conftest import PROJECT, Compiled

SPECS = PROJECT / "specs"
SAMPLES = SPECS / "samples"
NAMES = (
    "agentdojo",
    "intercode",
    "react_text_logs",
    "swebench_aider",
    "swebench_minisweagent",
    "swebench_sweagent_traj",
    "tau2",
    "taubench_v1",
    "webarena_infinity",
    "whissle_flow_sim",
    "who_and_when",
)
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "crates" + ".io", "debian" + ".org", "rubygems" + ".org")


def documents(name: str) -> list[Path]:
    """What a run over the samples of a pack is given."""
    folder = SAMPLES / name
    lines = sorted(folder.glob("*.json*"))
    return lines or [folder]


def test_every_pack_has_a_spec() -> None:
    assert tuple(sorted(path.stem for path in SPECS.glob("*.stepview"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_compiles_without_a_word(name: str, compiled: Callable[[Path], Compiled]) -> None:
    found = compiled(SPECS / f"{name}.stepview")
    assert [(one.code, one.span.line, one.message) for one in found.diagnostics] == []
    assert found.program.source.name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_short_and_formatted(name: str) -> None:
    text = (SPECS / f"{name}.stepview").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    assert format_text(text) == text


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold(name: str, compiled: Callable[[Path], Compiled]) -> None:
    program, _, module = compiled(SPECS / f"{name}.stepview")
    results = run_examples(program, module, SPECS)
    assert len(results) >= 2
    for result in results:
        assert result.holds, f"{result.example.title}: {result.problem or result.rows}"


@pytest.mark.parametrize("name", NAMES)
def test_every_record_of_the_samples_is_accounted_for(name: str, compiled: Callable[[Path], Compiled]) -> None:
    _, _, module = compiled(SPECS / f"{name}.stepview")
    ran = run(module, documents(name))
    kept = list(ran)
    account = ran.account
    assert kept
    assert account.adds_up
    assert account.kept == len(kept)
    assert account.account.unknown == 0
    assert account.account.silent == 0
    assert account.defects == []
    assert len({one.id for one in kept}) == len(kept)
    assert all(one.group for one in kept)


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_small_and_say_where_they_come_from(name: str) -> None:
    files = [path for path in (SAMPLES / name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000
    readme = (SAMPLES / name / "README.md").read_text(encoding="utf-8")
    assert "Origin:" in readme
    assert "Licence:" in readme
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        assert not [word for word in REGISTRIES if word in text], path


def test_samples_hold_failed_and_succeeded_runs(compiled: Callable[[Path], Compiled]) -> None:
    for name in NAMES:
        _, _, module = compiled(SPECS / f"{name}.stepview")
        labels = {one.labels["failed"] for one in run(module, documents(name))}
        assert labels >= ({True} if name == "who_and_when" else {True, False}), name


def test_container_samples_keep_their_head_fields() -> None:
    for path in sorted((SAMPLES / "tau2").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        assert "info" in document or "domain" in document
