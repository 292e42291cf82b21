"""The shipped specs compiled in memory, and their samples as sets of traces that tests change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stepc.drift.compare import compare
from stepc.drift.gather import gather
from stepc.drift.report import Finding, Report, Thresholds
from stepc.emit.render import render
from stepc.front import check_text, read_spec
from stepc.ir import Program
from stepc.runtime.run import AdapterModule
from stepc.verify.load import from_text

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "specs" / "samples"


@cache
def shipped(name: str) -> tuple[Program, AdapterModule]:
    program = read_spec(PROJECT / "specs" / f"{name}.stepview", project=PROJECT).program
    assert program is not None
    return program, from_text(name, render(program).text, f"<{name}>")


def written(text: str) -> tuple[Program, AdapterModule]:
    """A spec that a test writes."""
    checked = check_text(text, file="specs/test.stepview")
    assert checked.program is not None, checked.diagnostics
    return checked.program, from_text(checked.program.source.name, render(checked.program).text, "<test>")


def report(spec: tuple[Program, AdapterModule], old: Path, new: Path, **limits: Any) -> Report:
    program, module = spec
    return compare(program, gather(program, module, [str(old)]), gather(program, module, [str(new)]), Thresholds(**limits))


def drift(found: Report) -> dict[str, list[Finding]]:
    """The findings that fail, by kind."""
    kinds: dict[str, list[Finding]] = {}
    for finding in found.findings:
        if finding.level == "drift":
            kinds.setdefault(finding.kind, []).append(finding)
    return kinds


Change = Callable[[Any], None]


@pytest.fixture
def planted(tmp_path: Path) -> Callable[[str, Change], tuple[Path, Path]]:
    """`planted("tau2", change)`: the samples of a source, and a copy in which `change` was made to every document."""

    def plant(name: str, change: Change) -> tuple[Path, Path]:
        old, new = SAMPLES / name, tmp_path / "new"
        shutil.copytree(old, new)
        for path in sorted(new.rglob("*.json*")):
            many = path.suffix == ".jsonl"
            documents = [json.loads(line) for line in (path.read_text().splitlines() if many else [path.read_text()])]
            for document in documents:
                change(document)
            path.write_text("\n".join(json.dumps(document) for document in documents))
        return old, new

    return plant
