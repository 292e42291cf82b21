"""Specs, folders and calls as a new or a careless user brings them."""

from __future__ import annotations

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
