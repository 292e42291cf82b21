"""Dependencies point one way: generated code and monitors stand on the runtime, the runtime on nothing of ours, nothing on the command."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = ROOT / "codegen" / "stepc"

# What each part may import of ours, beside itself. A part that stands nowhere here may import what it likes, except the command.
ALLOWED = {
    "stepc/runtime": (),
    "stepc/syntax": ("stepc.source_text", "stepc.diagnostics"),
    "stepc/diagnostics": ("stepc.source_text", "stepc.terminal"),
    "stepc/check": ("stepc.source_text", "stepc.diagnostics", "stepc.syntax", "stepc.ir"),
    "stepc_adapters": ("stepc.runtime", "stepwatch.live"),
}


def folder(part: str) -> Path:
    return ROOT / ("generated" if part == "stepc_adapters" else "codegen") / part


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Modules of ours that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from stepc import ir` imports the module `stepc.ir`.
            roots = ("stepc", "stepwatch")
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module in roots else [node.module]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] in ("stepc", "stepwatch", "stepc_adapters"))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_it_may(part: str) -> None:
    allowed = (part.replace("/", "."), *ALLOWED[part])
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted(folder(part).rglob("*.py"))
        for line, name in imports(path)
        if not any(within(name, package) for package in allowed)
    ]
    assert wrong == []


def test_nobody_imports_the_command() -> None:
    roots = [ROOT / "codegen", ROOT / "generated", ROOT / "monitors"]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for root in roots
        for path in sorted(root.rglob("*.py"))
        if COMPILER / "cli" not in path.parents and path != COMPILER / "__main__.py"
        for line, name in imports(path)
        if within(name, "stepc.cli")
    ]
    assert wrong == []


def test_the_monitors_know_no_compiler() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((ROOT / "monitors").rglob("*.py"))
        for line, name in imports(path)
        if not within(name, "stepc.runtime") and not within(name, "stepwatch")
    ]
    assert wrong == []


def test_modules_stay_small() -> None:
    written = [path for root in ("codegen", "monitors") for path in (ROOT / root).rglob("*.py") if path.name != "_grammar.py"]
    lengths = sorted(len(path.read_text(encoding="utf-8").split("\n")) for path in written)
    assert lengths[len(lengths) // 2] <= 250
    assert lengths[-1] <= 1000


def test_folders_that_only_hold_packages_are_no_packages() -> None:
    for name in ("grammar", "specs", "codegen", "generated", "monitors", "tests"):
        assert not (ROOT / name / "__init__.py").exists(), name
