"""From what a user names to checked specs and to the modules that read traces."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stepc.cli.session import BAD_SPEC, BadSpecError, Session, StopError
from stepc.cli.texts import read_text
from stepc.project import Project, ProjectError, find_project

if TYPE_CHECKING:
    from stepc.check import Seen
    from stepc.diagnostics.model import Diagnostic
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec that was read and checked. `shown` is its path as messages name it."""

    path: Path
    shown: str
    text: str
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]


def resolve(project: Project, name: str) -> Path:
    """The spec that a user names by its path or, within a project, by its name."""
    try:
        return project.resolve(name)
    except ProjectError as error:
        raise StopError(BAD_SPEC, str(error), "`stepc new NAME` writes a spec to begin with") from None


def shown(path: Path) -> str:
    """A path as a user would type it: relative to the working directory where it lies below."""
    absolute, here = path.absolute(), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else path.as_posix()


def named(session: Session, names: tuple[str, ...]) -> tuple[Project, list[Path]]:
    """The specs that a user names; none means all of the project."""
    project = session.project()
    if names:
        found: list[Path] = []
        for name in names:
            found += in_folder(name) if Path(name).is_dir() else [resolve(project, name)]
        return project, found
    paths = project.spec_paths()
    if not paths:
        raise StopError(BAD_SPEC, f"there are no specs in {', '.join(project.specs)}", "`stepc new NAME` writes one to begin with")
    return project, paths


def in_folder(name: str) -> list[Path]:
    """The specs of a folder; a folder without any is more likely a slip than nothing to do."""
    found = sorted(Path(name).glob("*.stepview"))
    if not found:
        raise StopError(BAD_SPEC, f"there are no specs in {name}", "name a folder that holds .stepview files, or a spec by its path")
    return found


def read(session: Session, project: Project, path: Path, seen: Seen | None = None) -> Spec:
    """Parse and check a spec. Diagnostics carry its path as messages name it, those of a vocabulary the vocabulary's."""
    from stepc.front import read_spec

    name = session.spec = shown(path)
    checked = read_spec(path, project=project.root, seen=seen)
    own = project.relative(path)
    diagnostics = tuple(
        dataclasses.replace(item, path=name if item.path in (own, "") or path.name == item.path else shown(path.parent / item.path))
        for item in checked.diagnostics
    )
    text = read_text(path) if path.is_file() and all(item.code != "SV100" for item in diagnostics) else ""
    return Spec(path, name, text, checked.program, diagnostics)


def texts(specs: Iterable[Spec]) -> dict[str, str]:
    """The texts that diagnostics of these specs point into: their own, and those of the vocabularies beside them."""
    found: dict[str, str] = {}
    for spec in specs:
        found[spec.shown] = spec.text
        for item in spec.diagnostics:
            if item.path not in found and Path(item.path).is_file():
                found[item.path] = read_text(Path(item.path))
    return found


def load(session: Session, name: str) -> tuple[Project, Spec, Program]:
    """The spec that a user names, without errors. Its warnings are left to `stepc check`."""
    project = session.project()
    spec = read(session, project, resolve(project, name))
    if spec.program is None:
        raise BadSpecError(spec.diagnostics, texts([spec]))
    return project, spec, spec.program


def module_of(session: Session, project: Project, spec: Spec, program: Program) -> AdapterModule:
    """The adapter of a spec: the generated file where it is up to date, else compiled in memory, so that a new spec runs at once."""
    from stepc.verify.load import from_file, from_text

    session.spec = spec.shown
    owner = _owner(project, spec.path)
    if owner is not None:
        found = from_file(owner.module_path(program.source.name), program)
        if found is not None:
            return found
    from stepc.emit.project import compile_program

    return from_text(program.source.name, compile_program(program, owner or project).text, f"<compiled from {spec.shown}>")


def _owner(project: Project, path: Path) -> Project | None:
    """The project that has a spec among its own: that of the working directory, else the one around the spec; None where neither has."""
    place = Path(os.path.normpath(path.absolute()))  # without `..`, and with the links that the user named
    if place in project.spec_paths():
        return project
    try:
        around = find_project(place.parent)
    except ProjectError:
        return None
    return around if place in around.spec_paths() else None
