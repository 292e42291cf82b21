"""Runs build only what the source reads: everything that it reads is the same."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepc.emit.render import render
from stepc.front import check_text, read_spec
from stepc.runtime import Defects
from stepc.runtime.problems import Problems
from stepc.runtime.readers import event_loads, read
from stepc.runtime.readers.projection import loads
from stepc.runtime.run import AdapterModule, run
from stepc.runtime.source import Reads
from stepc.verify.load import from_text

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "specs" / "samples"
SOURCES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())


@cache
def shipped(name: str) -> AdapterModule:
    program = read_spec(PROJECT / "specs" / f"{name}.stepview", project=PROJECT).program
    assert program is not None
    return from_text(name, render(program).text, f"<{name}>")


def reads_of(body: str) -> Reads:
    """What the source of a spec reads; `body` is its match block's."""
    text = (
        f"stepview 1\nsource s {{\n  format json\n  episode .\n  event .events[]\n}}\nmeta {{\n  id: str = .id\n}}\n"
        f"step T {{\n  n: int?\n  flag: bool\n  text: str?\n  whole: json\n}}\nmatch .role {{\n  otherwise => emit T {{\n{body}\n  }}\n}}\n"
    )
    checked = check_text(text, file="specs/s.stepview")
    assert checked.program is not None, checked.diagnostics
    found: Reads = from_text("s", render(checked.program).text, "<s>").SOURCE.reads
    return found


def event_reads(flag: str = "true", n: str = "1", text: str = '"x"', whole: str = "{}") -> Reads:
    reads = reads_of(f"    n = {n}\n    flag = {flag}\n    text = {text}\n    whole = {whole}")
    assert isinstance(reads, dict)
    events = reads["events"]
    assert isinstance(events, list)
    return events[0]


def test_what_is_stepped_through_is_an_object_and_what_is_read_is_whole() -> None:
    assert event_reads(text=".a.b.c") == {"role": None, "a": {"b": {"c": None}}}
    assert event_reads(text=".a[0].c") == {"role": None, "a": [{"c": None}]}
    assert event_reads(flag="has .a.b", text=".a.c") == {"role": None, "a": {"b": None, "c": None}}
    assert event_reads(flag="present .a", text=".a.c") == {"role": None, "a": {"c": None}}


def test_what_is_used_as_a_value_is_whole() -> None:
    assert event_reads(text=".a.c", whole=".a else {}") == {"role": None, "a": None}
    assert event_reads(text=".a else .a.text") == {"role": None, "a": None}
    assert event_reads(n="len(.a)", text=".a.c") == {"role": None, "a": None}, "the length is that of all keys"
    assert event_reads(n="len(.a)", text=".a[0].c") == {"role": None, "a": [{"c": None}]}
    assert event_reads(text=".a[.role].c") == {"role": None, "a": None}, "only a run knows the key"


