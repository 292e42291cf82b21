"""The command as a whole: help, exit codes, errors that nobody foresaw, and how fast it begins."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.conftest import Call

from stepc.cli.app import VERBS
from stepc.cli.session import EXIT_CODES, Session
from stepc.emit.errors import EmitError
from stepc.source_text import Span

HEAVY = ("lark", "libcst", "jinja2", "pydantic", "re2", "orjson", "msgspec", "pyarrow", "rich", "numpy")


def test_help_names_every_verb_and_every_exit_code(call: Call) -> None:
    shown = call("--help")
    assert shown.code == 0
    for verb in VERBS:
        assert f"  {verb} " in shown.out
    for code, _ in EXIT_CODES:
        assert f"  {code} " in shown.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(call: Call, verb: str) -> None:
    shown = call(verb, "--help")
    assert shown.code == 0
    assert f"stepc {verb}" in shown.out
    command = importlib.import_module(f"stepc.cli.{verb}").command
    assert all(option.help for option in command.params if isinstance(option, click.Option) and not option.hidden)


def test_the_readme_documents_verbs_and_exit_codes() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for verb in VERBS:
        assert f"| `{verb} " in readme
    for code, meaning in EXIT_CODES:
        assert f"| {code} | {meaning} |" in readme


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chek",), "Did you mean 'check'?"),
        (("check", "--colour", "red"), "No such option"),
        (("--color", "blue", "check"), "'blue' is not one of"),
        (("check", "nothing.stepview"), "there is no spec at nothing.stepview"),
        (("check",), "there are no specs"),
    ],
)
def test_wrong_calls_end_with_2_and_a_hint(call: Call, arguments: tuple[str, ...], hint: str) -> None:
    shown = call(*arguments)
    assert shown.code == 2
    assert hint in shown.err


def test_colour_may_stand_behind_the_verb(call: Call) -> None:
    Path("x.stepview").write_text("stepview 1\n")
    assert "\x1b[" in call("check", "x.stepview", "--color", "always").out
    assert "\x1b[" in call("check", "--color=always", "x.stepview").out
    assert "\x1b[" not in call("check", "x.stepview").out


@pytest.mark.parametrize(
    "text", ["", "specs = 1", "[project]\nout = 5", "[project]\npackage = 'no-name'", "[limits]\ntext = 0", "[limits]\nx = 1", "[[["]
)
def test_a_wrong_project_file_is_one_sentence(call: Call, text: str) -> None:
    Path("stepc.toml").write_text(text)
    shown = call("check")
    assert shown.code == 2
    assert shown.err.startswith("error: ")


def test_an_internal_error_is_a_report(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Session) -> None:
        raise RuntimeError("a \x1b[31msecret\x1b[0m of " + "x" * 500)

    monkeypatch.setattr(Session, "project", fail)
    shown = call("check")
    assert shown.code == 4
    assert "error[SV900]" in shown.err
    assert "command: stepc check" in shown.err
    assert "stepc/cli/check.py" in shown.err
    assert "\x1b" not in shown.err
    assert "x" * 300 not in shown.err


def test_an_internal_error_of_the_emitter_names_the_line(call: Call, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise EmitError("no such node", Span(12, 3, 12, 9, 200, 206))

    monkeypatch.setattr("stepc.emit.project.compile_program", fail)
    shown = call("show", "shop", "traces.json")
    assert shown.code == 4
    assert "--> shop.stepview:12:3" in shown.err
    assert "at: shop.stepview:12:3" in shown.err


def test_an_interruption_ends_with_130(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Session) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "project", interrupt)
    assert call("check").code == 130


def test_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "stepc", "explain", "--list"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, cwd=tmp_path, timeout=60, check=False)
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.parametrize(
    "arguments", [["--help"], ["explain", "SV203"], ["fmt", "--help"], ["run", "--help"], ["show", "--help"], ["--version"]]
)
def test_light_calls_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys, io\nfrom stepc.cli.app import run\nsys.stdout = io.StringIO()\n"
        f"run({arguments!r})\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)
    assert not set(HEAVY) & set(done.stderr.split())
