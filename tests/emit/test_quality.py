"""Generated modules are what the formatter, the linter and two strict type checkers would have them be, the same on every machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from emit.programs import render
from emit.test_adapters import small, with_facts
from emit.test_monitors import SPEC

from stepc.emit.project import build, compile_project
from stepc.emit.sourcemap import where
from stepc.front import read_spec
from stepc.project import Project

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.stepview"))
GOLDEN = Path(__file__).with_name("golden") / "sample.py"


def tool(name: str) -> str:
    """A development tool beside the interpreter."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All specs of the repository, compiled, and the hand-made program."""
    root = tmp_path_factory.mktemp("generated")
    result = compile_project(Project(root=ROOT, specs=("specs",), out=str(root), package="adapters_under_test"))
    assert not result.build.broken
    folder = root / "adapters_under_test"
    odd = tmp_path_factory.mktemp("odd")
    (odd / "notes.stepview").write_text(odd_monitor(), encoding="utf-8")
    assert not compile_project(Project(root=odd, specs=(".",), out=str(root), package="adapters_under_test")).build.broken
    (folder / "sample.py").write_text(render(small()).text, encoding="utf-8")
    return folder


def odd_monitor() -> str:
    """A monitor whose texts are longer and stranger than any line."""
    message = " and ".join([r"a \"quoted\" text", "it's", r"é\n", r"\\"] * 9)
    rule = f'rule odd when Note{{kind: "it\'s", text: "{"y" * 200}"}} for 2 => yellow "{"z" * 300}"'
    return (
        SPEC.replace("two errors in a row", message)
        .replace("/// Looks at every note.", r'/// Looks """ at \\ every note, ' + "very long " * 40)
        .replace("  alert red", f'  censored when meta.group == "{"x" * 300}"\n  alert red')
        .replace("  rule errors", f"  {rule}\n  rule errors")
    )


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """A tool's run; its output belongs to the failure."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_formatter_changes_nothing(package: Path) -> None:
    run(tool("ruff"), "format", "--diff", "--config", str(ROOT / "pyproject.toml"), str(package))


def test_the_linter_finds_nothing(package: Path) -> None:
    run(tool("ruff"), "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), str(package))


def test_mypy_finds_nothing(package: Path) -> None:
    run(
        tool("mypy"),
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        str(package.parent / "mypy"),
        *map(str, package.glob("*.py")),
    )


def test_pyright_finds_nothing(package: Path) -> None:
    settings = {"pythonVersion": "3.11", "extraPaths": [str(ROOT / "codegen")], "include": [package.name], "typeCheckingMode": "strict"}
    (package.parent / "pyrightconfig.json").write_text(json.dumps(settings))
    run(tool("basedpyright"), "--pythonpath", sys.executable, "-p", str(package.parent), cwd=package.parent)


PRINT = """
import sys
from pathlib import Path
from stepc.emit.project import build
from stepc.project import Project
made = build(Project(root=Path(sys.argv[1]), specs=("specs",)))
for output in (*made.outputs, *made.monitors):
    sys.stdout.write(output.text + output.map_text)
"""


def test_bytes_depend_on_nothing_but_the_spec(tmp_path: Path) -> None:
    made = build(Project(root=ROOT, specs=("specs",)))
    wanted = "".join(output.text + output.map_text for output in (*made.outputs, *made.monitors))
    path = os.pathsep.join(str(ROOT / part) for part in ("codegen", "generated"))
    changes = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONUTF8": "1", "PYTHONPATH": path}
    assert run(sys.executable, "-c", PRINT, str(ROOT), cwd=tmp_path, **changes).stdout == wanted


def test_a_small_spec_reads_like_this() -> None:
    text = render(small()).text
    if os.environ.get("STEPC_UPDATE"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_lines_lead_back_to_the_spec(spec: Path, package: Path) -> None:
    program = read_spec(spec, project=ROOT).program
    assert program is not None
    path = package / f"{program.source.name}.py"
    arms = {arm.span.line for arm in program.match.arms}
    reached = set()
    for number, _ in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = where(path, number)
        if place is not None and place.spec == program.file:
            assert 1 <= place.line <= len(spec.read_text(encoding="utf-8").splitlines())
            reached.add(place.line)
    assert arms <= reached
    assert where(path, 1) is None
    assert where(package / "nothing.py", 1) is None


def test_facts_make_a_module_too() -> None:
    assert with_facts().Adapter.FACTS[0].name == "tool"
