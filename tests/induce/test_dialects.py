"""Dialects of formats in use: what their makers leave out, name otherwise, or tell twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stepc.induce import words
from stepc.induce.rules import Candidate, Options, induce

Json = Any
RUNS = range(5)


def _documents(folder: Path, documents: Sequence[Json]) -> Candidate:
    for number, document in enumerate(documents):
        (folder / f"run_{number}.json").write_text(json.dumps(document))
    return induce([folder], Options(name="dialect"))


def _lines(folder: Path, rows: Sequence[Json]) -> Candidate:
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return induce([folder], Options(name="dialect"))


def test_events_without_the_key_that_tells_kinds_are_known_by_another(tmp_path: Path) -> None:
    documents = []
    for run in RUNS:
        items = [
            {"role": "user", "content": f"Where is order {run}?"},
            {"type": "function_call", "call_id": f"c{run}", "name": "find_order", "arguments": json.dumps({"n": run})},
            {"type": "function_call_output", "call_id": f"c{run}", "output": "on its way"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is on its way."}]},
        ]
        documents.append({"run_id": f"r{run}", "items": items})
    found = _documents(tmp_path, documents)
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 2 * n, "ToolCall": n, "ToolResult": n}
    assert 'absent when .role == "user"' in found.spec_text
    assert found.assessment.account is not None
    assert found.assessment.account.account.unknown == 0


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("tool-get_customer", "tool"),
        ("tool-make_plan", "tool"),
        ("get_customer.tool", "tool"),
        ("tool-call", "call"),
        ("tool-result", "result"),
        ("tool.started", "call"),
        ("tool.completed", "result"),
        ("customer", "user"),
    ],
)
def test_the_name_of_a_tool_says_nothing_of_the_kind(value: str, kind: str) -> None:
    assert words.kind(value) == kind


@pytest.mark.parametrize(
    ("key", "counts"), [("llm.input_messages.0.message.role", True), ("prompt_7_role", True), ("role", False), ("gpt4", False)]
)
def test_keys_that_count(key: str, counts: bool) -> None:
    assert words.numbered(key) is counts
