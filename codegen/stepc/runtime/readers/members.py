"""What every kind of container gives: files that an input claimed, and the documents beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from stepc.runtime.readers.streams import Stream
from stepc.runtime.source import Input


class Member:
    """One file that an input claimed.

    path    within the pack
    open    gives its bytes, decompressed, once; raises DamagedError or OSError
    local   where it lies uncompressed on this machine, so that it can be mapped; None in an archive, compressed, or from standard input
    """

    __slots__ = ("input", "local", "open", "path")

    def __init__(self, path: str, given: Input, open: Callable[[], Stream], *, local: Path | None = None) -> None:
        self.path = path
        self.input = given
        self.open = open
        self.local = local


class Pack(Protocol):
    """Files that belong together: side documents are looked for here and nowhere else. `archives` are packs met inside, read afterwards."""

    name: str

    @property
    def archives(self) -> Sequence[Path]:
        """Archives among the members that were given so far."""
        ...

    def members(self) -> Iterator[Member]:
        """The claimed files, each to be read before the next is asked for."""
        ...

    def side(self, path: str) -> bytes | None:
        """The bytes of a side document; None if there is none. Raises DamagedError where it is too large or unreadable."""
        ...
