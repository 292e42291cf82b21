"""Compiling and checking a user's own project: which files appear, which change, and what is said of those that do not fit."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

import pytest

from stepc.emit.errors import EmitError, located
from stepc.emit.project import build, check_project, compile_project, unified_diff, write_changed
from stepc.emit.sourcemap import where
from stepc.project import Project, find_project
from stepc.source_text import Span

SPEC = """stepview 1

/// Notes, one a line.
source {name} {{
  format jsonl
  episode .
  event .notes[]?
}}

meta {{
  id: str = .id else "?"
}}

step Note {{
  text: str
}}

match .kind {{
  "note" => emit Note {{
    text = .text else "{fallback}"
  }}
  otherwise => unknown
}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two specs and a package name of its own."""
    (tmp_path / "stepc.toml").write_text('[project]\nspecs = "views"\nout = "made"\npackage = "my_adapters"\n\n[limits]\ntext = 10\n')
    (tmp_path / "views").mkdir()
    for name in ("first_notes", "second_notes"):
        (tmp_path / "views" / f"{name}.stepview").write_text(SPEC.format(name=name, fallback=""))
    return find_project(tmp_path)


def kinds(project: Project) -> list[tuple[str, str]]:
    """The findings of a check: kind and file."""
    return [(finding.kind, finding.path.name) for finding in check_project(project)]


def test_compiling_makes_a_package_that_imports(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    result = compile_project(project)
    assert sorted(path.relative_to(project.root).as_posix() for path in result.written) == [
        "made/my_adapters/__init__.py",
        "made/my_adapters/first_notes.map.json",
        "made/my_adapters/first_notes.py",
        "made/my_adapters/py.typed",
        "made/my_adapters/second_notes.map.json",
        "made/my_adapters/second_notes.py",
        "made/stepc.lock",
    ]
    monkeypatch.syspath_prepend(str(project.root / "made"))
    module = importlib.import_module("my_adapters.first_notes")
    (note,) = module.Adapter().push({"kind": "note", "text": "a long text, cut"})
    assert note == module.Note("a long te…")
    sys.modules.pop("my_adapters.first_notes")
    place = where(project.module_path("first_notes"), next(
        number for number, line in enumerate(project.module_path("first_notes").read_text().splitlines(), 1) if "if kind ==" in line
    ))  # fmt: skip
    assert place is not None
    assert (place.spec, place.line) == ("views/first_notes.stepview", 19)


def test_compiling_again_writes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_project(project)
    monkeypatch.chdir(os.sep)
    again = compile_project(project)
    assert again.written == ()
    assert [path.stem for path in again.unchanged] == ["first_notes", "second_notes"]
    assert check_project(project) == ()


def test_missing_stale_edited_and_orphaned_are_told_apart(project: Project) -> None:
    assert kinds(project) == [("missing", name) for name in ("__init__.py", "first_notes.py", "py.typed", "second_notes.py", "stepc.lock")]
    compile_project(project)
    spec = project.root / "views" / "first_notes.stepview"
    spec.write_text(SPEC.format(name="first_notes", fallback="none"))
    edited = project.module_path("second_notes")
    edited.write_text(edited.read_text().replace("Notes, one a line.", "Notes."))
    assert kinds(project) == [("stale", "first_notes.py"), ("hand_edited", "second_notes.py")]
    stale, by_hand = check_project(project)
    assert stale.fix == "stepc compile views/first_notes.stepview"
    assert '+            text: str = raw_text if raw_text is not None else "none"' in stale.diff
    assert "second_notes.stepview" in by_hand.message
    compile_project(project)
    assert check_project(project) == ()
    spec.unlink()
    (orphan,) = check_project(project)
    assert (orphan.kind, orphan.path.name) == ("orphaned", "first_notes.py")
    assert orphan.fix == "stepc compile --prune"
    assert [finding.kind for finding in compile_project(project).orphans] == ["orphaned"]
    compile_project(project, prune=True)
    assert not orphan.path.exists()
    assert check_project(project) == ()


def test_every_missing_file_is_named(project: Project) -> None:
    compile_project(project)
    frame = project.package_folder / "__init__.py"
    frame.unlink()
    assert kinds(project) == [("missing", "__init__.py")]
    project.module_path("first_notes").unlink()
    assert kinds(project) == [("missing", "__init__.py"), ("missing", "first_notes.py")]
    (project.root / "made" / "stepc.lock").unlink()
    assert kinds(project) == [("missing", "__init__.py"), ("missing", "first_notes.py"), ("missing", "stepc.lock")]
    compile_project(project)
    assert check_project(project) == ()


def test_a_renamed_source_leaves_an_orphan(project: Project) -> None:
    compile_project(project)
    (project.root / "views" / "first_notes.stepview").write_text(SPEC.format(name="renamed", fallback=""))
    assert kinds(project) == [("orphaned", "first_notes.py"), ("missing", "renamed.py")]


def test_one_spec_leaves_the_lock_of_the_others(project: Project) -> None:
    compile_project(project)
    spec = project.root / "views" / "first_notes.stepview"
    spec.write_text(SPEC.format(name="first_notes", fallback="x"))
    compile_project(project, [spec])
    lock = json.loads((project.root / "made" / "stepc.lock").read_text())
    assert sorted(lock["outputs"]) == ["first_notes", "second_notes"]
    assert lock["outputs"]["first_notes"]["spec"] == "views/first_notes.stepview"
    assert check_project(project) == ()
    assert check_project(project, [spec]) == ()


def test_a_changed_map_or_lock_is_stale(project: Project) -> None:
    compile_project(project)
    project.module_path("first_notes").with_name("first_notes.map.json").write_text("{}")
    assert kinds(project) == [("stale", "first_notes.map.json")]
    compile_project(project)
    (project.root / "made" / "stepc.lock").write_text("not json")
    assert kinds(project) == [("stale", "stepc.lock")]
    compile_project(project)
    assert check_project(project) == ()


def test_a_broken_spec_writes_nothing(project: Project) -> None:
    (project.root / "views" / "second_notes.stepview").write_text("stepview 1\nsource {")
    result = compile_project(project)
    assert result.written == ()
    assert [path.name for path in result.build.broken] == ["second_notes.stepview"]
    assert not (project.root / "made").exists()


def test_two_specs_of_one_source_are_an_error(project: Project) -> None:
    (project.root / "views" / "second_notes.stepview").write_text(SPEC.format(name="first_notes", fallback=""))
    with pytest.raises(EmitError, match="both declare the source first_notes"):
        build(project)


def test_files_are_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "file.txt"
    assert write_changed(path, "one")
    assert not write_changed(path, "one")

    def refuse(self: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_changed(path, "two")
    assert path.read_text() == "one"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert write_changed(pipe, "through")
        assert os.read(reading, 100) == b"through"
    finally:
        os.close(reading)
    assert pipe.is_fifo()


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("one")
    link = tmp_path / "link.txt"
    link.symlink_to("real.txt")
    assert write_changed(link, "two")
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "two"


def test_diffs_are_unified(project: Project) -> None:
    path = project.root / "x.py"
    path.write_text("a\n")
    assert unified_diff(project, path, "a\n") == ""
    assert unified_diff(project, path, "b\n").splitlines()[-2:] == ["-a", "+b"]


def test_internal_errors_carry_the_place() -> None:
    place = Span(7, 1, 7, 2, 0, 1)
    with pytest.raises(EmitError, match="KeyError: 'x'") as caught, located(place):
        raise KeyError("x")
    assert caught.value.span == place
