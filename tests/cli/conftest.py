"""Calls of the command, in this process."""

from __future__ import annotations

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
