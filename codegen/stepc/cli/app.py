"""The command line as a whole: the table of verbs, the help page, and what happens to errors."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO

import click

from stepc import __version__
from stepc.cli.session import BAD_SPEC, EXIT_CODES, FINE, INTERRUPTED, UNREADABLE, BadSpecError, Session, StopError, pass_session
from stepc.cli.verbs import LazyVerbs
from stepc.terminal import escape

VERBS = {
    "new": "Write a commented starter spec that compiles as it is.",
    "profile": "Show what stands in files of unknown traces.",
    "induce": "Draft a spec for traces of an unknown format.",
    "check": "Check specs and print what is wrong with them.",
    "fmt": "Format specs.",
    "compile": "Compile specs to adapters, or check that they are up to date.",
    "test": "Run the examples that stand in specs.",
    "run": "Read traces with a spec: typed steps, labels and an account.",
    "show": "Show one episode as a timeline.",
    "coverage": "Show what a spec reads of traces, ignores, and has never looked at.",
    "verify": "Try the laws of a spec's adapter on mutations of samples.",
    "diff": "Tell what changed between two versions of a spec, and for whom.",
    "drift": "Tell what changed between two sets of traces under one spec.",
    "review": "Show what a reviewer of a spec needs: raw events beside their steps, doubts, the account.",
    "audit": "Find fields of steps that give the outcome away.",
    "monitor": "Train monitors, run them over traces, and tell what they can do.",
    "detect": "Tell which spec reads a file, and why the others do not.",
    "export": "Print the steps of a spec as a JSON Schema or an Arrow schema.",
    "where": "Tell which line of a spec a generated line comes from.",
    "explain": "Explain a diagnostic's code with an example before and after.",
}


class Verbs(LazyVerbs):
    """The verbs of `stepc` itself, with its exit codes below them."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            raise _PipeClosedError from None


class _PipeClosedError(Exception):
    """The reader of our output has seen enough."""


@click.group(
    cls=Verbs,
    table=VERBS,
    package="stepc.cli",
    name="stepc",
    subcommand_metavar="VERB [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="stepc %(version)s")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour the output.")
@pass_session
def app(session: Session, color: str) -> None:
    """Describe an agent-trace source once, compile it to a reviewable adapter, and get typed steps.

    SPEC is a path, or the name of a spec of the project that stepc.toml describes.
    """
    session.color = color


def run(arguments: list[str]) -> int:
    """Run the command and give its exit code. Whatever happens, a user sees a sentence and never a traceback."""
    _reopen()
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding shows `\u2026` rather than nothing.
        getattr(stream, "reconfigure", _keep)(errors="backslashreplace")
    color, arguments = _hoisted(arguments)
    session = Session(color=color)
    try:
        result = app.main(args=arguments, prog_name="stepc", standalone_mode=False, obj=session)
        return result if isinstance(result, int) else FINE
    except click.ClickException as error:
        _say(session, error.format_message() if not isinstance(error, click.UsageError) else _usage(error))
        return BAD_SPEC
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
        _say(session, "interrupted", style="warning", word="stopped")
        return INTERRUPTED
    except _PipeClosedError:
        _silence(sys.stdout)
        return FINE
    except StopError as stop:
        _say(session, str(stop), stop.advice)
        return stop.code
    except OSError as error:
        # What a verb does not word itself: a full disk, a folder without permission.
        _say(session, f"{error.filename or 'input or output'}: {error.strerror or error}")
        return UNREADABLE
    except BadSpecError as bad:
        from stepc.diagnostics.render import as_text

        sys.stderr.write(as_text(bad.diagnostics, bad.texts, paint=session.err, columns=session.columns(sys.stderr)))
        return BAD_SPEC
    except Exception as error:  # the last boundary: an error of stepc is reported as such
        if os.environ.get("STEPC_DEBUG") == "1":
            raise
        from stepc.cli.internal import report

        return report(session, error, arguments)


class _Closed(io.RawIOBase):
    """Standard output that the caller closed: writing fails as on a full disk, once, so that the end of the process is quiet."""

    _told = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        if not self._told:
            self._told = True
            raise OSError(errno.EBADF, "standard output is closed")
        return len(data)


def _reopen() -> None:
    """Stand-ins for standard streams that the caller closed: an empty input, an output that fails, messages that nobody reads."""
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(os.devnull)), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(io.FileIO(os.devnull, "w")), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()), encoding="utf-8", write_through=True)


def _keep(**_: object) -> None:
    """A stream that cannot be reconfigured stays as it is."""


def _hoisted(arguments: list[str]) -> tuple[str, list[str]]:
    """`--color` may stand behind the verb too: it is moved to the front, where the group reads it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for index, argument in enumerate(arguments[:end]):
        if argument.startswith("--color="):
            return argument.removeprefix("--color="), [argument, *arguments[:index], *arguments[index + 1 :]]
        if argument == "--color" and index + 1 < end:
            return arguments[index + 1], [*arguments[index : index + 2], *arguments[:index], *arguments[index + 2 :]]
    return "auto", arguments


def _usage(error: click.UsageError) -> str:
    hint = f"\n  `{error.ctx.command_path} --help` tells more" if error.ctx else ""
    return error.format_message() + hint


def _say(session: Session, message: str, advice: str = "", *, style: str = "error", word: str = "error") -> None:
    paint = session.err
    sys.stderr.write(f"{paint(style, word)}: {escape(message, lines=True)}\n")
    if advice:
        sys.stderr.write(f"  {paint('note', 'help')}: {escape(advice, lines=True)}\n")


def _silence(stream: TextIO) -> None:
    # The interpreter flushes standard output at exit; with the pipe gone that would print an error after all.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
