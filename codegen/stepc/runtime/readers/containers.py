"""Where traces lie: files, folders, archives and standard input, as a sequence of documents to be opened one after the other.

Nothing is ever extracted to disk. Every pack knows its side documents by path, relative to the pack and never outside of it.
"""

from __future__ import annotations

import os
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from stepc.runtime.limits import Limits
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.globs import ARCHIVES, Claims, plain_name, safe_path
from stepc.runtime.readers.streams import HEAD, DamagedError, Peeked, Stream, expanded, is_compressed, is_tar, is_zip, read_all
from stepc.runtime.readers.tar import TarMember, tar_members
from stepc.runtime.source import Input

STANDARD_INPUT: Final = "-"
_DIRECTORY_END: Final = b"PK\x05\x06"
_LARGE_DIRECTORY_END: Final = b"PK\x06\x06"
_LONGEST_DIRECTORY: Final = 256 << 20
_LONGEST_COMMENT: Final = 65_557
_FILE_BUFFER: Final = 0


class Member:
    """One file that an input claimed.

    path    within the pack
    local   where it lies uncompressed on this machine, so that it can be mapped; None in an archive, compressed, or from standard input
    open    gives its bytes, decompressed; raises DamagedError or OSError
    again   whether it may be opened a second time
    """

    __slots__ = ("again", "input", "local", "open", "path")

    def __init__(self, path: str, given: Input, open: Callable[[], Stream], *, local: Path | None = None, again: bool = False) -> None:
        self.path = path
        self.input = given
        self.open = open
        self.local = local
        self.again = again


class Pack(Protocol):
    """Files that belong together: side documents are looked for here and nowhere else."""

    name: str

    def members(self) -> Iterator[Member]:
        """The claimed files, each to be read before the next is asked for."""
        ...

    def side(self, path: str) -> bytes | None:
        """The bytes of a side document; None if there is none. Raises DamagedError where it is too large or unreadable."""
        ...


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
            yield self._member(path, given, plain_name(_below(path, self._root)))
            return
        for path in self._walk():
            if path.name.endswith(ARCHIVES):
                self.archives.append(path)
                continue
            claimed = self._claims.claim(_below(path, self._root))
            if claimed is None:
                continue
            given, within = claimed
            if not self._inside(path):
                self._problems.add("unsafe_path", Place(_below(path, self._root)), "a link that leads out of the folder, or no plain file")
                continue
            yield self._member(path, given, within)

    def _walk(self) -> Iterator[Path]:
        """All files below the root, a folder's entries by name; links to folders are not followed."""
        pending = [self._root]
        while pending:
            path = pending.pop()
            try:
                if not stat.S_ISDIR(path.lstat().st_mode) and path != self._root:
                    yield path
                    continue
                pending += [Path(entry) for entry in sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)]
            except OSError as problem:
                self._problems.add("unreadable", Place(_below(path, self._root)), problem.strerror or str(problem))

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._real) and stat.S_ISREG(path.stat().st_mode)
        except OSError:
            return False

    def _member(self, path: Path, given: Input, within: str) -> Member:
        regular = path.is_file()
        try:
            with path.open("rb", buffering=_FILE_BUFFER) as file:
                compressed = regular and is_compressed(file.read(4)) if regular else True
        except OSError:
            compressed = True  # opening it again tells what is wrong
        return Member(
            within,
            given,
            lambda: expanded(path.open("rb", buffering=_FILE_BUFFER), self._limits),
            local=None if compressed else path,
            again=regular,
        )

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


