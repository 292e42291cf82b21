"""Calls of the command, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from stepc.cli.app import run


class Called(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`call("check", "x.stepview")` in an empty folder without colours and without a fixed width."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "STEPC_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def called(*arguments: str) -> Called:
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Called(code, out, err)

    return called


RUN = {
    "id": "a",
    "task": "find the order",
    "reward": 0.0,
    "messages": [
        {"role": "system", "content": "You help customers."},
        {"role": "user", "content": "Where is order 17?"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "name": "find_order", "arguments": {"number": 17}}]},
        {"role": "tool", "id": "c1", "error": True, "content": "no such order"},
        {"role": "assistant", "content": "There is no order 17.", "latency_ms": 412},
    ],
}

EXAMPLE = """
example "an order that is not there" {
  given "traces.json" id "a"
  expect [Said{by: user}, ToolCall{tool: "find_order", args: {number: 17}}, ToolResult{error: true}, ...]
}
"""


@pytest.fixture
def shop(call: Call) -> Path:
    """A folder with the starter spec `shop.stepview`, with an example, and two runs in `traces.json`."""
    assert call("new", "shop").code == 0
    spec = Path("shop.stepview")
    spec.write_text(spec.read_text() + EXAMPLE)
    other = {
        "id": "b",
        "task": "chat",
        "reward": None,
        "messages": [{"role": "user", "content": "hello"}, {"role": "robot", "content": "beep"}],
    }
    Path("traces.json").write_text(json.dumps({"model": "m-1", "runs": [RUN, other]}))
    return spec
