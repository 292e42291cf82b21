"""A JSON document too large to decode: its episodes one by one, with what stands around them, in memory that does not grow with it.

The first pass finds where every episode begins and ends and decodes everything else of the document (the head: it may stand behind the
episodes as well). Only then is the document known to be whole, and the episodes are decoded one after the other.
"""

from __future__ import annotations

import mmap
import re
from array import array
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import orjson

from stepc.runtime.readers.decoding import Report, decode
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import EVERY, Segments
from stepc.runtime.step import Json

Buffer = bytes | mmap.mmap

_FIRST_WINDOW: Final = 64 << 10
_RELEASE: Final = 32 << 20
_BLANKS: Final = b" \t\r\n"
_BLANK_RUN: Final = 64

# The decoder's own message tells where a value ends that something follows: the one fast way to pass over a value without building it.
# `can_split` checks that it still says so.
_BEHIND: Final = re.compile(r"trailing characters \(byte ([0-9]+)\)")
_INSIDE: Final = re.compile(r"\(byte ([0-9]+)\)")
_NEAR_END: Final = 64
_skip: Final = msgspec.json.Decoder(msgspec.Raw).decode


def keys_to_list(segments: Segments) -> tuple[str, ...] | None:
    """The keys that lead to the list of episodes (or of what holds them); None where there is no such list to split at."""
    keys: list[str] = []
    for segment in segments:
        if segment is EVERY:
            return tuple(keys)
        if type(segment) is not str:
            return None
        keys.append(segment)
    return None


def can_split() -> bool:
    """Whether the installed decoder tells where a value ends."""
    try:
        _skip(b"[1] ,2")
    except msgspec.DecodeError as problem:
        behind = _BEHIND.search(str(problem))
        return behind is not None and behind.group(1) == "5"
    return False


class LargeDocument:
    """A document split at the list that `keys` lead to.

    `head` is the document without the elements of that list: there the list is empty. Raises DamagedError where the document is damaged
    anywhere outside of strings and numbers, so that a truncated document gives no episode at all.
    """

    def __init__(self, data: Buffer, keys: tuple[str, ...], report: Report) -> None:
        self._data = data
        self._size = len(data)
        self._report = report
        self._window = _FIRST_WINDOW
        self._released = 0
        self._bounds: array[int] = array("Q")
        try:
            start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
            self.head, end = self._value(self._blanks(start), keys)
        except RecursionError:
            raise DamagedError("too_deep", "nested too deep") from None
        end = self._blanks(end)
        if end < self._size:
            raise DamagedError("bad_json", f"something follows the document at byte {end}")

    def __len__(self) -> int:
        return len(self._bounds) // 2

    def elements(self) -> Iterator[Json | DamagedError]:
        """The elements of the list in order; a damaged one is its damage."""
        self._released = 0
        for index in range(0, len(self._bounds), 2):
            start, end = self._bounds[index], self._bounds[index + 1]
            data = self._data[start:end]
            try:
                yield orjson.loads(data)
            except orjson.JSONDecodeError:
                try:
                    yield decode(data, self._report)
                except DamagedError as damage:
                    yield damage
            del data
            self._release(end)

    def _release(self, position: int) -> None:
        """Give the pages before `position` back: they are clean, and would count as ours."""
        if position - self._released >= _RELEASE and isinstance(self._data, mmap.mmap) and hasattr(self._data, "madvise"):
            start = self._released // mmap.PAGESIZE * mmap.PAGESIZE
            end = position // mmap.PAGESIZE * mmap.PAGESIZE
            self._data.madvise(mmap.MADV_DONTNEED, start, end - start)
            self._released = end

    def _value(self, start: int, keys: tuple[str, ...]) -> tuple[Json, int]:
        """The value at `start`, without the elements of the list that `keys` lead to, and where it ends."""
        first = self._data[start : start + 1]
        if not keys:
            if first == b"[":
                return [], self._list(start)
        elif first == b"{":
            return self._object(start, keys)
        end = self._end(start)
        return decode(self._data[start:end], self._report), end

    def _object(self, start: int, keys: tuple[str, ...]) -> tuple[Json, int]:
        found: dict[str, Any] = {}
        position = self._blanks(start + 1)
        if self._data[position : position + 1] == b"}":
            return found, position + 1
        while True:
            if self._data[position : position + 1] != b'"':
                raise self._damage(position)
            end = self._end(position)
            key = str(decode(self._data[position:end].rstrip(), self._report))
            position = self._expect(self._blanks(end), b":")
            if key == keys[0]:
                del self._bounds[:]  # of equal keys the last counts
                found[key], position = self._value(self._blanks(position), keys[1:])
            else:
                position = self._blanks(position)
                end = self._end(position)
                found[key] = decode(self._data[position:end], self._report)
                position = end
            position = self._blanks(position)
            if self._data[position : position + 1] == b"}":
                return found, position + 1
            position = self._blanks(self._expect(position, b","))

    def _list(self, start: int) -> int:
        position = self._blanks(start + 1)
        if self._data[position : position + 1] == b"]":
            return position + 1
        while True:
            end = self._end(position)
            self._bounds.append(position)
            self._bounds.append(end)
            position = self._blanks(end)
            self._release(position)
            if self._data[position : position + 1] == b"]":
                return position + 1
            position = self._blanks(self._expect(position, b","))

    def _end(self, start: int) -> int:
        """Where the value at `start` ends, blanks behind it included."""
        while True:
            stop = min(start + self._window, self._size)
            with memoryview(self._data) as whole, whole[start:stop] as view:
                try:
                    _skip(view)
                except msgspec.DecodeError as problem:
                    message = str(problem)
                else:
                    message = ""
            behind = _BEHIND.search(message)
            if behind is not None:
                length = int(behind.group(1)) - 1  # the byte behind the one that is too many
                self._window = max(_FIRST_WINDOW, min(self._window, 4 * length))
                return start + length
            if stop == self._size:
                if message:
                    raise self._damage(start, message)
                return stop
            inside = _INSIDE.search(message)
            if inside is not None and int(inside.group(1)) < stop - start - _NEAR_END:
                raise self._damage(start, message)
            self._window *= 4

    def _blanks(self, position: int) -> int:
        while position < self._size:
            run = self._data[position : position + _BLANK_RUN]
            rest = run.lstrip(_BLANKS)
            position += len(run) - len(rest)
            if rest:
                break
        return position

    def _expect(self, position: int, mark: bytes) -> int:
        if self._data[position : position + 1] != mark:
            raise self._damage(position)
        return position + 1

    def _damage(self, position: int, message: str = "") -> DamagedError:
        if position >= self._size or "truncated" in message:
            return DamagedError("truncated", f"the document ends in the middle of a value, at byte {self._size}")
        inside = _INSIDE.search(message)
        return DamagedError("bad_json", f"not JSON at byte {position + (int(inside.group(1)) if inside else 0)}")
