"""What induction reads of files as they are found: rotated, damaged, odd, larger than what is looked at, of other kinds."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Call, call
from induce.formats import FORMATS

from stepc.induce.profile import profile
from stepc.induce.rules import Candidate, Options, induce
from stepc.induce.samples import SampleLimits, looked_at, read_samples
from stepc.induce.workbench import workbench

__all__ = ["call"]


def runs(first: int, last: int, **more: Any) -> str:
    """Runs of a service, an event on every line."""
    rows: list[dict[str, Any]] = []
    for run in range(first, last):
        rows.append({"event": "user_message", "run_id": f"r{run}", "text": f"Where is parcel {run}?", **more})
        rows.append({"event": "tool_call", "run_id": f"r{run}", "tool": "track", "call_id": f"c{run}", "args": {"parcel": run}})
        rows.append({"event": "tool_result", "run_id": f"r{run}", "call_id": f"c{run}", "result": f"parcel {run} is on its way"})
        rows.append({"event": "agent_message", "run_id": f"r{run}", "text": "It comes tomorrow. Grüße!"})
        rows.append({"event": "run_finished", "run_id": f"r{run}", "status": "failure" if run % 3 == 0 else "success", "turns": 2})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def induced(folder: Path) -> Candidate:
    """What is induced from a folder."""
    return induce([folder], Options(name="service"))


@pytest.mark.parametrize(
    ("names", "glob"),
    [
        (("app.log", "app.log.1", "app.log.2026-03-04"), "**/*.log*"),
        (("app.log", "app.log-20260304", "app.log-20260305"), "**/*.log*"),
        (("agent", "agent.1", "agent.2"), "**/agent*"),
    ],
)
def test_rotated_logs_and_the_live_one_are_one_kind(tmp_path: Path, names: tuple[str, ...], glob: str) -> None:
    for number, name in enumerate(names):
        (tmp_path / name).write_text(runs(9 * number, 9 * number + 9))
    found = induced(tmp_path)
    assert f'input "{glob}"' in found.spec_text
    assert found.assessment.steps["ToolCall"] == 27
    assert not found.left


def test_a_log_of_another_kind_is_not_taken_for_a_rotated_one(tmp_path: Path) -> None:
    for number, name in enumerate(("app.log", "app.log.1")):
        (tmp_path / name).write_text(runs(9 * number, 9 * number + 9))
    (tmp_path / "access.log.1").write_text("".join(f"10.0.0.{at} GET /parcels/{at} 200\n" for at in range(40)))
    assert 'input "**/app.log*"' in induced(tmp_path).spec_text


ODD = {
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "banner": lambda text: b"agent service 4.2 is starting\nlistening on :8080\n" + text.encode(),
    "nan": lambda text: text.replace('"turns": 2', '"turns": NaN').encode(),
    "integer": lambda text: text.replace('"turns": 2', '"turns": 1' + "0" * 5_000).encode(),
    "surrogate": lambda text: text.replace("tomorrow", "tomorrow \\ud83d").encode(),
    "latin1": lambda text: text.encode("latin-1"),
    "utf16": lambda text: text.encode("utf-16"),
    "printed": lambda text: text.replace("\n", "\nwarning: deprecated\n", 1).encode(),
}
"""The same runs with what some writers make of them; all of it is what `stepc run` reads."""


@pytest.mark.parametrize("odd", ODD)
def test_what_a_run_reads_is_read_for_induction(tmp_path: Path, odd: str) -> None:
    (tmp_path / "runs.jsonl").write_bytes(ODD[odd](runs(0, 9)))
    found = induced(tmp_path)
    assert found.assessment.steps == {"Said": 18, "ToolCall": 9, "ToolResult": 9}
    assert found.outcomes[0].shown == "last.run_finished.status"
    assert found.samples is not None
    kinds = [problem.kind for problem in found.samples.problems]
    assert bool(kinds) == (odd != "mark"), kinds


def test_a_compressed_log_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl.gz").write_bytes(gzip.compress(runs(0, 200).encode())[:-40])
    samples = read_samples([tmp_path])
    assert len(samples.files[0].documents) > 100
    assert [(problem.kind, problem.count) for problem in samples.problems] == [("truncated", 1)]


def test_documents_that_only_the_lenient_decoder_reads_can_be_tried(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text('{"n": NaN, "big": 99999999999999999999, "deep": ' + "[" * 400 + "]" * 400 + "}")
    samples = read_samples([tmp_path])
    with workbench(samples.files) as folder:
        again = read_samples([folder]).files[0].documents[0]
    before = samples.files[0].documents[0]
    assert again["deep"] == before["deep"]
    assert float(again["big"]) == float(before["big"])


def test_a_line_that_is_too_long_is_passed_over_and_the_bounds_are_told(tmp_path: Path) -> None:
    long = json.dumps({"event": "dump", "run_id": "r0", "text": "x" * 5_000}) + "\n"
    (tmp_path / "runs.jsonl").write_text(runs(0, 1) + long + runs(1, 9))
    samples = read_samples([tmp_path], limits=SampleLimits(line=2_000))
    assert len(samples.files[0].documents) == 45
    assert [problem.kind for problem in samples.problems] == ["too_large"]
    assert looked_at(samples.files) == "looked at 45 of 46 lines of runs.jsonl"
    few = read_samples([tmp_path], limits=SampleLimits(records=10)).files
    assert looked_at(few) == "looked at 10 of 46 lines of runs.jsonl"


def test_lines_far_behind_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text(runs(0, 9_000))
    files = read_samples([tmp_path], limits=SampleLimits(records=10, counted=1)).files
    assert files[0].cut
    assert "looked at 10 of more than " in looked_at(files)


def test_the_spec_and_the_command_tell_what_was_looked_at(call: Call, tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "runs.jsonl").write_text(runs(0, 500))
    done = call("induce", "traces", "-o", "runs.stepview")
    assert "looked at 2,000 of 2,500 lines of runs.jsonl" in done.err
    assert "// looked at 2,000 of 2,500 lines" in (tmp_path / "runs.stepview").read_text()
    assert "looked at 2,000 of 2,500 lines" in call("profile", "traces").out


def test_files_that_are_not_read_are_named(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    for name, text in FORMATS["react"]().files.items():
        (folder / f"react-{name}").write_text(text[:2_000])
    (folder / "runs.jsonl").write_text(runs(0, 60))
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0\0")
    (folder / "nothing.jsonl").write_bytes(b"")
    done = call("induce", "traces", "-o", "runs.stepview")
    assert "not read" in done.err
    assert "the text file react-" in done.err
    assert "// not read: " in (tmp_path / "runs.stepview").read_text()
    for text in (done.err, call("profile", "traces").err):
        assert "binary 1 × binary data (picture.png)" in text
        assert "empty 1 × nothing in it (nothing.jsonl)" in text


def test_a_truncated_export_is_told_and_the_input_stays_wide(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    text = next(iter(FORMATS["turns"]().files.values()))
    (folder / "may.json").write_text(text)
    (folder / "june.json").write_text(text[:-30])
    done = call("induce", "traces", "-o", "x.stepview")
    assert "truncated 1 × ends in the middle of a value" in done.err
    assert "(june.json)" in done.err
    assert "input " not in (tmp_path / "x.stepview").read_text().partition("meta {")[0]


def test_a_document_that_is_too_large_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps([{"role": "user", "content": "hello"}] * 200, indent=1))
    samples = read_samples([tmp_path], limits=SampleLimits(file=2_000))
    assert not samples.files
    assert [problem.kind for problem in samples.problems] == ["too_large"]


def test_lines_that_are_mostly_no_documents_stay_text(tmp_path: Path) -> None:
    rows = [f"INFO 2026-03-04 step {at}\n" + ('{"tokens": 3}\n' if at % 3 == 0 else "") for at in range(30)]
    (tmp_path / "app.log").write_text("".join(rows))
    (tmp_path / "half.log").write_text("".join(f'INFO step {at}\n{{"tokens": {at}}}\n' for at in range(30)))
    (tmp_path / "other.log").write_text("[2026-03-04 10:00:00] user: hello\n[2026-03-04 10:00:01] agent: hi\n")
    assert {file.form for file in profile([tmp_path]).samples.files} == {"text"}


def test_a_long_text_is_told_apart_by_its_head(tmp_path: Path) -> None:
    turns = "".join(f"Question: where is {at}?\nThought: look\nAction: find[{at}]\nObservation: here\n" for at in range(9_000))
    (tmp_path / "react.log").write_text(turns)
    assert re.search(r"// seen: 1 files, [\d,]+ of 36,001 lines", induced(tmp_path).spec_text)
