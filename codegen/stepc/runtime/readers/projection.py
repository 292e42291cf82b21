"""JSON bytes to values of which only what a source reads is built: the rest is checked for its syntax and passed over.

What comes out holds the same at every path that the source reads as the whole value would: where a value is of another shape than the
source expects, or the bytes are odd in any way, everything is built. Two things that are never read may go unnoticed: a number that is too
large for a float, and, where `text` does not matter, a text that is no UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any, Final, TypedDict

import msgspec
import orjson

from stepc.runtime.source import EpisodeFrom, EpisodePath, EventPath, Reads, Segments, Source
from stepc.runtime.step import Json

Loads = Callable[[bytes], Json]
"""Gives the value of JSON bytes. Raises orjson.JSONDecodeError."""

_ODD: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


_CHUNK: Final = 1 << 20


def loads(reads: Reads, *, text: bool = False) -> Loads:
    """A decoder of what `reads` names. With `text` all of the bytes have to be UTF-8.

    >>> loads({"a": [{"b": None}]})(b'{"a": [{"b": 1, "c": 2}, null], "d": 3}')
    {'a': [{'b': 1}, None]}
    """
    if reads is None:
        return orjson.loads
    typed, whole = msgspec.json.Decoder(_type(reads)).decode, orjson.loads

    def decode(data: bytes) -> Json:
        try:
            value = typed(data)
            if text and not data.isascii():
                _check(data)
            return value  # type: ignore[no-any-return]
        except _ODD:
            return whole(data)  # type: ignore[no-any-return]

    return decode


def _check(data: bytes) -> None:
    """Raise UnicodeDecodeError for what is no UTF-8, in memory that does not grow with it."""
    if len(data) <= _CHUNK:
        data.decode()
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for begin in range(0, len(data), _CHUNK):
        decoder.decode(data[begin : begin + _CHUNK], final=begin + _CHUNK >= len(data))


def event_loads(source: Source) -> Loads:
    """A decoder of single events for `push`, where they arrive as bytes one at a time.

    An adapter gives the same steps of a whole event and of this one, which takes about two thirds of the time to decode.
    """
    reads: Reads = None
    episodes = {given.episode or source.episode for given in source.inputs} or {source.episode}
    if isinstance(source.event, EventPath) and len(episodes) == 1 and not isinstance(source.episode, EpisodeFrom):
        episode = episodes.pop()
        reads = _below(source.reads, (*(episode.segments if isinstance(episode, EpisodePath) else ()), *source.event.segments))
    return loads(reads)


def _below(reads: Reads, segments: Segments) -> Reads:
    """What is read of the value at a path."""
    for segment in segments:
        if isinstance(reads, dict):
            reads = reads.get(segment) if isinstance(segment, str) else None
        elif reads is not None:
            reads = None if isinstance(segment, str) else reads[0]
    return reads


def _type(reads: Reads) -> Any:
    """The type that holds what is read; null is a value of each."""
    if reads is None:
        return Any
    if isinstance(reads, list):
        return list[_type(reads[0])] | None  # type: ignore[misc]
    return TypedDict("Some", {name: _type(inner) for name, inner in reads.items()}, total=False) | None  # type: ignore[operator]
