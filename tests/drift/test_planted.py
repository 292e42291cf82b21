"""Changes of a format, planted into the shipped samples."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drift.conftest import PROJECT, SAMPLES, Change, drift, report, shipped, written

Plant = Callable[[str, Change], tuple[Path, Path]]
SOURCES = sorted(path.stem for path in (PROJECT / "specs").glob("*.stepview"))


def messages(document: Any) -> list[dict[str, Any]]:
    if "simulations" in document:
        return [message for simulation in document["simulations"] for message in simulation["messages"]]
    found: list[dict[str, Any]] = document["messages"]
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_the_same_traces_do_not_drift(name: str) -> None:
    found = report(shipped(name), SAMPLES / name, SAMPLES / name)
    assert not found.findings
    assert found.new.steps > 0


@pytest.mark.parametrize("name", ["tau2", "agentdojo"])
def test_event_types_silently_renamed(name: str, planted: Plant) -> None:
    names = {"assistant": "bot", "user": "human", "tool": "function", "system": "policy"}

    def change(document: Any) -> None:
        for message in messages(document):
            message["role"] = names.get(message["role"], message["role"])

    found = report(shipped(name), *planted(name, change))
    kinds = drift(found)
    assert found.findings[0].kind == "nothing"
    assert found.findings[0].unit == "steps"
    assert found.new.steps == 0 < found.new.events
    assert {finding.subject for finding in kinds["vanished value"]} >= {"assistant", "user"}
    assert "`bot` is new" in kinds["unknown"][0].hints[0]
    assert any(hint.endswith("renamed from `assistant`?") for hint in kinds["unknown"][0].hints)
    assert kinds["unknown"][0].new.share == 1.0


@pytest.mark.parametrize("name", ["tau2", "agentdojo"])
def test_a_key_renamed(name: str, planted: Plant) -> None:
    def change(document: Any) -> None:
        for message in messages(document):
            if "content" in message:
                message["text"] = message.pop("content")

    old, new = planted(name, change)
    gone = drift(report(shipped(name), old, new))["vanished path"]
    prefix = ".simulations[].messages[]" if name == "tau2" else ".messages[]"
    assert [finding.subject for finding in gone] == [f"{prefix}.content"]
    assert gone[0].hints == (f"{prefix}.content is gone and {prefix}.text is new, with values of the same types: renamed?",)
    spec = (PROJECT / "specs" / f"{name}.stepview").read_text().splitlines()
    assert gone[0].lines
    assert all(".content" in spec[line - 1] for line in gone[0].lines)


def test_a_key_moved_down(planted: Plant) -> None:
    def change(document: Any) -> None:
        for message in messages(document):
            message["body"] = {"content": message.pop("content", None)}

    gone = drift(report(shipped("agentdojo"), *planted("agentdojo", change)))["vanished path"]
    assert "and .messages[].body.content is new" in gone[0].hints[0]


@pytest.mark.parametrize("name", ["tau2", "agentdojo"])
def test_a_text_that_became_a_list_of_parts(name: str, planted: Plant) -> None:
    def change(document: Any) -> None:
        for message in messages(document):
            if isinstance(message.get("content"), str):
                message["content"] = [{"type": "text", "text": message["content"]}]

    kinds = drift(report(shipped(name), *planted(name, change)))
    assert [finding.subject.rpartition(".")[2] for finding in kinds["type"]] == ["content"]
    assert "is text in the old traces and now list" in kinds["type"][0].message


def test_error_flags_that_vanished(tmp_path: Path) -> None:
    """The flag stands in 24 of 30 old documents: no single document tells, all together do."""
    run = {"id": "r", "messages": [{"role": "tool", "id": "1", "content": "ok", "error": False}, {"role": "user", "content": "so"}]}
    for name, flagged in (("old", 24), ("new", 0), ("few", 0)):
        (tmp_path / name).mkdir()
        for index in range(30 if name != "few" else 3):
            document = json.loads(json.dumps({"simulations": [run]}))
            if index >= flagged:
                del document["simulations"][0]["messages"][0]["error"]
            (tmp_path / name / f"{index:02}.json").write_text(json.dumps(document))
    gone = drift(report(shipped("tau2"), tmp_path / "old", tmp_path / "new"))["vanished path"]
    assert [finding.subject for finding in gone] == [".simulations[].messages[].error"]
    assert not report(shipped("tau2"), tmp_path / "old", tmp_path / "few").drift


def test_a_document_of_another_shape(planted: Plant) -> None:
    def change(document: Any) -> None:
        document["runs"] = document.pop("simulations")

    found = report(shipped("tau2"), *planted("tau2", change))
    kinds = drift(found)
    assert list(kinds) == ["nothing", "refused"]
    assert (kinds["refused"][0].new.count, kinds["refused"][0].lines) == (found.new.refused, (7,))
    assert kinds["refused"][0].hints[0].startswith(".simulations is gone and .runs is new")


def test_the_array_of_events_renamed(planted: Plant) -> None:
    def change(document: Any) -> None:
        for simulation in document["simulations"]:
            simulation["turns"] = simulation.pop("messages")

    kinds = drift(report(shipped("tau2"), *planted("tau2", change)))
    assert list(kinds) == ["nothing", "eventless", "vanished path"]
    assert ".simulations[].turns is new" in kinds["vanished path"][0].hints[0]


def test_labels_that_moved_away(planted: Plant) -> None:
    def change(document: Any) -> None:
        for simulation in document["simulations"]:
            simulation.pop("reward_info", None)

    kinds = drift(report(shipped("tau2"), *planted("tau2", change)))
    assert {"vanished path", "unlabelled"} <= kinds.keys()
    assert {finding.subject for finding in kinds["unlabelled"]} == {"failed", "reward"}


def test_lines_of_a_text_marked_otherwise(tmp_path: Path) -> None:
    old, new = SAMPLES / "react_text_logs", tmp_path / "new"
    shutil.copytree(old, new)
    for path in new.rglob("*.txt"):
        path.write_text(path.read_text().replace("\nAction", "\nAct").replace("\nThought", "\nThink"))
    kinds = drift(report(shipped("react_text_logs"), old, new))
    assert "action" in {finding.subject for finding in kinds["vanished value"]}
    assert "ToolCall" in {finding.subject for finding in kinds["vanished step"]}


def test_one_new_file_may_be_enough(planted: Plant) -> None:
    def change(document: Any) -> None:
        for message in messages(document):
            if "content" in message:
                message["text"] = message.pop("content")

    old, new = planted("tau2", change)
    kinds = drift(report(shipped("tau2"), old, new / "dual_control.json"))
    assert [finding.subject for finding in kinds["vanished path"]] == [".simulations[].messages[].content"]


def test_an_empty_run_is_not_a_broken_one(tmp_path: Path) -> None:
    run = {"id": "r", "messages": [{"role": "user", "content": "hello"}] * 9}
    for name, change in (("old", {}), ("empty", {"messages": []}), ("broken", {"turns": run["messages"]})):
        simulation = {key: value for key, value in run.items() if key != "messages" or name != "broken"} | change
        (tmp_path / f"{name}.json").write_text(json.dumps({"simulations": [simulation]}))
    assert not report(shipped("tau2"), tmp_path / "old.json", tmp_path / "empty.json").drift
    assert report(shipped("tau2"), tmp_path / "old.json", tmp_path / "broken.json").findings[0].kind == "nothing"


def test_variety_of_few_documents_is_no_drift(tmp_path: Path) -> None:
    for name, with_note in (("old", [True, True, True, False, False]), ("new", [False] * 4)):
        (tmp_path / name).mkdir()
        for index, noted in enumerate(with_note):
            message = {"role": "user", "content": "hello", **({"errors": ["cost: 1. Error: no"]} if noted else {})}
            document = {"simulations": [{"id": str(index), "messages": [message] * 5}]}
            (tmp_path / name / f"{index}.json").write_text(json.dumps(document))
    found = report(shipped("tau2"), tmp_path / "old", tmp_path / "new")
    assert not found.drift
    assert found.notes


def test_archives(planted: Plant, tmp_path: Path) -> None:
    old, new = planted("tau2", lambda document: [message.pop("role") for message in messages(document)] and None)
    for name, folder in (("old", old), ("new", new)):
        with tarfile.open(tmp_path / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(folder, "pack")
    kinds = drift(report(shipped("tau2"), tmp_path / "old.tar.gz", tmp_path / "new.tar.gz"))
    assert {"nothing", "unknown", "vanished path"} <= kinds.keys()


SECRETIVE = """stepview 1

