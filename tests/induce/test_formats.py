"""What the rules make of formats that they have never seen: made-up ones of the kinds in use, and the samples of the shipped specs."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

import pytest
from induce.foreign import FOREIGN
from induce.formats import FORMATS as IN_USE

from stepc.front import check_text
from stepc.induce.rules import Candidate, Options, induce
from stepc.induce.score import assess
from stepc.syntax.formatter import format_text

SAMPLES = Path(__file__).resolve().parents[2] / "specs" / "samples"
UNLABELLED = "SV331"
FORMATS = IN_USE | FOREIGN


@functools.cache
def made_up(name: str) -> Candidate:
    """What is induced from a made-up format."""
    with tempfile.TemporaryDirectory() as folder:
        return induce([FORMATS[name]().write(Path(folder))], Options(name="made_up"))


@pytest.mark.parametrize("name", FORMATS)
def test_every_step_of_a_format_in_use_is_found(name: str) -> None:
    wanted, found = FORMATS[name](), made_up(name)
    account = found.assessment.account
    assert account is not None
    assert account.kept == wanted.episodes
    assert found.assessment.steps == wanted.steps
    assert sum(pair.answered for pair in account.account.pairs.values()) == wanted.answered
    assert account.account.unknown == 0
    assert account.account.ignored <= wanted.silent * account.account.events
    assert not account.defects


@pytest.mark.parametrize("name", FORMATS)
def test_the_spec_is_clean_formatted_and_obeys_the_laws(name: str) -> None:
    found = made_up(name)
    assert found.assessment.clean
    assert format_text(found.spec_text) == found.spec_text
    assert {one.code for one in check_text(found.spec_text, file="x").diagnostics} <= {UNLABELLED}


@pytest.mark.parametrize("name", ["blocks", "react", "spans"])
def test_the_laws_hold_on_mutations_too(name: str, tmp_path: Path) -> None:
    folder = FORMATS[name]().write(tmp_path)
    judged = assess(made_up(name).spec_text, [folder], root=folder, examples=5)
    assert judged.clean, judged.counterexamples


@pytest.mark.parametrize("name", [name for name, make in FORMATS.items() if make().outcome])
def test_the_outcome_is_a_candidate_with_counts_and_a_doubt(name: str) -> None:
    found = made_up(name)
    assert found.outcomes[0].shown == FORMATS[name]().outcome
    assert found.outcomes[0].counts
    assert "--outcome" in found.doubts[0]
    assert f"// check: {found.doubts[0][:60]}" in found.spec_text


def test_what_ends_a_run_is_sealed_and_what_begins_it_names_it() -> None:
    log, two = made_up("session_log"), made_up("endings")
    assert 'result sealed when .type == "result"' in log.spec_text
    assert 'system record when .type == "system" and .subtype == "init"' in log.spec_text
    assert "id: str = first.system.session_id" in log.spec_text
    assert "model: str? = first.system.model" in log.spec_text
    assert 'end sealed when .type in ["turn.completed", "turn.failed"]' in two.spec_text
    for found in (log, two):
        account = found.assessment.account
        assert account is not None
        assert account.account.sealed == account.kept
        assert (account.labels["failed"].true, account.labels["failed"].false) == (3, 3)


def test_a_session_that_was_taken_up_again_has_ended_twice(tmp_path: Path) -> None:
    for run in range(5):
        rows = []
        for part in range(2):
            use = {"type": "tool_use", "id": f"t{part}", "name": "Bash", "input": {"command": f"ls {run}"}}
            back = {"type": "tool_result", "tool_use_id": f"t{part}", "content": f"file{run}", "is_error": False}
            rows.append({"type": "system", "subtype": "init", "session_id": f"s{run}", "model": "m-1"})
            rows.append({"type": "assistant", "message": {"content": [use]}})
            rows.append({"type": "user", "message": {"content": [back]}})
            rows.append({"type": "assistant", "message": {"content": [{"type": "text", "text": f"Looked at {run}."}]}})
            rows.append({"type": "result", "is_error": (run + part) % 2 == 0, "result": f"Looked at {run}."})
        (tmp_path / f"{run}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = induce([tmp_path], Options(name="twice"))
    assert 'result sealed when .type == "result"' in found.spec_text
    assert found.outcomes[0].shown == "last.result.is_error"
    assert found.assessment.steps["ToolResult"] == 10
    assert "id: str = first.system.session_id" in found.spec_text


def test_the_last_answer_of_a_tool_is_no_end(tmp_path: Path) -> None:
    for run in range(4):
        call = {"type": "tool_call", "call_id": "1", "tool": "shell", "args": {"cmd": f"ls {run}"}}
        answer = {"type": "tool_result", "call_id": "1", "output": "a.py", "is_error": run % 2 == 0}
        rows = [{"type": "user_message", "text": f"look at {run}"}, call, answer]
        (tmp_path / f"{run}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = induce([tmp_path], Options(name="short"))
    assert "sealed when" not in found.spec_text
    assert found.assessment.steps["ToolResult"] == 4


def test_an_outcome_in_the_last_event_can_be_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = induce([FORMATS["session_log"]().write(Path(folder))], Options(name="made_up", outcome="last.result.num_turns"))
    assert found.settled
    assert found.outcomes[0].shown == "last.result.num_turns"


def test_no_outcome_is_made_up() -> None:
    found = made_up("events")
    assert not found.outcomes
    assert "outcome {" not in found.spec_text
    assert any("nothing tells how a run ended" in doubt for doubt in found.doubts)


@pytest.mark.parametrize(
    ("name", "key"),
    [("interleaved", ".session_id"), ("service_log", ".session_id"), ("exported_list", '"{.run.id}"'), ("span_lines", ".traceId")],
)
def test_runs_in_pieces_are_put_together_by_what_their_events_share(name: str, key: str) -> None:
    found = made_up(name)
    assert f"episode by {key}\n" in found.spec_text
    assert "id: str = episode.key" in found.spec_text
    assert any("are one run, wherever they stand in a file" in doubt for doubt in found.doubts)


def test_calls_and_answers_are_paired_by_the_values_they_share() -> None:
    text = made_up("product_log").spec_text
    assert text.count("call_id = .payload.inv") == 2
    assert "error = not .payload.ok" in text


def test_sides_that_say_it_alike_share_an_arm_that_reads_who_speaks() -> None:
    text = made_up("product_log").spec_text
    assert '"assistant.utterance", "human.utterance" => emit Said' in text
    assert "by = .kind" in text


def test_ids_may_be_numbers_and_tasks_may_have_keys_of_their_own() -> None:
    text = made_up("browser").spec_text
    assert 'id: str = "{.episode_id}"' in text
    assert "group: str? = .task.id" in text


def test_attributes_go_by_their_own_names_and_times_by_their_size() -> None:
    text = made_up("span_lines").spec_text
    assert 'match kv(.attributes)["gen_ai.operation.name"] {' in text
    assert 'tool = attributes["gen_ai.tool.name"] else skip' in text
    assert "time .startTimeUnixNano\n" in text


def test_calls_that_are_told_twice_are_told_once() -> None:
    found = made_up("traced_runs")
    assert "root sealed when not present .parentSpanId" in found.spec_text
    assert found.spec_text.count("emit ToolCall") == 1
    assert any('calls of "LLM" events are left out' in doubt for doubt in found.doubts)


def test_runs_that_follow_one_another_in_a_file_are_told_apart(tmp_path: Path) -> None:
    whole = "".join(FOREIGN["product_log"]().files.values())
    (tmp_path / "all.ndjson").write_text(whole)
    found = induce([tmp_path])
    assert "episode by .session\n" in found.spec_text
    assert found.assessment.account is not None
    assert found.assessment.account.kept == len(FOREIGN["product_log"]().files)
    assert found.assessment.steps == made_up("product_log").assessment.steps


def test_an_outcome_that_the_user_names_is_taken(tmp_path: Path) -> None:
    folder = FORMATS["turns"]().write(tmp_path)
    found = induce([folder], Options(outcome="report.resolved"))
    assert found.settled
    assert "failed: bool? = not report.resolved" in found.spec_text
    assert not any("--outcome" in doubt for doubt in found.doubts)
    assert not induce([folder], Options(outcome=".nothing.here")).settled
    assert "outcome {" not in induce([folder], Options(outcome="none")).spec_text


def test_what_tells_the_outcome_is_sealed_and_credentials_are_secret(tmp_path: Path) -> None:
    text = FORMATS["chat"]().files["runs.jsonl"].replace('"passed"', '"api_key": "sk", "judgement": {"verdict": "bad"}, "passed"')
    (tmp_path / "runs.jsonl").write_text(text)
    found = induce([tmp_path / "runs.jsonl"])
    sealed = found.spec_text.partition("sealed {")[2].partition("}\n")[0]
    assert ".judgement" in sealed
    assert ".api_key" in found.spec_text.partition("secret {")[2].partition("}\n")[0]


@pytest.mark.parametrize("source", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_the_samples_of_every_shipped_spec(source: str) -> None:
    """The rules know none of them: they compile, obey the laws, and leave next to nothing unknown."""
    found = induce([SAMPLES / source])
    assert found.assessment.clean, (found.assessment.diagnostics, found.assessment.counterexamples)
    assert {one.severity for one in found.assessment.diagnostics} <= {"warning"}
    account = found.assessment.account
    assert account is not None
    assert account.adds_up
    assert account.account.unknown <= 0.05 * account.account.events
    assert account.account.mapped >= 0.8 * account.account.events
    assert found.outcomes
