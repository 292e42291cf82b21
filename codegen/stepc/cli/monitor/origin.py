"""What an artefact says of the files it was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

MOST_FILES: Final = 512
"""Files that the header of an artefact lists one by one."""


def files_of(traces: tuple[str, ...]) -> list[tuple[str, Path]]:
    """The files that the user named, and those below the folders that the user named, by what the header calls them: no path of this
    machine, but what a file is called from the folder that was named on."""
    found: dict[Path, str] = {}
    for name in traces:
        path = Path(name)
        if path.is_dir():
            found |= {one: f"{path.resolve().name}/{one.relative_to(path).as_posix()}" for one in path.rglob("*") if one.is_file()}
        elif path.is_file():
            found[path] = path.name
    return sorted((name, path) for path, name in found.items())


def hashed(files: list[tuple[str, Path]]) -> list[dict[str, Any]]:
    """What the header says of files; of very many, those behind the first ones are told by one hash."""
    told: list[dict[str, Any]] = []
    for name, path in files:
        with path.open("rb") as file:
            told.append({"name": name, "sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": file.seek(0, 2)})
    rest = told[MOST_FILES:]
    if rest:
        together = hashlib.sha256("".join(f"{one['name']} {one['sha256']}\n" for one in rest).encode("utf-8", "replace"))
        size = sum(one["bytes"] for one in rest)
        told[MOST_FILES:] = [{"name": f"and {len(rest)} further files", "sha256": together.hexdigest(), "bytes": size}]
    return told
