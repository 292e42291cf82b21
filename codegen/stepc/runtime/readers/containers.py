"""Where traces lie: files, folders, archives and standard input, as packs whose files are opened one after the other."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from stepc.runtime.limits import Limits
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.archives import TarPack, ZipPack
from stepc.runtime.readers.globs import ARCHIVES, Claims, plain_name
from stepc.runtime.readers.members import Member, Pack
from stepc.runtime.readers.streams import HEAD, DamagedError, Peeked, Stream, expanded, is_compressed, is_tar, is_zip, read_all
from stepc.runtime.source import Input

STANDARD_INPUT: Final = "-"
_UNBUFFERED: Final = 0


class FolderPack:
    """A folder, walked in sorted order; or one file named by the user, with the folder that counts as its root."""

    def __init__(self, root: Path, claims: Claims, limits: Limits, problems: Problems, only: tuple[Path, Input] | None = None) -> None:
        self.name = str(root)
        self._root = root
        self._real = root.resolve()
        self._claims = claims
        self._limits = limits
        self._problems = problems
        self._only = only
        self.archives: list[Path] = []

    def members(self) -> Iterator[Member]:
        """The claimed files; archives met on the way are put aside in `archives`."""
        if self._only is not None:
            path, given = self._only
            yield from self._opened(path, given, plain_name(_below(path, self._root)))
            return
        for path, plain in self._walk():
            archive = path.name.endswith(ARCHIVES)
            claimed = None if archive else self._claims.claim(_below(path, self._root))
            if claimed is None and not archive:
                continue
            if not plain and not self._inside(path):
                self._problems.add("unsafe_path", Place(_below(path, self._root)), "a link that leads out of the folder, or no plain file")
            elif claimed is None:
                self.archives.append(path)
            else:
                yield from self._opened(path, *claimed)

    def _walk(self) -> Iterator[tuple[Path, bool]]:
        """All files below the root, a folder's entries by name, and whether each is a plain file: it lies where it seems to, as links to
        folders are not followed."""
        pending = [self._root]
        while pending:
            path = pending.pop()
            try:
                mode = path.lstat().st_mode
                if not stat.S_ISDIR(mode) and path != self._root:
                    yield path, stat.S_ISREG(mode)
                    continue
                pending += [Path(entry) for entry in sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)]
            except OSError as problem:
                name = self.name if path == self._root else _below(path, self._root)
                self._problems.add("unreadable", Place(name), problem.strerror or str(problem))

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._real) and stat.S_ISREG(path.stat().st_mode)
        except OSError:
            return False

    def _opened(self, path: Path, given: Input, within: str) -> Iterator[Member]:
        """The file as a member; what was opened is closed when the next one is asked for."""
        with contextlib.ExitStack() as files:

            def opened() -> Stream:
                return expanded(files.enter_context(path.open("rb", buffering=_UNBUFFERED)), self._limits)

            try:
                with path.open("rb", buffering=_UNBUFFERED) as file:
                    compressed = is_compressed(file.read(4))
            except OSError:
                compressed = True  # opening it again tells what is wrong
            yield Member(within, given, opened, local=None if compressed else path)

    def side(self, path: str) -> bytes | None:
        """A side document under the root; links that lead out of it are not followed."""
        found = self._root / (self._claims.prefix or "") / path
        if not self._inside(found):
            return None
        try:
            if found.stat().st_size > self._limits.side:
                raise DamagedError("too_large", f"larger than {self._limits.side} bytes")
            with found.open("rb") as file:
                return read_all(expanded(file, self._limits), self._limits.side)
        except OSError as problem:
            raise DamagedError("unreadable", problem.strerror or str(problem)) from None


class StreamPack:
    """One document from standard input or a pipe: it can be read once, and nothing lies beside it."""

    archives: Sequence[Path] = ()

    def __init__(self, name: str, stream: Stream, given: Input) -> None:
        self.name = name
        self._stream = stream
        self._given = given

    def members(self) -> Iterator[Member]:
        """The one document."""
        yield Member(self.name, self._given, lambda: self._stream)

    def side(self, path: str) -> bytes | None:
        """Nothing."""
        return None


def packs(
    paths: Iterable[str | Path],
    claims: Callable[[], Claims],
    limits: Limits,
    problems: Problems,
    *,
    root: Path | None,
    only: Input | None,
    beside: Callable[[Claims], Callable[[str], bool] | None],
    piped: str = STANDARD_INPUT,
) -> Iterator[Pack]:
    """The packs that paths name: `-` for standard input, which goes by the name `piped`, folders, archives and single files.

    `only` is the input that single files belong to, where the user said so; `beside` tells which members of an archive may be side
    documents, None where the source has none.
    """
    for given in paths:
        mine = claims()
        if str(given) == STANDARD_INPUT:
            yield from _stream_pack(piped, sys.stdin.buffer, mine, limits, problems, only)
            continue
        path = Path(given)
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as problem:
            problems.add("unreadable", Place(str(given)), getattr(problem, "strerror", None) or str(problem))
            continue
        if stat.S_ISDIR(mode):
            folder = FolderPack(path, mine, limits, problems)
            yield folder
            for archive in folder.archives:
                yield from _file_packs(archive, claims(), limits, problems, None, only, beside)
        elif stat.S_ISREG(mode):
            yield from _file_packs(path, mine, limits, problems, root, only, beside)
        else:
            try:
                with path.open("rb") as pipe:
                    yield from _stream_pack(path.name, pipe, mine, limits, problems, only)
            except OSError as problem:
                problems.add("unreadable", Place(path.name), problem.strerror or str(problem))


def _file_packs(
    path: Path,
    claims: Claims,
    limits: Limits,
    problems: Problems,
    root: Path | None,
    only: Input | None,
    beside: Callable[[Claims], Callable[[str], bool] | None],
) -> Iterator[Pack]:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            file.seek(0)
            if not is_zip(head):
                head = Peeked(expanded(file, limits)).head
    except DamagedError as damage:
        problems.add(damage.kind, Place(path.name), damage.detail)
        return
    except OSError as problem:
        problems.add("unreadable", Place(path.name), problem.strerror or str(problem))
        return
    if is_zip(head):
        yield ZipPack(path, claims, limits, problems)
    elif is_tar(head):
        yield TarPack(path.name, partial(_opened, path), claims, limits, problems, beside(claims))
    else:
        absolute = path.absolute()
        chosen = (only, 1) if only is not None else claims.explicit(plain_name(str(absolute)).strip("/").split("/"))
        if chosen is None:
            problems.add("no_input", Place(path.name), "the name fits no input of the source: say which one it is")
            return
        given, depth = chosen
        if root is None or not absolute.is_relative_to(root.absolute()):
            root = absolute.parents[depth - 1]
        yield FolderPack(root.absolute(), claims, limits, problems, (absolute, given))


def _stream_pack(name: str, stream: BinaryIO, claims: Claims, limits: Limits, problems: Problems, only: Input | None) -> Iterator[Pack]:
    try:
        peeked = Peeked(expanded(stream, limits))
    except DamagedError as damage:
        problems.add(damage.kind, Place(name), damage.detail)
        return
    except OSError as problem:
        problems.add("unreadable", Place(name), problem.strerror or str(problem))
        return
    if is_zip(peeked.head):
        problems.add("unreadable", Place(name), "a zip archive can only be read from a file")
    elif is_tar(peeked.head):
        yield TarPack(name, lambda _: peeked, claims, limits, problems, None)
    else:
        chosen = only or (claims.explicit((name,)) or (None, 0))[0]
        if chosen is None:
            problems.add("no_input", Place(name), "the source has several inputs: say which one this is")
            return
        yield StreamPack(name, peeked, chosen)


def _opened(path: Path, files: contextlib.ExitStack) -> Stream:
    return files.enter_context(path.open("rb", buffering=_UNBUFFERED))


def _below(path: Path, root: Path) -> str:
    return "/".join(path.relative_to(root).parts) or "."
