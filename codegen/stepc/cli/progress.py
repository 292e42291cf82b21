"""How far a run is, on one line of a terminal that is taken away at the end."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType

from stepc.diagnostics.render import counted
from stepc.terminal import Paint, cut, escape

PAUSE = 0.1
"""Seconds between two drawings."""


class Progress:
    """Counts files, episodes and events; draws nothing unless `wanted`."""

    def __init__(self, paint: Paint, wanted: bool) -> None:
        self._paint = paint
        self._wanted = wanted
        self._files = self._episodes = self._events = 0
        self._name = ""
        self._next = 0.0

    def file(self, path: str) -> None:
        """A file begins."""
        self._files += 1
        self._name = path
        self._draw()

    def episode(self, events: int) -> None:
        """An episode is done."""
        self._episodes += 1
        self._events += events
        self._draw()

    def _draw(self) -> None:
        if not self._wanted or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE
        counts = f"{counted(self._files, 'file')}  {counted(self._episodes, 'episode')}  {counted(self._events, 'event')}  "
        room = max(shutil.get_terminal_size().columns - len(counts) - 1, 0)
        sys.stderr.write(f"\r{counts}{self._paint('dim', cut(escape(self._name), room))}\x1b[K")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self._wanted and self._next:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
