"""Offsets to lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from typing import Protocol

from stepc.source_text import Span


class Stretch(Protocol):
    """Anything with a first offset and one behind the last: tokens and concrete nodes."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Places:
    """The lines of a text, for turning offsets (code points) into spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        offset = text.find("\n")
        while offset >= 0:
            self._starts.append(offset + 1)
            offset = text.find("\n", offset + 1)

    def line_of(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return bisect_right(self._starts, offset)

    def line_start(self, offset: int) -> int:
        """The offset at which the line of `offset` begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset of the line break behind `offset`, or the end of the text."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def span(self, start: int, end: int) -> Span:
        """The span from `start` to `end`; it may be empty."""
        line, end_line = self.line_of(start), self.line_of(end)
        return Span(line, start - self._starts[line - 1] + 1, end_line, end - self._starts[end_line - 1] + 1, start, end)

    def of(self, stretch: Stretch) -> Span:
        """The span of a token or node."""
        return self.span(stretch.start, stretch.end)
