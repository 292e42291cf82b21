"""What a profile tells of values beside one another: references, order, times, JSON in texts; for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stepc.induce.nodes import Path as Place
from stepc.induce.profile import profile, profile_of
from stepc.induce.relations import Relation, relations
from stepc.induce.samples import SampleFile, Samples
from stepc.runtime.problems import Problems

CALLS = ("messages", None, "calls", None)


def _run(number: int) -> dict[str, Any]:
    calls = [{"id": f"k{number}-{at}", "given": json.dumps({"key": at, "table": "films"})} for at in range(4)]
    answers = [{"answers": f"k{number}-{at}", "text": "ok"} for at in reversed(range(4))]
    times = [{"n": at + 3, "at": f"2026-01-01T10:0{at}:00Z", "sent": 1_767_260_000 + 60 * at, "left": 9 - at} for at in range(5)]
    return {"run": f"r{number}", "messages": [{"calls": calls}, *answers, *times]}


def _found(documents: list[Any], form: str = "json") -> dict[Place, Relation]:
    if form == "json":
        files = tuple(SampleFile(f"{at}.json", "json", documents=(document,)) for at, document in enumerate(documents))
    else:
        files = (SampleFile("a.jsonl", "jsonl", documents=tuple(documents)),)
    return relations(profile_of(Samples(files, 0, Problems())).families[0])


def test_references_order_times_and_json_are_found() -> None:
    found = _found([_run(number) for number in range(3)])
    inside = ("messages", None)
    assert found[(*inside, "answers")].names == ((*CALLS, "id"), 1.0)
    assert (*CALLS, "id") not in found or found[(*CALLS, "id")].names is None
    assert found[(*CALLS, "given")].holds == ("key", "table")
    assert found[(*inside, "n")].order == "counts up"
    assert found[(*inside, "at")].order == "rises"
    assert found[(*inside, "at")].time == "ISO 8601"
    assert found[(*inside, "sent")].time == "seconds since 1970"
    assert found[(*inside, "left")].order == "falls"
    assert ("run",) not in found
    assert (*inside, "text") not in found


def test_lines_that_share_a_value_two_by_two_are_told() -> None:
    rows = [{"kind": kind, "ref": f"i-{at}"} for at in range(6) for kind in ("ask", "told")]
    assert _found(rows, "jsonl")[("ref",)].twice


def test_values_that_only_happen_to_be_alike_name_nothing() -> None:
    found = _found([{"rows": [{"a": f"x{at}", "b": f"y{at}"} for at in range(5)]}])
    assert all(relation.names is None for relation in found.values())


def test_the_tree_and_the_json_tell_them(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(json.dumps(_run(number)))
    picture = profile([tmp_path])
    text = picture.render(width=200)
    assert "names .messages[].calls[].id" in text
    assert "JSON of key, table" in text
    assert "counts up" in text
    assert "time in seconds since 1970" in text
    by_path = {item["path"]: item for item in json.loads(picture.to_json())[0]["paths"]}
    assert by_path[".messages[].answers"]["names"] == {"path": ".messages[].calls[].id", "share": 1.0}
    assert by_path[".messages[].calls[].given"]["json_of"] == ["key", "table"]
    assert by_path[".messages[].n"]["order"] == "counts up"
    assert by_path[".messages[].sent"]["time"] == "seconds since 1970"
    assert by_path[".messages[].n"]["presence"] == 0.5
    assert by_path[".messages[].answers"]["distinct"] == 12
    assert by_path[".messages[].answers"]["longest"] == 4


def test_values_under_keys_of_credentials_are_not_shown(tmp_path: Path) -> None:
    rows = [{"api_key": "hunter2", "auth": {"password": {"old": "swordfish"}}, "mode": "fast"} for _ in range(4)]
    (tmp_path / "a.json").write_text(json.dumps({"rows": rows}))
    picture = profile([tmp_path])
    for text in (picture.render(), picture.to_json()):
        assert "hunter2" not in text
        assert "swordfish" not in text
        assert "fast" in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=24,
)


@given(st.lists(JSON, min_size=1, max_size=5))
def test_any_documents_have_relations_of_paths_that_are_there(documents: list[Any]) -> None:
    files = tuple(SampleFile(f"{at}.json", "json", documents=(document,)) for at, document in enumerate(documents))
    for family in profile_of(Samples(files, 0, Problems())).families:
        paths = {path for path, _ in family.root.below()}
        found = relations(family)
        assert set(found) <= paths
        assert found == relations(family)
        assert {relation.names[0] for relation in found.values() if relation.names} <= paths
