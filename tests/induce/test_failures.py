"""How drafts tell that a call or a run failed: spans with a status, events of their own for errors, ratings, codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepc.front import check_text
from stepc.induce.errors import error_sign
from stepc.induce.nodes import node_of
from stepc.induce.rules import Candidate, Options, induce
from stepc.runtime.regex import Pattern

Json = Any
RUNS = 9
UNLABELLED = "SV331"


def lines(documents: list[Json]) -> str:
    """Documents, one a line."""
    return "".join(json.dumps(document) + "\n" for document in documents)


def span(run: int, at: int, attributes: dict[str, str], status: Json, parent: str = "root") -> Json:
    """A span of a tracer."""
    listed = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    made = {"traceId": f"t{run}", "spanId": f"s{run}-{at}", "name": attributes["gen_ai.operation.name"], "attributes": listed}
    return {**made, "parentSpanId": parent, "startTimeUnixNano": str(1772614802238352640 + 1000 * (100 * run + at)), "status": status}


def spans(folder: Path) -> Candidate:
    """Runs as spans: every third call fails, which its status alone tells, and two runs do."""
    rows = []
    for run in range(RUNS):
        for at in range(3):
            call = {"gen_ai.tool.name": "search", "gen_ai.tool.call.id": f"c{run}-{at}", "gen_ai.tool.call.arguments": '{"q": "shoes"}'}
            call["gen_ai.operation.name"] = "execute_tool"
            failed = (run + at) % 3 == 0
            more = {} if failed else {"gen_ai.tool.call.result": f"found {at} of {run}"}
            rows.append(span(run, at, call | more, {"code": 2, "message": "404 not found"} if failed else {}))
        rows.append(span(run, 4, {"gen_ai.operation.name": "chat", "gen_ai.output.messages": "Here are your shoes."}, {}))
        ended = {"code": 2, "message": "task failed"} if run % 4 == 0 else {"code": 1} if run % 4 == 1 else {}
        rows.append(span(run, 5, {"gen_ai.operation.name": "invoke_agent"}, ended, ""))
    (folder / "spans.jsonl").write_text(lines(rows))
    return induce([folder], Options(name="traced"))


def test_a_span_that_failed_without_a_result_answers_its_call(tmp_path: Path) -> None:
    found = spans(tmp_path)
    assert found.assessment.steps["ToolCall"] == found.assessment.steps["ToolResult"] == 3 * RUNS
    assert "error = .status.code == 2" in found.spec_text
    assert 'else .status.message else ""' in found.spec_text


def test_a_span_whose_status_is_unset_did_not_fail(tmp_path: Path) -> None:
    found = spans(tmp_path)
    account = found.assessment.account
    assert account is not None
    assert found.outcomes[0].shown == "last.root.status.code"
    assert (account.labels["failed"].true, account.labels["failed"].false) == (3, RUNS - 3)
    assert any("2 counts as a failure" in doubt and "unset" in doubt for doubt in found.doubts)
    assert not any("below 1" in doubt for doubt in found.doubts)


def test_no_doubt_about_errors_where_they_are_events_of_their_own(tmp_path: Path) -> None:
    rows = []
    for run in range(RUNS):
        begin = {"run_id": f"r{run}", "level": "info"}
        rows.append({**begin, "event": "user_message", "text": f"Where is parcel {run}?"})
        for at in range(3):
            rows.append({**begin, "event": "tool_call", "tool": "track", "call_id": f"c{run}-{at}", "args": {"parcel": run}})
            back = (
                {"event": "tool_result", "result": "on its way"} if at else {"event": "tool_error", "error": "timed out", "level": "error"}
            )
            rows.append({**begin, "call_id": f"c{run}-{at}", **back})
        rows.append({**begin, "event": "agent_reply", "text": "It comes tomorrow."})
    (tmp_path / "app.jsonl").write_text(lines(rows))
    found = induce([tmp_path], Options(name="service"))
    assert found.assessment.steps["ToolResult"] == 3 * RUNS
    assert not any("is an error" in doubt for doubt in found.doubts)
    (tmp_path / "app.jsonl").write_text(lines([row for row in rows if row["event"] != "tool_error"]))
    assert any("is an error: `error` stays absent" in doubt for doubt in induce([tmp_path], Options(name="service")).doubts)


@pytest.mark.parametrize(
    ("ratings", "label", "asked"),
    [
        ([1, 2, 3, 4, 5], "", "goes from 1 to 5"),
        ([2, 5, 4, 2, 3], "", "goes from 2 to 5"),
        ([0, 1, 1, 0, 1], "failed: bool? = rating < 1.0", ""),
        ([0, 0.5, 1, 0.25, 1], "failed: bool? = rating < 1.0", "is partial credit one?"),
        ([0, 3, 5, 2, 1], "failed: bool? = rating < 1.0", "is partial credit one?"),
    ],
)
@pytest.mark.parametrize("named", [None, ".rating"])
def test_ratings_that_begin_at_one_tell_no_failure(tmp_path: Path, ratings: list[float], label: str, asked: str, named: str | None) -> None:
    for run, rating in enumerate(ratings):
        said = [{"role": "user", "content": f"Cancel order {run}."}, {"role": "assistant", "content": "It is cancelled."}]
        (tmp_path / f"{run}.json").write_text(json.dumps({"messages": said, "rating": rating}))
    found = induce([tmp_path], Options(name="rated", outcome=named))
    assert "rating: float? = .rating" in found.spec_text
    assert (label in found.spec_text) if label else ("failed: bool?" not in found.spec_text)
    assert any(asked in doubt for doubt in found.doubts)
    assert found.assessment.clean


def test_words_for_an_unset_status_are_no_failure(tmp_path: Path) -> None:
    for run, code in enumerate(("STATUS_CODE_ERROR", "STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_UNSET")):
        said = [{"role": "user", "content": f"Cancel order {run}."}, {"role": "assistant", "content": "It is cancelled."}]
        (tmp_path / f"{run}.json").write_text(json.dumps({"messages": said, "status": code}))
    account = induce([tmp_path], Options(name="worded", outcome=".status")).assessment.account
    assert account is not None
    assert (account.labels["failed"].true, account.labels["failed"].false) == (1, 3)


def test_the_start_for_text_that_nobody_recognises_is_not_warned_of(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("nothing to see\nhere either\n")
    found = induce([tmp_path])
    assert not found.recognised
    assert {one.code for one in check_text(found.spec_text, file="x").diagnostics} <= {UNLABELLED}
    assert found.assessment.account is not None
    assert found.assessment.account.account.unknown == 2


@pytest.mark.parametrize("begin", ["\n", " ", "'", "([{", "\n ", "a."])
def test_texts_that_begin_with_much_of_nothing_are_read_in_linear_time(begin: str) -> None:
    # Backtracking would need some 10^11 steps: the test would never end.
    texts = [begin * 300_000 + "Error: no such file", "  ('Error: no such file')", "NameError: x", "a.txt", "Errors are rare"]
    sign = error_sign("", node_of(texts), texts, ".text", texts)
    assert sign is not None
    assert "2 of 5 results begin like one" in sign.doubt
    pattern = Pattern(sign.condition.removeprefix("matches(.text, /").removesuffix("/)"))
    assert [pattern.matches(text) for text in texts] == [False, True, True, False, False]


@pytest.mark.parametrize(("scores", "failed"), [((4, 2, 5, 3), False), ((0, 1, 1, 0), True)])
def test_scores_in_texts_tell_failures_only_below_one(tmp_path: Path, scores: tuple[int, ...], failed: bool) -> None:
    for run, score in enumerate(scores):
        turns = f"Question: where is {run}?\nThought: look\nAction: find[{run}]\nObservation: here\nScore: {score}\n"
        (tmp_path / f"{run}.log").write_text(turns)
    found = induce([tmp_path], Options(name="react"))
    assert found.outcomes[0].shown == "last.score.text"
    assert ("failed: bool?" in found.spec_text) == failed
    assert any("goes from 2 to 5" in doubt for doubt in found.doubts) != failed
