"""Bytes to episodes: files, folders, archives and standard input, read as a source says.

`read` is for whole files. Live streams are fed to `TextFeed` (texts) or split by `LineSplitter` (JSON lines), chunk by chunk; `event_loads`
gives the decoder for what arrives as one event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from stepc.runtime.episode import Episode
from stepc.runtime.limits import LIMITS, Limits
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.beside import Sides, side_members
from stepc.runtime.readers.containers import STANDARD_INPUT, packs
from stepc.runtime.readers.globs import Claims
from stepc.runtime.readers.json_documents import read_json
from stepc.runtime.readers.json_lines import read_json_lines
from stepc.runtime.readers.lines import LineSplitter
from stepc.runtime.readers.members import Member
from stepc.runtime.readers.projection import event_loads
from stepc.runtime.readers.reading import Counts, Reading, SourceModule
from stepc.runtime.readers.text_lines import CLOSED, Closed, Happening, Opened, TextFeed, read_text
from stepc.runtime.source import Input

__all__ = [
    "CLOSED",
    "STANDARD_INPUT",
    "Closed",
    "Counts",
    "Happening",
    "LineSplitter",
    "Opened",
    "SourceModule",
    "TextFeed",
    "event_loads",
    "read",
]

_READERS: dict[str, Callable[[Reading, Member], Iterator[Episode]]] = {"json": read_json, "jsonl": read_json_lines, "text": read_text}


class UnknownInputError(ValueError):
    """The source has no input of the name that was asked for."""


def read(
    module: SourceModule,
    paths: Iterable[str | Path],
    *,
    root: str | Path | None = None,
    input: str | None = None,
    limits: Limits = LIMITS,
    problems: Problems | None = None,
    counts: Counts | None = None,
    on_file: Callable[[str], None] | None = None,
    piped: str = STANDARD_INPUT,
    whole: bool = True,
) -> Iterator[Episode]:
    """The episodes of files, one after the other; the next is read when it is asked for.

    module    a generated module
    paths     files, folders, archives, or `-` for standard input
    root      the pack's root for single files; else a folder or archive is its own, and a single file's is the folder its input's glob
              speaks of
    input     the name of the input that single files belong to
    problems, counts   take what could not be read and what was met
    on_file   is called with the path of each file before it is read
    piped     the name that standard input goes by, where a file's name is asked for
    whole     whether documents and events hold what the source never reads, too; without it much less is built

    Raises UnknownInputError; what is wrong with the files is counted, not raised.
    """
    source = module.SOURCE
    only = _input(module, input)
    found = problems if problems is not None else Problems()
    tally = counts if counts is not None else Counts()
    reading = Reading(module, limits, found, tally, whole)
    reader = _READERS[source.format]
    for pack in packs(
        paths,
        lambda: Claims(source),
        limits,
        found,
        root=Path(root) if root is not None else None,
        only=only,
        beside=lambda claims: side_members(source, claims),
        piped=piped,
    ):
        reading.sides = Sides(source, pack, found) if source.beside else None
        before = tally.files
        errors = found.total
        for member in pack.members():
            tally.files += 1
            if on_file is not None:
                on_file(member.path)
            yield from reader(reading, member)
        if tally.files == before and found.total == errors and not pack.archives:
            found.add("no_match", Place(pack.name), "no file here belongs to an input of the source")


def _input(module: SourceModule, name: str | None) -> Input | None:
    if name is None:
        return None
    for given in module.SOURCE.inputs:
        if given.name == name:
            return given
    known = ", ".join(given.name for given in module.SOURCE.inputs if given.name) or "none"
    raise UnknownInputError(f"the source has no input {name!r}; it has {known}")
