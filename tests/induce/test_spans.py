"""Spans of models and tools: who says what, and what of it was told before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stepc.induce.rules import Candidate, Options, induce

Json = Any
RUNS = range(4)


def _span(run: int, number: int, name: str, pairs: dict[str, str]) -> Json:
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in pairs.items()]
    head = {"traceId": f"{run:032x}", "spanId": f"{number:016x}", "parentSpanId": "f" * 16, "name": name}
    return {**head, "startTimeUnixNano": str(1714557600000000000 + number), "attributes": attributes, "status": {}}


def _induced(folder: Path, runs: Sequence[Sequence[Json]]) -> Candidate:
    lines = [json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}) for spans in runs]
    (folder / "spans.jsonl").write_text("\n".join(lines) + "\n")
    return induce([folder], Options(name="spans"))


def _said(role: str, text: str) -> Json:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _conversation(run: int) -> list[Json]:
    """Messages as they follow each other: asked, looked up, answered, asked again, answered."""
    call = {"type": "tool_call", "id": f"c{run}", "name": "find_order", "arguments": {"number": run}}
    return [
        _said("user", f"Where is my order {run}?"),
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "I have to look."}, call]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": f"c{run}", "response": f"parcel {run} left Oslo"}]},
        _said("assistant", "It left Oslo."),
        _said("user", f"And when will it be here, number {run}?"),
        _said("assistant", "On Monday."),
    ]


def _chat(run: int, number: int, given: Sequence[Json], answer: Json) -> Json:
    pairs = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps(given), "gen_ai.output.messages": json.dumps([answer])}
    return _span(run, number, "chat m-1", pairs)


def _chats(run: int) -> list[Json]:
    said = _conversation(run)
    return [_chat(run, at, said[:at], said[at]) for at in (1, 3, 5)]


def test_a_conversation_in_attributes_is_told_once(tmp_path: Path) -> None:
    found = _induced(tmp_path, [_chats(run) for run in RUNS])
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 4 * n, "Thought": n, "ToolCall": n, "ToolResult": n}
    assert found.assessment.account is not None
    assert found.assessment.account.account.pairs["calls"].answered == n
    assert "text = .name" not in found.spec_text
    assert any('json(kv(.attributes)["gen_ai.input.messages"])' in doubt for doubt in found.doubts)


def test_calls_that_tools_tell_are_not_told_by_the_model_too(tmp_path: Path) -> None:
    runs = []
    for run in RUNS:
        pairs = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "find_order",
            "gen_ai.tool.call.id": f"c{run}",
            "gen_ai.tool.call.arguments": json.dumps({"number": run}),
            "gen_ai.tool.call.result": f"parcel {run} left Oslo",
        }
        first, *others = _chats(run)
        runs.append([first, _span(run, 2, "execute_tool find_order", pairs), *others])
    n = len(RUNS)
    assert _induced(tmp_path, runs).assessment.steps == {"Said": 4 * n, "Thought": n, "ToolCall": n, "ToolResult": n}


def test_what_a_model_was_given_is_left_alone_where_it_does_not_go_on(tmp_path: Path) -> None:
    runs = []
    for run in RUNS:
        first, second, third = _conversation(run)[0], _said("user", "Sum it up."), _said("user", f"Translate it, number {run}.")
        runs.append([_chat(run, at, [message], _said("assistant", f"Done, {at}.")) for at, message in enumerate((first, second, third))])
    found = _induced(tmp_path, runs)
    assert found.assessment.steps == {"Said": 3 * len(RUNS)}
    assert any("gen_ai.input.messages" in doubt and "not read" in doubt for doubt in found.doubts)


def test_the_name_of_a_span_is_nothing_that_was_said(tmp_path: Path) -> None:
    done = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "ls", "gen_ai.tool.call.arguments": "{}"}
    chat = {"gen_ai.operation.name": "chat"}
    runs = [[_span(run, 1, f"chat model {run}", chat), _span(run, 2, "execute_tool ls", done)] for run in RUNS]
    assert "Said" not in _induced(tmp_path, runs).assessment.steps


def _numbered(run: int, turns: int, answer: str) -> dict[str, str]:
    """What a model was given and what it answered, message by message, as some instrumentations write it."""
    pairs = {"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": answer}
    for number in range(turns):
        role = ("user", "assistant", "tool")[number % 3]
        pairs |= {f"gen_ai.prompt.{number}.role": role, f"gen_ai.prompt.{number}.content": f"{role} {run} {number}"}
    return pairs


def test_keys_with_numbers_are_no_kinds_of_events(tmp_path: Path) -> None:
    runs = []
    for run in RUNS:
        spans: list[Json] = []
        for turn in range(1, 4):
            spans.append(_span(run, 2 * turn, "m.chat", {"llm.request.type": "chat", **_numbered(run, 3 * turn, f"I look, {turn}.")}))
            done = {"traceloop.span.kind": "tool", "tool.name": "find_customer", "tool.input": '{"n": 1}', "tool.output": f"row {turn}"}
            spans.append(_span(run, 2 * turn + 1, "find_customer.tool", done))
        runs.append(spans)
    found = _induced(tmp_path, runs)
    n = 3 * len(RUNS)
    assert found.assessment.steps == {"Said": n, "ToolCall": n, "ToolResult": n}
    assert '["gen_ai.prompt' not in found.spec_text
    assert 'match kv(.attributes)["llm.request.type"]' in found.spec_text
    assert 'absent when kv(.attributes)["traceloop.span.kind"] == "tool"' in found.spec_text
    assert any(doubt.startswith('"gen_ai.prompt.0.content" and ') for doubt in found.doubts)


def test_attributes_that_are_an_object_already_are_read_in_the_same_way(tmp_path: Path) -> None:
    spans = [span for run in RUNS for span in _chats(run)]
    for span in spans:
        span["attributes"] = {entry["key"]: entry["value"]["stringValue"] for entry in span["attributes"]}
    (tmp_path / "spans.jsonl").write_text("".join(json.dumps(span) + "\n" for span in spans))
    found = induce([tmp_path], Options(name="spans"))
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 4 * n, "Thought": n, "ToolCall": n, "ToolResult": n}
    assert 'match kv(.attributes)["gen_ai.operation.name"]' in found.spec_text
