"""Whether the judged traces were part of training: by the bytes of files, and by groups of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

MARK = 16
"""Hexadecimal digits of a group's hash in an artefact: names of tasks are not told, and can still be compared."""
PART = 1 << 20


class Overlap(NamedTuple):
    """What was seen in training. `groups` None: the artefact does not say which groups it saw."""

    files: tuple[str, ...]
    groups: frozenset[str] | None


def group_mark(group: str) -> str:
    """What an artefact knows a group by."""
    return hashlib.sha256(group.encode("utf-8", "replace")).hexdigest()[:MARK]


def file_marks(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of files, and of all files below folders; in the order of their names."""
    found = []
    for given in paths:
        path = Path(given)
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file():
                found.append({"name": one.name, "sha256": _digest(one), "bytes": one.stat().st_size})
    return sorted(found, key=lambda mark: (mark["name"], mark["sha256"]))


def overlap(data: Mapping[str, Any], files: Sequence[Mapping[str, Any]], groups: Iterable[str]) -> Overlap:
    """What of these files and groups is among the data of an artefact's header."""
    named = data.get("files")
    trained = {str(one.get("sha256")) for one in named if isinstance(one, dict)} if isinstance(named, list) else set[str]()
    seen = tuple(str(one["name"]) for one in files if one["sha256"] in trained)
    known = data.get("groups")
    if not isinstance(known, list):
        return Overlap(seen, None)
    marks = {str(mark) for mark in known}
    return Overlap(seen, frozenset(group for group in groups if group_mark(group) in marks))


def joined(data: Mapping[str, Any], files: Sequence[Mapping[str, Any]], groups: Iterable[str]) -> dict[str, Any]:
    """The data of an artefact's header and these files and groups too: what an artefact that was made from another one has seen.

    An artefact that does not say which groups it saw gives one that does not either.
    """
    named = data.get("files")
    told = [dict(one) for one in (*(named if isinstance(named, list) else ()), *files) if isinstance(one, Mapping)]
    unique = {(str(one.get("name")), str(one.get("sha256"))): one for one in told}
    made = {**data, "files": [unique[key] for key in sorted(unique)]}
    known = data.get("groups")
    if isinstance(known, list):
        made["groups"] = sorted({*map(str, known), *map(group_mark, groups)})
    return made


def _digest(path: Path) -> str:
    told = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PART):
            told.update(part)
    return told.hexdigest()
