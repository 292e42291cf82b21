"""`stepc new`: a starter spec."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, note, pass_session, write
from stepc.cli.starters import STARTERS, starter
from stepc.project import FILE_NAME, SUFFIX


@click.command("new")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(list(STARTERS)), default="json", show_default=True, help="The format of the traces.")
@click.option(
    "-o", "--output", "output", metavar="PATH", help="Where to write it ('-': standard output). Default: among the project's specs."
)
@pass_session
def command(session: Session, name: str, form: str, output: str | None) -> int:
    """Write a commented starter spec for the source NAME. It compiles as it is."""
    from stepc.syntax.tables import RESERVED

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise StopError(BAD_SPEC, f"'{name}' cannot name a source", "lower-case letters, digits and underscores; a letter first")
    if name in RESERVED or keyword.iskeyword(name):
        raise StopError(BAD_SPEC, f"'{name}' cannot name a source", f"it is a word of the language or of Python; '{name}_log' is none")
    text = starter(name, form)
    if output == "-":
        write(text)
        return FINE
    path = Path(output) if output else _place(session, name)
    if path.is_dir():
        path /= f"{name}.stepview"
    if path.exists():
        raise StopError(BAD_SPEC, f"{path} is there already", "name another place with -o")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    note(f"wrote {path}\nnext: edit it, then `stepc check {path}` and `stepc coverage {path} FILES`")
    return FINE


def _place(session: Session, name: str) -> Path:
    """Among the project's specs; in a folder that is no project, here."""
    project = session.project()
    places = [project.root / place for place in project.specs if not set("*?[") & set(place) and not place.endswith(SUFFIX)]
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None and (project.root / FILE_NAME).is_file() and places:
        folder = places[0]
    if folder is None:
        return Path(f"{name}{SUFFIX}")
    here = Path.cwd()
    return (folder.relative_to(here) if folder.is_relative_to(here) else folder) / f"{name}.stepview"
