"""Events nested deeper than any stack: mutations stay within the harness's own, so depth has tests of its own."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from verify.test_laws_can_fail import ROOT

from stepc.runtime.run import run
from stepc.verify.laws import encoded

NAMES = sorted(path.stem for path in (ROOT / "specs").glob("*.stepview"))
KEYS = ("content", "text", "arguments", "function", "tool_calls", "response", "action", "observation", "args", "history", "kind")


def nested(depth: int, lists: bool) -> Any:
    """A value of so many levels."""
    value: Any = None
    for _ in range(depth):
        value = [value] if lists else {"a": value}
    return value


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_takes_any_depth(name: str) -> None:
    adapter = importlib.import_module(f"stepc_adapters.{name}").Adapter({"tool": "bash"}, None)
    pushed = 0
    for lists in (False, True):
        deep = nested(20_000, lists)
        calls = [{"id": "1", "name": "f", "arguments": deep, "function": {"name": "f", "arguments": deep}}]
        for role in ("assistant", "tool", "user"):
            for key in KEYS:
                for step in adapter.push({"role": role, "tool_calls": calls, key: deep}):
                    encoded(step)
                pushed += 1
        adapter.push(deep)
        pushed += 1
    adapter.close()
    assert adapter.account.events == pushed


@pytest.mark.parametrize("name", ["tau2", "taubench_v1"])
def test_a_reader_takes_any_depth(name: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_bytes(b'{"simulations": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")
    running = run(importlib.import_module(f"stepc_adapters.{name}"), [path])
    assert list(running) == []
    assert running.account.adds_up
    assert [defect.kind for defect in running.account.defects]
