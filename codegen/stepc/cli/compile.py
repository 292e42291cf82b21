"""`stepc compile`: specs to adapters, and whether the adapters are what the specs say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import (
    BAD_SPEC,
    FINDINGS,
    FINE,
    BadSpecError,
    Session,
    StopError,
    format_option,
    note,
    pass_session,
    specs_argument,
    write,
)

if TYPE_CHECKING:
    from stepc.emit.project import Build, Finding
    from stepc.project import Project

RULES = "; without labelled traces there is `--rules-only`"
STYLES = {
    "missing": "warning",
    "stale": "warning",
    "hand_edited": "error",
    "orphaned": "warning",
    "damaged": "error",
    "foreign": "warning",
}


@click.command("compile")
@specs_argument
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit with 1 when a generated file is stale, missing, orphaned or edited by hand, or an artefact does not fit.",
)
@click.option("--diff", is_flag=True, help="Write nothing; print what compiling would change.")
@click.option("--prune", is_flag=True, help="Remove generated modules whose spec is gone.")
@format_option("text", "json", "github")
@pass_session
def command(session: Session, specs: tuple[str, ...], check: bool, diff: bool, prune: bool, form: str) -> int:
    """Compile specs to adapters, and their monitors, in the package that stepc.toml names. Without SPEC: every spec of the project.

    What is generated depends on the specs alone, so that a difference in it is a difference in what they say. A monitor's module also pins
    the artefact that was trained for it: the file of its name in the folder `artefacts`.
    """
    from stepc.cli.loading import named
    from stepc.cli.progress import Progress
    from stepc.cli.trained import trained
    from stepc.emit.errors import EmitError
    from stepc.emit.project import build, check_project, compile_project

    project, paths = named(session, specs)
    wanted = paths if specs else None
    session.spec = ", ".join(specs)
    try:
        with Progress(session) as progress:
            made = build(project, wanted, lambda path, done, of: progress.tell(path.name, done, of), trained)
        _stop_for_errors(made, project)
        if check or diff:
            found = check_project(project, wanted, made)
            return _findings(session, project, found, diff=diff, check=check, form=form, made=made)
        done = compile_project(project, wanted, made, prune=prune)
    except EmitError as error:
        if " both declare " in error.message:
            raise StopError(BAD_SPEC, error.message, "give one of them another name") from None
        raise
    if form == "json":
        names = {"written": done.written, "unchanged": done.unchanged}
        document = {key: [project.relative(path) for path in value] for key, value in names.items()}
        untrained = [monitor.name for monitor in made.monitors if not monitor.digest]
        orphans = [_object(project, finding) for finding in done.orphans]
        write(json.dumps({**document, "orphans": orphans, "untrained": untrained}, indent=2) + "\n")
        return _outcome(made)
    for path in done.written:
        note(f"{session.err('good', 'wrote')} {project.relative(path)}" if path.exists() else f"removed {project.relative(path)}")
    if not done.written:
        note(f"{len(done.unchanged)} up to date")
    for finding in done.orphans:
        note(f"{session.err('warning', 'orphaned')}  {finding.message}\n          {session.err('note', 'fix')}: {finding.fix}")
    _tell_monitors(session, made)
    return _outcome(made)


def _outcome(made: Build) -> int:
    """The exit code: findings where an artefact cannot be used, because the class that was written for it pins none."""
    return FINDINGS if any(monitor.trouble is not None for monitor in made.monitors) else FINE


def _tell_monitors(session: Session, made: Build) -> None:
    """Say which artefacts cannot be used, and which monitors are not trained."""
    troubled = [monitor for monitor in made.monitors if monitor.trouble is not None]
    for monitor in troubled:
        if monitor.trouble is not None:
            word = monitor.trouble.kind
            note(f"{session.err(STYLES[word], word)}  {monitor.trouble.message}\n  {session.err('note', 'fix')}: {monitor.trouble.fix}")
    untrained = [monitor for monitor in made.monitors if not monitor.digest and monitor not in troubled]
    if len(untrained) == 1:
        name = f"{untrained[0].spec}:{untrained[0].name}"
        note(f"{untrained[0].name} is not trained yet: run `stepc monitor train {name} TRACES...`, then compile again{RULES}")
    elif untrained:
        names = ", ".join(monitor.name for monitor in untrained)
        note(f"not trained yet: {names}; run `stepc monitor train SPEC:NAME TRACES...`, then compile again{RULES}")


def _stop_for_errors(made: Build, project: Project) -> None:
    """Stop with what the front end says when a spec has errors."""
    from stepc.cli.loading import shown
    from stepc.cli.texts import read_text

    if not made.broken:
        return
    diagnostics = tuple(item for path, checked in made.checked if path in made.broken for item in checked.diagnostics)
    texts: dict[str, str] = {}
    for item in diagnostics:
        path = project.root / item.path
        if path.is_file() and item.path not in texts:
            texts[item.path] = read_text(path)
    raise BadSpecError(diagnostics, texts or {shown(path): read_text(path) for path in made.broken if path.is_file()})


def _findings(session: Session, project: Project, found: tuple[Finding, ...], *, diff: bool, check: bool, form: str, made: Build) -> int:
    from stepc.cli.texts import coloured_diff
    from stepc.diagnostics.render import as_github, counted

    if form == "json":
        write(json.dumps({"findings": [_object(project, finding) for finding in found]}, indent=2, ensure_ascii=False) + "\n")
    elif form == "github":
        write(as_github(_diagnostic(project, finding) for finding in found))
    else:
        for finding in found:
            word = finding.kind.replace("_", "-")
            write(f"{session.out(STYLES[finding.kind], word)}  {finding.message}\n  {session.out('note', 'fix')}: {finding.fix}\n")
            if diff and finding.diff:
                write(coloured_diff(finding.diff.splitlines(keepends=True), session.out))
        if not found:
            watching = f" and {counted(len(made.monitors), 'monitor')}" if made.monitors else ""
            note(session.err("good", f"{counted(len(made.outputs), 'adapter')}{watching} up to date"))
    return FINDINGS if found and check else FINE


def _object(project: Project, finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "path": project.relative(finding.path),
        "message": finding.message,
        "fix": finding.fix,
        "diff": finding.diff,
    }


def _diagnostic(project: Project, finding: Finding) -> Any:
    from stepc.diagnostics.model import Diagnostic
    from stepc.source_text import NOWHERE

    return Diagnostic(finding.kind, f"{finding.message}\nrun `{finding.fix}`", NOWHERE, path=project.relative(Path(finding.path)))