KEYS = st.sampled_from(["a", "b", "c", "traj", "role", "content", "tool-calls", "é", 'q"', "\x00", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
SHAPES = st.recursive(
    st.none(), lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=4) | inner.map(lambda one: [one]), max_leaves=6
)


def fits(value: Any, reads: Any) -> bool:
    """Whether a value is of the shape that the source expects."""
    if reads is None or value is None:
        return True
    if isinstance(reads, list):
        return isinstance(value, list) and all(fits(item, reads[0]) for item in value)
    return isinstance(value, dict) and all(fits(value[key], inner) for key, inner in reads.items() if key in value)


def kept(value: Any, reads: Any) -> Any:
    """What is left of a value that fits."""
    if reads is None or value is None:
        return value
    if isinstance(reads, list):
        return [kept(item, reads[0]) for item in value]
    return {key: kept(item, reads[key]) for key, item in value.items() if key in reads}


@settings(max_examples=150, deadline=None)
@given(VALUES, SHAPES, st.data())
def test_what_is_read_is_as_in_the_whole_value(value: Any, reads: Any, data: st.DataObject) -> None:
    text = orjson.dumps(value)
    whole = orjson.loads(text)
    assert repr(loads(reads, text=True)(text)) == repr(kept(whole, reads) if fits(whole, reads) else whole)
    cut = text[: data.draw(st.integers(0, len(text)))] + data.draw(st.binary(max_size=3))
    try:
        expected = orjson.loads(cut)
    except orjson.JSONDecodeError:
        if b"e" not in cut.lower():  # what nobody reads may be a number out of range
            with pytest.raises(orjson.JSONDecodeError):
                loads(reads, text=True)(cut)
    else:
        assert repr(loads(reads, text=True)(cut)) == repr(kept(expected, reads) if fits(expected, reads) else expected)


def whole_run(module: AdapterModule, folder: Path) -> list[Any]:
    """Labels and steps by way of whole documents."""
    found = []
    for episode in read(module, [folder], problems=Problems()):
        facts = module.start(episode, Defects())
        assert isinstance(facts, dict)
        adapter = module.Adapter(facts)
        steps = [step for event in episode.events for step in adapter.push(event)] + list(adapter.close())
        found.append((module.labels(episode, Defects()), steps, adapter.account))
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_samples_give_the_same(name: str) -> None:
    module = shipped(name)
    found = [(ran.id, ran.labels, ran.steps, ran.account) for ran in run(module, [SAMPLES / name])]
    assert found == [(labels.id, labels.outcome, steps, account) for labels, steps, account in whole_run(module, SAMPLES / name)]
    assert found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_documents_of_other_shapes_give_the_same(tmp_path: Path, data: st.DataObject) -> None:
    """Any value in the place of any value of a sample."""
    module = shipped("agentdojo")
    document = json.loads((SAMPLES / "agentdojo" / "runs.jsonl").read_text().splitlines()[0])
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = document
        while True:
            key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            if isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
                at = at[key]
            else:
                at[key] = data.draw(VALUES)
                break
    (tmp_path / "x.jsonl").write_text(json.dumps(document))
    found = [(ran.id, ran.labels, ran.steps, ran.account) for ran in run(module, [tmp_path])]
    assert found == [(labels.id, labels.outcome, steps, account) for labels, steps, account in whole_run(module, tmp_path)]


@pytest.mark.parametrize("name", [name for name in SOURCES if shipped(name).SOURCE.format != "text"])
def test_events_that_arrive_as_bytes_give_the_same(name: str) -> None:
    module = shipped(name)
    decode, smaller = event_loads(module.SOURCE), 0
    for episode in read(module, [SAMPLES / name], problems=Problems()):
        facts = module.start(episode, Defects())
        assert isinstance(facts, dict)
        whole, part = module.Adapter(facts), module.Adapter(facts)
        for event in episode.events:
            data = orjson.dumps(event)
            assert part.push(decode(data)) == whole.push(event)
            smaller += len(orjson.dumps(decode(data))) < len(data)
        assert part.close() == whole.close()
        assert part.account == whole.account
    assert smaller or name != "tau2", "its events hold more than the spec reads"


def test_what_is_no_json_is_no_event() -> None:
    with pytest.raises(orjson.JSONDecodeError):
        event_loads(shipped("agentdojo").SOURCE)(b'{"role": ')


def test_what_is_no_utf_8_is_a_defect_wherever_it_stands(tmp_path: Path) -> None:
    lines = (SAMPLES / "agentdojo" / "runs.jsonl").read_bytes().splitlines()
    lines[0] = b'{"never_read": "\xe9", ' + lines[0][1:]
    lines[1] = b'{"never_read": "' + b"x" * (1 << 21) + b'\xe2\x82", ' + lines[1][1:]
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(lines))
    running = run(shipped("agentdojo"), [tmp_path])
    assert sum(1 for _ in running) == len(lines)
    assert [(defect.kind, defect.count) for defect in running.account.defects] == [("bad_utf8", 2)]
