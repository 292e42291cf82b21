"""`stepc fmt`: one way to lay out a spec."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from pathlib import Path

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, BadSpecError, Session, StopError, note, pass_session, write
from stepc.cli.texts import coloured_diff, read_text


@click.command("fmt")
@click.argument("specs", nargs=-1, metavar="[SPEC|FOLDER]...")
@click.option("-w", "--write", "in_place", is_flag=True, help="Write the result back.")
@click.option("--check", is_flag=True, help="Name the files that are not formatted and exit with 1.")
@click.option("-d", "--diff", is_flag=True, help="Print what would change.")
@pass_session
def command(session: Session, specs: tuple[str, ...], in_place: bool, check: bool, diff: bool) -> int:
    """Format specs: comments stay, meaning stays, formatting twice changes nothing.

    Without an option the formatted text is printed. '-' reads standard input. Without SPEC: every spec of the project, for which
    -w, --check or --diff is needed.
    """
    from stepc.syntax import Unformattable, format_text, parse

    if not specs and not (in_place or check or diff):
        raise StopError(BAD_SPEC, "nothing to format is named", "name a spec, or ask for -w, --check or --diff to go through the project")
    changed = []
    for path in _paths(session, specs):
        text = (sys.stdin.read() if path == "-" else read_text(Path(path))).replace("\r\n", "\n")
        try:
            formatted = format_text(text)
        except Unformattable:
            found = tuple(dataclasses.replace(item, path=path) for item in parse(text).diagnostics)
            raise BadSpecError(found, {path: text}) from None
        if not (in_place or check or diff):
            write(formatted)
        if formatted == text:
            continue
        changed.append(path)
        if diff:
            lines = difflib.unified_diff(text.splitlines(keepends=True), formatted.splitlines(keepends=True), path, f"{path} (formatted)")
            write(coloured_diff(lines, session.out))
        if in_place and path != "-":
            Path(path).write_text(formatted, encoding="utf-8", newline="\n")
            note(f"formatted {path}")
    if check and changed:
        write("".join(f"{path} is not formatted\n" for path in changed))
        note(f"run `stepc fmt -w {' '.join(changed)}`")
    return FINDINGS if check and changed else FINE


def _paths(session: Session, specs: tuple[str, ...]) -> list[str]:
    project = session.project()
    names: list[str] = []
    for spec in specs:
        if spec == "-":
            names.append(spec)
        elif Path(spec).is_dir():
            from stepc.cli.loading import in_folder

            names += [str(path) for path in in_folder(spec)]
        else:
            from stepc.cli.loading import resolve

            names.append(str(resolve(project, spec)))
    return names if specs else [project.relative(path) if Path.cwd() == project.root else str(path) for path in project.spec_paths()]
