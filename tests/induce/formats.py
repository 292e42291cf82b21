"""Made-up formats of the kinds that are in use, which no spec of this repository reads, each with what a reader would see in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

Json = Any


@dataclass(frozen=True)
class Format:
    """Files, and the least that has to come out of them.

    steps     how many steps of each type one has to find, over all runs
    episodes  how many runs
    answered  how many calls are answered
    outcome   what the likeliest candidate for the outcome is called; empty: there is none
    silent    the share of events that may stay without a step (instructions, headings)
    """

    files: dict[str, str]
    steps: dict[str, int]
    episodes: int
    answered: int
    outcome: str = ""
    silent: float = 0.0

    def write(self, folder: Path) -> Path:
        """Put the files into a folder."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder


TASKS = (
    "Where is order 17?",
    "Cancel my flight to Oslo.",
    "Which film won in 1994?",
    "Fix the failing build.",
    "Book a table for two.",
    "What is 2 + 2?",
)
RUNS = range(len(TASKS))


def _lines(documents: list[Json]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def chat() -> Format:
    """Chat messages of a completion API, one run a line: arguments are JSON in a string, results name their call."""
    runs = []
    for run in RUNS:
        call = {"id": f"call_{run}a", "type": "function", "function": {"name": "lookup", "arguments": json.dumps({"key": run})}}
        runs.append(
            {
                "conversation_id": f"conv-{run:04}",
                "problem_id": f"p{run % 3}",
                "messages": [
                    {"role": "system", "content": "You are a helpful assistant."},
                    {"role": "user", "content": TASKS[run]},
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": f"call_{run}a", "content": "Error: nothing found" if run % 2 else "row 7"},
                    {"role": "assistant", "content": f"Here is what I know about {run}.", "tool_calls": None},
                ],
                "passed": run % 2 == 0,
            }
        )
    n = len(runs)
    return Format({"runs.jsonl": _lines(runs)}, {"Said": 2 * n, "ToolCall": n, "ToolResult": n}, n, n, ".passed", 0.2)


def blocks() -> Format:
    """Messages with content blocks: text, thinking, tool use, and results on the user's side."""
    files = {}
    for run in RUNS:
        messages = [
            {"role": "user", "content": TASKS[run]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "I should look at the files first.", "signature": "xx"},
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": f"tu_{run}", "name": "read_file", "input": {"path": f"/src/{run}.py"}},
                ],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"tu_{run}", "content": "print(1)", "is_error": run == 3}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Done."}]},
        ]
        files[f"run_{run}.json"] = json.dumps(
            {"uuid": f"u-{run}", "task": TASKS[run], "messages": messages, "evaluation": {"score": float(run % 2)}}
        )
    n = len(files)
    return Format(files, {"Said": 3 * n, "Thought": n, "ToolCall": n, "ToolResult": n}, n, n, ".evaluation.score")


def run_tree() -> Format:
    """A flat list of runs of chains, models and tools with parents, as tracing services export them."""
    files = {}
    for run in RUNS:
        rows = [
            {
                "id": f"{run}-0",
                "parent_run_id": None,
                "run_type": "chain",
                "name": "agent",
                "start_time": "2024-05-01T10:00:00Z",
                "inputs": {"input": TASKS[run]},
                "outputs": {},
                "error": None,
            },
            {
                "id": f"{run}-1",
                "parent_run_id": f"{run}-0",
                "run_type": "llm",
                "name": "chat-model",
                "start_time": "2024-05-01T10:00:01Z",
                "inputs": {"prompt": "..."},
                "outputs": {"text": "I will search for it."},
                "error": None,
            },
            {
                "id": f"{run}-2",
                "parent_run_id": f"{run}-0",
                "run_type": "tool",
                "name": "search",
                "start_time": "2024-05-01T10:00:02Z",
                "inputs": {"query": TASKS[run]},
                "outputs": {"output": "three hits"} if run % 2 else {},
                "error": None if run % 2 else "TimeoutError()",
            },
            {
                "id": f"{run}-3",
                "parent_run_id": f"{run}-0",
                "run_type": "llm",
                "name": "chat-model",
                "start_time": "2024-05-01T10:00:04Z",
                "inputs": {"prompt": "..."},
                "outputs": {"text": "The answer is here."},
                "error": None,
            },
        ]
        files[f"trace_{run}.json"] = json.dumps({"trace_id": f"t{run}", "runs": rows, "feedback": {"correctness": run % 2 == 1}})
    n = len(files)
    return Format(files, {"Said": 2 * n, "ToolCall": n, "ToolResult": n}, n, n, ".feedback.correctness", 0.3)


