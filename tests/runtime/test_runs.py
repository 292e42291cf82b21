"""Runs: accounts that add up, labels, outcomes from a file, steps on disk, memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from runtime import talk
from runtime.helpers import chat, json_lines, write
from runtime.sources import MARKDOWN

from stepc.runtime import output
from stepc.runtime import run as runs
from stepc.runtime.outcomes import OutcomesError, read_outcomes
from stepc.runtime.output import MissingLibraryError, written
from stepc.runtime.run import RanEpisode, Run, run
from stepc.runtime.source import EpisodeFile, EventPath, Source

RECORDS: list[Any] = [
    {"id": "x", "group": "g", "reward": 1, "decisive": 1, "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "so", "tool_calls": [{"name": "f", "arguments": {"a": [1]}, "source": "q"}]},
        {"role": "assistant"},
        {"role": "system"},
        {"role": "robot"},
        7,
    ]},
    {"id": "y", "seed": "none", "messages": [{"role": "user", "content": "dropped"}, {}]},
    {"other": 1},
    {"reward": 0.5, "decisive": 9, "messages": [{"role": "user", "content": "again"}]},
    {"id": "x", "messages": []},
]  # fmt: skip


def ran(path: Path, **options: Any) -> tuple[list[RanEpisode], Run]:
    found = run(talk, [path], **options)
    return list(found), found


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return write(tmp_path / "t.jsonl", json_lines(*RECORDS) + b"\n{broken\n")


def test_the_account_adds_up(traces: Path) -> None:
    episodes, done = ran(traces)
    account = done.account
    assert account.adds_up
    assert (account.files, account.kept, account.dropped, account.episodes, account.refused) == (1, 3, {"seed": 1}, 4, 1)
    assert (account.in_kept, account.in_dropped, account.outside, account.records) == (7, 2, {"blank": 1}, 10)
    found = account.account
    assert (found.events, found.mapped, found.silent, found.ignored, found.sealed, found.unknown) == (7, 4, 1, 1, 0, 2)
    assert found.steps == {"Said": 3, "Called": 1} and found.unknown_values == {"(absent)": 1, "robot": 1}
    assert (account.duplicates, account.without_group) == (1, 2)
    assert {name: (count.true, count.false, count.other, count.unknown) for name, count in account.labels.items()} == {
        "failed": (1, 1, 0, 1),
        "decisive": (0, 0, 1, 2),
    }
    assert [
        (defect.kind, defect.site, defect.line, defect.count, [str(place) for place in defect.places]) for defect in account.defects
    ] == [
        ("bad_json", "", 0, 1, ["t.jsonl, episode 5"]),
        ("bad_value", "outcome.decisive", 0, 1, ["t.jsonl, episode 3"]),
        ("not_accepted", "", 0, 1, ["t.jsonl, episode 2"]),
        ("wrong_type", ".", 9, 1, ["t.jsonl, episode 0, event 5"]),
        ("wrong_type", ".seed", 4, 1, ["t.jsonl, episode 1"]),
    ]
    assert [episode.id for episode in episodes] == ["x", "y", "t:3", "x"]
    assert sum(episode.account.mapped for episode in episodes) == found.mapped


def test_steps_know_their_events(traces: Path) -> None:
    episodes, _ = ran(traces)
    first = episodes[0]
    assert [(event, number, type(step).__name__) for event, number, step in first.placed()] == [
        (0, 0, "Said"),
        (1, 1, "Said"),
        (1, 2, "Called"),
    ]
    assert [first.last_step(event) for event in range(-1, 7)] == [-1, 0, 2, 2, 2, 2, 2, -1]
    assert first.labels == {"failed": False, "decisive": 1} and first.events == 6
    assert episodes[1].dropped == "seed" and episodes[1].steps == [] and episodes[1].events == 2


def test_a_run_is_lazy(traces: Path) -> None:
    found = run(talk, [traces])
    assert next(found).id == "x"
    assert found.account.kept == 1 and found.account.adds_up


def test_outcomes(traces: Path, tmp_path: Path) -> None:
    labels = write(tmp_path / "labels.csv", "\ufeffid,failed,score\r\nx,true,0.5\r\nt:3,,\r\nnobody,false,\r\nx,1,0.25\r\n")
    outcomes = read_outcomes(labels)
    episodes, done = ran(traces, outcomes=outcomes)
    assert [(episode.id, episode.labels) for episode in episodes if not episode.dropped] == [
        ("x", {"failed": True, "decisive": 1, "score": 0.25}),
        ("t:3", {"failed": True, "decisive": None}),
        ("x", {"failed": True, "decisive": None, "score": 0.25}),
    ]
    account = done.account
    assert (account.overridden, account.unused_outcomes, account.conflicts, outcomes.repeated) == (3, 1, {"failed": 1}, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("episode,failed\n", "first line"),
        ("id\nx\n", "first line"),
        ("id,a,a\n", "first line"),
        ("id,a\nx\n", "row 2: 1 cells"),
        ('id,a\n"x,1\n', "not a CSV file"),
        (b"id,a\n\xff,1\n", "not UTF-8"),
    ],
)
def test_outcomes_that_cannot_be_used(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(OutcomesError, match=message):
        read_outcomes(write(tmp_path / "labels.csv", text))


def test_outcomes_that_are_missing(tmp_path: Path) -> None:
    with pytest.raises(OutcomesError, match="No such file"):
        read_outcomes(tmp_path / "labels.csv")


def save(path: Path, traces: Path, module: Any = talk) -> None:
    with written(path, module) as writer:
        for episode in run(module, [traces], sink=writer):
            writer.add(episode)


def test_json_lines_on_disk(traces: Path, tmp_path: Path) -> None:
    save(tmp_path / "steps.jsonl", traces)
    lines = [json.loads(line) for line in (tmp_path / "steps.jsonl").read_text().splitlines()]
    assert lines[:3] == [
        {"source": "talk", "episode": "x", "event": 0, "step": 0, "type": "Said", "by": "user", "text": "hi"},
        {"source": "talk", "episode": "x", "event": 1, "step": 1, "type": "Said", "by": "agent", "text": "so"},
        {"source": "talk", "episode": "x", "event": 1, "step": 2, "type": "Called", "tool": "f", "args": {"a": [1]}, "source_": "q"},
    ]
    assert [json.loads(line) for line in (tmp_path / "episodes.jsonl").read_text().splitlines()] == [
        {"episode": "x", "group": "g", "labels": {"failed": False, "decisive": 1}, "meta": {"file": "t.jsonl"}},
        {"episode": "y", "group": None, "labels": {"failed": None, "decisive": None}, "meta": {"file": "t.jsonl"}, "dropped": "seed"},
        {"episode": "t:3", "group": None, "labels": {"failed": True, "decisive": None}, "meta": {"file": "t.jsonl"}},
        {"episode": "x", "group": None, "labels": {"failed": None, "decisive": None}, "meta": {"file": "t.jsonl"}},
    ]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["episodes.jsonl", "steps.jsonl", "t.jsonl"]


def test_parquet_on_disk(traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "ROWS", 2)
    save(tmp_path / "steps.parquet", traces)
    file = pyarrow.parquet.ParquetFile(tmp_path / "steps.parquet")
    assert file.num_row_groups == 2
    rows = file.read().to_pylist()
    assert [row["type"] for row in rows] == ["Said", "Said", "Called", "Said"]
    assert rows[2] == {
        "source": "talk", "episode": "x", "event": 1, "step": 2, "type": "Called",
        "by": None, "text": None, "tool": "f", "args": '{"a":[1]}', "source_": "q",
    }  # fmt: skip
    assert output.columns_of(talk) == {"by": "text", "text": "text", "tool": "text", "args": "json", "source": "text"}


@pytest.mark.parametrize("name", ["steps.jsonl", "steps.parquet"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_stops_leaves_nothing(traces: Path, tmp_path: Path, name: str, stop: type[BaseException]) -> None:
    write(tmp_path / name, "the steps of yesterday")
    with pytest.raises(stop), written(tmp_path / name, talk) as writer:
        writer.add(next(run(talk, [traces])))
        raise stop
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, "t.jsonl"]
    assert (tmp_path / name).read_text() == "the steps of yesterday"


def test_without_pyarrow(traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingLibraryError, match="stepc\\[parquet\\]"):
        save(tmp_path / "steps.parquet", traces)
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_name_that_is_taken(traces: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another name"):
        save(tmp_path / "episodes.jsonl", traces)


def test_what_only_a_live_caller_could_push(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(3_000):
        deep = [deep]
    lines: list[bytes] = []
    for value in ("\ud800", 2**80, 10**400, deep, {"\udfff": float("nan")}):
        lines.append(output._json(talk.Called("f", value, None)))
    for line in lines:
        assert json.loads(line)["tool"] == "f"


LOG = Source(name="log", format="jsonl", episode=EpisodeFile(), event=EventPath(()))


class Log:
    """The small module over files of events."""

    SOURCE = LOG
    Adapter = talk.Adapter
    start = staticmethod(talk.start)
    labels = staticmethod(talk.labels)


def test_long_episodes_go_to_the_sink_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "session.jsonl", json_lines(*({"role": "user", "content": str(number)} for number in range(25))))
    whole = list(run(Log, [path]))  # type: ignore[arg-type]
    monkeypatch.setattr(runs, "PART", 10)
    save(tmp_path / "steps.jsonl", path, Log)
    lines = [json.loads(line) for line in (tmp_path / "steps.jsonl").read_text().splitlines()]
    assert [(line["event"], line["step"], line["text"]) for line in lines] == [(number, number, str(number)) for number in range(25)]
    assert {line["episode"] for line in lines} == {"session:0"} == {whole[0].id}
    assert whole[0].events == 25 and len(whole[0].steps) == 25


def test_texts_are_not_handed_over_in_parts() -> None:
    assert Run(type("Text", (Log,), {"SOURCE": MARKDOWN.SOURCE}), [], sink=output.JsonLines("x", sys.stdout.buffer))._sink is None  # type: ignore[arg-type]


MEMORY = """
import resource, sys
from runtime import talk
from stepc.runtime.run import run
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(len(episode.steps) for episode in run(talk, [sys.argv[1]]))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    line = json_lines(chat("x", *(["word " * 400] * 20)))
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(line * 50)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    count, grown = map(int, done.stdout.split())
    assert count == 40_000 and path.stat().st_size > 75_000_000
    assert grown < 25  # MiB
