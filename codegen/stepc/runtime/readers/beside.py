"""The documents beside the traces, looked up for every episode, inside the pack and nowhere else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from stepc.runtime.episode import Episode
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.decoding import decode
from stepc.runtime.readers.globs import Claims, Glob, plain_name
from stepc.runtime.readers.members import Pack
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.source import Source
from stepc.runtime.step import Json

_KEPT: Final = 32
"""Side documents kept decoded: neighbouring episodes often share one."""


class Sides:
    """The side documents of one pack."""

    __slots__ = ("_kept", "_pack", "_problems", "_source")

    def __init__(self, source: Source, pack: Pack, problems: Problems) -> None:
        self._source = source
        self._pack = pack
        self._problems = problems
        self._kept: OrderedDict[str, Json] = OrderedDict()

    def load(self, episode: Episode) -> None:
        """Fill in `episode.side`. What is missing is absent; what cannot be read is absent and a defect."""
        side: dict[str, Json] = {}
        for beside in self._source.beside:
            if isinstance(beside.path, str):
                path: str | None = beside.path
            else:
                path = self._resolved(beside.path(episode), episode, beside.name)
            side[beside.name] = self._document(path) if path is not None else None
        episode.side = side

    def _resolved(self, parts: tuple[str, ...] | None, episode: Episode, name: str) -> str | None:
        """The path of components that stay where the template puts them; only the file's own folder may hold several."""
        if parts is None:
            return None
        kept: list[str] = []
        for part in parts:
            if part == episode.file.dir:
                kept += [folder for folder in part.split("/") if folder]
            elif part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part:
                self._problems.add(
                    "unsafe_path", Place(episode.file.path, episode.index), "a hole of the path is no name of a file", site=name
                )
                return None
            else:
                kept.append(part)
        return "/".join(kept)

    def _document(self, path: str) -> Json:
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        place = Place(path)
        document: Json = None
        try:
            data = self._pack.side(path)
            if data is not None:
                document = decode(data, lambda kind, detail: self._problems.add(kind, place, detail))
        except DamagedError as damage:
            self._problems.add(damage.kind, place, damage.detail)
        except (OSError, ValueError) as problem:
            self._problems.add("unreadable", place, str(problem))
        self._kept[path] = document
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return document


def side_members(source: Source, claims: Claims) -> Callable[[str], bool] | None:
    """Tells which members of an archive may be side documents; None where the source has none.

    Templates with a glob say what they mean; for one without, every member that no input claims may be meant.
    """
    if not source.beside:
        return None
    globs: list[Glob] = []
    for beside in source.beside:
        if isinstance(beside.path, str):
            globs.append(Glob(beside.path.replace("[", "[[]")))
        elif beside.glob:
            globs.append(Glob(beside.glob))
        else:
            return lambda path: not claims.fits(path)

    def wanted(path: str) -> bool:
        name = plain_name(path)
        rest = name.partition("/")[2]
        return any(glob.matches(name) or (rest and glob.matches(rest)) for glob in globs)

    return wanted
