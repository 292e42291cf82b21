"""`stepc detect`: which spec reads a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import FINDINGS, FINE, Session, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.terminal import Paint
    from stepc.verify.detect import Answer

STYLES = {"reads": "good", "partly": "warning", "refuses": ""}


@click.command("detect")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--spec", "specs", multiple=True, metavar="SPEC", help="Ask this spec only; may be given several times. Default: all of the project."
)
@format_option("text", "json")
@pass_session
def command(session: Session, files: tuple[str, ...], specs: tuple[str, ...], form: str) -> int:
    """Tell which specs read each FILE, and why the others do not. Exits with 1 when no spec reads one of them."""
    from stepc.cli.loading import module_of, named, read
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import readable
    from stepc.verify.detect import ask

    readable(files, opened=True)
    project, paths = named(session, specs)
    asked = []
    for path in paths:
        spec = read(session, project, path)
        if spec.program is None:
            note(f"{session.err('warning', spec.shown)} has errors and is not asked")
        else:
            asked.append((spec.program, module_of(session, project, spec, spec.program)))
    answers: dict[str, list[Answer]] = {file: [] for file in files}
    with Progress(session) as progress:
        for done, (file, (program, module)) in enumerate(product(files, asked)):
            progress.tell(f"{program.source.name} on {file}", done, len(files) * len(asked))
            answers[file].append(ask(program, module, Path(file)))
    for found in answers.values():
        found.sort(key=lambda answer: answer.rank)
    if form == "json":
        write(
            json.dumps({file: [asdict(answer) for answer in found] for file, found in answers.items()}, indent=2, ensure_ascii=False) + "\n"
        )
    else:
        write("\n".join("\n".join(_lines(file, found, session.out, session.columns())) + "\n" for file, found in answers.items()))
    return FINE if all(any(answer.verdict != "refuses" for answer in found) for found in answers.values()) else FINDINGS


def _lines(file: str, answers: list[Answer], paint: Paint, columns: int | None) -> list[str]:
    from rich.padding import Padding
    from rich.text import Text

    from stepc.diagnostics.render import counted
    from stepc.terminal import drawn, escape, table

    asked = table(header=False)
    asked.add_column(min_width=7, no_wrap=True)
    asked.add_column(no_wrap=True)
    asked.add_column()
    for answer in answers:
        what = answer.why
        if answer.verdict != "refuses":
            steps = ", ".join(f"{count:,} {name}" for name, count in answer.steps.items())
            looked = f"{counted(answer.episodes, 'episode')} looked at, {counted(answer.events, 'event')}: {steps}"
            what = f"{what}; {looked}" if what else looked
        row = "dim" if answer.verdict == "refuses" else None
        asked.add_row(Text(answer.verdict, style=STYLES[answer.verdict]), answer.source, escape(what), style=row)
    return [paint("bold", escape(file)), *drawn(Padding(asked, (0, 0, 0, 2)), columns, paint)]
