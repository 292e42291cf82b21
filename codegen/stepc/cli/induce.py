"""`stepc induce`: a spec for files of unknown traces, drafted by rules, and by a language model where one is asked; or a spec repaired."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.asking import Asking, asking_options
from stepc.cli.profile import tell_problems
from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, UNREADABLE, Session, StopError, note, pass_session, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from stepc.cli.progress import Progress
    from stepc.induce.profile import Profile
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
@click.option("--update", "spec", metavar="SPEC", help="Repair this spec for FILES of a changed format instead: prints a diff.")
@click.option("-w", "--write", "overwrite", is_flag=True, help="With --update: write the repaired spec.")
@click.option("--redact", is_flag=True, help="Show a language model the structure of the samples and nothing they say.")
@click.option("--rounds", type=click.IntRange(1, 50), default=6, show_default=True, metavar="N", help="Replies that are asked for at most.")
@click.option(
    "--prompt-tokens", type=click.IntRange(8_000), default=24_000, show_default=True, metavar="N", help="The length of the first prompt."
)
@asking_options
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
    spec: str | None,
    overwrite: bool,
    redact: bool,
    rounds: int,
    prompt_tokens: int,
    asking: Asking,
) -> int:
    """Draft a spec for traces of an unknown format from FILES (files, folders, archives), by rules, without a network.

    What can be read in several ways is compiled, tried on the samples and compared. The spec says what was seen and, in lines that begin
    with `// check:`, what is doubtful, the least certain first. Exits with 1 when nothing in the files was recognised: the spec is then a
    start in which every event is unknown.

    With --model, --command or --prompt-out a language model tries to do better: its specs are compiled and tried in the same way, what is
    wrong goes back, and the best one is written. What was asked and answered stands in NAME.induction.jsonl beside the spec.

    With --update the smallest change of SPEC is searched that restores its account on FILES, after their format changed.
    """
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import readable

    readable(files)
    if overwrite and spec is None:
        raise StopError(BAD_SPEC, "-w goes with --update SPEC", "-o names where a new spec is written")
    if redact and not asking.wanted:
        raise StopError(BAD_SPEC, "--redact goes with --model, --command or --prompt-out", "nothing leaves this machine without them")
    if spec is not None:
        return _update(session, spec, files, root, asking, overwrite)
    target = _target(output, force)
    options = _options(name, target, outcome, samples, root)
    with Progress(session) as progress:
        found = _profile(files, options, progress) if asking.wanted else None
        candidate = _by_rules(files, options, lambda what: progress.tell(what), found)
    if outcome not in (None, "none") and not candidate.settled:
        listed = ", ".join(item.shown for item in candidate.outcomes[:_SHOWN]) or "none was found"
        raise StopError(BAD_SPEC, f"nothing stands at --outcome {outcome} in these files", f"candidates: {listed}")
    if target is None and output is None:
        target = Path(f"{_source(candidate)}.stepview")
        if target.exists() and not force:
            raise StopError(BAD_SPEC, f"{target} is there already", "name another place with -o, or use --force")
    if found is not None:
        from stepc.cli.conversing import Talk, improved

        with Progress(session) as progress:
            talk = Talk(redact, rounds, prompt_tokens, lambda what: progress.tell(what))
            candidate = improved(session, asking, candidate, found, options, target, talk)
    if candidate.recognised and candidate.assessment.compiles:
        candidate = replace(candidate, spec_text=_watched(candidate, options))
    if target is None:
        write(candidate.spec_text)
    else:
        from stepc.files import write_changed

        write_changed(target, candidate.spec_text)
    _report(session, candidate, target)
    return FINE if candidate.recognised else FINDINGS


def _update(session: Session, spec: str, files: tuple[str, ...], root: str | None, asking: Asking, overwrite: bool) -> int:
    from stepc.cli.updating import update

    if asking.wanted:
        raise StopError(BAD_SPEC, "--update asks nobody", "leave --model, --command and --prompt-out out")
    return update(session, spec, files, root, overwrite=overwrite)


def _profile(files: tuple[str, ...], options: Options, progress: Progress) -> Profile:
    """What stands in the files, for the rules and for whoever is asked."""
    from stepc.induce.profile import profile
    from stepc.induce.samples import SAMPLE_LIMITS

    limits = replace(SAMPLE_LIMITS, records=options.samples) if options.samples else SAMPLE_LIMITS
    return profile(files, root=options.root, limits=limits, on_file=progress.file)


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


def _by_rules(files: tuple[str, ...], options: Options, tell: Callable[[str], None], found: Profile | None) -> Candidate:
    from stepc.induce.rules import NothingToReadError, induce

    try:
        return induce(files, options, tell=tell, found=found)
    except NothingToReadError as nothing:
        raise StopError(UNREADABLE, str(nothing), nothing.advice) from None


def _watched(candidate: Candidate, options: Options) -> str:
    """The spec with a monitor to begin with."""
    from stepc.induce.rules import laid_out
    from stepc.induce.watching import with_monitor

    return laid_out(with_monitor(candidate.spec_text, candidate.assessment.steps, options.beside))


def _source(candidate: Candidate) -> str:
    line = next((line for line in candidate.spec_text.splitlines() if line.startswith("source ")), "source traces {")
    return line.split()[1]


def _report_files(session: Session, candidate: Candidate) -> None:
    """What of the files the spec was not drafted from, and what was wrong with them."""
    from stepc.induce.samples import looked_at
    from stepc.terminal import escape

    if candidate.samples is None:
        return
    bounds = looked_at(candidate.samples.files)
    if bounds:
        note(f"  {escape(bounds)}")
    for family in candidate.left[:_SHOWN]:
        note(f"{session.err('warning', 'not read')} {escape(family.shown)}")
    if len(candidate.left) > _SHOWN:
        note(f"  and {len(candidate.left) - _SHOWN} more kinds of files")
    tell_problems(session, candidate.samples)


def _report(session: Session, candidate: Candidate, target: Path | None) -> None:
    """What was written and what a reviewer has to look at, on standard error."""
    from stepc.terminal import escape

    if target is not None:
        note(f"wrote {target}")
    for line in candidate.assessment.summary.splitlines():
        note(f"  {escape(line)}")
    _report_files(session, candidate)
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
        if "\n  rule " in candidate.spec_text:
            note(f"its monitor has rules that need no training: `stepc monitor train {target} --rules-only`")
