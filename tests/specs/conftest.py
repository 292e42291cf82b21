"""Specs that are compiled in memory, for the tests of specs and of the language reference."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stepc.diagnostics.model import Diagnostic
from stepc.emit.render import render
from stepc.front import read_spec
from stepc.ir import Program
from stepc.runtime.run import AdapterModule
from stepc.verify.load import from_text

PROJECT = Path(__file__).resolve().parents[2]


def script(name: str) -> Any:
    """A script of `benchmarks/` as a module."""
    full_name = f"benchmark_scripts.{name}"
    found = spec_from_file_location(full_name, PROJECT / "benchmarks" / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    sys.modules[full_name] = module
    found.loader.exec_module(module)
    return module


class Compiled(NamedTuple):
    """A spec, what the checker says about it, and its adapter."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]
    module: AdapterModule


@pytest.fixture(scope="session")
def compiled() -> Callable[[Path], Compiled]:
    """Compiles a spec file; a second call for the same file gives the same module."""
    known: dict[Path, Compiled] = {}

    def compile_spec(path: Path) -> Compiled:
        if path not in known:
            project = PROJECT if path.is_relative_to(PROJECT) else path.parent
            checked = read_spec(path, project=project)
            assert checked.program is not None, [(found.code, found.span.line, found.message) for found in checked.diagnostics]
            module = from_text(checked.program.source.name, render(checked.program).text, f"<{path.name}>")
            known[path] = Compiled(checked.program, checked.diagnostics, module)
        return known[path]

    return compile_spec