def _attributes(pairs: dict[str, str]) -> list[Json]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs.items()]


def spans() -> Format:
    """Spans with attributes as lists of keys and values."""
    files = {}
    for run in RUNS:
        rows = [
            {
                "traceId": f"{run:032x}",
                "spanId": "a1",
                "name": "invoke_agent shop",
                "startTimeUnixNano": "1714557600000000000",
                "attributes": _attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": f"c{run}"}),
                "status": {},
            },
            {
                "traceId": f"{run:032x}",
                "spanId": "a2",
                "parentSpanId": "a1",
                "name": "chat m-1",
                "startTimeUnixNano": "1714557601000000000",
                "attributes": _attributes({"gen_ai.operation.name": "chat", "gen_ai.completion": "I will look it up."}),
                "status": {},
            },
            {
                "traceId": f"{run:032x}",
                "spanId": "a3",
                "parentSpanId": "a1",
                "name": "execute_tool find_order",
                "startTimeUnixNano": "1714557602000000000",
                "attributes": _attributes(
                    {
                        "gen_ai.operation.name": "execute_tool",
                        "gen_ai.tool.name": "find_order",
                        "gen_ai.tool.call.id": f"k{run}",
                        "gen_ai.tool.call.arguments": '{"number": 17}',
                        "gen_ai.tool.call.result": "no such order",
                    }
                ),
                "status": {"code": "STATUS_CODE_ERROR"} if run % 2 else {},
            },
        ]
        files[f"otlp_{run}.json"] = json.dumps(
            {
                "resourceSpans": [
                    {
                        "resource": {"attributes": _attributes({"service.name": "shop"})},
                        "scopeSpans": [{"scope": {"name": "sdk"}, "spans": rows}],
                    }
                ]
            }
        )
    n = len(files)
    return Format(files, {"Said": n, "ToolCall": n, "ToolResult": n}, n, n, "", 0.34)


def span_lines() -> Format:
    """The same spans as a collector writes them to one file: a batch a line, and every batch holds spans of several runs."""
    documents = [json.loads(text) for text in spans().files.values()]
    runs = [document["resourceSpans"][0]["scopeSpans"][0]["spans"] for document in documents]
    batches = [{"resourceSpans": [{"scopeSpans": [{"spans": list(turn)}]}]} for turn in zip(*runs, strict=True)]
    return replace(spans(), files={"spans.jsonl": _lines(batches)})


def traced_runs() -> Format:
    """Spans whose model tells its calls beside those who carry them out; the span of the run itself ends last and says how it went,
    among its attributes and by its status."""
    runs = []
    for run in RUNS:
        trace = {"traceId": f"{run:032x}"}
        spans_of_run: list[Json] = []
        for turn in range(1 + run % 2):
            asked = {
                "span.kind": "LLM",
                "llm.input_messages.0.message.content": f"Please {TASKS[run]}.",
                "llm.output_messages.0.message.content": f"I look, {turn}.",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "search",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"n": 1}',
                "llm.output_messages.0.message.tool_calls.0.tool_call.id": f"c{run}{turn}",
                "session.id": f"s{run // 2}",
            }
            done = {
                "span.kind": "TOOL",
                "tool.name": "search",
                "input.value": '{"n": 1}',
                "output.value": "none",
                "session.id": f"s{run // 2}",
            }
            for number, attributes in enumerate((asked, done)):
                span = {"spanId": f"{turn}{number}", "parentSpanId": "root", "attributes": _attributes(attributes)}
                spans_of_run.append({**trace, **span, "status": {"code": "STATUS_CODE_OK"}})
        ended = {"span.kind": "AGENT", "output.value": f"I am done with {TASKS[run]}.", "eval.passed": "false" if run % 2 else "true"}
        status = {"code": "STATUS_CODE_ERROR" if run % 2 else "STATUS_CODE_OK"}
        runs.append([*spans_of_run, {**trace, "spanId": "root", "attributes": _attributes(ended), "status": status}])
    batches = [{"resourceSpans": [{"scopeSpans": [{"spans": [span for span in turn if span]}]}]} for turn in zip_longest(*runs)]
    n = sum(1 + run % 2 for run in RUNS)
    steps = {"Said": n, "ToolCall": n, "ToolResult": n}
    return Format({"spans.jsonl": _lines(batches)}, steps, len(runs), n, 'kv(last.root.attributes)["eval.passed"]')


