"""Tar archives as streams: plain files only, one after the other, in constant memory.

The standard library's reader keeps every header it saw and reads extended headers of any length; this one does neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stepc.runtime.readers.streams import CHUNK, DamagedError, Stream, read_exactly

_BLOCK: Final = 512
_LONGEST_NAME: Final = 64 << 10
_LONGEST_HEADERS: Final = 1 << 20
_PLAIN: Final = b"0\x007"
_EXTENDED: Final = b"xgLK"
_FOLDER: Final = b"5"


class TarMember:
    """One plain file of an archive: its name as written, its size, and its bytes while the archive stands at it."""

    __slots__ = ("_left", "_stream", "damaged", "name", "plain", "size")

    def __init__(self, name: str, size: int, plain: bool, stream: Stream) -> None:
        self.name = name
        self.size = size
        self.plain = plain
        self.damaged = False
        self._left = size
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes of the file. Raises `DamagedError` where the archive ends before it does."""
        if self._left <= 0:
            return b""
        try:
            data = self._stream.read(min(size, self._left))
            if not data:
                raise DamagedError("truncated", f"the archive ends {self._left} bytes before the end of {self.name}")
        except DamagedError:
            self.damaged = True
            self._left = 0
            raise
        self._left -= len(data)
        return data

    def skip(self) -> None:
        """Pass over what is left of the file and its padding."""
        while self._left > 0:
            self.read(CHUNK)
        padding = -self.size % _BLOCK
        if padding:
            read_exactly(self._stream, padding)


def tar_members(stream: Stream) -> Iterator[TarMember]:
    """The members of an archive, without folders; `plain` is False for links, devices and the like, whose bytes mean something else.

    A member is to be read before the next is asked for. Raises `DamagedError` at the first header that is none.
    """
    name, size = "", -1
    while True:
        header = read_exactly(stream, _BLOCK)
        if len(header) < _BLOCK:
            raise DamagedError("truncated", "the archive ends without its end mark")
        if not header.strip(b"\0"):
            return
        _verify(header)
        kind = header[156:157]
        length = _number(header[124:136])
        if kind in _EXTENDED:
            most = _LONGEST_HEADERS if kind in b"xg" else _LONGEST_NAME
            if length > most:
                raise DamagedError("corrupt", "a header of the archive is too long")
            content = read_exactly(stream, length + -length % _BLOCK)[:length]
            if kind == b"x":
                name, size = _records(content, name, size)
            elif kind == b"L":
                name = content.rstrip(b"\0").decode("utf-8", "replace")
            continue
        if size >= 0:
            length = size
        sparse = kind == b"S"
        if sparse and header[482]:
            while read_exactly(stream, _BLOCK)[504:505] not in (b"\0", b""):
                pass
        member = TarMember(name or _name(header), length, kind in _PLAIN and not sparse, stream)
        name, size = "", -1
        if kind != _FOLDER:
            yield member
            if member.damaged:  # who read it knows
                return
        member.skip()


def _verify(header: bytes) -> None:
    written = _number(header[148:156])
    if sum(header) - sum(header[148:156]) + 8 * 32 != written:
        raise DamagedError("corrupt", "a header of the archive is damaged")


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    else:
        digits = field.strip(b" \0")
        if digits.strip(b"01234567"):
            raise DamagedError("corrupt", "a header of the archive is damaged")
        value = int(digits or b"0", 8)
    if value >= 1 << 62:
        raise DamagedError("corrupt", "a header of the archive is damaged")
    return value


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0", 1)[0]
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0", 1)[0]
        if prefix:
            name = prefix + b"/" + name
    return name.decode("utf-8", "replace")


def _records(content: bytes, name: str, size: int) -> tuple[str, int]:
    """Path and size out of the `length key=value` records of an extended header."""
    position = 0
    while position < len(content):
        blank = content.find(b" ", position, position + 20)
        digits = content[position:blank] if blank > 0 else b""
        if not digits.isdigit() or int(digits) <= blank - position + 1:
            raise DamagedError("corrupt", "an extended header of the archive is damaged")
        record = content[blank + 1 : position + int(digits)].removesuffix(b"\n")
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit() and len(value) < 19:
            size = int(value)
        position += int(digits)
    return name, size
