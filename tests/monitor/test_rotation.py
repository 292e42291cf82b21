"""Logs are renamed or cut when they are full, and the one who watches them must not lose a run over it, nor tell one twice."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.test_commands import IN_PIECES, ROOT, Watched, in_pieces, replayed

import stepc_adapters.react_text_logs as react_text_logs
import stepc_adapters.taubench_v1 as taubench_v1
from stepc.runtime import EpisodeFile, EventPath, Labels
from stepc.runtime import Source as RawSource

LINES = [
    json.dumps({"prompt": "You help. " * 60, "at": number, **json.loads(line)}).encode() + b"\n" for number, line in enumerate(in_pieces(3))
]
"""As loggers write them that begin every line with the same prompt."""
ONE_RUN = SimpleNamespace(
    SOURCE=RawSource(name="one", format="jsonl", episode=EpisodeFile(), event=EventPath()),
    start=lambda episode, defects: {},
    labels=lambda episode, defects: Labels(episode.file.stem, None, {}, {}),
    Adapter=taubench_v1.Adapter,
)
"""The messages of one run of taubench_v1, a line each."""


def shifted(log: Path, name: str) -> None:
    """Rename the log, as logrotate does: what has that name already gets one further on."""
    place = log.with_name(name)
    if place.exists():
        shifted(place, f"{name}.x")
    log.rename(place)


def whole_runs(count: int) -> list[list[bytes]]:
    """The messages of some runs, a line each."""
    runs = [
        line for path in sorted((ROOT / "specs" / "samples" / "taubench_v1").glob("*.jsonl")) for line in path.read_bytes().splitlines()
    ]
    return [[json.dumps(message).encode() + b"\n" for message in json.loads(line)["traj"]] for line in runs[:count]]


def told(problems: object) -> set[str]:
    return {defect.kind for defect in problems}  # type: ignore[attr-defined]


@cache
def expected() -> dict[str, list[str]]:
    """What replaying all lines says."""
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole.jsonl"
        whole.write_bytes(b"".join(LINES))
        return replayed(IN_PIECES, whole)


HAPPENING = ("write", "write", "look", "rename", "rename later", "copy", "cut")
"""A log is written to, looked at, renamed, renamed and still written to for a while, copied
and cut, or (right behind a look) cut."""


@given(
    st.lists(st.tuples(st.sampled_from(HAPPENING), st.integers(1, 4_000)), max_size=20),
    st.booleans(),
    st.sampled_from(["log.jsonl.1", "an-older-log.jsonl", "log-1.jsonl"]),
)
@settings(max_examples=40, deadline=None)
def test_whatever_becomes_of_a_log_all_its_lines_are_read_once(history: list[tuple[str, int]], folder: bool, older: str) -> None:
    content, at = b"".join(LINES), len(LINES[0])
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log.jsonl"
        watched = Watched(IN_PIECES, Path(place) if folder else log)
        log.write_bytes(content[:at])
        watched.look()
        stream = log.open("ab", buffering=0)
        for what, size in [*history, ("write", len(content))]:
            if what == "write":
                stream.write(content[at : at + size])
                at = min(at + size, len(content))
                continue
            watched.look()
            whole = content[:at].endswith(b"\n")
            if what == "cut" and whole:  # half a line would be lost with the rest of it
                os.truncate(log, 0)
            elif what == "copy" and whole and log.stat().st_size:  # by a line it is known again
                end = content.index(b"\n", at) + 1 if at < len(content) else at
                stream.write(content[at:end])
                at = end
                if log.with_name(older).exists():
                    shifted(log.with_name(older), f"{older}.x")
                log.with_name(older).write_bytes(log.read_bytes())
                os.truncate(log, 0)
            elif what.startswith("rename"):
                # Whole lines: no logger continues a line in another file.
                end = content.index(b"\n", at - 1) + 1 if at < len(content) else at
                if what == "rename":
                    stream.write(content[at:end])
                shifted(log, older)
                if what == "rename later":
                    stream.write(content[at:end])
                at = end
                stream.close()
                stream = log.open("ab", buffering=0)
        stream.close()
        assert watched.end() == expected()
        assert told(watched.source.problems) <= {"no_key", "truncated", "empty"}


def test_a_log_that_is_away_for_a_while(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    log, watched = logs / "log.jsonl", Watched(IN_PIECES, logs)
    log.write_bytes(b"".join(LINES[:10]))
    watched.look()
    log.rename(logs / "log.jsonl.1")
    with (logs / "log.jsonl.1").open("ab") as stream:
        stream.write(LINES[10])
    watched.look()
    watched.look()
    log.write_bytes(b"".join(LINES[11:]))
    watched.look()
    assert watched.end() == expected()


@pytest.mark.parametrize("name", ["log.jsonl.1.gz", "a-log.jsonl.gz"])
def test_a_log_that_is_compressed_is_not_another_log(tmp_path: Path, name: str) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    log, watched = logs / "log.jsonl", Watched(IN_PIECES, logs)
    log.write_bytes(b"".join(LINES[:20]))
    watched.look()
    log.rename(logs / "log.jsonl.1")
    log.write_bytes(b"".join(LINES[20:25]))
    watched.look()
    packed = gzip.compress((logs / "log.jsonl.1").read_bytes())
    (logs / name).write_bytes(packed[:5])  # a compressor that is not done yet
    watched.look()
    (logs / name).write_bytes(packed)
    (logs / "log.jsonl.1").unlink()
    watched.look()
    with log.open("ab") as stream:
        stream.write(b"".join(LINES[25:]))
    watched.look()
    assert watched.end() == expected()
    assert told(watched.source.problems) == {"no_key"}


@pytest.mark.parametrize("name", ["log.jsonl.1.gz", "a-log.jsonl.gz"])
def test_a_log_that_is_written_to_and_compressed_between_two_looks(tmp_path: Path, name: str) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    log, watched = logs / "log.jsonl", Watched(IN_PIECES, logs)
    log.write_bytes(b"".join(LINES[:12]))
    watched.look()
    (logs / name).write_bytes(gzip.compress(b"".join(LINES[:20])))
    log.unlink()
    log.write_bytes(b"".join(LINES[20:25]))
    watched.look()
    watched.look()
    with log.open("ab") as stream:
        stream.write(b"".join(LINES[25:]))
    assert watched.end() == expected()
    assert told(watched.source.problems) == {"no_key"}


@pytest.mark.parametrize("name", ["log.jsonl.1", "an-older-log.jsonl", "log.jsonl-20261129.gz"])
def test_a_log_that_is_copied_and_then_cut(tmp_path: Path, name: str) -> None:
    log = tmp_path / "log.jsonl"
    watched = Watched(IN_PIECES, tmp_path)
    log.write_bytes(b"".join(LINES[:12]))
    watched.look()
    content = b"".join(LINES[:20])
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    log.write_bytes(b"")
    watched.look()
    with log.open("ab") as stream:
        stream.write(b"".join(LINES[20:]))
    watched.look()
    assert watched.end() == expected()
    assert told(watched.source.problems) == {"no_key"}


def test_a_log_that_was_cut_and_has_grown_beyond_what_was_read_is_read_anew(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    watched = Watched(IN_PIECES, log)
    log.write_bytes(b"".join(LINES[:10]))
    watched.look()
    log.write_bytes(b"".join(LINES[10:]))
    watched.look()
    assert watched.end() == expected()
    assert told(watched.source.problems) == {"no_key", "truncated"}


def test_a_compressed_log_that_nobody_followed_is_read(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(b"".join(LINES[:1]))
    (tmp_path / "other.jsonl.gz").write_bytes(gzip.compress(b"".join(LINES[1:])))
    (tmp_path / "third.jsonl.gz").write_bytes(gzip.compress(b"".join(LINES[:6])))  # begins as the one that is still there
    watched = Watched(IN_PIECES, tmp_path)
    watched.look()
    assert watched.runs.count == 1 + 3 + 3


def test_a_last_line_without_an_end_counts_when_nobody_watches_any_more(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(b"".join(LINES).rstrip(b"\n"))
    watched = Watched(IN_PIECES, tmp_path)
    watched.look()
    watched.look()
    assert watched.end() == expected()


def test_what_may_be_missing_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    watched = Watched(IN_PIECES, log)
    log.write_bytes(b"".join(LINES[:10]))
    watched.look()
    (tmp_path / "next").write_bytes(b"".join(LINES[10:20]))
    (tmp_path / "next").replace(log)
    watched.look()
    log.write_bytes(b"".join(LINES[20:25]))
    watched.look()
    assert told(watched.source.problems) == {"no_key", "rotated", "truncated"}
    assert len(watched.runs.open) == 3


def test_where_a_file_is_one_run_another_file_is_another_run(tmp_path: Path) -> None:
    messages = whole_runs(2)
    logs = tmp_path / "logs"
    logs.mkdir()
    log, watched = logs / "log.jsonl", Watched(ONE_RUN, logs)
    log.write_bytes(b"".join(messages[0][:5]))
    watched.look()
    with log.open("ab") as stream:
        stream.write(b"".join(messages[0][5:]))
    log.rename(logs / "log.jsonl.1")
    log.write_bytes(b"".join(messages[1]))
    watched.look()
    found = list(watched.end().values())
    wanted = []
    for number, lines in enumerate(messages):
        place = tmp_path / f"{number}.jsonl"
        place.write_bytes(b"".join(lines))
        wanted += replayed(ONE_RUN, place).values()
    assert [[nameless(line) for line in run] for run in found] == [[nameless(line) for line in run] for run in wanted]


def test_runs_of_a_file_each_may_say_the_same(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    watched = Watched(ONE_RUN, logs)
    for name in ("a", "b", "c"):
        (logs / f"{name}.jsonl").write_bytes(b"".join(whole_runs(1)[0]))
        watched.look()
    (logs / "b.jsonl.gz").write_bytes(gzip.compress((logs / "b.jsonl").read_bytes()))
    (logs / "b.jsonl").unlink()
    watched.look()
    found = [list(map(nameless, run)) for run in watched.end().values()]
    assert found[0] and found == [found[0]] * 3


@pytest.mark.parametrize("how", ["rename", "cut"])
def test_a_text_that_gives_its_name_to_another(tmp_path: Path, how: str) -> None:
    samples = (ROOT / "specs" / "samples" / "react_text_logs" / "react" / "webshop_episodes").glob("*.txt")
    second, first = sorted(samples, key=lambda path: path.stat().st_size)
    log = tmp_path / "logs" / "react" / "webshop_episodes" / "log.txt"
    log.parent.mkdir(parents=True)
    watched = Watched(react_text_logs, tmp_path / "logs")
    log.write_bytes(first.read_bytes())
    watched.lines += [verdict.line() for verdict in watched.source.changed(watched.runs, last=True)]
    if how == "rename":
        log.rename(log.with_name("a-log.txt"))
    log.write_bytes(second.read_bytes())
    watched.look()
    found = list(watched.end().values())
    samples_folder = first.parents[2]
    wanted = [run for path in (first, second) for run in replayed(react_text_logs, path, root=samples_folder).values()]
    assert wanted and all(wanted)
    assert [list(map(nameless, run)) for run in found] == [list(map(nameless, run)) for run in wanted]
    assert told(watched.source.problems) == ({"truncated"} if how == "cut" else set())


def nameless(line: str) -> str:
    """A verdict without the name of its run."""
    return json.dumps({**json.loads(line), "episode": ""})
