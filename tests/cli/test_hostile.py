"""Specs, folders and calls as a new or a careless user brings them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import Call

SPEC = """\
stepview 1

source small {
  format jsonl
  episode .
  event .turns[]
}

meta {
  id: str = .id
}

outcome {
  failed: bool? = .score < 1.0
}

step Said {
  text: str
}

match .role {
  "user" => emit Said {
    text = .text else skip
  }
  otherwise => unknown
}
"""


def test_a_starter_makes_the_folder_that_the_project_names(call: Call) -> None:
    Path("stepc.toml").write_text('[project]\nspecs = ["made/*.stepview", "mine"]\n')
    assert call("new", "shop").code == 0
    assert Path("mine/shop.stepview").is_file()


@pytest.mark.parametrize("name", ["if", "otherwise", "class", "import"])
def test_words_of_the_languages_name_no_source(call: Call, name: str) -> None:
    assert call("new", name).code == 2
    assert not list(Path().iterdir())


@pytest.mark.parametrize("verb", [["check"], ["fmt", "--check"], ["compile"], ["test"]])
def test_a_folder_without_specs_is_told(call: Call, verb: list[str]) -> None:
    Path("empty").mkdir()
    shown = call(*verb, "empty")
    assert shown.code == 2
    assert "no specs in empty" in shown.err


def test_line_ends_of_windows(call: Call) -> None:
    Path("small.stepview").write_bytes(SPEC.replace("text = .text else skip", "text = .text").replace("\n", "\r\n").encode())
    shown = call("check", "small.stepview")
    assert shown.code == 2
    assert "fix 1: text = .text else skip  " in shown.out
    assert "\\x0d" not in shown.out
    Path("small.stepview").write_bytes(SPEC.replace("\n", "\r\n").encode())
    assert call("check", "small.stepview").code == 0
    assert call("fmt", "--check", "small.stepview").code == 0
    assert call("compile", "small.stepview").code == 0


@pytest.mark.parametrize("data", [SPEC.encode("utf-16"), SPEC.encode() + b"// caf\xe9\n", SPEC.replace("\n", "\r").encode()])
def test_a_spec_that_is_no_text_has_one_diagnostic(call: Call, data: bytes) -> None:
    Path("small.stepview").write_bytes(data)
    shown = call("check", "small.stepview")
    assert shown.code == 2
    assert shown.out.count("error[") == shown.out.count("error[SV100]") == 1
    assert "help: save" in shown.out


FILED = SPEC.replace("id: str = .id", "id: str = file.stem")
RUNS = json.dumps({"id": "a", "score": 1, "turns": [{"role": "user", "text": "hello"}]}) + "\n"


@pytest.fixture
def small(call: Call) -> Path:
    """A spec and a trace in an empty folder."""
    Path("small.stepview").write_text(SPEC)
    Path("runs.jsonl").write_text(RUNS)
    return Path.cwd()


def piped(*arguments: str, folder: Path, given: str = "", closed: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A call in a process of its own, with some of the standard streams closed."""

    def close() -> None:
        for number in closed:
            os.close(number)

    command = [sys.executable, "-m", "stepc", *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=60, check=False, preexec_fn=close)


@pytest.mark.parametrize(("closed", "code"), [((0,), 0), ((1,), 3), ((2,), 0), ((0, 1, 2), 3)])
def test_closed_standard_streams(small: Path, closed: tuple[int, ...], code: int) -> None:
    done = piped("run", "small", "runs.jsonl", folder=small, closed=closed)
    assert done.returncode == code
    assert "SV900" not in done.stderr
    assert "Exception" not in done.stderr
    assert ('"text":"hello"' in done.stdout) == (1 not in closed)


def test_standard_input_needs_a_name_where_ids_are_names_of_files(small: Path) -> None:
    assert '"episode":"a"' in piped("run", "small", "-", folder=small, given=RUNS).stdout
    (small / "small.stepview").write_text(FILED)
    nameless = piped("run", "small", "-", folder=small, given=RUNS)
    assert nameless.returncode == 2
    assert "--id" in nameless.stderr
    assert '"episode":"monday"' in piped("run", "small", "-", "--id", "logs/monday.jsonl", folder=small, given=RUNS).stdout


@pytest.mark.parametrize("output", ["", "steps.csv", "steps.json", "taken"])
def test_an_output_that_is_no_place_for_steps(call: Call, small: Path, output: str) -> None:
    (small / "taken").write_text("mine")
    before = sorted(small.iterdir())
    assert call("run", "small", "runs.jsonl", "-o", output).code == 2
    assert sorted(small.iterdir()) == before
    assert (small / "taken").read_text() == "mine"


def test_verify_with_samples_that_say_nothing_is_no_success(call: Call, small: Path) -> None:
    (small / "none").mkdir()
    (small / "none" / "runs.jsonl").write_bytes(b"\xff\x00")
    shown = call("verify", "small", "none", "--examples", "1")
    assert shown.code == 3
    assert "no sample document was read" in shown.err


def test_verify_leaves_nothing_behind(call: Call, small: Path) -> None:
    before = sorted(small.iterdir())
    assert call("verify", "small", "runs.jsonl", "--examples", "2").code == 0
    assert sorted(small.iterdir()) == before
