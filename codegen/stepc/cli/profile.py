"""`stepc profile`: what stands in files of unknown traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stepc.cli.session import FINE, UNREADABLE, Session, StopError, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.induce.samples import Samples


@click.command("profile")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("--root", metavar="FOLDER", help="The root of the pack that single files belong to.")
@click.option("--depth", type=click.IntRange(1, 24), default=12, show_default=True, help="How many levels of the tree are printed.")
@format_option("text", "json")
@pass_session
def command(session: Session, files: tuple[str, ...], root: str | None, depth: int, form: str) -> int:
    """Show what stands in FILES (files, folders, archives): which kinds of files there are, and for every path of their documents how
    often it is there, of which types, what its values look like, which hold JSON, which name each other, what tells time or order.

    Short values that repeat are shown; secrets by the name of their key are not.
    """
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import readable
    from stepc.induce.profile import profile

    readable(files)
    with Progress(session) as progress:
        found = profile(files, root=root, on_file=progress.file)
    tell_problems(session, found.samples)
    if not found.families:
        raise StopError(UNREADABLE, "nothing in these files can be read as text or JSON", "they are empty, binary, or damaged")
    write(found.to_json() if form == "json" else found.render(width=session.columns() or 200, depth=depth))
    return FINE


def tell_problems(session: Session, samples: Samples) -> None:
    """What was wrong with files and which were passed over, on standard error, with an example of each."""
    from stepc.cli.trouble import sentence

    for problem in samples.problems:
        note(f"{session.err('warning', problem.kind)} {problem.count:,} × {sentence(problem)}")
