"""The wheel works outside the checkout, and holds everything that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked, and nothing else."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    unpacked = out / "unpacked"
    with zipfile.ZipFile(built) as archive:
        archive.extractall(unpacked)
    return unpacked


def call(wheel: Path, where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command from the unpacked wheel alone: the interpreter takes no paths from the editable install."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    start = (
        "import sys, os; sys.path[:] = [p for p in sys.path if p not in ('', os.getcwd())];"
        f"sys.path[:0] = [{str(wheel)!r}]; sys.path.append({site!r});"
        "import stepc; assert stepc.__file__.startswith(sys.path[0]), stepc.__file__;"
        "sys.argv = ['stepc', *sys.argv[1:]]; from stepc.cli import main; main()"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(where), "LANG": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-S", "-c", start, *arguments], cwd=where, env=environment, capture_output=True, text=True, timeout=120
    )


def test_contents(wheel: Path) -> None:
    assert (wheel / "stepc" / "py.typed").is_file()
    assert list((wheel / "stepc" / "diagnostics" / "pages").glob("SV*.md"))
    assert list((wheel / "stepc" / "check" / "vocabulary").glob("*.stepview"))
    assert list((wheel / "stepc" / "emit" / "templates").glob("*.j2"))
    assert (wheel / "stepc" / "induce" / "page.md").is_file()
    assert (wheel / "stepc" / "syntax" / "plain.lark").is_file()
    assert (wheel / "stepc" / "review" / "page.html").is_file()
    assert (wheel / "stepc_adapters" / "__init__.py").is_file()
    assert not list(wheel.rglob("test_*.py"))


def test_the_main_job_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    assert call(wheel, tmp_path, "--version").stdout.startswith("stepc ")
    made = call(wheel, tmp_path, "new", "first")
    assert made.returncode == 0, made.stderr
    checked = call(wheel, tmp_path, "check", "first.stepview")
    assert checked.returncode == 0, checked.stderr
    (tmp_path / "one.json").write_text('{"runs": [{"id": "a", "messages": [{"role": "user", "content": "hello"}], "reward": 1}]}')
    ran = call(wheel, tmp_path, "run", "first.stepview", "one.json")
    assert ran.returncode == 0, ran.stderr
    assert '"text":"hello"' in ran.stdout
    explained = call(wheel, tmp_path, "explain", "SV203")
    assert explained.returncode == 0, explained.stderr


def test_adapters_import_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    names = sorted(path.stem for path in (wheel / "stepc_adapters").glob("*.py") if path.stem != "__init__")
    site = next(path for path in sys.path if path.endswith("site-packages"))
    start = f"import sys; sys.path[:0] = [{str(wheel)!r}]; sys.path.append({site!r})\n"
    start += (
        "".join(f"import stepc_adapters.{name}\n" for name in names)
        + "assert not [n for n in sys.modules if n in ('lark', 'libcst', 'click')]"
    )
    done = subprocess.run([sys.executable, "-S", "-c", start], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert names
