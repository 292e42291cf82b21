"""A format changes, and the smallest change of its spec gives the same steps again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from induce.formats import FORMATS

from stepc.front import check_text
from stepc.induce.rules import Options, induce
from stepc.induce.update import Proposal, propose
from stepc.induce.update.places import applied, places, replaced, rule_places
from stepc.induce.update.worth import Scale
from stepc.syntax import parse

SPECS = Path(__file__).parents[2] / "specs"
Change = Callable[[Any], Any]


def everywhere(change: Change) -> Change:
    """A change of objects, made at every depth, inside first."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: changed(entry) for name, entry in value.items()})
        return [changed(entry) for entry in value] if isinstance(value, list) else value

    return changed


def renamed(old: str, new: str) -> Change:
    return everywhere(lambda found: {(new if name == old else name): value for name, value in found.items()})


def spelled(key: str, **values: str) -> Change:
    return everywhere(lambda found: {name: values.get(str(value), value) if name == key else value for name, value in found.items()})


def nested(into: str, *keys: str) -> Change:
    def change(found: dict[str, Any]) -> dict[str, Any]:
        if "role" not in found:
            return found
        return {**{k: v for k, v in found.items() if k not in keys}, into: {k: v for k, v in found.items() if k in keys}}

    return everywhere(change)


def taken_out(key: str) -> Change:
    return everywhere(lambda found: {**{k: v for k, v in found.items() if k != key}, **(found.get(key) or {})} if key in found else found)


def retyped(key: str, change: Change) -> Change:
    return everywhere(lambda found: {name: change(value) if name == key and value else value for name, value in found.items()})


