"""`episode by`: runs whose events stand side by side in one file are read as if each had a file of its own, in every layout."""

from __future__ import annotations

import gzip
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepc import ir
from stepc.drift.gather import gather
from stepc.emit.render import Renderer
from stepc.front import check_text
from stepc.runtime.limits import Limits
from stepc.runtime.problems import Problems
from stepc.runtime.readers import Counts, event_loads, read
from stepc.runtime.run import AdapterModule, run
from stepc.verify.coverage import Collector
from stepc.verify.load import from_text
from stepc.verify.runner import Verifier
from stepc.verify.schemas import step_schema

SPEC = """\
stepview 1

source demo {{
  format {format}
  accept not has .foreign
  episode by .run.id else .session
  event {event} {{
    verdict sealed when .kind == "verdict"
    begin record when .kind == "begin"
  }}
}}

meta {{
  id: str = "{{file.stem}}/{{episode.key}}"
  group: str? = first.begin.task
}}

outcome {{
  failed: bool? = not last.verdict.passed
}}

state {{
  said: int = 0
}}

step Note {{
  text: str
  place: int
  index: int
}}

match .kind {{
  "begin" => ignore "known"
  otherwise => {{
    emit Note {{
      text = .text else ""
      place = state.said
      index = event.index
    }}
    set said = event.index
  }}
}}
"""
LAYOUTS = {
    "a line an event": ("jsonl", "."),
    "a line of events": ("jsonl", ".batch[]"),
    "a document": ("json", ".batch[]"),
    "a document with levels": ("json", ".groups[].batch[]"),
}


@cache
def compiled(layout: str) -> tuple[ir.Program, AdapterModule, str]:
    form, event = LAYOUTS[layout]
    found = check_text(SPEC.format(format=form, event=event), file="demo")
    assert found.program is not None, found.diagnostics
    text = Renderer(found.program).rendered().text
    return found.program, from_text("demo", text, "<demo>"), text


def batches(events: list[Any], size: int = 3) -> list[list[Any]]:
    return [events[begin : begin + size] for begin in range(0, len(events), size)]


def written(layout: str, events: list[Any]) -> bytes:
    if layout == "a line an event":
        return b"".join(orjson.dumps(event) + b"\n" for event in events)
    parts = [{"batch": batch} for batch in batches(events)]
    if layout == "a line of events":
        return b"".join(orjson.dumps(part) + b"\n" for part in parts)
    return orjson.dumps({"batch": events} if layout == "a document" else {"groups": parts})


def ending(layout: str) -> str:
    return "log.jsonl" if layout.startswith("a line") else "log.json"


def key_of(event: Any) -> str | None:
    inner = event.get("run")
    inner = inner.get("id") if isinstance(inner, dict) else None
    found = inner if isinstance(inner, str) else event.get("session")
    return found if isinstance(found, str) else None


def told(found: list[Any]) -> list[Any]:
    return [
        (ran.id.partition("/")[2], ran.group, ran.labels, [msgspec.to_builtins(step) for step in ran.steps], ran.account) for ran in found
    ]


NAMES = st.sampled_from(["a", "b", "c", ""])
EVENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["begin", "note", "note", "verdict", "other"])},
    optional={
        "session": NAMES | st.sampled_from([None, 3]),
        "run": st.none() | st.fixed_dictionaries({"id": NAMES | st.none()}),
        "text": st.sampled_from(["x", "y"]),
        "passed": st.booleans() | st.none(),
        "task": st.sampled_from(["t1", "t2"]),
    },
)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(events=st.lists(EVENTS, max_size=14))
def test_runs_in_pieces_are_read_as_runs_in_files_of_their_own(layout: str, events: list[Any]) -> None:
    _, module, _ = compiled(layout)
    runs: dict[str, list[Any]] = {}
    for event in events:
        key = key_of(event)
        if key is not None:
            runs.setdefault(key, []).append(event)
    with tempfile.TemporaryDirectory() as folder:
        mixed = Path(folder, "mixed", ending(layout))
        mixed.parent.mkdir()
        mixed.write_bytes(written(layout, events))
        together = run(module, [mixed])
        found = list(together)
        alone = []
        for number, pieces in enumerate(runs.values()):
            path = Path(folder, f"{number}", ending(layout))
            path.parent.mkdir()
            path.write_bytes(written(layout, pieces))
            alone += run(module, [path])
    assert told(found) == told(alone)
    assert [ran.id for ran in found] == [f"log/{key}" for key in runs]
    assert [ran.index for ran in found] == list(range(len(runs)))
    lost = {defect.kind: defect.count for defect in together.account.defects}
    assert lost.get("no_key", 0) == sum(key_of(event) is None for event in events)
    assert sum(ran.account.events for ran in found) + lost.get("no_key", 0) == len(events)


