"""The commands that run a monitor: watching traces that grow says what replaying them says, and explanations add up."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from monitor.small import SAMPLES, table, usual, written

import stepc_adapters.react_text_logs as react_text_logs
import stepc_adapters.tau2 as tau2
import stepc_adapters.tau2_watch as tau2_watch
import stepc_adapters.taubench_v1 as taubench_v1
import stepc_adapters.webarena_infinity as webarena_infinity
from stepc.cli.app import run
from stepc.cli.monitor import growing
from stepc.cli.monitor.following import Runs, Source
from stepc.front import read_spec
from stepc.ir import identity
from stepc.runtime import EpisodeBy, EventPath, File, Labels
from stepc.runtime import Source as RawSource
from stepc.runtime.problems import Problems
from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch.live import Monitor

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The small monitor as a file, trained (as it says) with the spec of the project."""
    program = read_spec(ROOT / "specs" / "tau2.stepview", project=ROOT).program
    assert program is not None
    header, blocks = written("stack")
    header["spec"]["identity"] = identity(program)
    place = tmp_path_factory.mktemp("artefacts") / "small.monitor"
    artefacts.write(place, header, blocks)
    return str(place)


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def called(*arguments: str) -> int:
    """The exit code of a call of the command."""
    return run(["monitor", *arguments])


