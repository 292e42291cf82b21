"""`stepc drift`: what changed between two sets of raw traces under one spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, UNREADABLE, Session, StopError, format_option, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.drift.gather import Side
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule

SHARE = click.FloatRange(0, 1)


@click.command("drift")
@spec_argument
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--refused", type=SHARE, default=0.01, show_default=True, metavar="SHARE", help="Documents refused, damaged or without episodes."
)
@click.option(
    "--dropped", type=SHARE, default=0.01, show_default=True, metavar="SHARE", help="Episodes dropped, or without events or steps."
)
@click.option("--unknown", type=SHARE, default=0.01, show_default=True, metavar="SHARE", help="Events that no arm understands.")
@click.option("--defects", type=SHARE, default=0.01, show_default=True, metavar="SHARE", help="Defects an event, of one kind at one place.")
@click.option("--silent", type=SHARE, default=0.1, show_default=True, metavar="SHARE", help="Events without steps and without a reason.")
@click.option(
    "--unlabelled", type=SHARE, default=0.1, show_default=True, metavar="SHARE", help="Episodes without a label or a file beside them."
)
@click.option("--share", type=SHARE, default=0.25, show_default=True, metavar="SHARE", help="Events of an arm, a step type or a value.")
@click.option(
    "--vanished", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Read paths, inputs, values, steps and arms gone."
)
@click.option("--types", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Read paths with values of another type.")
@click.option(
    "--risk", type=click.FloatRange(1e-12, 0.5), default=0.01, show_default=True, metavar="P", help="Accepted risk of a false alarm."
)
@click.option("--old-root", metavar="FOLDER", help="The root of the pack that OLD belongs to.")
@click.option("--new-root", metavar="FOLDER", help="The root of the pack that NEW belongs to.")
@click.option("--all", "everything", is_flag=True, help="Every note.")
@format_option("text", "json", "github")
@pass_session
def command(
    session: Session,
    /,
    spec: str,
    old: str,
    new: str,
    old_root: str | None,
    new_root: str | None,
    everything: bool,
    form: str,
    **limits: float,
) -> int:
    """Compare two sets of raw traces under one SPEC: OLD and NEW are files, folders or archives.

    Exit code 1 when a share of NEW lies above that of OLD by more than its limit, or more things than tolerated vanished or changed
    their type. Only differences that chance does not explain count. Values are counted, never shown, but those that `match` tells
    events apart by.
    """
    from stepc.cli.loading import load, module_of
    from stepc.cli.trouble import readable
    from stepc.drift.compare import compare
    from stepc.drift.render import as_github, as_json, as_text
    from stepc.drift.report import Thresholds

    if old == new == "-":
        raise StopError(BAD_SPEC, "standard input can be one of the two only")
    thresholds = Thresholds(**{name: int(value) if name in ("vanished", "types") else value for name, value in limits.items()})  # type: ignore[arg-type]
    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    readable((old, new))
    before = _gathered(session, program, module, old, old_root)
    if not before.episodes:
        raise _unreadable(before, "no episode of this source was found in the old traces")
    after = _gathered(session, program, module, new, new_root)
    if not after.files:
        raise _unreadable(after, "no file of this source was found in the new traces")
    report = compare(program, before, after, thresholds)
    if form == "json":
        write(as_json(report))
    elif form == "github":
        write(as_github(report))
    else:
        write(as_text(report, session.out, everything=everything))
    return FINDINGS if report.drift else FINE


def _gathered(session: Session, program: Program, module: AdapterModule, path: str, root: str | None) -> Side:
    from stepc.cli.progress import Progress
    from stepc.drift.gather import gather

    with Progress(session) as progress:
        return gather(program, module, [path], root=root, on_file=progress.file, on_episode=progress.episode)


def _unreadable(side: Side, message: str) -> StopError:
    from stepc.cli.trouble import no_episode

    return StopError(UNREADABLE, message, no_episode(side.problems))
