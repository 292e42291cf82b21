"""Byte streams out of files, compressed or not, that never give more than the limits allow."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from stepc.runtime.limits import Limits

CHUNK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_ZSTANDARD_SKIPPABLE: Final = tuple(bytes([0x50 + i]) + b"\x2a\x4d\x18" for i in range(16))
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MAGIC: Final = slice(257, 262)
HEAD: Final = 512
"""Bytes that tell what a stream holds."""

# A block of 128 KiB may be written in 4 bytes: little input at a time keeps the output of one call small.
_ZSTANDARD_FEED: Final = 1 << 10
_ZSTANDARD_WINDOW: Final = 128 << 20


class DamagedError(Exception):
    """A stream that cannot be read on. `kind` is a word for the account, `detail` a sentence for the reader."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class Stream(Protocol):
    """What every reader here needs. `read` gives up to `size` bytes, fewer only at the end; it raises `DamagedError` or OSError."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        ...


class LineSource(Protocol):
    """What gives lines, and tells in the end whether it was damaged."""

    @property
    def damage(self) -> DamagedError | None:
        """What ended the stream."""
        ...

    def readline(self, size: int, /) -> bytes:
        """The next line, or as much of it as `size` allows."""
        ...


class Peeked:
    """A stream whose first bytes were looked at."""

    __slots__ = ("_rest", "head")

    def __init__(self, stream: Stream, size: int = HEAD) -> None:
        self.head = b""
        self._rest = stream
        try:
            while len(self.head) < size and (data := stream.read(size - len(self.head))):
                self.head += data
        except DamagedError:
            if not self.head:
                raise  # otherwise the damage shows again behind what could be read

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        if not self.head:
            return self._rest.read(size)
        if len(self.head) >= size:
            taken, self.head = self.head[:size], self.head[size:]
            return taken
        taken, self.head = self.head, b""
        try:
            return taken + self._rest.read(size - len(taken))
        except DamagedError:
            return taken  # the damage shows again behind it


class Rejoined:
    """Bytes that were taken from a stream, and the stream behind them."""

    __slots__ = ("_head", "_rest")

    def __init__(self, head: bytes, rest: Lines) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes. Raises the damage that ended the stream."""
        data = self._head.read(size) or self._rest.read(size)
        if not data and self._rest.damage is not None:
            raise self._rest.damage
        return data


class _Raw(io.RawIOBase):
    """A stream as the standard library's buffers want it. It ends at a damage, which is kept: a buffer would lose what it holds."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.damage: DamagedError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self.damage is not None:
            return 0
        try:
            data = self._stream.read(len(buffer))
        except DamagedError as damage:
            self.damage = damage
            return 0
        buffer[: len(data)] = data
        return len(data)


class Lines(io.BufferedReader):
    """A stream with lines, read 1 MiB at a time. Where it is damaged it ends, and `damage` tells why."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream if isinstance(stream, io.RawIOBase) else _Raw(stream), CHUNK)

    @property
    def damage(self) -> DamagedError | None:
        """What ended the stream, once everything before it was read."""
        return self.raw.damage if isinstance(self.raw, _Raw) else None


class Counted:
    """A stream that knows how many bytes were taken from it."""

    __slots__ = ("_stream", "taken")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.taken = 0

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        data = self._stream.read(size)
        self.taken += len(data)
        return data