def by_run(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(json.loads(line)["episode"], []).append(line)
    return found


def replayed(module: Any, *paths: Path, root: Path | None = None) -> dict[str, list[str]]:
    runs = Runs(Monitor(usual(), adapter=module.Adapter), module)
    source = Source(module, [str(path) for path in paths], root=str(root) if root else None)
    return by_run([verdict.line() for verdict in source.whole(runs)])


class Watched:
    """A monitor over a folder that grows, looked at between any two writes."""

    def __init__(self, module: Any, folder: Path) -> None:
        self.runs = Runs(Monitor(usual(), adapter=module.Adapter), module)
        self.source = Source(module, [str(folder)])
        self.lines: list[str] = []

    def look(self) -> None:
        self.lines += [verdict.line() for verdict in self.source.changed(self.runs)]

    def end(self) -> dict[str, list[str]]:
        self.lines += [verdict.line() for verdict in self.source.changed(self.runs, last=True)]
        self.lines += [verdict.line() for verdict in self.runs.end()]
        return by_run(self.lines)


# ---- the same verdicts -----------------------------------------------------------------------------------------------


def test_replay_and_watch_write_the_same_bytes(artefact: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    written_by = []
    for verb in (["replay"], ["watch", "--once"]):
        assert called(*verb, artefact, str(SAMPLES), "--format", "json") == 0
        written_by.append(capfdbinary.readouterr().out)
    assert written_by[0] == written_by[1]
    assert len(written_by[0].splitlines()) > 30


def test_no_hash_seed_time_zone_or_locale_changes_a_byte(artefact: str) -> None:
    command = [sys.executable, "-m", "stepc", "monitor", "replay", artefact, str(SAMPLES / "thinking.json"), "--format", "json"]
    outputs = [
        subprocess.run(command, cwd=ROOT, env={**os.environ, **changes}, capture_output=True, check=True).stdout
        for changes in ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"})
    ]
    assert outputs[0] == outputs[1] != b""


def test_lines_that_come_in_pieces(tmp_path: Path) -> None:
    content = b"".join(path.read_bytes() for path in sorted((ROOT / "specs" / "samples" / "taubench_v1").glob("*.jsonl")))
    place, watched = tmp_path / "runs.jsonl", Watched(taubench_v1, tmp_path)
    watched.look()
    for at in range(0, len(content), max(len(content) // 17, 1)):
        with place.open("ab") as stream:
            stream.write(content[at : at + max(len(content) // 17, 1)])
        watched.look()
        watched.look()  # nothing new: nothing said
    seen = len(watched.lines)
    assert watched.end() == replayed(taubench_v1, tmp_path)
    assert seen > 10


def test_a_document_that_is_written_anew_each_time(tmp_path: Path) -> None:
    whole = json.loads((SAMPLES / "dual_control.json").read_bytes())
    place, watched = tmp_path / "one.json", Watched(tau2, tmp_path)
    messages = whole["simulations"][0]["messages"]
    for length in (1, 2, 2, 5, 9, len(messages)):
        growing = {**whole, "simulations": [{**whole["simulations"][0], "messages": messages[:length]}]}
        place.write_text(json.dumps(growing), encoding="utf-8")
        os.utime(place, ns=(length, length))
        watched.look()
    assert watched.end() == replayed(tau2, tmp_path)


def test_a_text_whose_last_event_is_not_whole_yet(tmp_path: Path) -> None:
    samples = ROOT / "specs" / "samples" / "react_text_logs"
    chosen = sorted(path for path in samples.rglob("*") if path.suffix in (".txt", ".log"))[:3]
    assert chosen
    for number, sample in enumerate(chosen):
        folder = tmp_path / str(number)
        place = folder / sample.relative_to(samples)
        place.parent.mkdir(parents=True)
        lines = sample.read_bytes().splitlines(keepends=True)
        watched = Watched(react_text_logs, folder)
        for length in range(1, len(lines) + 1, max(len(lines) // 12, 1)):
            place.write_bytes(b"".join(lines[:length]))
            os.utime(place, ns=(length, length))
            watched.look()
        place.write_bytes(b"".join(lines))
        assert watched.end() == replayed(react_text_logs, folder)


def test_documents_that_lie_beside_traces_are_not_taken_for_some() -> None:
    folder = ROOT / "specs" / "samples" / "webarena_infinity"
    watched = Watched(webarena_infinity, folder)
    watched.look()
    assert watched.end() == replayed(webarena_infinity, folder) != {}
    assert not list(watched.source.problems)


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes((SAMPLES / "thinking.json").read_bytes())
    names = list(replayed(tau2, tmp_path))
    assert len(names) == 2
    assert names[1].startswith(f"{names[0]} (")


# ---- the commands ----------------------------------------------------------------------------------------------------


def test_alerts_are_told_once_and_written_as_lines(artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "alerts.jsonl"
    assert called("replay", artefact, str(SAMPLES), "--alerts", str(place)) == 0
    output = capfd.readouterr()
    alerts = [json.loads(line) for line in place.read_text().splitlines()]
    assert alerts and all(alert["alert"] and alert["evidence"] for alert in alerts)
    heads = [line for line in output.out.splitlines() if line.startswith(("red", "yellow"))]
    assert len(heads) == len(alerts)
    assert f"{sum(alert['zone'] == 'red' for alert in alerts)} red" in output.err


def test_alerts_of_before_are_kept_where_nothing_takes_their_place(
    artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "alerts.jsonl"
    place.write_text("of yesterday\n")
    (tmp_path / "empty.json").write_text("{}")
    for verb in (["replay"], ["watch", "--once"]):
        assert called(*verb, artefact, str(tmp_path / "empty.json"), "--alerts", str(place)) == 3
        assert place.read_text() == "of yesterday\n"
        assert called(*verb, artefact, str(SAMPLES), "--alerts", artefact) == 2
    assert called("replay", artefact, str(SAMPLES), "--alerts", str(place)) == 0
    assert "of yesterday" not in place.read_text()
    capfd.readouterr()


@pytest.mark.parametrize("after", [0, 3])
def test_an_interrupt_while_reading_says_nothing_that_replay_does_not(
    artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    from stepc.cli.monitor.telling import Teller

    assert called("replay", artefact, str(SAMPLES), "--format", "json") == 0
    wanted = capfd.readouterr().out.splitlines()
    add, seen = Teller.add, []

    def interrupted(self: Teller, verdict: Any) -> None:
        if len(seen) == after:
            seen.append(verdict)
            raise KeyboardInterrupt
        seen.append(verdict)
        add(self, verdict)

    monkeypatch.setattr(Teller, "add", interrupted)
    assert called("watch", artefact, str(SAMPLES), "--format", "json") == 130
    output = capfd.readouterr()
    found = output.out.splitlines()
    assert len(found) == after and set(found) <= set(wanted)
    assert "interrupted while there was more to read" in output.err


def test_exit_codes(artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert called("replay", artefact, str(SAMPLES), "--fail-on", "red") == 1
    assert called("watch", artefact, str(SAMPLES), "--once", "--fail-on", "yellow") == 1
    assert called("replay", artefact, str(tmp_path / "none.json")) == 3
    assert called("replay", str(SAMPLES / "thinking.json"), str(SAMPLES)) == 3
    assert called("watch", artefact, "-", str(SAMPLES)) == 2
    assert called("explain", artefact, str(SAMPLES)) == 2
    assert called("explain", artefact, str(SAMPLES), "--id", "nobody") == 2
    assert called("explain", artefact, str(SAMPLES), "--id", "nobody", "--episode", "0") == 2
    assert called("replay", artefact, str(tmp_path), "--alerts", str(tmp_path / "alerts.jsonl")) == 2
    (tmp_path / "empty.json").write_text("{}")
    assert called("replay", artefact, str(tmp_path / "empty.json")) == 3
    assert called("watch", artefact, str(tmp_path / "empty.json"), "--once") == 3
    assert "Traceback" not in capfd.readouterr().err


def test_what_cannot_be_read_is_told(artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.json").write_bytes((SAMPLES / "thinking.json").read_bytes())
    (tmp_path / "torn.json").write_bytes((SAMPLES / "thinking.json").read_bytes()[:-100])
    for verb in (["replay"], ["watch", "--once"]):
        assert called(*verb, artefact, str(tmp_path)) == 0
        told = capfd.readouterr().err
        assert "1 run, alerts:" in told and "torn.json" in told


def test_a_monitor_named_without_its_file_is_found(capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("tau2", "tau2_watch"):
        assert called("replay", name, str(SAMPLES)) == 3
        assert str(Path("artefacts", "tau2_watch.monitor")) in capfd.readouterr().err
    assert called("replay", "nothing", str(SAMPLES)) == 3
    assert "stepc monitor train" in capfd.readouterr().err


def test_rules_of_the_spec_hold_without_training_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "rules.monitor"
    table(replace(plans.from_json(tau2_watch.PLAN), rules=(), cooldown=0), tau2_watch.SPEC, place)
    assert Monitor.load(place).plan.rules == ()
    whole = json.loads((SAMPLES / "dual_control.json").read_bytes())
    call = {"role": "assistant", "tool_calls": [{"id": "c", "name": "f", "arguments": {"x": 1}}]}
    whole["simulations"][0]["messages"] = [call, call, call]
    (tmp_path / "one.json").write_text(json.dumps(whole), encoding="utf-8")
    assert called("replay", str(place), str(tmp_path / "one.json"), "--format", "json") == 0
    (line,) = capfd.readouterr().out.splitlines()
    verdict = json.loads(line)
    assert (verdict["event"], verdict["alert"], verdict["zone"], verdict["rules"]) == (2, True, "yellow", ["repeats"])


def test_an_artefact_of_another_spec_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    header, blocks = written("table")
    artefacts.write(tmp_path / "other.monitor", header, blocks)
    assert called("replay", str(tmp_path / "other.monitor"), str(SAMPLES)) == 2
    assert "has changed since the monitor was trained" in capfd.readouterr().err


def test_contributions_add_up_to_the_logit(artefact: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert called("explain", artefact, str(SAMPLES), "--episode", "2", "--format", "json") == 0
    told = json.loads(capfd.readouterr().out)
    logit = told["origin"]
    for point in told["points"]:
        logit += math.fsum(one["change"] for one in point["contributions"])
        assert math.isclose(logit, point["logit"], abs_tol=1e-9)
        assert all(one["step"] <= point["step"] for one in point["contributions"])
    assert called("explain", artefact, str(SAMPLES), "--id", told["run"], "--top", "2") == 0
    page = capfd.readouterr().out
    assert f"{told['points'][-1]['logit']:.2f}" in page and "further contribution" in page


def test_hostile_names_do_not_reach_the_terminal(artefact: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = json.loads((SAMPLES / "dual_control.json").read_bytes())
    whole["simulations"][0]["id"] = "evil\x1b[2Jname"
    (tmp_path / "one.json").write_text(json.dumps(whole), encoding="utf-8")
    assert called("replay", artefact, str(tmp_path)) == 0
    assert called("explain", artefact, str(tmp_path)) == 0  # a run that is alone needs no name
    assert "\x1b" not in capfd.readouterr().out


def test_ctrl_c_ends_cleanly(artefact: str, tmp_path: Path) -> None:
    alerts = tmp_path / "alerts.jsonl"
    command = [sys.executable, "-m", "stepc", "monitor", "watch", artefact, str(SAMPLES), "--interval", "0.05", "--alerts", str(alerts)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        for _ in range(600):
            time.sleep(0.05)
            if alerts.is_file() and len(alerts.read_text().splitlines()) > 3:
                break
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "alerts:" in err and "Traceback" not in err
    assert len([line for line in out.splitlines() if line.startswith(("red", "yellow"))]) == len(alerts.read_text().splitlines())


IN_PIECES = SimpleNamespace(
    SOURCE=RawSource(name="pieces", format="jsonl", episode=EpisodeBy(), event=EventPath()),
    episode_key=lambda event: event.get("run"),
    start=lambda episode, defects: {},
    labels=lambda episode, defects: Labels(episode.key, None, {}, {}),
    Adapter=taubench_v1.Adapter,
)
"""The messages of taubench_v1, a line each, with the name of their run."""


def in_pieces(count: int) -> list[bytes]:
    """The messages of some runs, one of each in turn, and one that belongs to nobody."""
    lines = [
        line for path in sorted((ROOT / "specs" / "samples" / "taubench_v1").glob("*.jsonl")) for line in path.read_bytes().splitlines()
    ]
    runs = [[{**message, "run": f"r{number}"} for message in json.loads(line)["traj"]] for number, line in enumerate(lines[:count])]
    events = [event for turn in zip_longest(*runs) for event in turn if event is not None]
    return [json.dumps(event).encode() + b"\n" for event in [*events[:3], {"role": "user"}, *events[3:]]]


def test_runs_in_pieces_go_on_side_by_side(tmp_path: Path) -> None:
    lines = in_pieces(4)
    (tmp_path / "log.jsonl").write_bytes(b"".join(lines))
    whole = replayed(IN_PIECES, tmp_path / "log.jsonl")
    assert set(whole) == {"r0", "r1", "r2", "r3"}
    (tmp_path / "grows").mkdir()
    watched = Watched(IN_PIECES, tmp_path / "grows")
    with (tmp_path / "grows" / "log.jsonl").open("ab", buffering=0) as growing:
        for line in lines:
            for part in (line[:7], line[7:]):
                growing.write(part)
                watched.look()
    assert len(watched.runs.open) == 4
    assert watched.end() == whole
    reader, writer = os.pipe()
    runs = Runs(Monitor(usual(), adapter=IN_PIECES.Adapter), IN_PIECES)
    threading.Thread(target=lambda: (os.write(writer, b"".join(lines)), os.close(writer)), daemon=True).start()
    piped = Source(IN_PIECES, ["-"])
    found = [verdict.line() for verdict in [*piped.piped(runs, reader), *runs.end()]]
    os.close(reader)
    assert by_run(found) == whole
    assert {defect.kind: defect.count for defect in piped.problems} == {"no_key": 1}


def test_of_very_many_runs_in_pieces_those_that_were_put_out_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "MOST_PIECES", 3)
    runs = Runs(Monitor(usual(), adapter=IN_PIECES.Adapter, most_episodes=2), IN_PIECES)
    stream = growing.Growing(IN_PIECES, File.at("log.jsonl"), Problems(), "log.jsonl")
    for number in range(40):
        list(stream.feed(runs, json.dumps({"run": f"r{number}", "role": "user", "content": "hello"}).encode() + b"\n"))
    assert runs.count == 40
    assert len(runs.open) == 2
    assert len(runs._known) <= 2 * 3 + 2


def test_standard_input_is_read_as_it_comes(tmp_path: Path) -> None:
    """Lines are scored when they end, not when the stream does."""
    content = b"".join(path.read_bytes() for path in sorted((ROOT / "specs" / "samples" / "taubench_v1").glob("*.jsonl")))
    reader, writer = os.pipe()
    runs = Runs(Monitor(usual(), adapter=taubench_v1.Adapter), taubench_v1)
    verdicts = Source(taubench_v1, ["-"], piped="runs.jsonl").piped(runs, reader)
    first, rest = content.split(b"\n", 1)
    os.write(writer, first + b"\n" + rest[:10])
    found = [next(verdicts).line()]
    os.write(writer, rest[10:] if len(rest) < 60_000 else rest[10 : rest.index(b"\n") + 1])
    os.close(writer)
    found += [verdict.line() for verdict in verdicts]
    os.close(reader)
    one = tmp_path / "runs.jsonl"
    one.write_bytes(content if len(rest) < 60_000 else first + b"\n" + rest[: rest.index(b"\n") + 1])
    assert by_run(found) == replayed(taubench_v1, one)
