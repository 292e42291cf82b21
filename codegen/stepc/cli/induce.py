"""`stepc induce`: a spec for files of unknown traces, drafted by rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, UNREADABLE, Session, StopError, note, pass_session, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from stepc.induce.rules import Candidate, Options

_SHOWN = 8
"""Doubts and candidates that the terminal shows; the spec holds all of them."""


@click.command("induce")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("-o", "--output", metavar="PATH", help="Where to write the spec ('-': standard output). Default: NAME.stepview here.")
@click.option("--name", metavar="NAME", help="The name of the source. Default: from the output's or the files' name.")
@click.option("--outcome", metavar="PATH", help="What tells how a run ended, as a spec writes it, such as .reward; 'none': nothing does.")
@click.option(
    "--samples", type=click.IntRange(1), metavar="N", help="Look at no more than N documents, or text files, of each file's kind."
)
@click.option("--root", metavar="FOLDER", help="The root of the pack that single files belong to.")
@click.option("--force", is_flag=True, help="Overwrite the spec if it is there already.")
@pass_session
def command(
    session: Session,
    files: tuple[str, ...],
    output: str | None,
    name: str | None,
    outcome: str | None,
    samples: int | None,
    root: str | None,
    force: bool,
) -> int:
    """Draft a spec for traces of an unknown format from FILES (files, folders, archives), by rules, without a network.

    What can be read in several ways is compiled, tried on the samples and compared. The spec says what was seen and, in lines that begin
    with `// check:`, what is doubtful, the least certain first. Exits with 1 when nothing in the files was recognised: the spec is then a
    start in which every event is unknown.
    """
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import readable

    readable(files)
    target = _target(output, force)
    options = _options(name, target, outcome, samples, root)
    with Progress(session) as progress:
        candidate = _by_rules(files, options, lambda what: progress.tell(what))
    if outcome not in (None, "none") and not candidate.settled:
        listed = ", ".join(item.shown for item in candidate.outcomes[:_SHOWN]) or "none was found"
        raise StopError(BAD_SPEC, f"nothing stands at --outcome {outcome} in these files", f"candidates: {listed}")
    if output == "-":
        write(candidate.spec_text)
    else:
        from stepc.files import write_changed

        target = target or Path(f"{_source(candidate)}.stepview")
        if output is None and target.exists() and not force:
            raise StopError(BAD_SPEC, f"{target} is there already", "name another place with -o, or use --force")
        write_changed(target, candidate.spec_text)
    _report(session, candidate, None if output == "-" else target)
    return FINE if candidate.recognised else FINDINGS


def _target(output: str | None, force: bool) -> Path | None:
    if output in (None, "-"):
        return None
    path = Path(str(output))
    if path.is_dir():
        raise StopError(BAD_SPEC, f"{path} is a folder", f"name the file: -o {path / 'NAME.stepview'}")
    if path.exists() and not force:
        raise StopError(BAD_SPEC, f"{path} is there already", "name another place with -o, or use --force")
    return path


def _options(name: str | None, target: Path | None, outcome: str | None, samples: int | None, root: str | None) -> Options:
    from stepc.induce.rules import Options, usable_name

    if name is not None and usable_name(name) != name:
        raise StopError(
            BAD_SPEC,
            f"'{name}' cannot name a source",
            "lower-case letters, digits and underscores; a letter first; no word of the language",
        )
    chosen = name or (usable_name(target.stem) if target is not None else "")
    return Options(chosen, outcome, root, target.parent if target is not None else Path(), samples)


def _by_rules(files: tuple[str, ...], options: Options, tell: Callable[[str], None]) -> Candidate:
    from stepc.induce.rules import NothingToReadError, induce

    try:
        return induce(files, options, tell=tell)
    except NothingToReadError as nothing:
        raise StopError(UNREADABLE, str(nothing), nothing.advice) from None


def _source(candidate: Candidate) -> str:
    line = next((line for line in candidate.spec_text.splitlines() if line.startswith("source ")), "source traces {")
    return line.split()[1]


def _report(session: Session, candidate: Candidate, target: Path | None) -> None:
    """What was written and what a reviewer has to look at, on standard error."""
    from stepc.terminal import escape

    if target is not None:
        note(f"wrote {target}")
    for line in candidate.assessment.summary.splitlines():
        note(f"  {escape(line)}")
    if candidate.outcomes:
        note(session.err("bold", "outcome" if candidate.settled else "candidates for the outcome, settle it with --outcome PATH"))
        for item in candidate.outcomes[:_SHOWN]:
            note(f"  {escape(item.shown)}: {escape(item.counts)}")
    if candidate.doubts:
        note(session.err("bold", "check"))
        for doubt in candidate.doubts[:_SHOWN]:
            note(f"  {escape(doubt)}")
        if len(candidate.doubts) > _SHOWN:
            note(f"  and {len(candidate.doubts) - _SHOWN} more in the spec")
    for broken in candidate.assessment.counterexamples:
        note(f"{session.err('error', 'broken law')} {broken.law}: {escape(broken.message)}")
    if not candidate.recognised:
        note(session.err("warning", "nothing was recognised: the spec is a start, in which every event is unknown"))
    if target is not None:
        note(f"next: `stepc check {target}`, `stepc coverage {target} FILES`, and settle what `// check:` asks")
