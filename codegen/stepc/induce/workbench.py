"""Samples as files in a folder of their own, so that any spec can be run over exactly what was looked at, whatever it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import orjson

from stepc.induce.nodes import Json
from stepc.induce.samples import SampleFile


@contextmanager
def workbench(files: tuple[SampleFile, ...]) -> Iterator[Path]:
    """A folder with the files of samples at their own paths; it is gone afterwards. Paths that would lead out of it are left out."""
    with TemporaryDirectory(prefix="stepc-") as name:
        folder = Path(name)
        for file in files:
            path = safe(file.path)
            if path is None:
                continue
            target = folder / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content(file))
            except (OSError, ValueError):
                # A name that this system cannot have, or a file where another one needs a folder.
                continue
        yield folder


def safe(path: str) -> PurePosixPath | None:
    """A path that stays below where it is put; None for others."""
    found = PurePosixPath(path)
    bad = found.is_absolute() or not found.parts or ".." in found.parts or any("\0" in part or "\\" in part for part in found.parts)
    return None if bad else found


def content(file: SampleFile) -> bytes:
    """The bytes of a file with what was looked at of it."""
    if file.form == "text":
        return file.text.encode("utf-8", "replace")
    if file.form == "json":
        return b"".join(_dumped(document) for document in file.documents[:1])
    return b"".join(_dumped(document) + b"\n" for document in file.documents)


def _dumped(document: Json) -> bytes:
    """The document as JSON: what the lenient decoder read may be deeper, and its integers longer, than the fast encoder takes."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