def observations() -> Format:
    """What a store of observations exports, a line each: generations list the calls that spans of their own carry out."""
    rows: list[Json] = []
    calls = 0
    for run in RUNS:
        head = {"traceId": f"tr-{run}", "level": "DEFAULT"}
        for turn in range(1 + run % 3):
            call = {"id": f"c{run}{turn}", "type": "function", "function": {"name": "search", "arguments": '{"q": 1}'}}
            said = {"role": "assistant", "content": f"I look, {turn}.", "tool_calls": [call]}
            rows.append(
                {**head, "id": f"o{len(rows)}", "parentObservationId": "root", "type": "GENERATION", "name": "chat", "output": said}
            )
            failed = {"level": "ERROR"} if (run + turn) % 4 == 0 else {}
            done = {"type": "SPAN", "name": "search", "input": {"q": turn}, "output": "nothing"}
            rows.append({**head, "id": f"o{len(rows)}", **done, **failed})
            calls += 1
    return Format({"observations.jsonl": _lines(rows)}, {"Said": calls, "ToolCall": calls, "ToolResult": calls}, len(RUNS), calls)


def team() -> Format:
    """Several agents in one chat: the role means little, the name says who speaks."""
    runs = []
    for run in RUNS:
        turns = [
            {"content": TASKS[run], "role": "user", "name": "human"},
            {"content": "I will ask the researcher to find sources for this.", "role": "assistant", "name": "planner"},
            {"content": "I found three sources that agree with one another.", "role": "assistant", "name": "researcher"},
            {"content": "Then the matter is settled and we can stop here.", "role": "assistant", "name": "planner"},
        ]
        runs.append({"session": f"s{run}", "question": TASKS[run], "chat_history": turns, "is_correct": run % 3 == 0})
    n = len(runs)
    return Format({"team.jsonl": _lines(runs)}, {"Said": 4 * n}, n, 0, ".is_correct")


def react() -> Format:
    """Plain text: questions, thoughts, actions with brackets, observations, a verdict."""
    parts = []
    for run in RUNS:
        parts.append(
            f"Question: {TASKS[run]}\nThought 1: I need to search for it.\nAction 1: Search[{TASKS[run]}]\n"
            "Observation 1: A page about it\nwith two lines.\n"
            f"Thought 2: Now I know.\nAction 2: Finish[done]\nVerdict: {'correct' if run % 2 else 'incorrect'}\n"
        )
    n = len(parts)
    steps = {"Said": n, "Thought": 2 * n, "ToolCall": 2 * n, "ToolResult": n}
    return Format({"log.txt": "\n".join(parts)}, steps, n, n, "last.verdict.text", 0.15)


def chain_text() -> Format:
    """One file a run: an action's name on one line, its input on the next."""
    files = {}
    for run in RUNS:
        files[f"logs/run{run}.log"] = (
            f"Question: {TASKS[run]}\nThought: I should use a tool.\nAction: calculator\nAction Input: 2 + 2\nObservation: 4\n"
            "Thought: I now know the final answer.\nFinal Answer: it is four\n"
        )
    n = len(files)
    return Format(files, {"Said": 2 * n, "Thought": 2 * n, "ToolCall": n, "ToolResult": n}, n, n)


def log_lines() -> Format:
    """Lines with a time, a level and who acts."""
    files = {}
    for run in RUNS:
        files[f"{run}.log"] = (
            f"2024-05-01 10:00:00,123 INFO user: {TASKS[run]}\n"
            "2024-05-01 10:00:01,456 INFO assistant: I will check the stock.\n"
            '2024-05-01 10:00:02,000 INFO tool_call: stock({"item": 3})\n'
            "2024-05-01 10:00:03,000 INFO tool_result: Error: item unknown\n"
            "2024-05-01 10:00:04,000 INFO assistant: I am sorry.\n"
        )
    n = len(files)
    return Format(files, {"Said": 3 * n, "ToolCall": n, "ToolResult": n}, n, n)


