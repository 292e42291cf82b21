"""Streams in UTF-16 and UTF-32, which some tools write: read as UTF-8, in memory that does not grow with the stream."""

from __future__ import annotations

import codecs
from typing import Final

from stepc.runtime.readers.streams import CHUNK, DamagedError, Stream

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str:
    """`utf-16` or `utf-32` where bytes begin with the mark of one; else empty."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


def oddity(encoding: str) -> str:
    """What a defect `bad_utf8` says of a file in this encoding."""
    return f"encoded as {encoding.upper()}, not as UTF-8"


class Narrowed:
    """A stream of `encoding` as UTF-8, without its byte order mark. What is no character is U+FFFD."""

    __slots__ = ("_damage", "_decoder", "_ended", "_stream", "_waiting")

    def __init__(self, stream: Stream, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._waiting = bytearray()
        self._ended = False
        self._damage: DamagedError | None = None

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes. Raises `DamagedError` behind the last bytes that could be read."""
        while len(self._waiting) < size and not self._ended:
            try:
                data = self._stream.read(CHUNK)
            except DamagedError as damage:
                self._damage, data = damage, b""
            self._ended = not data
            self._waiting += self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
        if not self._waiting and self._damage is not None:
            raise self._damage
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken
