"""`stepc detect`: which spec reads a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import FINDINGS, FINE, Session, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.terminal import Paint
    from stepc.verify.detect import Answer


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
    from stepc.cli.trouble import readable
    from stepc.verify.detect import ask

    readable(files)
    project, paths = named(session, specs)
    asked = []
    for path in paths:
        spec = read(session, project, path)
        if spec.program is None:
            note(f"{session.err('warning', spec.shown)} has errors and is not asked")
        else:
            asked.append((spec.program, module_of(session, project, spec, spec.program)))
    answers = {
        file: sorted((ask(program, module, Path(file)) for program, module in asked), key=lambda answer: answer.rank) for file in files
    }
    if form == "json":
        write(
            json.dumps({file: [asdict(answer) for answer in found] for file, found in answers.items()}, indent=2, ensure_ascii=False) + "\n"
        )
    else:
        write("\n".join("\n".join(_lines(file, found, session.out, session.columns())) + "\n" for file, found in answers.items()))
    return FINE if all(any(answer.verdict != "refuses" for answer in found) for found in answers.values()) else FINDINGS


def _lines(file: str, answers: list[Answer], paint: Paint, columns: int | None) -> list[str]:
    from stepc.diagnostics.render import counted
    from stepc.terminal import cut, escape

    out = [paint("bold", escape(file))]
    size = max(len(answer.source) for answer in answers)
    styles = {"reads": "good", "partly": "warning", "refuses": "dim"}
    for answer in answers:
        what = answer.why
        if answer.verdict != "refuses":
            steps = ", ".join(f"{count:,} {name}" for name, count in answer.steps.items())
            looked = f"{counted(answer.episodes, 'episode')} looked at, {counted(answer.events, 'event')}: {steps}"
            what = f"{what}; {looked}" if what else looked
        line = f"  {answer.verdict:<8} {answer.source:<{size}}  {escape(what)}"
        out.append(paint(styles[answer.verdict] if answer.verdict != "reads" else "", cut(line, columns) if columns else line))
        if answer.verdict == "reads":
            out[-1] = out[-1].replace("  reads   ", f"  {paint('good', 'reads')}   ", 1)
    return out
