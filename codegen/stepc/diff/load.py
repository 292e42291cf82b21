"""The two sides of a comparison from what a user names: a file, the name of a project's spec, or `REV:path`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stepc import ir
from stepc.check import check
from stepc.diagnostics.model import Diagnostic
from stepc.diff.revisions import Revision, RevisionError, find_revision
from stepc.diff.sides import Side
from stepc.front import SHIPPED
from stepc.project import Project, ProjectError
from stepc.syntax import parse, tree


class UnreadableError(Exception):
    """A side cannot be read at all. The text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Given:
    """A side before it is checked.

    `name` is what messages call it, `path` where the spec stands, or would, in the work tree: samples are looked for beside it. `text`
    is None when the revision has no such file. `beside` gives the text of a file next to the spec in the same version, if it exists.
    """

    name: str
    path: Path
    text: str | None
    beside: Callable[[str], str | None]


class BadSideError(Exception):
    """A side has errors; `diagnostics` carry its name as their path."""

    def __init__(self, given: Given, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{given.name} has errors")
        self.given = given
        self.diagnostics = diagnostics


def from_file(path: Path) -> Given:
    """A spec of the file system.

    Raises:
        UnreadableError: there is no such file, or it is no UTF-8 text.
    """
    name = shown(path)

    def beside(file: str) -> str | None:
        neighbour = path.parent / file
        return _decoded(neighbour.read_bytes(), shown(neighbour)) if neighbour.is_file() else None

    try:
        return Given(name, path, _decoded(path.read_bytes(), name), beside)
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read: {error.strerror}") from None


def from_revision(revision: Revision, path: PurePosixPath) -> Given:
    """A spec as it stood at a revision; its text is None when it did not exist then.

    Raises:
        UnreadableError: Git cannot read it, or it is no UTF-8 text.
    """
    name = f"{revision.name}:{path}"

    def text(file: PurePosixPath) -> str | None:
        try:
            content = revision.read(file)
        except RevisionError as error:
            raise UnreadableError(str(error)) from None
        return None if content is None else _decoded(content, f"{revision.name}:{file}")

    return Given(name, revision.top / path, text(path), lambda file: text(path.parent / file))


def named(name: str, project: Project) -> Given:
    """What a user names: a file, `REV:path` (below the top of the repository, or from here with `./`), or a spec of the project.

    Raises:
        UnreadableError: it is none of them, or cannot be read.
    """
    if not Path(name).exists() and ":" in name:
        revision_name, _, path = name.partition(":")
        revision = _revision(revision_name)
        return from_revision(revision, _path_at(revision, path))
    try:
        return from_file(project.resolve(name) if not Path(name).exists() else Path(name))
    except ProjectError as error:
        raise UnreadableError(str(error)) from None


def against(revision_name: str, given: Given) -> Given:
    """The same spec at a revision.

    Raises:
        UnreadableError: there is no such revision, or the spec lies outside the repository.
    """
    revision = _revision(revision_name, given.path.parent)
    try:
        return from_revision(revision, revision.inside(given.path))
    except RevisionError as error:
        raise UnreadableError(str(error)) from None


def checked(given: Given, project: Project) -> Side:
    """A side, parsed and checked with the vocabularies of its own version.

    Raises:
        BadSideError: it has errors.
        UnreadableError: a vocabulary beside it is no text.
    """
    texts: dict[str, str] = {}
    mistakes: list[Diagnostic] = []

    def vocabulary(name: str) -> tree.File | None:
        for text, file in (
            (given.beside(f"{name}.stepview"), f"{name}.stepview beside {given.name}"),
            (_shipped(name), f"{name}.stepview"),
        ):
            parsed = parse(text) if text is not None else None
            if text is None or parsed is None or (parsed.tree is not None and parsed.tree.vocabulary is None):
                continue
            texts[name] = text
            mistakes.extend(dataclasses.replace(item, path=file) for item in parsed.diagnostics)
            return parsed.tree
        return None

    parsed = parse(given.text or "")
    program: ir.Program | None = None
    found = list(parsed.diagnostics)
    if parsed.tree is not None and not any(item.severity == "error" for item in found):
        result = check(parsed.tree, file=project.relative(given.path), vocabulary=vocabulary)
        program = result.program
        found.extend(result.diagnostics)
    errors = tuple(dataclasses.replace(item, path=given.name) for item in found if item.severity == "error")
    errors = (*(item for item in mistakes if item.severity == "error"), *errors)
    if program is None or errors:
        raise BadSideError(given, errors)
    return Side(program, given.name, given.text or "", texts)


def _shipped(name: str) -> str | None:
    path = SHIPPED / f"{name}.stepview"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _revision(name: str, folder: Path | None = None) -> Revision:
    try:
        return find_revision(name, folder or Path.cwd())
    except RevisionError as error:
        raise UnreadableError(str(error)) from None


def _path_at(revision: Revision, path: str) -> PurePosixPath:
    if path.startswith(("./", "../")):
        try:
            return revision.inside(Path.cwd() / path)
        except RevisionError as error:
            raise UnreadableError(str(error)) from None
    return PurePosixPath(path)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text") from None


def shown(path: Path) -> str:
    """A path as a user would type it: relative to the working directory where it lies below."""
    absolute, here = path.absolute(), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else path.as_posix()
