"""Kinds of events: `meta` and `outcome` are told of the first and the last of each, and sealed ones give no step, in every layout."""

from __future__ import annotations

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
from stepc.emit.render import Renderer
from stepc.front import check_text
from stepc.runtime.run import AdapterModule, run
from stepc.verify.load import from_text
from stepc.verify.runner import Verifier
from stepc.verify.schemas import step_schema

SPEC = """\
stepview 1

source demo {{
  format {format}
  episode {episode}
  event {event} {{
    verdict sealed when .kind == "verdict"
    begin record when .kind == "begin" and present .run
    talk record when .kind in ["begin", "note"]
  }}
}}

meta {{
  id: str = first.begin.run else "nobody"
  group: str? = last.begin.run
  spoke: json? = first.talk
}}

outcome {{
  failed: bool? = not last.verdict.passed
  first_failed: bool? = not first.verdict.passed
}}

step Note {{
  text: str
  passed: bool?
}}

match .kind {{
  "begin" => ignore "known"
  otherwise => emit Note {{
    text = .text else ""
    passed = .passed
  }}
}}
"""
LAYOUTS = {
    "a line an event": ("jsonl", "file", "."),
    "a line a run": ("jsonl", ".", ".events[]"),
    "a document of runs": ("json", ".runs[]", ".events[]"),
}


@cache
def compiled(layout: str) -> tuple[ir.Program, AdapterModule, str]:
    form, episode, event = LAYOUTS[layout]
    program = check_text(SPEC.format(format=form, episode=episode, event=event), file="demo.stepview").program
    assert program is not None
    text = Renderer(program).rendered().text
    return program, from_text("demo", text, "<demo>"), text


def written(layout: str, events: list[Any]) -> bytes:
    if layout == "a line an event":
        return b"".join(orjson.dumps(event) + b"\n" for event in events)
    document = {"events": events}
    return orjson.dumps(document if layout == "a line a run" else {"runs": [document]})


def ending(layout: str) -> str:
    return "log.json" if layout == "a document of runs" else "log.jsonl"


def kind(event: Any) -> str:
    if not isinstance(event, dict):
        return ""
    if event.get("kind") == "begin" and event.get("run") is not None:
        return "begin"
    return {"verdict": "verdict", "begin": "talk", "note": "talk"}.get(event.get("kind"), "")


def edges(events: list[Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = [event for event in events if kind(event) == name]
    return (found[0], found[-1]) if found else ({}, {})


def failed(verdict: dict[str, Any]) -> bool | None:
    passed = verdict.get("passed")
    return not passed if isinstance(passed, bool) else None


KINDS = st.sampled_from(["verdict", "begin", "note", "other"])
EVENTS = st.fixed_dictionaries(
    {"kind": KINDS},
    optional={
        "passed": st.sampled_from([True, False, None, "yes"]),
        "text": st.sampled_from(["a", "b"]),
        "run": st.sampled_from(["r1", "r2", None]),
    },
)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(events=st.lists(EVENTS, max_size=8))
def test_labels_come_from_the_first_and_the_last_of_a_kind(layout: str, events: list[Any]) -> None:
    _, module, _ = compiled(layout)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, ending(layout))
        path.write_bytes(written(layout, events))
        ran = list(run(module, [path]))
    if layout == "a line an event" and not events:
        assert ran == []
        return
    (episode,) = ran
    begin, talk, verdict = (edges(events, name) for name in ("begin", "talk", "verdict"))
    assert episode.id == begin[0].get("run", "nobody")
    assert episode.group == begin[1].get("run")
    assert episode.meta == {"spoke": talk[0] or None}
    assert episode.labels == {"failed": failed(verdict[1]), "first_failed": failed(verdict[0])}
    told = [event for event in events if event["kind"] not in ("verdict", "begin")]
    shown = [{key: value for key, value in msgspec.to_builtins(step).items() if key != "type"} for step in episode.steps]
    assert [step["text"] for step in shown] == [event.get("text", "") for event in told]
    assert episode.account.sealed == sum(event["kind"] == "verdict" for event in events)
    assert episode.account.events == len(events)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("odd", [None, 3, "verdict", [], ["verdict"], {"kind": ["verdict"]}, {"kind": None}])
def test_what_is_no_object_is_of_no_kind(layout: str, odd: Any, tmp_path: Path) -> None:
    _, module, _ = compiled(layout)
    path = tmp_path / ending(layout)
    path.write_bytes(written(layout, [{"kind": "verdict", "passed": False}, odd]))
    (episode,) = run(module, [path])
    assert episode.labels["failed"] is True
    assert episode.account.sealed == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_live_adapter_gives_the_same_steps(layout: str) -> None:
    _, module, _ = compiled(layout)
    adapter = module.Adapter()
    events = [{"kind": "note", "text": "a"}, {"kind": "verdict", "passed": True}, {"kind": "note", "text": "b", "passed": False}]
    assert [len(adapter.push(event)) for event in events] == [1, 0, 1]
    assert adapter.account.sealed == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sealed_event_that_reaches_a_step_breaks_a_law(layout: str, tmp_path: Path) -> None:
    program, module, text = compiled(layout)
    (tmp_path / ending(layout)).write_bytes(written(layout, [{"kind": "note"}, {"kind": "verdict", "passed": False, "text": "lost"}]))
    leaking = text.replace("            self.sealed += 1\n            return ()\n", "            self.sealed += 0\n")
    assert leaking != text
    for one, laws in ((module, []), (from_text("demo", leaking, "<demo>"), ["sealed-blind"])):
        verifier = Verifier(program, one, step_schema(program, 4_000), examples=60)
        report = verifier.verify([tmp_path], only=("blind",))
        assert [result.broken.law for result in report.results if result.broken is not None] == laws