class TarPack:
    """A tar archive, compressed or not, read from front to back.

    Members may stand in any order, so where the source has side documents a first pass keeps those that may be meant, compressed, within
    the limits; the second pass gives the claimed files.
    """

    def __init__(
        self,
        name: str,
        open: Callable[[], Stream],
        claims: Claims,
        limits: Limits,
        problems: Problems,
        beside: Callable[[str], bool] | None,
    ) -> None:
        self.name = name
        self._open = open
        self._claims = claims
        self._limits = limits
        self._problems = problems
        self._beside = beside
        self._sides: dict[str, bytes] = {}
        self._too_large: set[str] = set()

    def members(self) -> Iterator[Member]:
        """The claimed files in the order of the archive, up to the first damage."""
        if self._beside is not None:
            self._keep_sides(self._beside)
        for member, path in self._plain(report=True):
            claimed = self._claims.claim(path)
            if claimed is None:
                continue
            given, within = claimed
            yield Member(within, given, _opener(member, self._limits))

    def _plain(self, *, report: bool) -> Iterator[tuple[TarMember, str]]:
        try:
            for count, member in enumerate(tar_members(expanded(self._open(), self._limits))):
                if count >= self._limits.members:
                    raise DamagedError("too_large", f"more than {self._limits.members} members")
                path = safe_path(member.name)
                if path is not None and member.plain:
                    yield member, path
                elif report:
                    _unsafe(self._problems, self.name, member.name)
        except DamagedError as damage:
            if report:
                self._problems.add(damage.kind, Place(self.name), damage.detail)
        except OSError as problem:
            if report:
                self._problems.add("unreadable", Place(self.name), problem.strerror or str(problem))

    def _keep_sides(self, wanted: Callable[[str], bool]) -> None:
        kept = 0
        for member, path in self._plain(report=False):
            if not wanted(path):
                continue
            if member.size > self._limits.side:
                self._too_large.add(path)
                continue
            try:
                packed = zlib.compress(read_all(member, self._limits.side), 1)
            except DamagedError:
                return  # the second pass reports it
            kept += len(packed)
            if kept > self._limits.sides:
                self._problems.add("too_large", Place(self.name), f"side documents of more than {self._limits.sides} bytes")
                return
            self._sides[path] = packed

    def side(self, path: str) -> bytes | None:
        """A side document kept by the first pass."""
        path = (self._claims.prefix or "") + path
        if path in self._too_large:
            raise DamagedError("too_large", f"larger than {self._limits.side} bytes")
        packed = self._sides.get(path)
        return zlib.decompress(packed) if packed is not None else None


class ZipPack:
    """A zip archive on disk. Its members are read in the order of its directory; side documents are read when asked for."""

    def __init__(self, path: Path, claims: Claims, limits: Limits, problems: Problems) -> None:
        self.name = path.name
        self.limits = limits
        self._path = path
        self._claims = claims
        self._problems = problems
        self._archive: zipfile.ZipFile | None = None
        self._paths: dict[str, zipfile.ZipInfo] = {}
        self.given = 0

    def members(self) -> Iterator[Member]:
        """The claimed files, up to the first damage of the directory."""
        try:
            self._check_directory()
            self._archive = zipfile.ZipFile(self._path)
        except DamagedError as damage:
            self._problems.add(damage.kind, Place(self.name), damage.detail)
            return
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as problem:
            self._problems.add("corrupt", Place(self.name), f"not a readable zip archive: {problem}")
            return
        with self._archive as archive:
            found: list[tuple[str, zipfile.ZipInfo]] = []
            for info in archive.infolist()[: self.limits.members]:
                if info.is_dir():
                    continue
                path = safe_path(info.orig_filename)
                kind = stat.S_IFMT(info.external_attr >> 16)
                if path is None or kind not in (0, stat.S_IFREG):
                    _unsafe(self._problems, self.name, info.orig_filename)
                    continue
                self._paths[path] = info
                found.append((path, info))
            for path, info in found:
                claimed = self._claims.claim(path)
                if claimed is not None:
                    yield Member(claimed[1], claimed[0], lambda info=info: expanded(self._file(info), self.limits), again=True)  # type: ignore[misc]
        self._archive = None

    def _file(self, info: zipfile.ZipInfo) -> Stream:
        assert self._archive is not None
        if info.flag_bits & 1:
            raise DamagedError("unreadable", "encrypted")
        try:
            return _ZipMember(self._archive.open(info), info, self)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as problem:
            raise DamagedError("corrupt", str(problem)) from None

    def _check_directory(self) -> None:
        """Refuse a directory that would not fit into memory: the library reads it as a whole."""
        with self._path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LONGEST_COMMENT))
            tail = file.read(_LONGEST_COMMENT)
        end = tail.rfind(_DIRECTORY_END)
        length = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
        if length == 0xFFFFFFFF:
            large = tail.rfind(_LARGE_DIRECTORY_END)
            length = int.from_bytes(tail[large + 40 : large + 48], "little") if large >= 0 else 0
        if length > _LONGEST_DIRECTORY:
            raise DamagedError("too_large", "the directory of the archive is too large")

    def side(self, path: str) -> bytes | None:
        """A side document."""
        info = self._paths.get((self._claims.prefix or "") + path)
        if info is None or self._archive is None:
            return None
        if info.file_size > self.limits.side:
            raise DamagedError("too_large", f"larger than {self.limits.side} bytes")
        return read_all(expanded(self._file(info), self.limits), self.limits.side)


