"""More made-up formats: logs of products, browsers, data bases, games and teams, with the words that their makers chose."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from induce.formats import RUNS, TASKS, Format

Json = Any
_N = len(RUNS)


def _lines(documents: list[Json]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def product_log() -> Format:
    """Events of a product: dotted kinds, everything in a payload, calls and answers that share a value under a key of the maker's own."""
    files = {}
    for run in RUNS:
        events = [
            ("session.begin", {"customer": f"c{run}", "goal": "settle the invoice"}),
            ("human.utterance", {"words": TASKS[run]}),
            ("plan", {"rationale": "I look it up first."}),
            ("invoke", {"inv": f"inv-{run}", "function": "lookup_invoice", "params": {"n": run}}),
            ("invoke.done", {"inv": f"inv-{run}", "ok": run % 2 == 0, "body": f"row {run}"}),
            ("assistant.utterance", {"words": f"It is settled, number {run}."}),
            ("session.end", {"customer": f"c{run}"}),
        ]
        rows = [
            {"ts": f"2026-03-01T10:{run:02}:{at:02}Z", "session": f"s{run}", "kind": kind, "payload": payload}
            for at, (kind, payload) in enumerate(events)
        ]
        files[f"s{run}.ndjson"] = _lines(rows)
    return Format(files, {"Said": 2 * _N, "Thought": _N, "ToolCall": _N, "ToolResult": _N}, _N, _N, silent=0.3)


def browser() -> Format:
    """Steps of a browser agent with screenshots as base64, all runs in one list, numbers for ids."""
    runs = []
    for run in RUNS:
        steps = [
            {
                "step": at,
                "screenshot": base64.b64encode(bytes(range(200)) * 3).decode(),
                "thought": "The button is there.",
                "action": action,
                "observation": {"page": f"<html>{run} {at}</html>", "error": "not found" if at == 1 and run % 2 else None},
            }
            for at, action in enumerate(("click(3)", "type('shoes')", "stop()"))
        ]
        task = {"id": f"task{run % 3}", "text": TASKS[run]}
        runs.append({"episode_id": run, "task": task, "trajectory": steps, "success": run % 2 == 0})
    made = {"Thought": 3 * _N, "ToolCall": 3 * _N, "ToolResult": 3 * _N}
    return Format({"all.json": json.dumps(runs)}, made, _N, 3 * _N, ".success")


def database() -> Format:
    """An agent that asks a data base: a query with what came back or why not."""
    runs = []
    for run in RUNS:
        turns = [
            {"reasoning": "I need the tables.", "sql": "SHOW TABLES", "rows": "[['films']]", "error": None},
            {
                "reasoning": "Now count them.",
                "sql": f"SELECT count(*) FROM films WHERE y = {run}",
                "rows": None,
                "error": "no such column: y",
            },
        ]
        runs.append({"question_id": run, "question": TASKS[run], "db": "films", "turns": turns, "correct": run % 2 == 1})
    steps = {"Thought": 2 * _N, "ToolCall": 2 * _N, "ToolResult": 2 * _N}
    return Format({"sql.jsonl": _lines(runs)}, steps, _N, 2 * _N, ".correct")


def game() -> Format:
    """A game: what the agent sees, what it does, a reward for each step."""
    files = {}
    for run in RUNS:
        steps = [
            {"t": at, "obs": f"You are in room {at}.", "action": action, "reward": 0.0 if at < 2 else float(run % 2), "done": at == 2}
            for at, action in enumerate(("go north", "take lamp", "light lamp"))
        ]
        files[f"game_{run}.json"] = json.dumps({"game": f"zork-{run % 2}", "seed": run, "steps": steps, "total_reward": float(run % 2)})
    return Format(files, {"ToolCall": 3 * _N, "ToolResult": 3 * _N}, _N, 3 * _N, ".total_reward")


def letters() -> Format:
    """Agents that write to each other: a sender and a receiver."""
    runs = []
    for run in RUNS:
        log = [
            {"sender": "user", "receiver": "Manager", "message": TASKS[run]},
            {"sender": "Manager", "receiver": "Coder", "message": "Please write the code for this task."},
            {"sender": "Coder", "receiver": "Tester", "message": "Here is the code, have a look at it."},
            {"sender": "Tester", "receiver": "Manager", "message": "All of the tests pass on my machine."},
        ]
        runs.append({"run_id": f"r{run}", "log": log, "success": run % 2 == 0})
    return Format({"team.jsonl": _lines(runs)}, {"Said": 4 * _N}, _N, 0, ".success")


def invocations() -> Format:
    """Messages of a web toolkit: parts, with calls and their answers in one object."""
    runs = []
    for run in RUNS:
        done = {"state": "result", "toolCallId": f"k{run}", "toolName": "weather", "args": {"city": "Oslo"}, "result": {"degrees": run}}
        messages = [
            {"id": f"m{run}a", "role": "user", "content": TASKS[run], "parts": [{"type": "text", "text": TASKS[run]}]},
            {
                "id": f"m{run}b",
                "role": "assistant",
                "content": "It is cold.",
                "parts": [
                    {"type": "reasoning", "reasoning": "I have to look."},
                    {"type": "tool-invocation", "toolInvocation": done},
                    {"type": "text", "text": "It is cold."},
                ],
            },
        ]
        runs.append({"chatId": f"chat-{run}", "messages": messages})
    steps = {"Said": 2 * _N, "Thought": _N, "ToolCall": _N, "ToolResult": _N}
    return Format({"chats.jsonl": _lines(runs)}, steps, _N, _N)


