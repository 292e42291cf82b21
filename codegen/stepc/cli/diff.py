"""`stepc diff`: what changed between two versions of a spec, and for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import FINDINGS, FINE, UNREADABLE, BadSpecError, Session, StopError, format_option, pass_session, write

if TYPE_CHECKING:
    from stepc.diff.load import Given
    from stepc.diff.model import Report
    from stepc.diff.sides import Side
    from stepc.project import Project
    from stepc.runtime.run import AdapterModule

CLASSES = ("OUTCOME", "STEP_TYPE", "ACCEPT", "ORDER", "STEP_VALUE", "FEATURE", "COMPATIBLE", "any")


@click.command("diff")
@click.argument("specs", nargs=-1, required=True, metavar="OLD [NEW]")
@click.option("--against", metavar="REV", help="Compare one SPEC with itself at a Git revision.")
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    type=click.Choice(CLASSES, case_sensitive=False),
    metavar="CLASS",
    help=f"Exit with 1 on a change of this class; may be given several times. Classes: {', '.join(CLASSES)} (any: all but COMPATIBLE).",
)
@click.option("--samples", multiple=True, metavar="FILE", help="Traces to replay; default: those of the specs' examples.")
@click.option("--no-replay", "no_replay", is_flag=True, help="Compare the specs only.")
@format_option("text", "markdown", "json", "github")
@pass_session
def command(
    session: Session,
    specs: tuple[str, ...],
    against: str | None,
    fail_on: tuple[str, ...],
    samples: tuple[str, ...],
    no_replay: bool,
    form: str,
) -> int:
    """Tell what changed between two versions of a spec: for consumers, for data, for monitors.

    OLD and NEW are paths, names of specs of the project, or REV:path. Every change belongs to a class, which is a promise to a reader;
    samples are run through both versions to count the steps that differ.
    """
    from stepc.diff.load import UnreadableError
    from stepc.diff.render import as_github, as_json, as_markdown, as_text
    from stepc.diff.report import failing

    if len(specs) != (1 if against else 2):
        raise click.UsageError("`--against REV` wants one SPEC" if against else "give OLD and NEW, or one SPEC with --against REV")
    project = session.project()
    try:
        old, new = _sides(specs, against, project)
        report = _report(old, new, project, samples, no_replay)
    except UnreadableError as error:
        raise StopError(UNREADABLE, str(error)) from None
    failed_on = failing(fail_on)
    if form == "json":
        write(as_json(report, failed_on))
    elif form == "markdown":
        write(as_markdown(report))
    elif form == "github":
        write(as_github(report, failed_on))
    else:
        write(as_text(report, session.out))
    return FINDINGS if any(change.category in failed_on for change in report.changes) else FINE


def _sides(specs: tuple[str, ...], against: str | None, project: Project) -> tuple[Given, Given]:
    from stepc.diff import load

    if against is not None:
        new = load.named(specs[0], project)
        return load.against(against, new), new
    return load.named(specs[0], project), load.named(specs[1], project)


def _report(old: Given, new: Given, project: Project, samples: tuple[str, ...], no_replay: bool) -> Report:
    from stepc.diff.load import BadSideError, UnreadableError, checked
    from stepc.diff.replay import Sample, example_samples, player
    from stepc.diff.report import one_sided, report_on

    if old.text is None and new.text is None:
        raise UnreadableError(f"neither {old.name} nor {new.name} exists")
    try:
        before = checked(old, project) if old.text is not None else None
        after = checked(new, project) if new.text is not None else None
    except BadSideError as bad:
        raise BadSpecError(bad.diagnostics, {bad.given.name: bad.given.text or ""}) from None
    if before is None or after is None:
        return one_sided(before, after, old.name, new.name)
    if no_replay:
        return report_on(before, after, None, ())
    found = [Sample(Path(sample), sample) for sample in samples] or example_samples((before.program, old.path), (after.program, new.path))
    missing = [sample.shown for sample in found if samples and not sample.path.exists()]
    if missing:
        raise UnreadableError(f"there is no {missing[0]}")
    return report_on(before, after, (player(_compiled(before, "old", project)), player(_compiled(after, "new", project))), found)


def _compiled(side: Side, which: str, project: Project) -> AdapterModule:
    """The adapter of a side, compiled in memory under a name of its own, both sides with the limits of the project."""
    from stepc.emit.render import Renderer
    from stepc.verify.load import from_text

    limits = project.limits
    rendered = Renderer(side.program, text_limit=limits.text, json_limit=limits.json, calls_limit=limits.calls).rendered()
    return from_text(f"{side.program.source.name}_{which}", rendered.text, f"<compiled from {side.name}>")
