"""`stepc monitor automaton` over a spec's monitor: the known machine, in every form, and clear words where it cannot be had."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import synthetic
import synthetic_project
from automata.escalation import MACHINE
from cli.conftest import Call, call

__all__ = ["call"]

# Of the forms of `synthetic`, three that stand for the letters of the machine.
LETTERS = {0: 2, 1: 3, 2: 4}


def runs(count: int, seed: int = 0) -> list[synthetic.SyntheticRun]:
    """Runs of the machine of `escalation`, rendered as edits that go well, edits that fail, and checks."""
    import random

    made = synthetic.runs(MACHINE, count, seed=seed)
    for run in made:
        draw = random.Random(run.id)
        run.events[:] = [synthetic.rendered(LETTERS[letter], place, draw, length=2) for place, letter in enumerate(run.latent)]
    return made


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return synthetic_project.project(tmp_path, {"runs.json": runs(1200)})


def test_the_machine_of_a_specs_monitor(call: Call, here: Path) -> None:
    told = call("monitor", "automaton", "shop.stepview", "runs.json", "--symbols", "typed", "--resamples", "2", "-o", "out")
    assert told.code == 0, told.err
    assert "5 states reach an AUPRC of" in told.out
    assert "wrote out/shop_watch_automaton.{dot, json, md, mmd, py, svg}" in told.err
    values = json.loads((here / "out" / "shop_watch_automaton.json").read_text())
    assert len(values["machine"]["edges"]) == 5
    assert {path.suffix for path in (here / "out").iterdir()} == {".json", ".dot", ".svg", ".mmd", ".md", ".py"}
    first = {path.name: path.read_bytes() for path in (here / "out").iterdir()}
    assert (
        call("monitor", "automaton", "shop.stepview:shop_watch", "runs.json", "--symbols", "typed", "--resamples", "2", "-o", "again").code
        == 0
    )
    assert {path.name: path.read_bytes() for path in (here / "again").iterdir()} == first


@pytest.mark.parametrize("form", ["json", "markdown", "dot", "mermaid"])
def test_forms_for_programs_and_pages(call: Call, here: Path, form: str) -> None:
    told = call("monitor", "automaton", "shop.stepview", "runs.json", "--resamples", "0", "--format", form)
    assert told.code == 0 and told.err == ""
    assert {"json": '"machine"', "markdown": "## States", "dot": "digraph", "mermaid": "flowchart LR"}[form] in told.out
    if form == "json":
        json.loads(told.out)


@pytest.mark.filterwarnings("error")
def test_names_out_of_traces_are_shown_and_obeyed_by_no_format(call: Call, here: Path) -> None:
    text = json.dumps(synthetic_project.document(runs(200)))
    (here / "odd.json").write_text(text.replace('"edit"', json.dumps('"]<b>\x1b[1m\n模')), encoding="utf-8")
    told = call("monitor", "automaton", "shop.stepview", "odd.json", "--symbols", "typed", "--resamples", "0", "-o", "odd")
    assert told.code == 0, told.err
    for path in (here / "odd").iterdir():
        if path.suffix != ".json":
            assert "\x1b" not in path.read_text(encoding="utf-8"), path.name
    ElementTree.parse(here / "odd" / "shop_watch_automaton.svg")


def test_what_cannot_be_had_is_said(call: Call, here: Path) -> None:
    for arguments, code, words in (
        (["shop.stepview:shop_wach", "runs.json"], 2, "did you mean shop_watch?"),
        (["shop.stepview", "nothing.json"], 3, "there is no file nothing.json"),
        (["shop.stepview", "runs.json", "--symbols", "tree"], 2, "there are no symbols `tree`; there are leaves, typed"),
        (["shop.stepview", "runs.json", "--most-states", "1"], 2, "states from 2 on"),
        (["runs.json", "runs.json"], 3, "no monitor's artefact"),
        (["shop.stepview", "runs.json", "--method", "magic"], 2, "magic"),
    ):
        told = call("monitor", "automaton", *arguments)
        assert (told.code, words in told.err) == (code, True), told.err
    (here / "few.json").write_text(json.dumps(synthetic_project.document(runs(3))), encoding="utf-8")
    told = call("monitor", "automaton", "shop.stepview", "few.json")
    assert told.code == 2 and "more groups of runs are needed" in told.err
    for key, words in (("failed", "3 without `failed`"), ("task", "3 without a group")):
        values = synthetic_project.document(runs(3))
        for run in values["runs"]:
            del run[key]
        (here / "none.json").write_text(json.dumps(values), encoding="utf-8")
        told = call("monitor", "automaton", "shop.stepview", "none.json")
        assert (told.code, words in told.err, "Warning" in told.err) == (3, True, False), told.err


def test_what_a_machine_was_made_from_is_not_unseen(call: Call, tmp_path: Path) -> None:
    new = [replace(run, group=f"new {run.group}") for run in runs(400, seed=1)]
    synthetic_project.project(tmp_path, {"old.json": runs(400), "new.json": new})
    assert call("monitor", "train", "shop.stepview", "old.json", "--scorer", "table", "-o", "shop.monitor").code == 0
    assert call("monitor", "evaluate", "shop.monitor", "new.json", "--unseen", "--format", "json").code == 0
    made = call("monitor", "automaton", "shop.monitor", "new.json", "--symbols", "typed", "--resamples", "0", "-o", "out")
    assert made.code == 0, made.err
    for traces in ("old.json", "new.json"):
        told = call("monitor", "evaluate", "out/shop_watch_automaton.monitor", traces, "--unseen", "--format", "json")
        assert told.code == 2 and "all 400 runs are of groups that training saw" in told.err, told.err
