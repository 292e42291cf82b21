"""Reading in tests: files made on the spot, defects as short tuples."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from stepc.runtime.episode import Episode
from stepc.runtime.limits import LIMITS, Limits
from stepc.runtime.problems import Problems
from stepc.runtime.readers import Counts, SourceModule, read


class Reading:
    """Everything a read gave: episodes with their events, defects as (kind, place), counts."""

    def __init__(self, module: SourceModule, *paths: str | Path, limits: Limits = LIMITS, **options: Any) -> None:
        self.problems = Problems()
        self.counts = Counts()
        self.episodes: list[Episode] = []
        self.events: list[list[Any]] = []
        for episode in read(module, paths, limits=limits, problems=self.problems, counts=self.counts, **options):
            self.episodes.append(episode)
            self.events.append(list(episode.events))

    @property
    def kinds(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for defect in self.problems:
            counts[defect.kind] = counts.get(defect.kind, 0) + defect.count
        return counts

    @property
    def places(self) -> list[str]:
        return [str(place) for defect in self.problems for place in defect.places]

    @property
    def paths(self) -> list[str]:
        return [episode.file.path for episode in self.episodes]


def chat(id: str, *texts: str, **more: Any) -> dict[str, Any]:
    """A record of the `chat` source."""
    return {"id": id, "messages": [{"role": "user", "content": text} for text in texts], **more}


def json_lines(*records: Any) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def tar_of(members: Mapping[str, bytes] | list[tuple[str, bytes]], **special: tarfile.TarInfo) -> bytes:
    """A tar archive with these members, in order."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for info in special.values():
            archive.addfile(info)
        for name, data in members.items() if isinstance(members, Mapping) else members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path
