"""The texts of one field as tokens: its words, and the pairs of neighbours among them; as far as somebody reads them.

A monitor has weights for a few hundred out of a million buckets. Which tokens have none is found out for a whole text at once, before
anything is done with them one by one. Texts that were seen just before are at hand as a whole: agents say and get the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from stepwatch import dense, tokens

MOST_PASSAGES: Final = 128
"""Texts of one field that are kept at hand."""
MOST_CHARACTERS: Final = 4_096
"""Characters of a text that is kept at hand."""
MOST_NAME: Final = 60
"""Bytes of a word that its name shows."""


class Wanted:
    """The tokens that are read. With `buckets` only those of these are, and they go by their places among them, from 1 on; None: all are
    read, by their buckets."""

    __slots__ = ("_buckets", "_places", "number_of", "numbers")

    def __init__(self, buckets: Sequence[int] | None) -> None:
        self._buckets = buckets
        self._places: dict[int, int] | None = None
        self.numbers = range(tokens.BUCKETS)
        """What a token that is read may go by."""
        self.number_of: Callable[[int], int | None] = _itself
        """What the tokens of a bucket go by; None: nobody reads them."""
        if buckets is not None:
            self._places = {bucket: place for place, bucket in enumerate(buckets, 1)}
            self.numbers = range(1, len(buckets) + 1)
            self.number_of = self._places.get

    def of(self, buckets: Iterable[int]) -> Iterable[int]:
        """The tokens of some buckets that are read, in their order."""
        return buckets if self._places is None else filter(None, map(self._places.get, buckets))

    def bucket(self, token: int) -> int:
        """The bucket of a token."""
        return token if self._buckets is None else self._buckets[token - 1]


def _itself(bucket: int) -> int:
    return bucket


Passage = tuple[Sequence[int], int, frozenset[int]]
"""Of a text the tokens that are read, words first, then pairs; how many tokens there are in all; the buckets of its first words, where
novelty is asked for."""


class Passages:
    """Reads the texts of one field.

    maximum   characters of a text that count
    wanted    which tokens are read; None: no tokens at all
    novelty   whether novelty is asked for
    """

    __slots__ = ("_buckets", "_kept", "_maximum", "_novelty", "_wanted")

    def __init__(self, start: int, maximum: int, wanted: Wanted | None, novelty: bool) -> None:
        self._buckets = tokens.Buckets(start)
        self._maximum = maximum
        self._wanted = wanted
        self._novelty = novelty
        self._kept: dict[str, Passage] = {}

    def read(self, text: str) -> Passage:
        """A text, as far as `maximum` goes."""
        if len(text) > self._maximum:
            text = tokens.cut(text, self._maximum)
        found = self._kept.get(text)
        if found is None:
            found = self._read(text)
            if len(text) <= MOST_CHARACTERS:
                if len(self._kept) >= MOST_PASSAGES:
                    self._kept.clear()  # in one go: other threads may be at it
                self._kept[text] = found
        return found

    def all(self, text: str) -> list[int]:
        """All tokens of a text, in their order."""
        found = list(map(self._buckets.__getitem__, tokens.words(text, self._maximum)))
        return [*found, *tokens.pairs(found)]

    def named(self, text: str, asked: Collection[int], most: int) -> Iterator[tuple[int, str]]:
        """The tokens of some buckets that the first words of a text say, in their order, as they stand there."""
        words = tokens.words(text, self._maximum)[:most]
        found = list(map(self._buckets.__getitem__, words))
        for place, bucket in enumerate([*found, *tokens.pairs(found)]):
            if bucket in asked:
                said = words[place : place + 1] if place < len(words) else words[place - len(words) : place - len(words) + 2]
                yield bucket, " ".join([word[:MOST_NAME].decode("utf-8", "replace") for word in said])

    def _read(self, text: str) -> Passage:
        found = list(map(self._buckets.__getitem__, tokens.words(text, len(text))))
        novel = frozenset(found[: dense.MOST_TOKENS]) if self._novelty else frozenset()
        if self._wanted is None:
            return (), 0, novel
        found += tokens.pairs(found)
        return list(self._wanted.of(found)), len(found), novel