def turns() -> Format:
    """A list of steps, each an action with what came of it."""
    files = {}
    for run in RUNS:
        steps = [
            {"step": 1, "thought": "Look around first.", "action": "ls -la", "observation": "a.py b.py", "exit_code": 0},
            {"step": 2, "thought": "Run the tests now.", "action": "pytest -q", "observation": "1 failed", "exit_code": 1},
            {"step": 3, "thought": "Fix the one that fails.", "action": "sed -i s/1/2/ a.py", "observation": "", "exit_code": 0},
        ]
        files[f"{run}/trajectory.json"] = json.dumps({"instance_id": f"repo-{run}", "trajectory": steps})
        files[f"{run}/report.json"] = json.dumps({"resolved": run % 2 == 0, "tests": ["t1"]})
    n = len(RUNS)
    return Format(files, {"Thought": 3 * n, "ToolCall": 3 * n, "ToolResult": 3 * n}, n, 3 * n, "report.resolved")


def threads() -> Format:
    """One document: threads with their messages, authors as objects, text in parts."""
    found = []
    for run in RUNS:
        messages = [
            {
                "id": f"m{run}0",
                "author": {"role": "user"},
                "create_time": 1714557600.5 + run,
                "content": {"content_type": "text", "parts": [TASKS[run]]},
            },
            {
                "id": f"m{run}1",
                "author": {"role": "assistant"},
                "create_time": 1714557601.5 + run,
                "content": {"content_type": "text", "parts": ["Of course."]},
            },
        ]
        found.append({"thread_id": f"th-{run}", "title": TASKS[run], "messages": messages, "rating": "good" if run % 2 else "bad"})
    n = len(found)
    return Format({"export.json": json.dumps({"exported": "2024-05-02", "threads": found})}, {"Said": 2 * n}, n, 0)


def events() -> Format:
    """A log of typed events, one a line, one file a session."""
    files = {}
    for run in RUNS:
        rows = [
            {"type": "session_start", "session_id": f"s{run}", "ts": "2024-05-01T10:00:00Z", "cwd": "/work"},
            {"type": "user_message", "session_id": f"s{run}", "ts": "2024-05-01T10:00:01Z", "text": TASKS[run]},
            {
                "type": "agent_thought",
                "session_id": f"s{run}",
                "ts": "2024-05-01T10:00:02Z",
                "text": "I look at the files before I say anything.",
            },
            {
                "type": "tool_call",
                "session_id": f"s{run}",
                "ts": "2024-05-01T10:00:03Z",
                "call_id": "1",
                "tool": "shell",
                "args": {"cmd": "ls"},
            },
            {
                "type": "tool_result",
                "session_id": f"s{run}",
                "ts": "2024-05-01T10:00:04Z",
                "call_id": "1",
                "output": "a.py",
                "status": "error" if run % 2 else "ok",
            },
            {"type": "agent_message", "session_id": f"s{run}", "ts": "2024-05-01T10:00:05Z", "text": "There is one file."},
        ]
        files[f"session_{run}.jsonl"] = _lines(rows)
    n = len(files)
    return Format(files, {"Said": 2 * n, "Thought": n, "ToolCall": n, "ToolResult": n}, n, n, "", 0.2)


