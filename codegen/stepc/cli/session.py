"""What every verb shares: exit codes, ways to stop, the common options, and where text goes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from stepc.terminal import Paint

if TYPE_CHECKING:
    from stepc.diagnostics.model import Diagnostic
    from stepc.project import Project

FINE, FINDINGS, BAD_SPEC, UNREADABLE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130
EXIT_CODES = (
    (FINE, "fine"),
    (FINDINGS, "findings: something is stale, does not hold, or is over a limit that you set"),
    (BAD_SPEC, "a bad spec, or the command was called in a way it does not know"),
    (UNREADABLE, "an input that cannot be read at all, or an output that cannot be written"),
    (INTERNAL, "an error in stepc itself (SV900)"),
    (INTERRUPTED, "interrupted; nothing half-written is left behind"),
)

Function = TypeVar("Function", bound=Callable[..., Any])


class StopError(Exception):
    """End the command with an exit code and one sentence for the user; `advice` says what to do."""

    def __init__(self, code: int, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.advice = advice


class BadSpecError(Exception):
    """End the command because a spec has errors; the diagnostics are printed with their texts."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], texts: dict[str, str]) -> None:
        super().__init__("the spec has errors")
        self.diagnostics = diagnostics
        self.texts = texts


@dataclass(slots=True)
class Session:
    """One call of the command. `color` is what the user asked for: `auto`, `always` or `never`; `spec` the spec in hand, for SV900."""

    color: str = "auto"
    spec: str = ""

    def paint(self, stream: TextIO) -> Paint:
        """Colours for a stream: only where it is a terminal, unless the user or the environment says otherwise."""
        if self.color != "auto":
            return Paint(self.color == "always")
        if os.environ.get("NO_COLOR"):
            return Paint()
        if os.environ.get("FORCE_COLOR"):
            return Paint(True)
        return Paint(stream.isatty() and os.environ.get("TERM") != "dumb")

    @property
    def out(self) -> Paint:
        """Colours for standard output."""
        return self.paint(sys.stdout)

    @property
    def err(self) -> Paint:
        """Colours for standard error."""
        return self.paint(sys.stderr)

    def columns(self, stream: TextIO | None = None) -> int | None:
        """The width to fold to: `COLUMNS`, else the terminal's; None where text is read by a program and not to be folded."""
        if os.environ.get("COLUMNS", "").isdigit():
            return max(int(os.environ["COLUMNS"]), 40)
        stream = sys.stdout if stream is None else stream
        return max(shutil.get_terminal_size().columns, 40) if stream.isatty() else None

    def project(self) -> Project:
        """The project of the working directory."""
        from stepc.project import ProjectError, find_project

        try:
            return find_project()
        except ProjectError as error:
            raise StopError(BAD_SPEC, str(error)) from None


def write(text: str) -> None:
    """Text for standard output."""
    sys.stdout.write(text)


def note(text: str) -> None:
    """A line for standard error: what a person reads beside the result."""
    sys.stderr.write(text + "\n")


SEEDS = click.IntRange(0, 2**32 - 1)
"""What the libraries take for a seed."""


def format_option(*formats: str) -> Callable[[Function], Function]:
    """`--format` with the formats of this verb; the first is the default."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="For people, or for programs."
    )


def specs_argument(function: Function) -> Function:
    """`[SPEC]…`: none means every spec of the project."""
    return click.argument("specs", nargs=-1, metavar="[SPEC]...")(function)


def spec_argument(function: Function) -> Function:
    """`SPEC`: a path, or the name of a spec of the project."""
    return click.argument("spec", metavar="SPEC")(function)


pass_session = click.make_pass_decorator(Session)
