"""Specs as they stood at a Git revision. Git is asked without a shell, and nothing a user wrote can become an option of it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

_SECONDS: Final = 60


class RevisionError(Exception):
    """A revision or repository cannot be read. The text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository whose work tree is `top`."""

    top: Path
    name: str
    commit: str

    def read(self, path: PurePosixPath) -> bytes | None:
        """The bytes of a file, its path relative to the top of the work tree; None when the revision has no such file.

        Raises:
            RevisionError: the object is there but cannot be read.
        """
        listed = _git(self.top, "ls-tree", "-z", "--full-tree", self.commit, "--", path.as_posix())
        if listed.returncode:
            raise RevisionError(f"Git cannot list {self.name}: {_reason(listed)}")
        head, _, name = listed.stdout.rstrip(b"\0").partition(b"\t")
        words = head.split()
        if len(words) != 3 or name != os.fsencode(path.as_posix()) or words[1] != b"blob":
            return None
        if words[0] == b"120000":
            raise RevisionError(f"{self.name}:{path} is a symbolic link, not a spec")
        shown = _git(self.top, "cat-file", "blob", words[2].decode("ascii"))
        if shown.returncode:
            raise RevisionError(f"Git cannot read {self.name}:{path}: {_reason(shown)}")
        return shown.stdout

    def inside(self, path: Path) -> PurePosixPath:
        """A path of the file system relative to the top of the work tree.

        Raises:
            RevisionError: it lies outside.
        """
        absolute = Path(os.path.normpath(path.absolute()))
        for candidate in (absolute, absolute.parent.resolve() / absolute.name):
            if candidate.is_relative_to(self.top):
                return PurePosixPath(candidate.relative_to(self.top).as_posix())
        raise RevisionError(f"{path} lies outside the Git repository at {self.top}")


def find_revision(name: str, folder: Path) -> Revision:
    """The commit that `name` stands for in the repository of `folder`.

    Raises:
        RevisionError: there is no Git, no repository, or no such revision.
    """
    if not name or name.startswith("-"):
        raise RevisionError(f"{name!r} is not a Git revision")
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top.returncode:
        raise RevisionError(f"{folder} is not in a Git repository, so {name!r} cannot be read")
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit.returncode:
        raise RevisionError(f"there is no Git revision {name!r}")
    return Revision(Path(os.fsdecode(top.stdout.rstrip(b"\n"))), name, commit.stdout.decode("ascii", "replace").strip())


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), "--literal-pathspecs", *arguments],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError:
        raise RevisionError("Git is not installed, so no revision can be read") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise RevisionError(f"Git cannot be run: {error}") from None


def _reason(result: subprocess.CompletedProcess[bytes]) -> str:
    lines = result.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"it ended with {result.returncode}"