class Expanded:
    """What a compressed stream holds. `expand` takes compressed bytes, b"" at the end, and gives plain ones."""

    __slots__ = ("_at", "_damage", "_ended", "_expand", "_feed", "_given", "_limits", "_source", "_waiting")

    def __init__(self, source: Stream, expand: Callable[[bytes], bytes], feed: int, limits: Limits) -> None:
        self._source = Counted(source)
        self._expand = expand
        self._feed = feed
        self._limits = limits
        self._waiting = b""
        self._at = 0
        self._given = 0
        self._ended = False
        self._damage: DamagedError | None = None

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes. Raises `DamagedError` behind the last bytes that could be read."""
        at = self._at
        if len(self._waiting) - at >= size:
            self._at = at + size
            return self._waiting[at : at + size]
        parts = [self._waiting[at:]]
        have = len(parts[0])
        while have < size and not self._ended:
            try:
                data = self._source.read(self._feed)
                part = self._expand(data)
                self._ended = not data
                have += len(part)
                parts.append(part)
                self._given += len(part)
                self._check()
            except DamagedError as damage:
                self._damage = damage
                self._ended = True
        joined = b"".join(parts)
        if not joined and self._damage is not None:
            raise self._damage
        self._waiting, self._at = joined, size
        return joined[:size]

    def _check(self) -> None:
        check_expansion(self._given, self._given, self._source.taken, self._limits)


def check_expansion(given: int, altogether: int, packed: int, limits: Limits) -> None:
    """Raise where `packed` bytes expanded to too many: `given` of them, `altogether` with all else in the same archive."""
    if altogether > limits.expanded:
        raise DamagedError("bomb", f"expands to more than {limits.expanded:,} bytes")
    if given > limits.ratio_from and given > limits.ratio * packed:
        raise DamagedError("bomb", f"expands to more than {limits.ratio} times its size")


class _Frames:
    """Takes compressed bytes, gives plain ones; several frames may follow each other."""

    def __init__(self, begin: Callable[[], Any], problems: type[Exception], padding: bytes = b"") -> None:
        self._begin = begin
        self._problems = problems
        self._padding = padding
        self._frame = begin()
        self._begun = False
        self._damage: DamagedError | None = None

    def __call__(self, data: bytes) -> bytes:
        if self._damage is not None:
            raise self._damage
        if not data:
            if self._begun and not self._frame.eof:
                raise DamagedError("truncated", "the compressed data ends in the middle")
            return b""
        made: list[bytes] = []
        try:
            while data:
                if self._frame.eof:
                    if self._padding and not data.strip(self._padding):
                        break
                    self._frame = self._begin()
                made.append(self._frame.decompress(data))
                self._begun = True
                data = self._frame.unused_data
        except self._problems as problem:
            # What came before the damage is given first.
            self._damage = DamagedError("corrupt", f"the compressed data is damaged: {problem}")
            if not any(made):
                raise self._damage from None
        return b"".join(made)


def _gzip() -> _Frames:
    """Several gzip streams may follow each other, and zeros the last."""
    return _Frames(lambda: zlib.decompressobj(wbits=31), zlib.error, b"\0")


def _zstandard() -> _Frames:
    import zstandard

    return _Frames(zstandard.ZstdDecompressor(max_window_size=_ZSTANDARD_WINDOW).decompressobj, zstandard.ZstdError)


def expanded(stream: Stream, limits: Limits) -> Stream:
    """The stream, decompressed where it begins as gzip or Zstandard do."""
    peeked = Peeked(stream)
    if peeked.head.startswith(_GZIP):
        return Expanded(peeked, _gzip(), 16 << 10, limits)
    if peeked.head[:4] == _ZSTANDARD or peeked.head[:4] in _ZSTANDARD_SKIPPABLE:
        return Expanded(peeked, _zstandard(), _ZSTANDARD_FEED, limits)
    return peeked


def is_compressed(head: bytes) -> bool:
    """Whether a stream that begins so is compressed."""
    return head.startswith(_GZIP) or head[:4] == _ZSTANDARD or head[:4] in _ZSTANDARD_SKIPPABLE


def is_zip(head: bytes) -> bool:
    """Whether a stream that begins so is a zip archive."""
    return head.startswith(_ZIP)


def is_tar(head: bytes) -> bool:
    """Whether a stream that begins so is a tar archive."""
    return head[_TAR_MAGIC] == b"ustar"


def read_exactly(stream: Stream, size: int) -> bytes:
    """`size` bytes, or what is left of the stream."""
    data = stream.read(size)
    if len(data) >= size or not data:
        return data
    parts = [data]
    have = len(data)
    while have < size:
        data = stream.read(size - have)
        if not data:
            break
        parts.append(data)
        have += len(data)
    return b"".join(parts)


def read_all(stream: Stream, most: int) -> bytes:
    """The whole stream. Raises `DamagedError` where it is longer than `most`."""
    kept = io.BytesIO()
    while True:
        data = stream.read(CHUNK)
        if not data:
            return kept.getvalue()
        kept.write(data)
        if kept.tell() > most:
            raise DamagedError("too_large", f"larger than {most} bytes")
