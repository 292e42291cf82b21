"""Texts and values as numbered tokens: a bucket out of 2^20 for each word, pair of words, key or value, the same in every process.

A token's bucket is the CRC-32 of its bytes, begun from the CRC-32 of its namespace (`ToolResult.text`), cut to 20 bits. Nothing is learned
and nothing is stored, so a hostile text can fill no vocabulary.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

BITS: Final = 20
BUCKETS: Final = 1 << BITS
"""How many buckets there are."""
MASK: Final = BUCKETS - 1

MOST_KEYS: Final = 64
"""Keys and items of one JSON value that its shape tells apart."""
DEEPEST: Final = 3
"""Levels of a JSON value that its shape looks into."""
MOST_SYMBOL: Final = 64
"""Characters of a symbol; what is longer is cut."""
MOST_MEMORISED: Final = 16_384
"""Words of one namespace whose buckets are kept at hand."""
MOST_NAMES: Final = 1_024
"""Names of one namespace whose buckets are kept at hand."""

_SPREAD: Final = 0x9E375
"""An odd number, so that no two first words of a pair lead to the same bucket with the same second word."""

_APART: Final = bytes(
    byte + 32 if 65 <= byte <= 90 else byte if 97 <= byte <= 122 or 48 <= byte <= 57 or byte == 95 or byte >= 128 else 32
    for byte in range(256)
)
"""Letters in lower case; digits, `_` and all that is not ASCII as they are; a blank in the place of everything else."""


def salt(namespace: str) -> int:
    """What the CRC of a namespace's tokens begins from."""
    return crc32(namespace.encode("utf-8", "replace"))


def cut(text: str, maximum: int) -> str:
    """At most `maximum` characters: half from the head, half from the tail, a blank between them."""
    if len(text) <= maximum:
        return text
    half = maximum // 2
    return f"{text[: maximum - half]} {text[len(text) - half :]}"


def words(text: str, maximum: int) -> list[bytes]:
    """The words of a text in their order, in lower case.

    >>> words("Error: User not found.", 100)
    [b'error', b'user', b'not', b'found']
    """
    if len(text) > maximum:
        text = cut(text, maximum)
    return text.encode("utf-8", "replace").translate(_APART).split()


class Buckets(dict[bytes, int]):
    """The bucket of each token of a namespace, as a table that fills itself: most words of a text have come before.

    `list(map(table.__getitem__, tokens))` is the fastest that Python has. A table that is full looks nothing new up for good.
    """

    __slots__ = ("start",)

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start

    def __missing__(self, token: bytes) -> int:
        bucket = crc32(token, self.start) & MASK
        if len(self) < MOST_MEMORISED and len(token) <= MOST_SYMBOL:
            self[token] = bucket
        return bucket


class Names(dict[str, int]):
    """The bucket of each of the names of a namespace, as a table that fills itself."""

    __slots__ = ("start",)

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start

    def __missing__(self, name: str) -> int:
        found = bucket(name, self.start)
        if len(self) < MOST_NAMES and len(name) <= MOST_SYMBOL:
            self[name] = found
        return found


def pairs(words: list[int]) -> list[int]:
    """The bucket of each pair of neighbours, from the buckets of the words of a text."""
    return [first * _SPREAD + second & MASK for first, second in pairwise(words)]


def bucket(token: str, start: int) -> int:
    """The bucket of one token that is a text."""
    return crc32(token.encode("utf-8", "replace"), start) & MASK


def symbol(value: Any) -> str:
    """A plain value as a short text: `true`, `null`, a number, a text without blanks at its ends."""
    if type(value) is str:
        return value if len(value) <= MOST_SYMBOL else value[: MOST_SYMBOL - 1] + "…"
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is int:
        return str(value) if -(1 << 63) <= value < 1 << 63 else "large"
    if type(value) is float:
        return repr(value)
    return kind_of(value)


def kind_of(value: Any) -> str:
    """What a JSON value is, in one word."""
    if type(value) is str:
        return "text"
    if value is None:
        return "null"
    if type(value) is bool:
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, (list, tuple)):
        return "list"
    return "other"


def shape(value: Any) -> list[str]:
    """The keys of a JSON value with the kinds of what stands there, at most `MOST_KEYS` of them; of a text its kinds of characters.

    >>> shape({"user": {"id": 7}, "tags": ["a"]})
    ['user:object', 'user.id:number', 'tags:list', 'tags[]:text']
    >>> shape("Error 404")
    ['letters', 'digits', 'length 4']
    """
    if type(value) is str:
        return _characters(value)
    found: list[str] = []
    _keys(value, "", DEEPEST, found)
    return found or [kind_of(value)]


def _keys(value: Any, path: str, depth: int, found: list[str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if len(found) >= MOST_KEYS:
                return
            name = f"{path}.{symbol(key)}" if path else symbol(key)
            found.append(f"{name}:{kind_of(item)}")
            if depth > 1 and isinstance(item, (dict, list)):
                _keys(item, name, depth - 1, found)
    elif isinstance(value, list) and value and len(found) < MOST_KEYS:
        found.append(f"{path}[]:{kind_of(value[0])}")
        if depth > 1:
            _keys(value[0], f"{path}[]", depth - 1, found)


def _characters(text: str) -> list[str]:
    if not text:
        return ["empty"]
    seen = text[:MOST_KEYS]
    found = [
        name
        for name, there in (
            ("letters", any(map(str.isalpha, seen))),
            ("digits", any(map(str.isdigit, seen))),
            ("object", seen[0] == "{"),
            ("list", seen[0] == "["),
            ("tag", seen[0] == "<"),
            ("lines", "\n" in seen),
        )
        if there
    ]
    return [*found, f"length {len(text).bit_length()}"]


def size_of(value: Any) -> str:
    """A number as its sign and the power of two below it.

    >>> size_of(-5)
    '-3'
    """
    if type(value) is bool or not isinstance(value, (int, float)):
        return "none"
    if value != value or value in (math.inf, -math.inf):
        return "not finite"
    if isinstance(value, int):
        size = min(abs(value), 1 << 64).bit_length()
    else:
        size = math.frexp(min(abs(value), 2.0**64))[1] if value else 0
    return f"{'-' if value < 0 else ''}{size}"
