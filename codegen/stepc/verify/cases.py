"""Sample documents in memory, one case a document: what the document laws mutate, and how a case is run through the real readers.

A case is written into a private folder in the layout of its pack and read back by the very code that reads traces, so that the laws
hold for what users run: containers aside, from bytes to steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson

from stepc.runtime.limits import LIMITS
from stepc.runtime.problems import Problems
from stepc.runtime.readers import read
from stepc.runtime.readers.beside import side_members
from stepc.runtime.readers.containers import packs
from stepc.runtime.readers.globs import Claims
from stepc.runtime.readers.members import Pack
from stepc.runtime.readers.streams import DamagedError, read_all
from stepc.runtime.run import AdapterModule, RunAccount, run
from stepc.runtime.source import EpisodeBy, EpisodeFile, Source
from stepc.verify.laws import BrokenError, Recorded, encoded

Json = Any

MOST_BYTES = 1 << 20
"""A document larger than this is no case: mutations of it would be slow and hard to read."""

MOST_TOGETHER = 64 << 10
"""Bytes of lines that are one case together, where runs go over lines: of a longer file only the first are tried."""

MOST_FILE = 64 << 20
"""Sample files beyond this size are passed over."""


@dataclass(frozen=True, slots=True)
class Case:
    """One document of a pack. `document` is None for text. `sides` are the JSON documents of the pack that no input claims. `lines`: a file
    whose runs go over its lines; then the document is the list of them."""

    path: str
    data: bytes
    document: Json
    sides: Mapping[str, Json]
    lines: bool = False

    def with_document(self, document: Json) -> Case:
        """The case with another document in its place."""
        parts = document if self.lines and isinstance(document, list) else [document]
        return replace(self, document=document, data=b"\n".join(map(written, parts)))

    def with_side(self, name: str, document: Json) -> Case:
        """The case with another side document."""
        return replace(self, sides={**self.sides, name: document})


def written(document: Json) -> bytes:
    """A document as JSON bytes, also where it holds what a strict writer refuses: huge integers, deep nesting."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document).encode()


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run gave: steps by episode (file and index), and the account."""

    episodes: tuple[tuple[str, int, tuple[bytes, ...]], ...]
    account: RunAccount


class Bench:
    """Runs cases of one module in a folder of its own."""

    def __init__(self, module: AdapterModule, folder: Path) -> None:
        self.module = module
        self.folder = folder
        self._written: set[Path] = set()

    def place(self, case: Case) -> Path:
        """Write a case into the folder, in place of the one before, and give the path of its document."""
        wanted = {self.folder / case.path: case.data}
        for name, document in case.sides.items():
            wanted[self.folder / name] = written(document)
        for stale in self._written - wanted.keys():
            stale.unlink(missing_ok=True)
        for path, data in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._written = set(wanted)
        return self.folder / case.path

    def observe(self, case: Case, *, whole: bool = True) -> Observed:
        """Run a case. The adapter gets whole documents unless a law is about what users run: what it never reads could not tell on it else.

        Raises:
            BrokenError: reading raised, or the account does not add up.
        """
        path = self.place(case)
        try:
            running = run(self.module, [path], root=self.folder, whole=whole)
            episodes = tuple((ran.file.path, ran.index, tuple(encoded(step) for step in ran.steps)) for ran in running)
            account = running.account
        except Exception as error:
            raise BrokenError("total", f"reading raised {type(error).__name__}: {error}") from error
        if not account.adds_up:
            raise BrokenError("accounted", "the account of the run does not add up")
        return Observed(episodes, account)

    def recorded(self, case: Case) -> list[Recorded]:
        """The episodes of a case with their start facts and events; dropped ones are left out."""
        from stepc.runtime import Defects

        found = []
        for episode in read(self.module, [self.place(case)], root=self.folder, problems=Problems()):
            facts = self.module.start(episode, Defects())
            events = tuple(episode.events)
            if isinstance(facts, dict):
                found.append(Recorded(episode.file.path, episode.index, facts, events))
        return found


def load_cases(module: AdapterModule, places: Iterable[Path], folder: Path, *, root: Path | None = None, most: int = 60) -> list[Case]:
    """The sample documents at `places` (files, folders, archives), at most `most`, spread evenly; JSONL gives one case a line, or a
    file where runs go over lines.

    folder   an empty folder to work in
    """
    source = module.SOURCE
    found: list[Case] = []
    problems = Problems()
    for pack in packs(
        places, lambda: Claims(source), LIMITS, problems, root=root, only=None, beside=lambda claims: side_members(source, claims)
    ):
        bench = Bench(module, folder)
        for member in pack.members():
            try:
                data = read_all(member.open(), MOST_FILE)
            except (DamagedError, OSError):
                continue
            found += [replace(case, sides=_sides(bench, case, pack)) for case in _documents(source, member.path, data)]
    step = max(1, -(-len(found) // most))
    return found[::step]


def over_lines(source: Source) -> bool:
    """Whether runs go over the lines of a file of JSON lines."""
    rules = [source.episode, *(given.episode for given in source.inputs)]
    return source.format == "jsonl" and any(isinstance(rule, EpisodeFile | EpisodeBy) for rule in rules)


def _documents(source: Source, path: str, data: bytes) -> Iterator[Case]:
    if source.format == "text":
        if len(data) <= MOST_BYTES:
            yield Case(path, data, None, {})
        return
    found: list[tuple[bytes, Json]] = []
    for line in data.splitlines() if source.format == "jsonl" else [data]:
        if line.strip() and len(line) <= MOST_BYTES:
            try:
                found.append((line, orjson.loads(line)))
            except orjson.JSONDecodeError:
                continue
    if not over_lines(source):
        yield from (Case(path, line, document, {}) for line, document in found)
    elif found:
        sizes = accumulate(len(line) + 1 for line, _ in found)
        few = max(sum(size <= MOST_TOGETHER for size in sizes), 1)
        lines, documents = zip(*found[:few], strict=True)
        yield Case(path, b"\n".join(lines), list(documents), {}, lines=True)


def _sides(bench: Bench, case: Case, pack: Pack) -> dict[str, Json]:
    """The side documents that the episodes of a case name."""
    found: dict[str, Json] = {}
    if bench.module.SOURCE.beside:
        for episode in read(bench.module, [bench.place(case)], root=bench.folder, problems=Problems()):
            for beside in bench.module.SOURCE.beside:
                parts = beside.path if isinstance(beside.path, str) else beside.path(episode)
                name = "/".join(parts) if isinstance(parts, tuple) else parts
                data = pack.side(name) if name else None
                if name and data is not None:
                    found[name] = orjson.loads(data)
    return found