@pytest.fixture(scope="module")
def records() -> list[Any]:
    lines = (SPECS / "samples" / "taubench_v1" / "airline.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[:3]]


@pytest.fixture(scope="module")
def spec() -> str:
    return (SPECS / "taubench_v1.stepview").read_text()


def written(folder: Path, records: list[Any]) -> Path:
    folder.mkdir()
    (folder / "airline.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def steps(text: str, folder: Path) -> list[str]:
    return [repr(found) for _, found in Scale(folder, SPECS).steps(text)]


CHANGES = {
    "a list renamed": (renamed("traj", "messages"), 1),
    "a text renamed": (renamed("content", "body"), 1),
    "calls renamed": (renamed("tool_calls", "actions"), 1),
    "a key below renamed": (renamed("function", "fn"), 1),
    "the outcome renamed": (renamed("reward", "score"), 1),
    "speakers spelled anew": (spelled("role", assistant="ai", user="human"), 2),
    "results spelled anew": (spelled("role", tool="function_result"), 1),
    "nested one deeper": (nested("payload", "content", "tool_calls"), 1),
    "taken out": (taken_out("function"), 1),
    "a list put into an object": (lambda record: {**record, "traj": {"items": record["traj"]}}, 1),
    "a text is a list of parts": (retyped("content", lambda text: [{"type": "text", "text": text}]), 1),
    "arguments are an object": (retyped("arguments", json.loads), 1),
    "two changes": (lambda record: renamed("content", "text")(spelled("role", tool="observation")(record)), 2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_steps_come_out_again(name: str, records: list[Any], spec: str, tmp_path: Path) -> None:
    change, most = CHANGES[name]
    before, after = written(tmp_path / "before", records), written(tmp_path / "after", [change(record) for record in records])
    found = propose(spec, [after], beside=SPECS)
    wanted = steps(spec, before)
    assert steps(found.text, after) == wanted
    assert len(found.changes) <= most
    assert (found.text == spec) == (steps(spec, after) == wanted and not found.changes)
    # Every other line stands as it stood, comments and all.
    gone = [line for line in spec.splitlines() if line not in found.text.splitlines()]
    assert not any(line.lstrip().startswith("///") for line in gone)
    assert len(found.text.splitlines()) == len(spec.splitlines())


def test_older_traces_are_still_read_where_values_are_spelled_anew(records: list[Any], spec: str, tmp_path: Path) -> None:
    before = written(tmp_path / "before", records)
    after = written(tmp_path / "after", [spelled("role", tool="function_result")(record) for record in records])
    found = propose(spec, [after], old=[before], beside=SPECS)
    assert steps(found.text, before) == steps(spec, before)
    assert '"tool", "function_result" => emit ToolResult' in found.text


def test_nothing_changes_where_nothing_changed(records: list[Any], spec: str, tmp_path: Path) -> None:
    found = propose(spec, [written(tmp_path / "same", records)], beside=SPECS)
    assert found.text == spec and not found.changes and found.diff(spec, "x") == []


def test_a_new_kind_of_event_is_a_doubt(records: list[Any], spec: str, tmp_path: Path) -> None:
    changed = [
        {**record, "traj": [*record["traj"], {"role": "policy_alert", "content": "too many calls", "level": 3}]} for record in records
    ]
    found = propose(spec, [written(tmp_path / "new", changed)], beside=SPECS)
    assert "// check: new in these traces" in found.text
    assert found.after is not None and found.before is not None
    assert (found.before.account.account.unknown, found.after.account.account.unknown) == (3, 0)


def test_episodes_put_into_a_list(records: list[Any], spec: str, tmp_path: Path) -> None:
    before = written(tmp_path / "before", records)
    after = written(tmp_path / "after", [{"version": 2, "runs": records}])
    found = propose(spec, [after], beside=SPECS)
    assert steps(found.text, after) == steps(spec, before)
    assert "episode .runs[]" in found.text and ".runs[].reward, .runs[].info.reward_info" in found.text


def test_documents_that_are_no_longer_written_one_a_line(records: list[Any], spec: str, tmp_path: Path) -> None:
    for number, record in enumerate(records):
        (tmp_path / f"{number}.json").write_text(json.dumps(record, indent=1))
    found = propose(spec, [tmp_path], beside=SPECS)
    assert "format json\n" in found.text and len(found.changes) == 1
    assert len(steps(found.text, tmp_path)) == len(records)


def test_lines_that_begin_with_other_words(tmp_path: Path) -> None:
    spec, samples = (SPECS / "react_text_logs.stepview").read_text(), SPECS / "samples" / "react_text_logs"
    for path in sorted(samples.rglob("*.txt")):
        target = tmp_path / path.relative_to(samples)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(re.sub(r"^Thought\b", "Reasoning", re.sub(r"^Action\b", "Command", path.read_text(), flags=re.M), flags=re.M))
    found = propose(spec, [tmp_path], root=tmp_path, beside=SPECS)
    wanted = [re.sub(r"\bThought\b", "Reasoning", re.sub(r"\bAction\b", "Command", one)) for one in steps(spec, samples)]
    got = [re.sub(r"\bThought\b", "Reasoning", re.sub(r"\bAction\b", "Command", one)) for one in steps(found.text, tmp_path)]
    assert got == wanted
    assert len(found.changes) == 2


RENAMED = [
    ("intercode", "actions"), ("intercode", "observations"), ("who_and_when", "content"), ("whissle_flow_sim", "turns"),
    ("whissle_flow_sim", "agent_reply"), ("webarena_infinity", "thinking"), ("webarena_infinity", "extracted_content"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "key"), RENAMED)
def test_keys_whose_new_names_say_nothing(source: str, key: str, tmp_path: Path) -> None:
    """With the samples that the spec's examples name at hand, structure and values alone tell what a key was."""
    spec, samples = (SPECS / f"{source}.stepview").read_text(), SPECS / "samples" / source
    for path in sorted(samples.rglob("*.json*")):
        target = tmp_path / path.relative_to(samples)
        target.parent.mkdir(parents=True, exist_ok=True)
        documents = (
            [json.loads(line) for line in path.read_text().splitlines()] if path.suffix == ".jsonl" else [json.loads(path.read_text())]
        )
        target.write_text("".join(json.dumps(renamed(key, "q" + key[::-1])(document)) + "\n" for document in documents))
    assert steps(spec, tmp_path) != steps(spec, samples)
    found = propose(spec, [tmp_path], old=[samples], root=tmp_path, beside=SPECS)
    assert steps(found.text, tmp_path) == steps(spec, samples)


def test_a_sealed_path_moves_with_what_is_read(tmp_path: Path) -> None:
    spec = (SPECS / "tau2.stepview").read_text()
    document = json.loads((SPECS / "samples" / "tau2" / "flagged_error.json").read_text())
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(renamed("reward_info", "verdict")(document)))
    found = propose(spec, [folder], beside=SPECS)
    assert '.simulations[].verdict "the verdict"' in found.text and "reward: float? = .verdict.reward" in found.text


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("is_error", "went_wrong", "failed: bool? = last.result.went_wrong"),
        ("session_id", "thread_id", "id: str = first.system.thread_id"),
        ("model", "model_name", "model: str? = first.system.model_name"),
    ],
)
def test_what_is_read_of_the_first_and_the_last_event_moves_too(old: str, new: str, line: str, tmp_path: Path) -> None:
    before = FORMATS["session_log"]().write(tmp_path / "before")
    spec = induce([before], Options(name="log")).spec_text
    after = tmp_path / "after"
    after.mkdir()
    for path in before.iterdir():
        rows = [json.loads(row) for row in path.read_text().splitlines()]
        changed = [{new if key == old else key: value for key, value in row.items()} for row in rows]
        (after / path.name).write_text("".join(json.dumps(row) + "\n" for row in changed))
    assert line not in spec
    assert line in propose(spec, [after]).text


def proposal(spec: str, folder: Path) -> Proposal:
    return propose(spec, [folder], beside=SPECS)


def test_a_spec_that_does_not_compile_is_left_alone(records: list[Any], tmp_path: Path) -> None:
    found = proposal("stepview 1\nsource", written(tmp_path / "a", records))
    assert found.before is None and found.text == "stepview 1\nsource"


@pytest.mark.parametrize("content", ["", "null\n", "[]\n", '{"traj": 5}\n', "no json\n", '{"other": {"deep": [[[1]]]}}\n'])
def test_traces_that_are_something_else(content: str, spec: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(content)
    found = proposal(spec, tmp_path)
    assert check_text(found.text, file="x", beside=SPECS).program is not None


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.stepview")), ids=lambda path: path.stem)
def test_places_are_where_the_paths_stand(path: Path) -> None:
    """Writing every path anew, part by part, gives the same text."""
    text = path.read_text()
    file, program = parse(text).tree, check_text(text, file="x", beside=SPECS).program
    assert file is not None and program is not None
    found = places(file, program)
    assert found or program.source.format == "text"
    for place in found:
        for at in range(place.first, len(place.parts)):
            if place.parts[at] is not None:
                edit = replaced(place, at, at + 1, (place.parts[at],))
                assert edit is not None and applied(text, [edit]) == text
    assert all(text[rule.pattern.span.start] in ".abcdefghijklmnopqrstuvwxyz" for rule in rule_places(file))