def session_log() -> Format:
    """A coding agent's session, an event a line: the first names run and model, the last, of a kind of its own, says how it went."""
    files = {}
    for run in RUNS:
        rows: list[Json] = [{"type": "system", "subtype": "init", "session_id": f"s{run}", "model": "m-1", "tools": ["Bash", "Edit"]}]
        for turn in range(1 + run % 3):
            use = {"type": "tool_use", "id": f"t{run}{turn}", "name": "Bash", "input": {"command": f"cat file{turn}"}}
            said = {"type": "text", "text": f"I look at file {turn} before {TASKS[run]}"}
            back = {"type": "tool_result", "tool_use_id": use["id"], "content": f"line {turn}", "is_error": turn == 1}
            rows.append({"type": "assistant", "message": {"role": "assistant", "content": [said, use]}, "session_id": f"s{run}"})
            rows.append({"type": "user", "message": {"role": "user", "content": [back]}, "session_id": f"s{run}"})
        if run == 2:
            rows.append({"type": "system", "subtype": "compact", "session_id": f"s{run}"})
        last = [{"type": "text", "text": "It is done."}]
        rows.append({"type": "assistant", "message": {"role": "assistant", "content": last}, "session_id": f"s{run}"})
        ended = {
            "type": "result",
            "subtype": "error_max_turns" if run % 2 else "success",
            "is_error": bool(run % 2),
            "num_turns": len(rows),
        }
        files[f"run{run}.jsonl"] = _lines([*rows, {**ended, "result": "It is done.", "session_id": f"s{run}"}])
    calls = sum(1 + run % 3 for run in RUNS)
    steps = {"Said": calls + len(files), "ToolCall": calls, "ToolResult": calls}
    return Format(files, steps, len(files), calls, "last.result.is_error", 0.2)


def endings() -> Format:
    """Items of a turn, an event a line; runs end with one of two events, and nothing but its name tells which way."""
    files = {}
    for run in RUNS:
        rows: list[Json] = [{"type": "thread.started", "thread_id": f"th{run}"}]
        for turn in range(1 + run % 2):
            item = {"type": "command_execution", "command": f"ls {turn}", "aggregated_output": "a.py", "exit_code": turn}
            rows.append({"type": "item.completed", "item": {"type": "reasoning", "text": f"I look around, {turn}."}})
            rows.append({"type": "item.completed", "item": item})
        rows.append({"type": "item.completed", "item": {"type": "agent_message", "text": f"Done: {TASKS[run]}"}})
        failed = {"type": "turn.failed", "error": {"message": "the stream broke"}}
        rows.append(failed if run % 2 else {"type": "turn.completed", "usage": {"input_tokens": 3}})
        files[f"run{run}.jsonl"] = _lines(rows)
    calls = sum(1 + run % 2 for run in RUNS)
    steps = {"Said": len(files), "Thought": calls, "ToolCall": calls, "ToolResult": calls}
    return Format(files, steps, len(files), calls, "last.end.type", 0.2)


def interleaved() -> Format:
    """Two sessions in one file, line by line."""
    rows = []
    for turn in range(4):
        for session in ("alpha", "beta"):
            rows.append({"session_id": session, "role": "user", "content": f"Question {turn} of {session}, please."})
            rows.append({"session_id": session, "role": "assistant", "content": f"Answer {turn} for {session}."})
    return Format({"mixed.jsonl": _lines(rows)}, {"Said": len(rows)}, 2, 0)


def service_log() -> Format:
    """The log of a service, all sessions of a day in one file: those of `session_log`, an event of each in turn."""
    alone = session_log()
    sessions = [[json.loads(line) for line in text.splitlines()] for text in alone.files.values()]
    rows = [row for turn in zip_longest(*sessions) for row in turn if row is not None]
    return replace(alone, files={"2024-05-01.jsonl": _lines(rows)})


def exported_list() -> Format:
    """What a store of traces exports: one list of all events, each with the number of its run."""
    runs = [
        [
            {"run": {"id": run}, "type": "user_message", "text": f"Please {TASKS[run]}."},
            {"run": {"id": run}, "type": "tool_call", "call_id": f"c{run}", "tool": "search", "arguments": {"query": TASKS[run]}},
            {"run": {"id": run}, "type": "tool_result", "call_id": f"c{run}", "output": f"{run} found", "error": None},
            {"run": {"id": run}, "type": "assistant_message", "text": f"There are {run}."},
        ]
        for run in RUNS
    ]
    events = [event for turn in zip(*runs, strict=True) for event in turn]
    n = len(runs)
    return Format({"export.json": json.dumps({"events": events})}, {"Said": 2 * n, "ToolCall": n, "ToolResult": n}, n, n)


_ALL = (
    chat,
    blocks,
    run_tree,
    spans,
    team,
    react,
    chain_text,
    log_lines,
    turns,
    threads,
    events,
    session_log,
    endings,
    interleaved,
    service_log,
    exported_list,
    span_lines,
    traced_runs,
    observations,
)
FORMATS: dict[str, Callable[[], Format]] = {made.__name__: made for made in _ALL}
