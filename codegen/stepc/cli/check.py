"""`stepc check`: what is wrong with specs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, Session, format_option, note, pass_session, specs_argument, write

if TYPE_CHECKING:
    from stepc.check import Seen


@click.command("check")
@specs_argument
@format_option("text", "json", "github")
@click.option(
    "--samples",
    multiple=True,
    metavar="FILE",
    help="Traces of the source: messages quote how often a path is there, and find slips in names.",
)
@click.option("--deny-warnings", is_flag=True, help="Exit with 1 when there are warnings.")
@pass_session
def command(session: Session, specs: tuple[str, ...], form: str, samples: tuple[str, ...], deny_warnings: bool) -> int:
    """Check specs and print every mistake with its place, the reason and fixes that can be pasted.

    SPEC is a path, a folder, or the name of a spec of the project; none means all of the project.
    """
    from stepc.cli.loading import named, read, texts
    from stepc.cli.trouble import readable
    from stepc.diagnostics.render import as_github, as_json, as_text, counted, summary

    project, paths = named(session, specs)
    readable(samples, opened=True)
    read_specs = [read(session, project, path, _seen(path, samples)) for path in paths]
    diagnostics = [item for spec in read_specs for item in spec.diagnostics]
    if form == "json":
        write(as_json(diagnostics))
    elif form == "github":
        write(as_github(diagnostics))
    else:
        write(as_text(diagnostics, texts(read_specs), paint=session.out, columns=session.columns()))
    found = summary(diagnostics)
    if form == "text":
        where = counted(len(read_specs), "spec")
        note(f"{found} in {where}" if found else session.err("good", f"{where} checked, nothing found"))
    if any(item.severity == "error" for item in diagnostics):
        return BAD_SPEC
    return FINDINGS if diagnostics and deny_warnings else FINE


def _seen(path: Path, samples: tuple[str, ...]) -> Seen | None:
    """What samples show of the source that a spec declares; nothing where it does not parse."""
    if not samples:
        return None
    from stepc.cli.texts import read_text
    from stepc.syntax import parse
    from stepc.verify.samples import seen_in

    file = parse(read_text(path)).tree
    return seen_in(file, samples) if file is not None else None
