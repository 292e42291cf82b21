"""JSON documents and JSON lines: what is read, and what becomes of everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from runtime.helpers import Reading, chat, gz, json_lines, write
from runtime.sources import CHAT, SIMULATIONS, TURNS, keyed, module

from stepc.runtime.limits import Limits
from stepc.runtime.source import EVERY, EpisodeFile, EpisodePath, EventPath, Source

TWO = json_lines(chat("a", "1", "2"), chat("b", "3"))


def texts(reading: Reading) -> list[list[str]]:
    return [[event["content"] for event in events] for events in reading.events]


def test_lines(tmp_path: Path) -> None:
    found = Reading(CHAT, write(tmp_path / "runs.jsonl", TWO))
    assert texts(found) == [["1", "2"], ["3"]]
    assert [episode.index for episode in found.episodes] == [0, 1]
    assert found.episodes[0].file.stem == "runs"
    assert found.episodes[0].document is found.episodes[0].element
    assert found.kinds == {}


@pytest.mark.parametrize(
    ("data", "read", "kinds"),
    [
        pytest.param(b"", [], {"empty": 1}, id="empty"),
        pytest.param(b"\n\n", [], {"empty": 1}, id="blank"),
        pytest.param(b"\xef\xbb\xbf" + TWO, ["a", "b"], {}, id="byte order mark"),
        pytest.param(TWO[:-1], ["a", "b"], {}, id="no newline at the end"),
        pytest.param(TWO.replace(b"\n", b"\r\n"), ["a", "b"], {}, id="carriage returns"),
        pytest.param(TWO[:-20], ["a"], {"truncated": 1}, id="truncated"),
        pytest.param(b'{"id": "x", "messages"\n' + TWO, ["a", "b"], {"truncated": 1}, id="first line broken"),
        pytest.param(TWO + b"not json\n" + json_lines(chat("c")), ["a", "b", "c"], {"bad_json": 1}, id="rubbish between"),
        pytest.param(TWO.replace(b'"1"', b'"\xff\xfe"'), ["a", "b"], {"bad_utf8": 1}, id="bad bytes"),
        pytest.param('{"id":"a","messages":[]}'.encode("utf-16"), ["a"], {"bad_utf8": 1}, id="utf-16"),
        pytest.param(TWO.decode().encode("utf-16"), ["a", "b"], {"bad_utf8": 1}, id="utf-16, several lines"),
        pytest.param(b"\xfe\xff" + TWO.decode().encode("utf-16-be"), ["a", "b"], {"bad_utf8": 1}, id="utf-16, the other way round"),
        pytest.param(TWO.decode().encode("utf-32"), ["a", "b"], {"bad_utf8": 1}, id="utf-32"),
        pytest.param(TWO.decode().encode("utf-16")[:-41], ["a"], {"bad_utf8": 1, "truncated": 1}, id="utf-16, truncated in a character"),
        pytest.param(orjson.dumps([chat("a"), chat("b")]).decode().encode("utf-16"), ["a", "b"], {"bad_utf8": 1}, id="utf-16, a list"),
        pytest.param(b"\xff\xfe", [], {"bad_utf8": 1, "empty": 1}, id="nothing but a mark"),
        pytest.param(b'{"id":"a","messages":[],"x":NaN,"y":[-Infinity,1e999]}\n', ["a"], {"nonstandard_json": 1}, id="not a number"),
        pytest.param(b'{"id":"a","messages":[],"x":"\\ud800"}\n', ["a"], {"nonstandard_json": 1}, id="lone surrogate"),
        pytest.param(b'{"id":"a","messages":[],"x":"a\tb"}\n', ["a"], {"nonstandard_json": 1}, id="control character"),
        pytest.param(
            b'{"id":"a","messages":[],"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}\n" + TWO, ["a", "b"], {"too_deep": 1}, id="too deep"
        ),
        pytest.param(b'{"id":"x","id":"a","messages":[1],"messages":[]}\n', ["a"], {}, id="equal keys"),
        pytest.param(b'{"id":"a","messages":[],"x":' + b"9" * 5_000 + b"}\n", ["a"], {"nonstandard_json": 1}, id="a huge number"),
        pytest.param(b'{"id":"a","messages":[],"x":123456789012345678901234567890}\n', ["a"], {}, id="a large number"),
        pytest.param(b"null\n" + TWO + b"3\n", ["a", "b"], {"not_accepted": 2}, id="other values"),
        pytest.param(b'{"other": 1}\n' + TWO, ["a", "b"], {"not_accepted": 1}, id="another shape"),
        pytest.param(b'{"id":"a","messages":7}\n', ["a"], {"wrong_type": 1}, id="events that are no list"),
        pytest.param(b'{"id":"a","messages":null}\n', ["a"], {}, id="events that are null"),
        pytest.param(b"\x00\x01\x02\x03" * 50, [], {"bad_json": 1}, id="binary"),
        pytest.param(b"[" + TWO[:-1].replace(b"\n", b",\n") + b"]", ["a", "b"], {}, id="a list over several lines"),
        pytest.param(orjson.dumps([chat("a"), chat("b")]), ["a", "b"], {}, id="a list on one line"),
        pytest.param(orjson.dumps(chat("a"), option=orjson.OPT_INDENT_2), ["a"], {}, id="one record over several lines"),
        pytest.param(orjson.dumps([chat("a"), {"other": 1}]), ["a"], {"not_accepted": 1}, id="a list with another shape"),
        pytest.param(orjson.dumps([[1], [2]]), [], {"not_accepted": 1}, id="a list of lists"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_bad_lines(tmp_path: Path, data: bytes, read: list[str], kinds: dict[str, int], packed: bool) -> None:
    found = Reading(CHAT, write(tmp_path / ("x.jsonl.gz" if packed else "x.jsonl"), gz(data) if packed else data))
    assert [episode.element["id"] for episode in found.episodes] == read
    assert found.kinds == kinds


def test_bad_lines_count_for_the_index(tmp_path: Path) -> None:
    found = Reading(CHAT, write(tmp_path / "x.jsonl", b'{"bad\n\n' + TWO[:10] + b'\n{"other":1}\n' + TWO))
    assert [episode.index for episode in found.episodes] == [3, 4]
    assert found.counts.outside == {"blank": 1}
    assert found.places == ["x.jsonl, episode 2", "x.jsonl, episode 0", "x.jsonl, episode 1"]


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    limits = Limits(line=1_000)
    long = json_lines(chat("x", "y" * 3_000_000))
    for data in (long + TWO, TWO.split(b"\n")[0] + b"\n" + long[:-1], long[:-1]):
        found = Reading(CHAT, write(tmp_path / "x.jsonl", data), limits=limits)
        assert found.kinds == {"too_large": 1}
    assert texts(Reading(CHAT, write(tmp_path / "x.jsonl", long + TWO), limits=limits)) == [["1", "2"], ["3"]]


def test_wide_lines_across_chunks_and_damage(tmp_path: Path) -> None:
    records = [chat(str(number), "€😀" * 400) for number in range(2_000)]
    data = json_lines(*records).decode().encode("utf-16")
    found = Reading(CHAT, write(tmp_path / "x.jsonl", data))
    assert [episode.element["id"] for episode in found.episodes] == [record["id"] for record in records]
    assert texts(found)[-1] == ["€😀" * 400]
    cut = Reading(CHAT, write(tmp_path / "x.jsonl.gz", gz(data)[:-2_000]))
    assert 0 < len(cut.episodes) < len(records)
    assert cut.kinds == {"bad_utf8": 1, "truncated": 1}


def test_a_million_keys(tmp_path: Path) -> None:
    keys = b",".join([b'"k%d":%d' % (number, number) for number in range(1_000_000)])
    assert texts(Reading(CHAT, write(tmp_path / "x.jsonl", b"{" + keys + b',"messages":[{"content":"1"}]}\n'))) == [["1"]]


def test_parallel_lists(tmp_path: Path) -> None:
    turns = {"actions": ["a", None, "c"], "observations": ["x"], "thoughts": None}
    found = Reading(
        TURNS, write(tmp_path / "x.jsonl", json_lines({"turn_history": turns}, {"turn_history": {"actions": {}}}, {"turn_history": 3}))
    )
    assert found.events == [[{"action": "a", "observation": "x"}, {"action": None}, {"action": "c"}], [], []]
    assert [(defect.kind, defect.site, defect.count) for defect in found.problems] == [
        ("wrong_type", ".turn_history.actions", 1),
        ("wrong_type", ".turn_history.actions[]", 1),
        ("wrong_type", ".turn_history.observations", 1),
        ("wrong_type", ".turn_history.thoughts", 1),
    ]


LOG = module(Source(name="log", format="jsonl", episode=EpisodeFile(), event=EventPath(())), keyed("type"))


def test_a_file_of_events(tmp_path: Path) -> None:
    lines = json_lines({"type": "a"}, {"type": "b"}) + b"{bad\n\n" + json_lines({"type": "c"})
    found = Reading(
        LOG, write(tmp_path / "session.jsonl", lines), write(tmp_path / "empty.jsonl", b""), write(tmp_path / "other.jsonl", b"{}\n")
    )
    assert found.events == [[{"type": "a"}, {"type": "b"}, {"type": "c"}]]
    assert found.places == ["session.jsonl, episode 0, event 2", "empty.jsonl", "other.jsonl, episode 0"]
    assert found.kinds == {"bad_json": 1, "empty": 1, "not_accepted": 1}
    assert found.episodes[0].element == {"type": "a"}


def test_several_episodes_a_line(tmp_path: Path) -> None:
    source = Source(name="groups", format="jsonl", episode=EpisodePath(("runs", EVERY)), event=EventPath(("steps", EVERY)))
    data = json_lines({"runs": [{"steps": [1]}, None, {"steps": [2, 3]}]}, {"runs": 5}, {"runs": [{"steps": [4]}]})
    found = Reading(module(source), write(tmp_path / "x.jsonl", data))
    assert found.events == [[1], [2, 3], [4]]
    assert [episode.index for episode in found.episodes] == [0, 2, 3]
    assert found.kinds == {"wrong_type": 2}


DOCUMENT = {"info": {"n": 1}, "simulations": [chat("a", "1"), chat("b", "2", "3")], "tail": [1, 2]}


@pytest.mark.parametrize(
    ("data", "read", "kinds"),
    [
        pytest.param(orjson.dumps(DOCUMENT), ["a", "b"], {}, id="a document"),
        pytest.param(orjson.dumps(DOCUMENT)[:-30], [], {"truncated": 1}, id="truncated"),
        pytest.param(b"  ", [], {"empty": 1}, id="blank"),
        pytest.param(b"", [], {"empty": 1}, id="empty"),
        pytest.param(orjson.dumps(DOCUMENT) + b"x", [], {"bad_json": 1}, id="something behind"),
        pytest.param(b'{"simulations": {"id": 1}}', [], {"wrong_type": 1}, id="no list"),
        pytest.param(b'{"simulations": null}', [], {}, id="null"),
        pytest.param(b'{"simulations": [null, 3, {"messages": 1}]}', [None, None], {"wrong_type": 3}, id="no episodes"),
        pytest.param(b"[" * 100_000, [], {"too_deep": 1}, id="too deep"),
        pytest.param(b"[1, 2]", [], {"not_accepted": 1}, id="not accepted"),
        pytest.param(orjson.dumps(DOCUMENT) + b"\n" + orjson.dumps(DOCUMENT) + b"\n", ["a", "b", "a", "b"], {}, id="one a line"),
        pytest.param(
            (orjson.dumps(DOCUMENT) + b"\n" + orjson.dumps(DOCUMENT)).decode().encode("utf-16"),
            ["a", "b", "a", "b"],
            {"bad_utf8": 1},
            id="one a line in utf-16",
        ),
        pytest.param(orjson.dumps([DOCUMENT, DOCUMENT]), ["a", "b", "a", "b"], {}, id="a list of documents"),
    ],
)
def test_documents(tmp_path: Path, data: bytes, read: list[Any], kinds: dict[str, int]) -> None:
    found = Reading(SIMULATIONS, write(tmp_path / "x.json", data))
    assert [episode.element.get("id") if type(episode.element) is dict else None for episode in found.episodes] == read
    assert found.kinds == kinds


@pytest.mark.parametrize("path", [(), ("runs", EVERY), (EVERY,)], ids=["the document", "a path", "a list"])
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_document_that_is_no_object_is_one_defect(tmp_path: Path, form: str, path: Any) -> None:
    source = Source(name="any", format=form, episode=EpisodePath(path), event=EventPath(("steps", EVERY)))
    for data in (b"null", b"7", b"null\n"):
        found = Reading(module(source), write(tmp_path / f"x.{form}", data))
        assert (sum(found.kinds.values()), [str(place) for place in found.places]) == (1, [f"x.{form}, episode 0"])
    beside = Reading(module(source), write(tmp_path / f"y.{form}", b'null\n{"runs": [], "steps": [1]}\n'))
    assert sum(beside.kinds.values()) == (1 if path != (EVERY,) else 2)


def test_scope_of_an_episode(tmp_path: Path) -> None:
    found = Reading(SIMULATIONS, write(tmp_path / "sub" / "x.json", orjson.dumps(DOCUMENT)), root=tmp_path)
    second = found.episodes[1]
    assert second.document == DOCUMENT and second.element == DOCUMENT["simulations"][1]
    assert (second.index, second.file.path, second.file.dir, second.file.parts) == (1, "sub/x.json", "sub", ("sub", "x.json"))
