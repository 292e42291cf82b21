"""Dialects of formats in use: what their makers leave out, name otherwise, or tell twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stepc.induce import words
from stepc.induce.rules import Candidate, Options, induce
from stepc.induce.writing import within

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
        ("summary", "noise"),
        ("Trial summary", None),
    ],
)
def test_what_words_say_and_what_they_do_not(value: str, kind: str) -> None:
    assert words.kind(value) == kind


@pytest.mark.parametrize(
    ("key", "counts"), [("llm.input_messages.0.message.role", True), ("prompt_7_role", True), ("role", False), ("gpt4", False)]
)
def test_keys_that_count(key: str, counts: bool) -> None:
    assert words.numbered(key) is counts


def _session(run: int) -> list[Json]:
    """A conversation with two calls."""
    said: list[Json] = [{"role": "user", "content": f"Where is order {run}?"}]
    for turn in range(2):
        call = {"id": f"c{run}{turn}", "function": {"name": "find_order", "arguments": json.dumps({"n": run})}}
        said.append({"role": "assistant", "content": f"I look, {turn}.", "tool_calls": [call]})
        said.append({"role": "tool", "tool_call_id": f"c{run}{turn}", "content": "on its way"})
    return said


def test_requests_that_tell_the_conversation_so_far_are_doubted_first(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        said = _session(run)
        rows += [{"session_id": f"s{run}", "request": {"messages": said[:end]}, "response": {"id": f"{run}.{end}"}} for end in (1, 3, 5)]
    found = _lines(tmp_path, rows)
    assert found.doubts[0].startswith("10 of 15 runs are the beginning of another")
    assert "`episode by .session_id`" in found.doubts[0]


def test_runs_of_one_task_are_no_beginnings_of_each_other(tmp_path: Path) -> None:
    rows = [{"run_id": f"r{run}", "messages": [_session(0)[0], *_session(run)[1 : 2 + 2 * (run % 2)]]} for run in RUNS]
    assert "beginning" not in _lines(tmp_path, rows).doubts[0]


def test_kinds_that_say_the_same_are_doubted(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        for number, (who, kind) in enumerate((("user", "input_text"), ("assistant", "output_text"))):
            text = f"What {who} says in run {run}, number {number}."
            head = {"session": f"s{run}"}
            rows.append({**head, "kind": "message", "role": who, "content": [{"type": kind, "text": text}]})
            rows.append({**head, "kind": f"{who}_message", "text": text})
        rows.append({"session": f"s{run}", "kind": "call", "name": "ls", "arguments": {"n": run}, "id": f"c{run}"})
    found = _lines(tmp_path, rows)
    twice = [doubt for doubt in found.doubts if "say the same" in doubt]
    assert [doubt.split(" say ")[0] for doubt in twice] == [
        'events of kind "assistant_message" and "message"',
        'events of kind "user_message" and "message"',
    ]


def test_a_draft_that_says_nothing_of_most_events_says_so_first(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        rows.append({"thread_id": f"t{run}", "answers": [{"tool_call_id": f"c{run}", "content": "on its way"}]})
        rows += [{"thread_id": f"t{run}", "beat": beat} for beat in range(3)]
    found = _lines(tmp_path, rows)
    assert found.doubts[0] == "15 of 20 events fit an arm and make no step"


def test_tools_named_by_the_type_of_a_part(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        parts: list[Json] = [{"type": "step-start"}]
        for name in ("get_customer", "make_plan", "send_email"):
            part = {"type": f"tool-{name}", "toolCallId": f"{name}{run}", "input": {"n": run}}
            done = {"state": "output-available", "output": {"rows": run}}
            parts.append({**part, **(done if run % 2 or name == "make_plan" else {"state": "output-error", "errorText": "404 not found"})})
        other = {"type": "dynamic-tool", "toolName": "search", "toolCallId": f"d{run}", "state": "output-available"}
        parts += [{**other, "input": {"q": run}, "output": "nothing"}, {"type": "text", "text": f"Done, number {run}."}]
        asked = {"role": "user", "parts": [{"type": "text", "text": f"Cancel order {run}."}]}
        rows.append({"chatId": f"chat{run}", "messages": [asked, {"role": "assistant", "parts": parts}]})
    found = _lines(tmp_path, rows)
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 2 * n, "ToolCall": 4 * n, "ToolResult": 4 * n}
    assert 'tool = after(part.type, "tool-") else skip' in found.spec_text
    assert "error = present part.errorText" in found.spec_text
    assert 'text = part.errorText else text_of(part.output) else ""' in found.spec_text


def test_what_an_author_is_called_does_not_say_what_he_says(tmp_path: Path) -> None:
    names = ("research_plan_agent", "score_review_agent", "customer_service_agent")
    rows = []
    for run in RUNS:
        said = [{"author": "user", "text": f"Plan a trip, number {run}."}]
        said += [{"author": name, "text": f"This is what {name} found in run {run}."} for name in names]
        rows.append({"id": f"r{run}", "events": said})
    found = _lines(tmp_path, rows)
    assert found.assessment.steps == {"Said": 4 * len(RUNS)}
    assert '"customer_service_agent", "research_plan_agent", "score_review_agent" => emit Said' in found.spec_text
    assert '"user" => emit Said' in found.spec_text


def test_the_heading_of_a_session_is_nothing_said_and_names_no_run(tmp_path: Path) -> None:
    for run in RUNS:
        session = {"sessionId": f"s{run}", "cwd": "/home"}
        use = {"type": "tool_use", "id": f"t{run}", "name": "Bash", "input": {"command": f"ls {run}"}}
        back = {"type": "tool_result", "tool_use_id": f"t{run}", "content": f"file{run}", "is_error": False}
        rows: list[Json] = [
            {"type": "summary", "summary": f"Looks at files, {run}", "leafUuid": f"l{run}"},
            {"type": "user", "uuid": f"{run}a", **session, "message": {"role": "user", "content": f"What is in {run}?"}},
            {"type": "assistant", "uuid": f"{run}b", **session, "message": {"role": "assistant", "content": [use]}},
            {"type": "user", "uuid": f"{run}c", **session, "message": {"role": "user", "content": [back]}},
            {"type": "assistant", "uuid": f"{run}d", **session, "message": {"content": [{"type": "text", "text": f"A file, {run}."}]}},
        ]
        (tmp_path / f"{run}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = induce([tmp_path], Options(name="dialect"))
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 2 * n, "ToolCall": n, "ToolResult": n}
    assert "id: str = first.user.sessionId" in found.spec_text


def test_messages_under_the_names_of_nodes(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        call = {"name": "find_order", "args": {"n": run}, "id": f"c{run}"}
        updates = [
            ("__start__", {"type": "human", "content": f"Where is order {run}?"}),
            ("agent", {"type": "ai", "content": "", "tool_calls": [call]}),
            ("tools", {"type": "tool", "content": "on its way", "tool_call_id": f"c{run}", "status": "success" if run % 2 else "error"}),
            ("agent", {"type": "ai", "content": "It is on its way.", "tool_calls": []}),
        ]
        rows += [{"thread_id": f"t{run}", "update": {node: {"messages": [message]}}} for node, message in updates]
    found = _lines(tmp_path, rows)
    n = len(RUNS)
    assert found.assessment.steps == {"Said": 2 * n, "ToolCall": n, "ToolResult": n}
    assert found.assessment.clean
    assert found.assessment.account is not None
    assert found.assessment.account.account.pairs["calls"].answered == n
    assert "each message in only_value(.update).messages[]? {" in found.spec_text


def test_statements_about_an_event_become_statements_about_an_object_in_it() -> None:
    lines = ["let said = text_of(.content)", "emit Said when nonempty said {", 'text = said else ".x"', "}"]
    first = within(lines, "message", 'message.type == "ai"')
    assert first == ["let said = text_of(message.content)", *first[1:]]
    assert first[1] == 'emit Said when message.type == "ai" and nonempty said {'
    assert first[2] == 'text = said else ".x"'
    again = within([*lines, "emit ToolCall {", "args = .", "}"], "message", 'message.type == "tool"', taken=first)
    assert again[:2] == ["let said_2 = text_of(message.content)", 'emit Said when message.type == "tool" and nonempty said_2 {']
    assert again[4:6] == ['emit ToolCall when message.type == "tool" {', "args = message"]


def test_a_draft_that_leaves_out_most_of_what_happened_says_so_first(tmp_path: Path) -> None:
    rows = []
    for run in RUNS:
        said = {"user_message": f"Please go to {run}.", "agent_reply": f"I have been at {run}."}
        rows.append({"id": f"r{run}", "log": [said, *({"tick": at} for at in range(3))]})
    found = _lines(tmp_path, rows)
    assert found.doubts[0].startswith("15 of 20 events are unknown")