EVENT = {"kind": "note", "session": "a", "text": "x"}
OTHER = {"kind": "note", "session": "b", "text": "y"}
LINES = "a line an event"


def test_a_file_that_is_compressed_damaged_and_larger_than_memory_may_hold(tmp_path: Path) -> None:
    _, module, _ = compiled(LINES)
    lines = [orjson.dumps(EVENT), b"{", orjson.dumps(OTHER), b"", b'{"kind": "note", "session": "a", "text": NaN}', orjson.dumps(EVENT)]
    lines += [b'{"session": "b", "text": "' + b"x" * 5_000 + b'"}', orjson.dumps({"foreign": 1, "session": "a"}), orjson.dumps(OTHER)]
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    problems, counts = Problems(), Counts()
    found = {}
    for episode in read(module, [path], limits=Limits(whole=64, line=2_000), problems=problems, counts=counts):
        found[episode.key] = [event["text"] for event in episode.events]
    assert found == {"a": ["x", None, "x"], "b": ["y", "y"]}
    assert {defect.kind: defect.count for defect in problems} == {"truncated": 1, "nonstandard_json": 1, "too_large": 1, "not_accepted": 1}
    assert {str(place) for defect in problems for place in defect.places if defect.kind == "truncated"} == {"log.jsonl, event 1"}
    assert counts.refused == 1
    assert counts.outside == {"blank": 1}


def test_episodes_may_be_left_and_taken_up_again(tmp_path: Path) -> None:
    _, module, _ = compiled(LINES)
    path = tmp_path / "log.jsonl"
    path.write_bytes(written(LINES, [EVENT, OTHER, EVENT, OTHER, EVENT]))
    reading = read(module, [path])
    first = next(reading)
    assert next(first.events)["text"] == "x"
    second = next(reading)
    assert [event["text"] for event in second.events] == ["y", "y"]
    assert [event["text"] for event in first.events] == ["x", "x"]


def test_a_list_of_records_is_read_like_lines(tmp_path: Path) -> None:
    _, module, _ = compiled(LINES)
    path = tmp_path / "log.jsonl"
    path.write_bytes(orjson.dumps([EVENT, OTHER, EVENT]))
    assert [(ran.id, len(ran.steps)) for ran in run(module, [path])] == [("log/a", 2), ("log/b", 1)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_laws_hold_on_whole_files(layout: str, tmp_path: Path) -> None:
    program, module, _ = compiled(layout)
    events = [EVENT, OTHER, {"kind": "verdict", "session": "a", "passed": True}, OTHER, EVENT]
    (tmp_path / ending(layout)).write_bytes(written(layout, events))
    report = Verifier(program, module, step_schema(program, 4_000), examples=30).verify([tmp_path])
    assert report.episodes == 2
    assert report.holds, report


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_verdict_that_tells_other_runs_apart_breaks_a_law(layout: str, tmp_path: Path) -> None:
    program, _, text = compiled(layout)
    leaking = text.replace("            self.sealed += 1\n            return ()\n", "            self.sealed += 0\n")
    assert leaking != text
    events = [EVENT, {"kind": "verdict", "session": "a", "passed": False, "text": "lost"}, OTHER]
    (tmp_path / ending(layout)).write_bytes(written(layout, events))
    verifier = Verifier(program, from_text("demo", leaking, "<demo>"), step_schema(program, 4_000), examples=60)
    report = verifier.verify([tmp_path], only=("blind",))
    assert [result.broken.law for result in report.results if result.broken is not None] == ["sealed-blind"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_event_alone_is_decoded_with_its_key(layout: str) -> None:
    _, module, _ = compiled(layout)
    value = event_loads(module.SOURCE)(orjson.dumps({**EVENT, "unread": "z" * 99}))
    assert module.episode_key(value) == "a"  # type: ignore[attr-defined]
    assert [len(module.Adapter().push(value))] == [1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_coverage_and_drift_see_every_event(layout: str, tmp_path: Path) -> None:
    program, module, _ = compiled(layout)
    events = [EVENT, OTHER, {"kind": "verdict", "session": "a", "passed": True}, {"kind": "note", "session": "b", "rare": 1}]
    path = tmp_path / ending(layout)
    path.write_bytes(written(layout, events))
    collector = Collector(program, module)
    for episode in read(module, [path]):
        collector.watch(episode)
        for _ in episode.events:
            pass
    unread = [path.path for path in collector.coverage().unread()]
    assert [path for path in unread if path.endswith(".rare")]
    side = gather(program, module, [str(path)])
    assert (side.documents, side.episodes, side.events) == (2, 2, 4)
    assert not [fact for fact, measure in side.measures.items() if fact.kind == "unlabelled" and measure.count > 1]
