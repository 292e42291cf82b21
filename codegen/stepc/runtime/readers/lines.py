"""Byte lines out of chunks of any size, in memory that does not grow with the stream."""

from __future__ import annotations

from typing import Final

LOST: Final = b"\x00(a line that was too long)"
"""Stands in the place of a line that was too long; compare by identity."""


class LineSplitter:
    """Lines end at `\\n`, which is left out; the last line needs none.

    A line longer than `most` bytes is `LOST`, or with `cut` its first `most` bytes, which `cuts` counts.
    """

    __slots__ = ("_begun", "_cut", "_most", "_over", "_pieces", "_size", "cuts")

    def __init__(self, most: int, *, cut: bool = False) -> None:
        self._most = most
        self._cut = cut
        self._pieces: list[bytes] = []
        self._size = 0
        self._over = False
        self._begun = False
        self.cuts = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that end in this chunk."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines:
            if self._begun:
                self._keep(lines[0])
                lines[0] = self._take()
            if len(data) > self._most:
                lines = [self._bounded(line) for line in lines]
        if rest:
            self._keep(rest)
            self._begun = True
        return lines

    def flush(self) -> list[bytes]:
        """The last line, where the stream did not end with a newline."""
        return [self._take()] if self._begun else []

    def _keep(self, piece: bytes) -> None:
        room = self._most - self._size
        self._size += len(piece)
        if len(piece) > room:
            self._over = True
            piece = piece[: max(room, 0)]
        if piece:
            self._pieces.append(piece)

    def _take(self) -> bytes:
        line = b"".join(self._pieces)
        over = self._over
        self._pieces.clear()
        self._size, self._over, self._begun = 0, False, False
        return self._too_long(line) if over else line

    def _bounded(self, line: bytes) -> bytes:
        return self._too_long(line[: self._most]) if len(line) > self._most else line

    def _too_long(self, line: bytes) -> bytes:
        if not self._cut:
            return LOST
        self.cuts += 1
        return whole_characters(line)


def whole_characters(data: bytes) -> bytes:
    """UTF-8 that was cut anywhere, without the character that was cut."""
    end = len(data)
    for back in range(1, min(4, end) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        if byte >= 0xC0 and back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4):
            return data[: end - back]
        break
    return data