def crew() -> Format:
    """Tasks of a crew: one record for each thing that an agent did."""
    files = {}
    for run in RUNS:
        rows = [
            {"event": "task_started", "task": f"t{run}", "agent": "Researcher", "description": TASKS[run]},
            {"event": "agent_thought", "task": f"t{run}", "agent": "Researcher", "thought": "I search for it."},
            {
                "event": "tool_started",
                "task": f"t{run}",
                "agent": "Researcher",
                "run": f"u{run}",
                "tool_name": "search",
                "tool_args": {"q": "x"},
            },
            {
                "event": "tool_finished",
                "task": f"t{run}",
                "agent": "Researcher",
                "run": f"u{run}",
                "tool_name": "search",
                "output": "Error: no",
            },
            {"event": "agent_answer", "task": f"t{run}", "agent": "Researcher", "output": f"The report on {run} is written."},
        ]
        files[f"crew_{run}.jsonl"] = _lines(rows)
    steps = {"Said": _N, "Thought": _N, "ToolCall": _N, "ToolResult": _N}
    return Format(files, steps, _N, _N, silent=0.2)


def labelled_lines() -> Format:
    """A log with a time and a speaker, in whose words are labels."""
    files = {}
    for run in RUNS:
        files[f"{run}.log"] = (
            f"2026-01-01 10:00:00 [USER] {TASKS[run]}\n2026-01-01 10:01:00 [AGENT] Thought: find it\n"
            "2026-01-01 10:02:00 [AGENT] Action: search[x]\n"
            f"2026-01-01 10:03:00 [TOOL] Observation: {'Error: nothing' if run % 2 else 'a page'}\n"
            f"2026-01-01 10:04:00 [AGENT] Final Answer: number {run}\n"
        )
    return Format(files, {"Said": 2 * _N, "Thought": _N, "ToolCall": _N, "ToolResult": _N}, _N, _N)


def stream() -> Format:
    """One list of what was done and what came of it: records have a name and parameters, or an observation."""
    files = {}
    for run in RUNS:
        history: list[Json] = [
            {"id": 0, "source": "user", "action": "message", "args": {"content": TASKS[run]}},
            {"id": 1, "source": "agent", "action": "run", "args": {"command": "ls -la", "thought": "I look around."}},
            {"id": 2, "source": "agent", "cause": 1, "observation": "run", "content": f"a{run}.py", "extras": {"exit_code": run % 2}},
            {"id": 3, "source": "agent", "action": "edit", "args": {"path": f"a{run}.py", "thought": "I mend it."}},
            {"id": 4, "source": "agent", "cause": 3, "observation": "edit", "content": "edited", "extras": {}},
        ]
        files[f"{run}/history.json"] = json.dumps({"instance_id": f"x-{run}", "history": history, "resolved": run % 2 == 0})
    return Format(files, {"Said": _N, "Thought": 2 * _N, "ToolCall": 2 * _N, "ToolResult": 2 * _N}, _N, 2 * _N, ".resolved")


def keyed_parts() -> Format:
    """Messages whose parts have no type: the key that a part has tells what it is, and one message has several."""
    files = {}
    for run in RUNS:
        contents = [
            {"role": "user", "parts": [{"text": TASKS[run]}]},
            {"role": "model", "parts": [{"text": "I look it up."}, {"functionCall": {"name": "find", "args": {"number": run}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "find", "response": {"result": f"row {run}"}}}]},
            {"role": "model", "parts": [{"text": f"It is row {run}."}]},
        ]
        files[f"{run}.json"] = json.dumps({"session": f"s{run}", "contents": contents})
    return Format(files, {"Said": 3 * _N, "ToolCall": _N, "ToolResult": _N}, _N, _N)


def one_answer() -> Format:
    """Steps with a list of calls, and one text for what they brought."""
    runs = []
    for run in RUNS:
        steps = [
            {
                "step_number": at,
                "model_output": f"Step {at} of this run comes now.",
                "tool_calls": [{"id": f"c{run}{at}", "name": name, "arguments": {"q": run}}],
                "observations": f"result {run} {at}",
                "error": None,
            }
            for at, name in enumerate(("web_search", "visit_page"))
        ]
        runs.append({"run_id": f"r{run}", "task": TASKS[run], "steps": steps})
    return Format({"runs.jsonl": _lines(runs)}, {"Said": 2 * _N, "ToolCall": 2 * _N, "ToolResult": 2 * _N}, _N, 2 * _N)


def typed_items() -> Format:
    """Items of a response: reasoning as a list of summaries, calls and what they brought as items of their own."""
    files = {}
    for run in RUNS:
        items = [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": TASKS[run]}]},
            {"type": "reasoning", "id": f"rs{run}", "summary": [{"type": "summary_text", "text": "I think of it."}]},
            {"type": "function_call", "call_id": f"c{run}", "name": "get", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": f"c{run}", "output": f"out {run}"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": f"Done, {run}."}]},
        ]
        files[f"r{run}.json"] = json.dumps({"id": f"resp_{run}", "model": "m", "items": items})
    return Format(files, {"Said": 2 * _N, "Thought": _N, "ToolCall": _N, "ToolResult": _N}, _N, _N)


FOREIGN: dict[str, Callable[[], Format]] = {
    made.__name__: made
    for made in (
        product_log, browser, database, game, letters, invocations, crew, labelled_lines, stream, keyed_parts, one_answer, typed_items,
    )
}  # fmt: skip