source vault {
  format jsonl
  episode .
  event .messages[]
}

meta {
  id: str = .id
}

step Said {
  text: str
}

match .kind {
  "open" => emit Said {
    text = .text else ""
  }
  otherwise => unknown
}

secret {
  .messages[].kind "whose it is"
  .keys "names of customers"
}
"""


def test_secret_values_and_keys_stay_out(tmp_path: Path) -> None:
    for name, kind in (("old", "open"), ("new", "hunter2")):
        runs = [{"id": str(i), "keys": {f"{kind}-name": 1}, "messages": [{"kind": kind, "text": "x"}] * 3} for i in range(20)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, runs)))
    found = report(written(SECRETIVE), tmp_path / "old.jsonl", tmp_path / "new.jsonl")
    assert "unknown" in drift(found)
    assert "hunter2" not in repr(found)
    assert "-name" not in repr(found)


def test_keys_within_a_value_that_is_read_whole_are_told_and_never_fail(planted: Plant) -> None:
    """The arguments of a call go into a step as they are: a key that all of them get is a note, and costs the read paths nothing."""

    def change(document: Any) -> None:
        for message in messages(document):
            for call in message.get("tool_calls") or ():
                if isinstance(call["function"]["arguments"], dict):
                    call["function"]["arguments"]["trace_id"] = "t"

    found = report(shipped("agentdojo"), *planted("agentdojo", change))
    assert not found.drift
    told = [finding for finding in found.findings if finding.subject.endswith(".arguments.trace_id")]
    assert [(finding.kind, finding.level) for finding in told] == [("new path", "note")]
    assert "reads whole" in told[0].message
    assert told[0].lines


def test_many_keys_within_a_whole_value_hide_no_path(tmp_path: Path) -> None:
    """More keys than are compared stand in a value that comes first; the path that is gone comes last."""
    for name, last in (("old", "zz"), ("new", "yy")):
        (tmp_path / name).mkdir()
        for index in range(4):
            event = {"a": {f"k{one}": {f"k{two}": {"x": 1, "y": 2} for two in range(50)} for one in range(50)}, "z": {last: "x"}}
            (tmp_path / name / f"{index}.json").write_text(json.dumps({"id": "i", "events": [event] * 2}))
    spec = written(
        "stepview 1\nsource s {\n  format json\n  episode .\n  event .events[]\n}\nmeta {\n  id: str = .id\n}\n"
        "step T {\n  whole: json\n  text: str?\n}\n"
        "match .role {\n  otherwise => emit T {\n    whole = .a else {}\n    text = .z.zz\n  }\n}\n"
    )
    assert [finding.subject for finding in drift(report(spec, tmp_path / "old", tmp_path / "new"))["vanished path"]] == [".events[].z.zz"]


def test_an_input_without_documents(tmp_path: Path) -> None:
    """The files of one input were renamed: the others go on, and nothing else would tell. Of a single file chance may be the reason."""
    one, old, new = tmp_path / "one", tmp_path / "old", tmp_path / "new"
    shutil.copytree(SAMPLES / "react_text_logs", one)
    for folder in (old, new):
        shutil.copytree(one, folder)
        for path in [*folder.glob("react/fever_episodes/0000.txt"), *folder.glob("react/webshop_episodes/0305.txt")]:
            for index in range(1, 30):
                shutil.copy(path, path.with_name(f"{index:04}.txt"))
    for folder in (one, new):
        for path in sorted(folder.glob("react/fever_episodes/*.txt")):
            path.rename(path.with_suffix(".out"))
    gone = drift(report(shipped("react_text_logs"), old, new))["vanished input"]
    assert [(finding.subject, finding.unit) for finding in gone] == [("fever", "documents")]
    assert "renamed?" in gone[0].message
    few = report(shipped("react_text_logs"), SAMPLES / "react_text_logs", one)
    assert [(finding.subject, finding.level) for finding in few.findings if finding.kind == "vanished input"] == [("fever", "note")]
