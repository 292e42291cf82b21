"""What names episodes and their tasks in drafts: ids that do not collide, groups that runs have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepc.induce.rules import Candidate, Options, induce
from stepc.induce.score import compiled
from stepc.runtime.problems import Problems
from stepc.verify.play import episodes, play

Json = Any
RUNS = 13


def chat(run: int) -> list[Json]:
    """A short run."""
    return [{"role": "user", "content": f"Fix issue {run}, please."}, {"role": "assistant", "content": "It is fixed."}]


def induced(folder: Path) -> Candidate:
    """What is induced from a folder."""
    return induce([folder], Options(name="named"))


def drafted(folder: Path, documents: list[Json]) -> Candidate:
    """What is induced from one run a file."""
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    return induced(folder)


@pytest.mark.parametrize(("names", "name"), [(("trajectory", "trajectory"), "file.path"), (("may", "june"), "file.stem")])
def test_runs_of_files_with_one_name_in_several_folders_have_ids_of_their_own(tmp_path: Path, names: tuple[str, str], name: str) -> None:
    for folder, stem in enumerate(names):
        (tmp_path / f"task-{folder}").mkdir()
        nodes = [{"messages": chat(10 * folder + run), "score": run % 2} for run in range(3)]
        (tmp_path / f"task-{folder}" / f"{stem}.json").write_text(json.dumps({"nodes": nodes}))
    found = induced(tmp_path)
    assert f'id: str = "{{{name}}}:{{episode.index}}"' in found.spec_text
    assert len(set(ids(found, tmp_path))) == 6


def ids(found: Candidate, folder: Path) -> list[str]:
    """The ids that a drafted spec gives to the runs of a folder."""
    module = compiled(found.spec_text).module
    assert module is not None
    played = [play(module, episode) for episode in episodes(module, [str(folder)], root=None, problems=Problems())]
    return [one.labels.id for one in played if one.labels is not None]


def test_a_task_that_most_runs_do_not_name_is_no_group(tmp_path: Path) -> None:
    documents = [{"messages": chat(run), **({"problem": {"task_id": f"t{run % 2}"}} if run < 4 else {})} for run in range(RUNS)]
    assert "task_id" not in drafted(tmp_path, documents).spec_text.partition("meta {")[2].partition("}")[0]


def test_a_suite_that_some_runs_do_not_name_is_no_part_of_the_group(tmp_path: Path) -> None:
    documents = [
        {"messages": chat(run), "task_id": f"t{run % 3}", **({"suite": f"s{run % 2}"} if run % 3 == 0 else {})} for run in range(RUNS)
    ]
    assert "group: str? = .task_id" in drafted(tmp_path, documents).spec_text
    for run, document in enumerate(documents):
        document["suite"] = f"s{run % 2}"
    assert 'group: str? = "{.suite}:{.task_id}"' in drafted(tmp_path, documents).spec_text


def test_runs_without_their_group_are_counted_in_a_doubt(tmp_path: Path) -> None:
    documents = [{"messages": chat(run), **({"task_id": f"t{run % 3}"} if run else {})} for run in range(RUNS)]
    found = drafted(tmp_path, documents)
    assert "group: str? = .task_id" in found.spec_text
    assert f"`group` is absent in 1 of {RUNS}: such runs are left out of training" in found.doubts
