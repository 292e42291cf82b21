"""One counted fact of many documents, in constant space: how often, in how many documents, and how its share is spread over them."""

from __future__ import annotations

from typing import Final

import msgspec

BINS: Final = 20


class Measure(msgspec.Struct):
    """How often something happened.

    count, of          how often it happened, and how often it could have
    documents, some    in how many documents it could have happened, and in how many it did
    bins               documents by the share: none at all, then up to 5 %, up to 10 %, … up to 100 % and more
    first              the first place of it
    """

    count: int = 0
    of: int = 0
    documents: int = 0
    some: int = 0
    bins: list[int] = msgspec.field(default_factory=lambda: [0] * (BINS + 1))
    first: str = ""

    def add(self, count: int, of: int, place: str = "") -> None:
        """Count one document; one in which it could not happen counts nothing."""
        if not of:
            return
        self.count += count
        self.of += of
        self.documents += 1
        self.bins[min(-(-count * BINS // of), BINS)] += 1
        if count:
            self.some += 1
            self.first = self.first or place

    def without(self, documents: int, of: int) -> None:
        """Count documents in which it could have happened and did not."""
        self.documents += documents
        self.of += of
        self.bins[0] += documents

    @property
    def share(self) -> float:
        """How often it happened of how often it could have."""
        return self.count / self.of if self.of else 0.0
