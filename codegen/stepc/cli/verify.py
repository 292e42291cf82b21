"""`stepc verify`: the laws of a spec's adapter, tried on mutations of samples."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.session import FINDINGS, FINE, UNREADABLE, Session, StopError, format_option, note, pass_session, spec_argument, write

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepc.terminal import Paint
    from stepc.verify.runner import Counterexample, LawResult, Report

SHOWN_LINES = 30
"""Lines of a counterexample that the terminal shows; `--format json` has all of it."""


@click.command("verify")
@spec_argument
@click.argument("samples", nargs=-1, metavar="[SAMPLES]...")
@click.option("--examples", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="Inputs that every law is tried on.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed and samples give the same inputs.")
@click.option("--root", metavar="FOLDER", help="The root of the pack that single files belong to.")
@format_option("text", "json", "github")
@pass_session
def command(session: Session, spec: str, samples: tuple[str, ...], examples: int, seed: int, root: str | None, form: str) -> int:
    """Try the laws of a spec's adapter on mutations of real SAMPLES and on arbitrary JSON: it never raises, sees no event before its
    time, gives the same steps live and in batch, and no step depends on the outcome, on sealed or on ignored places.

    SAMPLES are traces: files, folders or archives; it is an error if none of them can be read. None means those that the spec's examples
    name.
    """
    from stepc.cli.loading import load, module_of
    from stepc.cli.progress import Progress
    from stepc.diagnostics.render import as_github

    project, read, program = load(session, spec)
    places = [Path(name) for name in samples] or _given(read.path, [example.given for example in program.examples])
    for place in places:
        if not place.exists():
            raise StopError(UNREADABLE, f"{place}: there is no such file or folder")
    try:
        from stepc.verify.runner import Verifier
        from stepc.verify.schemas import step_schema
    except ModuleNotFoundError as missing:
        raise StopError(UNREADABLE, f"`stepc verify` needs {missing.name}", "pip install 'stepc[verify]'") from None
    module = module_of(session, project, read, program)
    verifier = Verifier(program, module, step_schema(program, project.limits.text), examples=examples, seed=seed)
    with Progress(session) as progress, _no_traces_left():
        on_law = _Laws(progress, session.out if form == "text" else None)
        report = verifier.verify(places, root=Path(root) if root else None, on_law=on_law)
    if form == "json":
        write(json.dumps(_object(report), indent=2, ensure_ascii=False, default=str) + "\n")
    elif form == "github":
        write(as_github(_diagnostic(read.shown, result.broken) for result in report.results if result.broken is not None))
    else:
        for result in report.results:
            if result.broken is not None:
                write("\n" + "\n".join(_failure(session.out, read.shown, result.broken, session.columns())) + "\n")
        tried = f"{sum(result.examples for result in report.results):,} examples"
        note(f"{report.source}: {tried} from {report.cases} documents, {report.episodes} episodes; replay with --seed {report.seed}")
    if not report.cases:
        note(session.err("warning", "no sample document was read, so only laws that need none were tried"))
    if report.holds:
        return UNREADABLE if samples and not report.cases else FINE
    return FINDINGS


@contextmanager
def _no_traces_left() -> Iterator[None]:
    """Hypothesis keeps a folder of its own; a user's working directory is no place for it."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _given(spec: Path, given: list[str]) -> list[Path]:
    """The files and folders that examples name, without those inside another."""
    places = sorted({spec.parent / name for name in given})
    return [place for place in places if not any(other != place and other in place.parents for other in places)]


class _Laws:
    """Says what became of every law as it is done, for people, and which comes next."""

    def __init__(self, progress: Progress, paint: Paint | None) -> None:
        self._progress = progress
        self._paint = paint
        self._done = 0
        self._next()

    def __call__(self, law: LawResult) -> None:
        if self._paint is not None:
            with self._progress.aside():
                _say(self._paint, law)
        self._done += 1
        self._next()

    def _next(self) -> None:
        from stepc.verify.lawbook import LAWS

        self._progress.tell(LAWS[self._done].name if self._done < len(LAWS) else "", self._done, len(LAWS))


def _say(paint: Paint, law: LawResult) -> None:
    if law.skipped:
        write(f"{paint('dim', 'skipped')}  {law.name}: {law.skipped}\n")
    elif law.broken is None:
        write(f"{paint('good', 'holds')}    {law.name}: {law.meaning} ({law.examples:,} examples)\n")
    else:
        write(f"{paint('error', 'broken')}   {law.name}: {law.meaning}\n")


def _failure(paint: Paint, spec: str, broken: Counterexample, columns: int | None) -> list[str]:
    from stepc.terminal import cut, escape, fold

    width = columns or 140
    lines = [f"{paint('error', 'broken law')}: {broken.law}"]
    if broken.line:
        lines.append(f"  {paint('note', '-->')} {spec}:{broken.line}")
    lines += [f"  {line}" for line in fold(escape(broken.message), width - 2)]
    if broken.step:
        lines += ["  step:", *(f"    {line}" for line in fold(escape(broken.step), width - 4))]
    if broken.shown is not None:
        shown = json.dumps(broken.shown, indent=2, ensure_ascii=False, default=str) if not isinstance(broken.shown, str) else broken.shown
        found = [cut(escape(line), width - 4) for line in shown.splitlines()]
        lines += ["  smallest input found:", *(f"    {line}" for line in found[:SHOWN_LINES])]
        if len(found) > SHOWN_LINES:
            lines.append(f"    … {len(found) - SHOWN_LINES} more lines (--format json has all of it)")
    return lines


def _object(report: Report) -> dict[str, Any]:
    return {
        "source": report.source,
        "seed": report.seed,
        "documents": report.cases,
        "episodes": report.episodes,
        "laws": [
            {
                "name": result.name,
                "meaning": result.meaning,
                "examples": result.examples,
                "skipped": result.skipped,
                "broken": None
                if result.broken is None
                else {
                    "law": result.broken.law,
                    "message": result.broken.message,
                    "line": result.broken.line,
                    "step": result.broken.step,
                    "input": result.broken.shown,
                },
            }
            for result in report.results
        ],
    }


def _diagnostic(spec: str, broken: Counterexample) -> Any:
    from stepc.diagnostics.model import Diagnostic
    from stepc.source_text import Span

    line = max(broken.line, 1)
    return Diagnostic(broken.law, broken.message, Span(line, 1, line, 1, 0, 0), path=spec)
