"""Archives as packs: tar, compressed or not, from front to back; zip by its directory. Nothing is extracted to disk."""

from __future__ import annotations

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from stepc.runtime.limits import Limits
from stepc.runtime.problems import Place, Problems
from stepc.runtime.readers.globs import Claims, safe_path
from stepc.runtime.readers.members import Member
from stepc.runtime.readers.streams import DamagedError, Stream, check_expansion, expanded, read_all
from stepc.runtime.readers.tar import TarMember, tar_members

_DIRECTORY_END: Final = b"PK\x05\x06"
_LARGE_DIRECTORY_END: Final = b"PK\x06\x06"
_LONGEST_DIRECTORY: Final = 256 << 20
_LONGEST_COMMENT: Final = 65_557


class TarPack:
    """A tar archive, compressed or not, read from front to back.

    Members may stand in any order, so where the source has side documents a first pass keeps those that may be meant, compressed, within
    the limits; the second pass gives the claimed files.
    """

    archives: Sequence[Path] = ()

    def __init__(
        self,
        name: str,
        open: Callable[[contextlib.ExitStack], Stream],
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
            with contextlib.ExitStack() as files:
                stream = self._open(files)
                for count, member in enumerate(tar_members(expanded(stream, self._limits))):
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

    archives: Sequence[Path] = ()

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
                    yield Member(claimed[1], claimed[0], partial(self._expanded, info))
        self._archive = None

    def _expanded(self, info: zipfile.ZipInfo) -> Stream:
        return expanded(self._file(info), self.limits)

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
        return read_all(self._expanded(info), self.limits.side)


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
        check_expansion(self._given, self._pack.given, self._packed, self._pack.limits)
        return data


def _opener(member: TarMember, limits: Limits) -> Callable[[], Stream]:
    return lambda: expanded(member, limits)


def _unsafe(problems: Problems, archive: str, name: str) -> None:
    shown = name[:200].encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    problems.add("unsafe_path", Place(archive), f"not read: {shown} (a path out of the archive, or no plain file)")
