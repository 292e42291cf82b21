"""Large documents: splitting gives what decoding the whole would give, and damage is found before any episode is told."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime.helpers import Reading, chat, gz, json_lines, write
from runtime.sources import CHAT, SIMULATIONS, module

from stepc.runtime.limits import Limits
from stepc.runtime.readers.large import LargeDocument, can_split, keys_to_list
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import EVERY, EpisodePath, EventPath, Source

SPLIT = Limits(whole=0)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12
)


def report(kind: str, detail: str) -> None:
    raise AssertionError(f"{kind}: {detail}")


def split(data: bytes, *keys: str) -> tuple[Any, list[Any]]:
    large = LargeDocument(data, keys, report)
    return large.head, list(large.elements())


def test_the_decoder_tells_where_values_end() -> None:
    assert can_split()


def test_paths_that_can_be_split() -> None:
    assert keys_to_list(("a", "b", EVERY, "c", EVERY)) == ("a", "b")
    assert keys_to_list((EVERY,)) == ()
    assert keys_to_list(("a", 0, EVERY)) is None
    assert keys_to_list(("a",)) is None


@given(
    st.dictionaries(st.text(max_size=6), JSON, max_size=3),
    st.lists(JSON, max_size=6),
    st.dictionaries(st.text(max_size=6), JSON, max_size=3),
    st.booleans(),
)
def test_splitting_is_decoding(before: dict[str, Any], items: list[Any], behind: dict[str, Any], wide: bool) -> None:
    document = {**before, "runs": items, **{key: value for key, value in behind.items() if key != "runs"}}
    document["runs"] = items
    data = orjson.dumps(document, option=orjson.OPT_INDENT_2 if wide else None)
    head, found = split(data, "runs")
    assert found == orjson.loads(data)["runs"]
    assert head == {**orjson.loads(data), "runs": []}


@given(st.lists(JSON, max_size=6))
def test_a_list_at_the_top(items: list[Any]) -> None:
    assert split(b" " + orjson.dumps(items) + b"\n") == ([], items)


def test_values_larger_than_the_window() -> None:
    items = ["x" * 200_000, 7, {"deep": ["y" * 100_000] * 3}, [], "é" * 90_000, 12345678901234567]
    document = {"head": "z" * 300_000, "a": {"b": items, "c": 1}, "tail": list(range(50_000))}
    head, found = split(orjson.dumps(document), "a", "b")
    assert found == items
    assert head == {**document, "a": {"b": [], "c": 1}}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"runs":[{"a":1},{"a":2}', "truncated"),
        (b'{"runs":[{"a":1},{"a":"', "truncated"),
        (b'{"runs":[1,2],"x":', "truncated"),
        (b'{"runs":[1,2]', "truncated"),
        (b'{"runs":', "truncated"),
        (b"{", "truncated"),
        (b'{"runs":[1,2]} x', "bad_json"),
        (b'{"runs":[1 2]}', "bad_json"),
        (b'{"runs":[1,]}', "bad_json"),
        (b'{"runs":[1}', "bad_json"),
        (b"{runs:[1]}", "bad_json"),
        (b'{"runs" [1]}', "bad_json"),
        (b'{"x":' + b"[" * 100_000, "too_deep"),
    ],
)
def test_damage(data: bytes, kind: str) -> None:
    with pytest.raises(DamagedError) as caught:
        split(data, "runs")
    assert caught.value.kind == kind


def test_other_shapes() -> None:
    assert split(b'{"runs":{"a":1}}', "runs") == ({"runs": {"a": 1}}, [])
    assert split(b'{"other":1}', "runs") == ({"other": 1}, [])
    assert split(b"[1]", "runs") == ([1], [])
    assert split(b'{"runs":[1],"runs":[2,3]}', "runs") == ({"runs": []}, [2, 3])
    assert split(b'\xef\xbb\xbf{"runs":[]}', "runs") == ({"runs": []}, [])


def test_reading_by_episode(tmp_path: Path) -> None:
    document = {"simulations": [chat(str(number), "x") for number in range(40)], "info": {"after": True}}
    path = write(tmp_path / "x.json", orjson.dumps(document))
    whole, parts = Reading(SIMULATIONS, path), Reading(SIMULATIONS, path, limits=SPLIT)
    packed = Reading(SIMULATIONS, write(tmp_path / "y.json.gz", gz(orjson.dumps(document))), limits=SPLIT)
    assert [episode.element for episode in parts.episodes] == [episode.element for episode in whole.episodes] == document["simulations"]
    assert [episode.element for episode in packed.episodes] == document["simulations"]
    assert parts.events == whole.events
    assert parts.episodes[0].document["info"] == {"after": True}


def test_damaged_episodes_leave_the_others(tmp_path: Path) -> None:
    items = [b'{"id":"a","messages":[]}', b'{"id":"b\xff","messages":[]}', b'{"id":"c","messages":[1e999]}', b'{"id":"d","messages":[]}']
    found = Reading(SIMULATIONS, write(tmp_path / "x.json", b'{"simulations":[' + b",".join(items) + b"]}"), limits=SPLIT)
    assert [episode.element["id"] for episode in found.episodes] == ["a", "b\ufffd", "c", "d"]
    assert found.kinds == {"nonstandard_json": 1, "bad_utf8": 1}


def test_what_only_the_lenient_decoder_takes(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", b'{"simulations":[{"id":"a","messages":[]},{"id":"b\\ud800","messages":[NaN]}]}')
    found = Reading(SIMULATIONS, path, limits=Limits(whole=40))
    assert [episode.element["id"] for episode in found.episodes] == ["a", "b\ufffd"] and found.kinds == {"nonstandard_json": 1}
    assert Reading(SIMULATIONS, path, limits=Limits(whole=10)).kinds == {"bad_json": 1}


def test_nested_lists_and_refused_documents(tmp_path: Path) -> None:
    source = Source(name="n", format="json", episode=EpisodePath(("a", EVERY, "b", EVERY)), event=EventPath(("m", EVERY)))
    data = orjson.dumps({"a": [{"b": [{"m": [1]}, {"m": [2]}]}, {"b": None}, {"b": [{"m": [3]}]}]})
    path = write(tmp_path / "x.json", data)
    assert Reading(module(source), path, limits=SPLIT).events == Reading(module(source), path).events == [[1], [2], [3]]
    assert Reading(SIMULATIONS, path, limits=SPLIT).kinds == {"not_accepted": 1}


def test_a_large_list_in_the_place_of_lines(tmp_path: Path) -> None:
    records = [chat(str(number), "x") for number in range(30)]
    found = Reading(CHAT, write(tmp_path / "x.jsonl", orjson.dumps(records, option=orjson.OPT_INDENT_2)), limits=Limits(whole=100))
    assert [episode.element["id"] for episode in found.episodes] == [str(number) for number in range(30)]
    lines = Reading(CHAT, write(tmp_path / "y.jsonl", b"[1]\n" + json_lines(*records)), limits=Limits(whole=100))
    assert len(lines.episodes) == 30 and lines.kinds == {"not_accepted": 1}


def test_a_mapped_file_gives_its_pages_back(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", b'{"runs":[' + b",".join([b'"' + b"x" * 1_000_000 + b'"'] * 80) + b"]}")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        large = LargeDocument(data, ("runs",), report)
        assert len(large) == 80
        assert sum(len(item) for item in large.elements() if isinstance(item, str)) == 80_000_000
