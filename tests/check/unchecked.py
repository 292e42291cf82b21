"""A compiler without the rules of information flow: what those rules keep out must come out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from check.small import text

from stepc import ir
from stepc.check import flow, roots
from stepc.check.patterns import Coverage
from stepc.emit.project import compile_program
from stepc.front import check_text
from stepc.project import Project
from stepc.runtime.run import AdapterModule, run
from stepc.verify.laws import encoded
from stepc.verify.load import from_text
from stepc.verify.runner import Verifier
from stepc.verify.schemas import step_schema

OPEN = ("_document", "_file", "_position", "_edge", "_banner", "from_side")
"""What begins a path outside the event. Asked as `outcome`, each gives its value."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A spec that the checker refuses with `code`, and two runs that differ only in what its steps must not know.

    parts    of the spec, see `check.small`
    runs     two packs of files by path; the first is the sample for the laws
    law      the law that breaks; empty where none disturbs such a place
    wall     what the emitter says when it is asked to compile it unchecked: the rule is not the only thing in the way
    blocked  the unchecked adapter compiles and still gives the same steps: the run time has no such value
    """

    code: str
    parts: Mapping[str, str]
    runs: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    law: str = ""
    wall: str = ""
    blocked: bool = False


@contextmanager
def no_flow_rules() -> Iterator[None]:
    """The checker with every rule of information flow switched off, and with all its other rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "check", lambda *_: None)
        patch.setattr(roots, "_closed", lambda *_: None)
        for name in OPEN:
            patch.setattr(roots, name, _open(getattr(roots, name)))
        patch.setattr(Coverage, "_kind", _any_kind)
        yield


def _open(rule: Any) -> Any:
    return lambda here, written, base: rule(replace(here, context="outcome"), written, base)


def _any_kind(self: Coverage, here: Any, pattern: Any, value: Any) -> ir.ConstantPattern:
    self.kinds.add(str(value))
    return ir.ConstantPattern(str(value))


def refused(leak: Leak) -> list[str]:
    """The codes of the errors that the checker reports."""
    found = check_text(text(**leak.parts), file="demo.stepview").diagnostics
    return sorted({one.code for one in found if one.severity == "error"})


def compiled(leak: Leak) -> tuple[ir.Program, AdapterModule]:
    """The leak's program and adapter, from the compiler without the rules."""
    with no_flow_rules():
        checked = check_text(text(**leak.parts), file="demo.stepview")
    assert checked.program is not None, checked.diagnostics
    output = compile_program(checked.program, Project(Path("/")))
    return checked.program, from_text("demo", output.text, "<demo>")


def pack(folder: Path, files: Mapping[str, Any]) -> Path:
    """Write files into a folder: texts as they are, everything else as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content) + "\n")
    return folder


def steps(module: AdapterModule, folder: Path) -> list[bytes]:
    """All steps of all episodes of a pack."""
    form = {"text": "*.log", "json": "*.json", "jsonl": "*.jsonl"}[module.SOURCE.format]
    ran = run(module, sorted(folder.glob(form)), root=folder)
    return [encoded(step) for episode in ran for step in episode.steps]


def broken_laws(program: ir.Program, module: AdapterModule, folder: Path) -> list[str]:
    """The laws of blindness that break on a pack."""
    verifier = Verifier(program, module, step_schema(program, 4_000), examples=100)
    report = verifier.verify([folder], only=("sealed text",) if program.source.format == "text" else ("blind",))
    assert report.episodes
    return [result.broken.law for result in report.results if result.broken is not None]
