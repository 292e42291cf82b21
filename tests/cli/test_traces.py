"""The verbs that read traces."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli.conftest import RUN, Call

STEPS = [("Said", 1), ("ToolCall", 2), ("ToolResult", 3), ("Said", 4), ("Said", 0)]


NOTES = """stepview 1

source notes {
  format text
  episode file
  event lines {
    say record /^say: /
  }
}

meta {
  id: str = file.stem
}

step Note {
  text: str
}

match .kind {
  "say" => emit Note {
    text = .text
  }
  otherwise => unknown
}
"""


# ---- run -------------------------------------------------------------------------------------------------------------


def test_steps_on_standard_output(call: Call, shop: Path) -> None:
    ran = call("run", "shop", "traces.json")
    assert ran.code == 0
    steps = [json.loads(line) for line in ran.out.splitlines()]
    assert [(step["type"], step["event"]) for step in steps] == STEPS
    assert {step["source"] for step in steps} == {"shop"}
    assert "7 events = 5 mapped + 1 ignored + 0 sealed + 1 unknown" in ran.err
    assert "failed: 1 true, 0 false, 1 unknown" in ran.err
    assert "reward: 1 known, 1 unknown" in ran.err
    assert "robot (1)" in ran.err


def test_labels_that_nothing_is_known_of(call: Call, shop: Path) -> None:
    shop.write_text(shop.read_text().replace("outcome {", "enum Verdict {\n  good\n  bad\n}\n\noutcome {\n  verdict: Verdict? = .verdict"))
    assert "verdict: 0 known, 2 unknown" in call("run", "shop", "traces.json").err
    Path("traces.json").write_text(json.dumps({"runs": [{**RUN, "verdict": "good"}, RUN]}))
    assert "verdict: 1 known, 1 unknown" in call("run", "shop", "traces.json").err


def test_into_a_folder(call: Call, shop: Path) -> None:
    assert call("run", "shop", "traces.json", "-o", "out/deep").code == 0
    assert sorted(os.listdir("out/deep")) == ["episodes.jsonl", "steps.jsonl"]
    episodes = [json.loads(line) for line in Path("out/deep/episodes.jsonl").read_text().splitlines()]
    assert [episode["labels"]["failed"] for episode in episodes] == [True, None]


def test_parquet_has_the_exported_schema(call: Call, shop: Path) -> None:
    import pyarrow
    from pyarrow import ipc, parquet

    assert call("run", "shop", "traces.json", "-o", "out", "--to", "parquet").code == 0
    assert call("export", "arrow", "shop", "-o", "steps.arrow").code == 0
    table = parquet.read_table("out/steps.parquet")
    assert table.num_rows == len(STEPS)
    assert table.schema.equals(ipc.read_schema(pyarrow.py_buffer(Path("steps.arrow").read_bytes())))
    assert call("run", "shop", "traces.json", "--to", "parquet").code == 2
    assert call("run", "shop", "traces.json", "-o", "x.jsonl", "--to", "parquet").code == 2


def test_step_lines_fit_the_exported_json_schema(call: Call, shop: Path) -> None:
    schema = json.loads(call("export", "jsonschema", "shop").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    steps = [json.loads(line) for line in call("run", "shop", "traces.json").out.splitlines()]
    for step in steps:
        validator.validate(step)
    assert not validator.is_valid({**steps[0], "by": "robot"})
    assert not validator.is_valid({**steps[0], "more": 1})
    assert not validator.is_valid({key: value for key, value in steps[0].items() if key != "text"})


def test_files_without_a_run_are_told_though_nothing_is_wrong_with_them(call: Call, shop: Path) -> None:
    Path("empty.json").write_text('{"runs": []}')
    ran = call("run", "shop", "empty.json", "-o", "out")
    assert ran.code == 0 and "warning: no run of this source in 1 file; `stepc detect FILE`" in ran.err
    assert "warning" not in call("run", "shop", "traces.json", "-o", "out").err


def test_outcomes_from_a_file(call: Call, shop: Path) -> None:
    Path("labels.csv").write_text("id,failed\na,false\nb,true\nc,true\n")
    ran = call("run", "shop", "traces.json", "--outcomes", "labels.csv", "-o", "out")
    assert ran.code == 0
    assert "1 ids met no episode" in ran.err
    assert [json.loads(line)["labels"]["failed"] for line in Path("out/episodes.jsonl").read_text().splitlines()] == [False, True]
    Path("labels.csv").write_text("name,failed\n")
    assert call("run", "shop", "traces.json", "--outcomes", "labels.csv").code == 3


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("unknown", 1),
        ("unknown>1", 0),
        ("unknown>1%", 1),
        ("unknown>50%", 0),
        ("defects", 0),
        ("wrong_type", 0),
        ("unlabelled", 1),
        ("dropped", 0),
    ],
)
def test_limits(call: Call, shop: Path, limit: str, code: int) -> None:
    assert call("run", "shop", "traces.json", "--fail-on", limit).code == code


@pytest.mark.parametrize("verb", ["run", "show"])
def test_an_input_that_the_source_does_not_have(call: Call, shop: Path, verb: str) -> None:
    assert call(verb, "shop", "traces.json", "--input", "other").code == 2


@pytest.mark.parametrize("place", ["/proc/nowhere/deep", "/proc/nowhere.jsonl", "shop.stepview/x"])
def test_an_output_that_cannot_be_written(call: Call, shop: Path, place: str) -> None:
    ran = call("run", "shop", "traces.json", "-o", place)
    assert ran.code == 3
    assert ran.err.startswith("error: ")


def test_a_limit_that_is_none(call: Call, shop: Path) -> None:
    assert call("run", "shop", "traces.json", "--fail-on", "unknown >> 3").code == 2


@pytest.mark.parametrize("text", ["", "no json", '{"runs": [{"id": "a", "messages": [{"role"', '{"other": 1}', "[" * 100_000])
def test_what_cannot_be_read_ends_with_3(call: Call, shop: Path, text: str) -> None:
    Path("bad.json").write_text(text)
    ran = call("run", "shop", "bad.json", "-o", "out")
    assert ran.code == 3
    assert ran.err.startswith("error: ")
    assert not Path("out").exists() or os.listdir("out") == []
    assert call("run", "shop", "missing.json").code == 3


def test_good_records_around_bad_ones_are_kept(call: Call, shop: Path) -> None:
    Path("bad.json").write_text('{"runs": ')
    ran = call("run", "shop", "bad.json", "traces.json")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(STEPS)
    assert "bad.json" in ran.err


def test_the_account_for_programs(call: Call, shop: Path) -> None:
    ran = call("run", "shop", "traces.json", "--account", "json", "-o", "out")
    account = json.loads(ran.err)
    assert account["account"]["events"] == 7
    assert call("run", "shop", "traces.json", "--account", "none", "-o", "out").err == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_half_way_nothing_is_left(shop: Path, tmp_path: Path, number: int, code: int) -> None:
    fifo = tmp_path / "slow.jsonl"
    os.mkfifo(fifo)
    spec = (
        shop.read_text()
        .replace("format json\n", "format jsonl\n")
        .replace("accept has .runs\n  episode .runs[]", "episode .")
        .replace("doc.model", ".model")
    )
    Path("lines.stepview").write_text(spec)
    command = [sys.executable, "-m", "stepc", "run", "lines.stepview", str(fifo), "-o", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    with fifo.open("w") as stream:
        stream.write((json.dumps(RUN) + "\n") * 5_000)
        stream.flush()
        for _ in range(200):
            if any(name.endswith(".partial") for name in (os.listdir(tmp_path / "out") if (tmp_path / "out").exists() else [])):
                break
            time.sleep(0.05)
        for _ in range(40):
            # A signal that comes just before the interpreter blocks in a read of the pipe is seen only when that read ends: ask again.
            process.send_signal(number)
            try:
                process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                continue
    assert process.returncode == code
    assert os.listdir(tmp_path / "out") == []
    assert "Traceback" not in (process.stderr.read() if process.stderr else "")


# ---- show ------------------------------------------------------------------------------------------------------------


def test_a_timeline(call: Call, shop: Path) -> None:
    shown = call("show", "shop", "traces.json")
    assert shown.code == 0
    assert "    0               ignored     the prompt, the same for every run" in shown.out
    assert "    2     1  agent  ToolCall    find_order" in shown.out
    assert "error  no such order" in shown.out
    assert "  outcome  reward 0.0 · failed true" in shown.out
    assert "\x1b" not in shown.out


def test_one_episode_of_several(call: Call, shop: Path) -> None:
    by_index = call("show", "shop", "traces.json", "--episode", "1")
    assert by_index.out == call("show", "shop", "traces.json", "--id", "b").out
    assert "    1               unknown  line " in by_index.out
    assert "failed ?" in by_index.out
    assert "its last is episode 1" in call("show", "shop", "traces.json", "--episode", "7").err
    assert "there are a, b\n" in call("show", "shop", "traces.json", "--id", "nobody").err
    for ids, said in (("a", "there is a"), ("abc", "there are a, b, c"), ("abcde", "there are a, b, c, …")):
        Path("several.json").write_text(json.dumps({"runs": [{**RUN, "id": id} for id in ids]}))
        assert f"{said}\n" in call("show", "shop", "several.json", "--id", "nobody").err
    assert call("show", "shop", "traces.json", "--id", "a", "--episode", "0").code == 2


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_a_timeline_fits_the_terminal_and_obeys_no_trace(call: Call, shop: Path, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stepc.terminal import width

    hostile = "\x1b]0;owned\x07 [red]漢字[/red] \u202e " * 30
    run = {**RUN, "id": hostile, "messages": [{"role": "user", "content": hostile}, {"role": hostile}, *RUN["messages"]]}  # type: ignore[misc]
    Path("hostile.json").write_text(json.dumps({"runs": [run]}))
    monkeypatch.setenv("COLUMNS", columns)
    for arguments in (["show", "shop", "hostile.json"], ["show", "shop", "hostile.json", "--full"], ["coverage", "shop", "hostile.json"]):
        shown = call(*arguments)
        assert shown.code == 0
        assert "\x1b" not in shown.out + shown.err
        assert "\u202e" not in shown.out + shown.err
    table = [line for line in call("show", "shop", "hostile.json").out.splitlines() if line[:5].strip().isdigit()]
    assert max(map(width, table)) <= max(int(columns), 60)


def test_an_episode_for_programs(call: Call, shop: Path) -> None:
    shown = json.loads(call("show", "shop", "traces.json", "--format", "json").out)
    ran = [json.loads(line) for line in call("run", "shop", "traces.json").out.splitlines()]
    assert (shown["file"], shown["index"], shown["episode"], shown["dropped"]) == ("traces.json", 0, "a", "")
    assert [(event["event"], event["fate"], len(event["steps"])) for event in shown["events"]] == [
        (0, "ignored", 0),
        (1, "mapped", 1),
        (2, "mapped", 1),
        (3, "mapped", 1),
        (4, "mapped", 1),
    ]
    assert shown["events"][0]["reason"] == "the prompt, the same for every run"
    steps = [{"source": "shop", "episode": "a", "event": event["event"], **step} for event in shown["events"] for step in event["steps"]]
    assert steps == [step for step in ran if step["episode"] == "a"]
    assert shown["labels"] == {"reward": 0.0, "failed": True}
    assert shown["meta"] == {"model": "m-1"}
    assert shown["account"]["events"] == 5


def test_a_dropped_episode(call: Call, shop: Path) -> None:
    shop.write_text(shop.read_text().replace("match .role", "start {\n  seed: int = doc.seed else drop\n}\n\nmatch .role", 1))
    assert "this episode is dropped: seed is missing" in call("show", "shop", "traces.json").out
    shown = json.loads(call("show", "shop", "traces.json", "--format", "json").out)
    assert shown["dropped"].startswith("seed is missing")
    assert (shown["events"], shown["labels"], shown["episode"]) == ([], {}, None)


def test_a_long_timeline_is_done_in_time(call: Call, shop: Path) -> None:
    hostile = "\u0301" * 100_000 + "漢" * 100_000 + " [/] " * 20_000
    Path("long.json").write_text(json.dumps({"runs": [{**RUN, "messages": [{"role": "user", "content": hostile}] * 5}]}))
    began = time.monotonic()
    assert call("show", "shop", "long.json").code == 0
    assert time.monotonic() - began < 10


# ---- coverage --------------------------------------------------------------------------------------------------------


def test_coverage(call: Call, shop: Path) -> None:
    document = json.loads(call("coverage", "shop", "traces.json", "--format", "json").out)
    status = {path["path"]: path["status"] for path in document["paths"]}
    assert status[".runs[].messages[].content"] == "read"
    assert status[".runs[].reward"] == "outcome"
    assert status[".runs[].messages[].latency_ms"] == "unread"
    assert status[".runs[].messages[].tool_calls[].arguments.number"] == "read"
    assert document["unknown_values"] == {"robot": 1}
    assert sum(arm["events"] for arm in document["arms"]) == document["events"] == 7


def test_coverage_for_people(call: Call, shop: Path) -> None:
    shown = call("coverage", "shop", "traces.json")
    assert shown.code == 0
    assert "unread       1 path " in shown.out
    assert "where is order" not in shown.out.lower()
    assert call("coverage", "shop", "traces.json", "--unread").out.splitlines()[1:] == [
        ".runs[].messages[].latency_ms          1           unread",
    ]


def test_coverage_of_a_text_asks_for_no_line_number(call: Call, shop: Path) -> None:
    Path("notes.stepview").write_text(NOTES)
    Path("notes.txt").write_text("say: hello\nsay: bye\n")
    shown = call("coverage", "notes.stepview", "notes.txt", "--fail-on", "unread")
    assert (shown.code, ".line" in shown.out) == (0, False)
    Path("notes.stepview").write_text(NOTES.replace("text = .text", 'text = "{.line}: {.text}" else ""'))
    paths = json.loads(call("coverage", "notes.stepview", "notes.txt", "--format", "json").out)["paths"]
    assert [(path["path"], path["status"]) for path in paths if path["path"] == ".line"] == [(".line", "read")]


@pytest.mark.parametrize(("kinds", "code"), [("unread", 1), ("unknown", 1), ("dead", 0), ("dead,unread", 1), ("", 0), ("nonsense", 2)])
def test_coverage_as_a_gate(call: Call, shop: Path, kinds: str, code: int) -> None:
    assert call("coverage", "shop", "traces.json", "--fail-on", kinds).code == code


def test_rules_that_nothing_met(call: Call, shop: Path) -> None:
    shop.write_text(shop.read_text() + '\nignore {\n  .nowhere "never"\n}\n')
    shown = call("coverage", "shop", "traces.json")
    assert "ignore .nowhere" in shown.out
    assert call("coverage", "shop", "traces.json", "--fail-on", "dead").code == 1


# ---- test ------------------------------------------------------------------------------------------------------------


def test_examples_that_hold(call: Call, shop: Path) -> None:
    held = call("test", "shop")
    assert held.code == 0
    assert "1 example in 1 spec: all hold" in held.err


def test_examples_that_fail_show_the_difference(call: Call, shop: Path) -> None:
    shop.write_text(shop.read_text().replace("error: true}, ...]", "error: false}]"))
    failed = call("test", "shop")
    assert failed.code == 1
    assert "  -      ToolResult{error: false}" in failed.out
    assert "  +   2  ToolResult{error: true}" in failed.out
    assert "  +   3  Said{" in failed.out
    document = json.loads(call("test", "shop", "--format", "json").out)
    assert [row["kind"] for row in document["examples"][0]["rows"]] == ["same", "same", "differs", "extra"]
    assert call("test", "shop", "--format", "github").out.startswith("::error file=shop.stepview,line=")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ('"nothing.json"', "there is no nothing.json"),
        ('"traces.json"', "holds 2 episodes"),
        ('"traces.json" episode 9', "has no episode 9"),
        ('"traces.json" id "z"', "no episode of traces.json has the id 'z'"),
    ],
)
def test_examples_that_cannot_run(call: Call, shop: Path, given: str, problem: str) -> None:
    shop.write_text(shop.read_text().replace('"traces.json" id "a"', given))
    failed = call("test", "shop")
    assert failed.code == 1
    assert problem in failed.out


# ---- detect ----------------------------------------------------------------------------------------------------------


def test_detect(call: Call, shop: Path) -> None:
    Path("specs").mkdir()
    shop.rename("specs/shop.stepview")
    assert call("new", "logs", "--format", "text").code == 0
    found = call("detect", "traces.json")
    assert found.code == 0
    assert "partly   shop  1 of 7 events are unknown" in found.out
    assert "refuses  logs  the name fits none of its inputs (**/*.log)" in found.out
    Path("other.json").write_text("{}")
    refused = call("detect", "other.json", "--format", "json")
    assert refused.code == 1
    assert {answer["verdict"] for answer in json.loads(refused.out)["other.json"]} == {"refuses"}


@pytest.mark.parametrize("verb", [("detect",), ("check", "shop", "--samples")])
@pytest.mark.parametrize("form", ["text", "json"])
def test_files_that_cannot_be_read_end_with_3(
    call: Call, shop: Path, verb: tuple[str, ...], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("specs").mkdir()
    shop.rename("specs/shop.stepview")
    missing = call(*verb, "nowhere.json", "--format", form)
    assert (missing.code, missing.out) == (3, "")
    assert "there is no file nowhere.json" in missing.err
    opened = Path.open

    def locked(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "traces.json":  # the tests may run as somebody whom no mode of a file keeps out
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", locked)
    refused = call(*verb, "traces.json", "--format", form)
    assert (refused.code, refused.out) == (3, "")
    assert "traces.json" in refused.err and "Permission denied" in refused.err
