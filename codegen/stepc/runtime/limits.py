"""How much a run may hold in memory and how far it follows hostile input. All sizes are bytes."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """The bounds of a run.

    whole      a JSON document up to this size is decoded at once; a larger one is split by episode
    document   the largest JSON document, where it cannot be mapped from a file (compressed, archived, standard input)
    line       the longest line of a JSONL file
    event      the longest event of a text; what is longer is cut and marked
    side       the largest document beside the traces
    sides      all documents kept at hand from one compressed archive, compressed
    expanded   all that one compressed file or archive may expand to
    ratio      how many times its size a compressed file may expand to, counted once it passed `ratio_from`
    members    the most members of an archive
    """

    whole: int = 64 << 20
    document: int = 1 << 30
    line: int = 64 << 20
    event: int = 1 << 20
    side: int = 16 << 20
    sides: int = 256 << 20
    expanded: int = 64 << 30
    ratio: int = 500
    ratio_from: int = 64 << 20
    members: int = 1_000_000


LIMITS = Limits()
"""The bounds where nobody asked for others."""