class _ZipMember:
    """A member of a zip archive that gives no more than the limits allow, for itself and for the archive as a whole."""

    __slots__ = ("_file", "_given", "_pack", "_packed")

    def __init__(self, file: Stream, info: zipfile.ZipInfo, pack: ZipPack) -> None:
        self._file = file
        self._packed = max(info.compress_size, 1)
        self._pack = pack
        self._given = 0

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        try:
            data = self._file.read(size)
        except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError, ValueError, OSError) as problem:
            raise DamagedError("corrupt", f"the member is damaged: {problem}") from None
        self._given += len(data)
        self._pack.given += len(data)
        limits = self._pack.limits
        if self._pack.given > limits.expanded or (self._given > limits.ratio_from and self._given > limits.ratio * self._packed):
            raise DamagedError("bomb", f"expands to more than {limits.ratio} times its size or {limits.expanded} bytes")
        return data


def packs(
    paths: Iterable[str | Path],
    claims: Callable[[], Claims],
    limits: Limits,
    problems: Problems,
    *,
    root: Path | None,
    only: Input | None,
    beside: Callable[[Claims], Callable[[str], bool] | None],
) -> Iterator[Pack]:
    """The packs that paths name: `-` for standard input, folders, archives and single files.

    `only` is the input that single files belong to, where the user said so; `beside` tells which members of an archive may be side
    documents, None where the source has none.
    """
    for given in paths:
        mine = claims()
        if str(given) == STANDARD_INPUT:
            yield from _stream_pack(STANDARD_INPUT, sys.stdin.buffer, mine, limits, problems, only)
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
            with path.open("rb") as pipe:
                yield from _stream_pack(path.name, pipe, mine, limits, problems, only)


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
    except (OSError, DamagedError) as problem:
        problems.add(
            "unreadable", Place(path.name), problem.detail if isinstance(problem, DamagedError) else problem.strerror or str(problem)
        )
        return
    if is_zip(head):
        yield ZipPack(path, claims, limits, problems)
    elif is_tar(head):
        yield TarPack(path.name, lambda: path.open("rb", buffering=_FILE_BUFFER), claims, limits, problems, beside(claims))
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
    peeked = Peeked(expanded(stream, limits))
    if is_zip(peeked.head):
        problems.add("unreadable", Place(name), "a zip archive can only be read from a file")
    elif is_tar(peeked.head):
        yield TarPack(name, lambda: peeked, claims, limits, problems, None)
    else:
        chosen = only or (claims.explicit((name,)) or (None, 0))[0]
        if chosen is None:
            problems.add("no_input", Place(name), "the source has several inputs: say which one this is")
            return
        yield StreamPack(name, peeked, chosen)


def _opener(member: TarMember, limits: Limits) -> Callable[[], Stream]:
    return lambda: expanded(member, limits)


def _unsafe(problems: Problems, archive: str, name: str) -> None:
    shown = name[:200].encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    problems.add("unsafe_path", Place(archive), f"not read: {shown} (a path out of the archive, or no plain file)")


def _below(path: Path, root: Path) -> str:
    return "/".join(path.relative_to(root).parts) or "."
