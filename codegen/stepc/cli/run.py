"""`stepc run`: traces to typed steps, labels and an account."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from stepc.cli.outcomes import outcomes_in, outcomes_option
from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, UNREADABLE, Session, StopError, note, pass_session, spec_argument

if TYPE_CHECKING:
    from stepc.ir import Program
    from stepc.runtime.output import Writer
    from stepc.runtime.run import AdapterModule

STEPS = "steps"
OTHER_ENDINGS = frozenset({".arrow", ".csv", ".feather", ".gz", ".json", ".ndjson", ".tar", ".tsv", ".txt", ".xlsx", ".zip", ".zst"})
"""What is meant as a file rather than as a folder with a dot in its name."""


@click.command("run")
@spec_argument
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="A folder, or a file .jsonl or .parquet; episodes.jsonl lies beside. Default: steps on standard output.",
)
@click.option("--to", type=click.Choice(["jsonl", "parquet"]), help="What to write. Default: what PATH ends in, else jsonl.")
@outcomes_option
@click.option(
    "--fail-on",
    "limits",
    multiple=True,
    metavar="LIMIT",
    help="Exit with 1 when there is any of it: a kind of defect, defects, unknown, silent, dropped, unlabelled, skipped, duplicates; "
    "or more than a number or a share of it, as in 'unknown>1%'. May be given several times.",
)
@click.option("--root", metavar="FOLDER", help="The root of the pack that single files belong to.")
@click.option("--input", "input_name", metavar="NAME", help="The input of the source that single files belong to.")
@click.option("--id", "piped", metavar="NAME", help="The name that standard input goes by where ids come from the names of files.")
@click.option(
    "--account",
    "account_form",
    type=click.Choice(["text", "json", "none"]),
    default="text",
    show_default=True,
    help="The account on standard error.",
)
@click.option("--no-progress", is_flag=True, help="No progress, even on a terminal.")
@pass_session
def command(
    session: Session,
    spec: str,
    files: tuple[str, ...],
    output: str | None,
    to: str | None,
    outcomes: str | None,
    limits: tuple[str, ...],
    root: str | None,
    input_name: str | None,
    piped: str | None,
    account_form: str,
    no_progress: bool,
) -> int:
    """Read FILES with a spec: typed steps as JSON lines or Parquet, labels and facts of every episode beside them, and an account of
    where every event went.

    FILES are files, folders, archives, or '-' for standard input.
    """
    from stepc.cli.accounts import account_lines
    from stepc.cli.limits import Limit, over
    from stepc.cli.loading import load, module_of
    from stepc.cli.progress import Progress
    from stepc.cli.trouble import known_input, no_episode, readable
    from stepc.diagnostics.render import counted
    from stepc.runtime.readers import STANDARD_INPUT
    from stepc.runtime.run import run

    wanted = [Limit.parse(text) for text in limits]
    project, found, program = load(session, spec)
    module = module_of(session, project, found, program)
    readable(files)
    known_input(module, input_name)
    if STANDARD_INPUT in files and piped is None and _named_by_file(program):
        raise StopError(BAD_SPEC, "ids come from the names of files here, and standard input has none", "name it with --id")
    labels = outcomes_in(outcomes)
    # Steps that are printed to a terminal are progress enough.
    progress = Progress(session, wanted=not no_progress and (output is not None or not sys.stdout.isatty()))
    with _stoppable(), progress, _writer(output, to, module) as writer:
        ran = run(
            module, files, root=root, input=input_name, outcomes=labels, on_file=progress.file, sink=writer, piped=piped or STANDARD_INPUT
        )
        for episode in ran:
            writer.add(episode)
            progress.episode(episode.events)
        if output is None:
            sys.stdout.flush()
        account = ran.account
        if not account.episodes and account.defects:
            raise StopError(UNREADABLE, "no episode of this source was found", no_episode(account.defects))
    if account_form == "json":
        import msgspec

        note(msgspec.json.encode(account).decode())
    elif account_form == "text":
        note("\n".join(account_lines(account, session.err, session.columns(sys.stderr))))
        if account.files and not account.episodes:
            nothing = f"no run of this source in {counted(account.files, 'file')}"
            note(f"{session.err('warning', 'warning')}: {nothing}; `stepc detect FILE` tells which spec reads one")
    exceeded = [message for limit in wanted if (message := over(limit, account))]
    for message in exceeded:
        note(f"{session.err('error', 'over the limit')}: {message}")
    return FINDINGS if exceeded else FINE


def _named_by_file(program: Program) -> bool:
    """Whether the spec makes the id of an episode of the name of its file."""
    from stepc import ir
    from stepc.emit.keys import walk

    for field in program.meta:
        # The compiler's own resort where the id is missing covers what was written, and does not count.
        value = field.value
        written = value.left if isinstance(value, ir.Else) and value.right.span == value.span else value
        if field.name == "id" and any(isinstance(node, ir.FilePart) for node in walk([written])):
            return True
    return False


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and the polite signal of other programs end what stands inside by an exception."""
    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = [signal.signal(number, _stopped) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            # The one that came stays ignored: the process is on its way out, and its exit code is settled.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)


def _stopped(number: int, _: FrameType | None) -> None:
    # Leaving by an exception lets the writer take away what is half-written; a second Ctrl-C must not stop it from that.
    signal.signal(number, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _writer(output: str | None, to: str | None, module: AdapterModule) -> AbstractContextManager[Writer]:
    from stepc.runtime.output import JsonLines, MissingLibraryError, written

    if output is None:
        if to == "parquet":
            raise StopError(BAD_SPEC, "Parquet is not written to standard output", "name a file or a folder with -o")
        return nullcontext(JsonLines(module.SOURCE.name, sys.stdout.buffer))
    if not output:
        raise StopError(BAD_SPEC, "-o names nothing", "name a folder, or a file .jsonl or .parquet")
    try:
        return _Guarded(written(_place(Path(output), to), module))
    except (ValueError, MissingLibraryError) as error:
        raise StopError(BAD_SPEC, str(error)) from None


class _Guarded(AbstractContextManager["Writer"]):
    """A writer whose troubles with the disk are sentences."""

    def __init__(self, inner: AbstractContextManager[Writer]) -> None:
        self.inner = inner

    def __enter__(self) -> Writer:
        from stepc.runtime.output import MissingLibraryError

        try:
            return self.inner.__enter__()
        except (ValueError, MissingLibraryError) as error:
            raise StopError(BAD_SPEC, str(error)) from None

    def __exit__(self, *problem: object) -> bool | None:
        return self.inner.__exit__(*problem)  # type: ignore[arg-type]


def _place(path: Path, to: str | None) -> Path:
    """The file of the steps: `PATH` itself, or `steps.jsonl` in it where it is a folder or has no ending that we know."""
    endings = {".jsonl": "jsonl", ".parquet": "parquet"}
    ending = endings.get(path.suffix)
    if ending is None or path.is_dir():
        if path.suffix in OTHER_ENDINGS and not path.is_dir():
            raise StopError(BAD_SPEC, f"a file {path.suffix} is not written", "name a folder, or a file .jsonl or .parquet")
        if path.is_file():
            raise StopError(BAD_SPEC, f"{path} is a file, and neither .jsonl nor .parquet", "name a folder, or another file")
        path.mkdir(parents=True, exist_ok=True)
        return path / f"{STEPS}.{to or 'jsonl'}"
    if to is not None and to != ending:
        raise StopError(BAD_SPEC, f"--to {to} contradicts {path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
