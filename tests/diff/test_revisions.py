"""Specs at Git revisions, in a small repository made for the test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from stepc.diff.revisions import RevisionError, find_revision


def git(folder: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | identity | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "-q", "-b", "main")
    (folder / "specs").mkdir()
    (folder / "specs" / "a.stepview").write_bytes(b"first \xc3\xa9\n")
    (folder / "specs" / "-b [x].stepview").write_bytes(b"odd\n")
    (folder / "link.stepview").symlink_to("specs/a.stepview")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "tag", "v1")
    (folder / "specs" / "a.stepview").write_bytes(b"second\n")
    git(folder, "commit", "-q", "-am", "second")
    return folder


def test_a_file_is_read_as_it_stood(repository: Path) -> None:
    assert find_revision("v1", repository / "specs").read(PurePosixPath("specs/a.stepview")) == b"first \xc3\xa9\n"
    assert find_revision("HEAD", repository).read(PurePosixPath("specs/a.stepview")) == b"second\n"


def test_odd_names_are_names(repository: Path) -> None:
    assert find_revision("HEAD", repository).read(PurePosixPath("specs/-b [x].stepview")) == b"odd\n"
    assert find_revision("HEAD", repository).read(PurePosixPath("specs/*.stepview")) is None


def test_what_did_not_exist_is_none(repository: Path) -> None:
    revision = find_revision("HEAD", repository)
    assert revision.read(PurePosixPath("specs/gone.stepview")) is None
    assert revision.read(PurePosixPath("specs")) is None


def test_a_link_is_no_spec(repository: Path) -> None:
    with pytest.raises(RevisionError, match="symbolic link"):
        find_revision("HEAD", repository).read(PurePosixPath("link.stepview"))


@pytest.mark.parametrize("name", ["nowhere", "-h", "--output=x", "", "HEAD:specs/a.stepview"])
def test_what_is_no_revision_is_refused(repository: Path, name: str) -> None:
    with pytest.raises(RevisionError, match=r"not a Git revision|no Git revision"):
        find_revision(name, repository)


def test_a_folder_without_repository_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RevisionError, match="not in a Git repository"):
        find_revision("HEAD", tmp_path)


def test_a_path_is_taken_from_the_top(repository: Path, tmp_path: Path) -> None:
    revision = find_revision("HEAD", repository / "specs")
    assert revision.inside(repository / "specs" / ".." / "specs" / "a.stepview") == PurePosixPath("specs/a.stepview")
    with pytest.raises(RevisionError, match="outside"):
        revision.inside(tmp_path / "elsewhere.stepview")
