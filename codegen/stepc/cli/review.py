"""`stepc review`: what a reviewer of a spec needs, on one screen or page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import FINDINGS, FINE, UNREADABLE, Session, StopError, note, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule, RunAccount

_LINES = 14
_WIDE = 120


@click.command("review")
@spec_argument
@click.argument("files", nargs=-1, required=True, metavar="SAMPLES...")
@click.option("-o", "--output", metavar="PATH", help="Write a page (HTML) that stands alone, instead of text for the terminal.")
@click.option("--events", type=click.IntRange(1), default=24, show_default=True, metavar="N", help="Events that are shown at most.")
@click.option("--episodes", type=click.IntRange(1), default=200, show_default=True, metavar="N", help="Episodes that are looked at.")
@click.option("--root", metavar="FOLDER", help="The root of the pack that the samples belong to.")
@click.option("--full", is_flag=True, help="All lines of every event and step.")
@click.option("--no-audit", is_flag=True, help="Leave out the search for leaks.")
@pass_session
def command(
    session: Session,
    spec: str,
    files: tuple[str, ...],
    output: str | None,
    events: int,
    episodes: int,
    root: str | None,
    full: bool,
    no_audit: bool,
) -> int:
    """Show raw events of SAMPLES beside the steps they become, one of every way that events go, unknown ones first; with the doubts that
    stand in the spec as `// check:`, the paths that nothing reads, the account, and what the audit says where labels allow it.

    Exit code 1 while there are doubts, unknown events or leaks.
    """
    from stepc.cli.loading import load, module_of
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import no_episode, readable
    from stepc.review import review
    from stepc.terminal import PLAIN

    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    readable(files)
    with Progress(session) as progress:
        seen = review(found.text, program, module, files, root=root, events=events, most_episodes=episodes, on_file=progress.file)
        if not seen.episodes:
            raise StopError(UNREADABLE, "no episode of this source was found", no_episode(seen.problems))
        account = _account(module, files, root, progress)
        audit, leaks = ("left out", 0) if no_audit else _audit(session, spec, program, files, root, progress)
    columns = session.columns() or _WIDE
    if output is not None:
        from stepc.cli.accounts import account_lines
        from stepc.files import write_changed
        from stepc.review.page import as_page

        title = f"Review of {found.shown}"
        page = as_page(seen, title=title, spec=found.text, account="\n".join(account_lines(account, PLAIN, _WIDE)), audit=audit)
        write_changed(Path(output), page)
        note(f"wrote {output}")
    else:
        from stepc.cli.accounts import account_lines
        from stepc.review.terminal import as_text
        from stepc.terminal import escape

        paint = session.out
        lines = as_text(seen, paint, columns, lines=None if full else _LINES)
        lines += ["", *account_lines(account, paint, columns), "", paint("bold", "audit"), escape(audit, lines=True)]
        write("\n".join(lines) + "\n")
    return FINDINGS if seen.doubts or account.account.unknown or leaks else FINE


def _account(module: AdapterModule, files: tuple[str, ...], root: str | None, progress: Progress) -> RunAccount:
    from stepc.runtime.run import run

    ran = run(module, list(files), root=root)
    for one in ran:
        progress.tell(f"reading {one.file}")
    return ran.account


def _audit(session: Session, spec: str, program: Program, files: tuple[str, ...], root: str | None, progress: Progress) -> tuple[str, int]:
    """What the audit says, and how many leaks it finds."""
    from stepc.terminal import PLAIN

    if not program.label:
        return "the spec has no label, so nothing can give it away", 0
    try:
        from stepwatch.audit import Settings
    except ImportError:
        return "needs numpy: install stepc[audit]", 0
    from stepc.cli.audit import of_spec
    from stepc.cli.audit_page import page

    try:
        report = of_spec(session, spec, files, root, Settings(label=program.label), progress.tell)
    except StopError as stop:
        return str(stop), 0
    return page(report, spec, PLAIN, _WIDE).rstrip("\n"), len(report.leaks)
