"""What is being waited for, on a line of a terminal that is taken away at the end. Rich draws it; a pipe sees nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from stepc.cli.session import Session
from stepc.diagnostics.render import counted
from stepc.terminal import cut, escape

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import Task

NAME_CELLS = 60


class Progress:
    """Files, episodes and events that were read, or how many of a known number are done. It is drawn on standard error while it is
    entered, and only where that is a terminal.
    """

    def __init__(self, session: Session, what: str = "", *, wanted: bool = True) -> None:
        self._session = session
        self._wanted = wanted and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._what = what
        self._done = self._of = 0
        self._files = self._episodes = self._events = 0

    def file(self, path: str) -> None:
        """A file begins."""
        self._files += 1
        self._what = path

    def episode(self, events: int) -> None:
        """An episode is done."""
        self._episodes += 1
        self._events += events

    def tell(self, what: str, done: int = 0, of: int = 0) -> None:
        """What is done now, and how far: `done` of `of`, which is 0 where nobody knows."""
        self._what, self._done, self._of = what, done, of
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=of or None)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Room for text on standard output, which may be the same terminal."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
            sys.stdout.flush()
        finally:
            self._bar.start()

    def line(self) -> str:
        """The counts and what is in hand, in words."""
        counts = ((self._files, "file"), (self._episodes, "episode"), (self._events, "event"))
        parts = [counted(count, noun) for count, noun in counts if count]
        parts += [f"{self._done:,} of {self._of:,}" if self._of else f"{self._done:,}"] if self._done or self._of else []
        return "  ".join([*parts, cut(escape(self._what), NAME_CELLS)])

    def __enter__(self) -> Progress:
        if self._wanted:
            self._bar = _bar(self, self._session)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar(progress: Progress, session: Session) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.table import Column
    from rich.text import Text

    class Line(ProgressColumn):
        """Reads the counts when it is drawn, so that counting costs nothing."""

        def render(self, task: Task) -> Text:
            return Text(progress.line(), no_wrap=True, overflow="ellipsis")

    console = Console(file=sys.stderr, no_color=not session.err.enabled, markup=False, emoji=False, highlight=False)
    bar = Bar(
        SpinnerColumn(),
        TimeElapsedColumn(),
        BarColumn(bar_width=20),
        Line(table_column=Column(ratio=1)),
        console=console,
        transient=True,
        expand=True,
        # What is printed meanwhile goes where it was meant to go: standard output may be a file.
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("", total=None)
    return bar
