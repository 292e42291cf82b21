"""Rows of a table file: JSON lines (plain, .gz, .zst), one JSON list, or Parquet. What cannot be read is counted, never raised."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

import msgspec
import orjson
import zstandard

LONGEST_LINE = 64 * 1024 * 1024
LARGEST_LIST = 1024 * 1024 * 1024


class TableError(Exception):
    """A table cannot be read at all, or does not say what is needed. One sentence for the user; `advice` says what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(slots=True)
class Table:
    """A file of rows. `bad` counts the lines that were no JSON object, as far as reading has come."""

    path: Path
    bad: int = 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows from the first on; may be asked for again.

        Raises:
            TableError: the file cannot be opened or is no table.
        """
        self.bad = 0
        name = self.path.name.lower()
        try:
            if name.endswith((".parquet", ".pq")):
                yield from parquet_rows(self.path)
            elif name.removesuffix(".gz").removesuffix(".zst").endswith(".json"):
                yield from self._listed()
            else:
                yield from self._lines()
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise TableError(f"{self.path} cannot be read: {error}") from None

    def _lines(self) -> Iterator[dict[str, Any]]:
        with opened(self.path) as file:
            while line := file.readline(LONGEST_LINE):
                if not line.strip(b" \t\r\n\xef\xbb\xbf"):
                    continue
                row = decoded(line)
                if isinstance(row, dict):
                    yield row
                else:
                    self.bad += 1

    def _listed(self) -> Iterator[dict[str, Any]]:
        with opened(self.path) as file:
            content = file.read(LARGEST_LIST + 1)
        if len(content) > LARGEST_LIST:
            raise TableError(f"{self.path} is larger than 1 GiB", "write it as JSON lines: one object a line")
        whole = decoded(content)
        if whole is None:
            yield from self._lines()
            return
        if isinstance(whole, dict):
            lists = [value for value in whole.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
            whole = lists[0] if len(lists) == 1 else [whole]
        for row in whole if isinstance(whole, list) else []:
            if isinstance(row, dict):
                yield row
            else:
                self.bad += 1


def decoded(content: bytes) -> Any:
    """JSON, or None for what is none. What the strict decoder refuses (NaN, odd bytes) gets a second try."""
    try:
        return orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        pass
    try:
        return msgspec.json.decode(content.decode("utf-8", "replace").replace("NaN", "null"))
    except (msgspec.DecodeError, RecursionError):
        return None


def opened(path: Path) -> IO[bytes]:
    """A file opened for reading bytes, decompressed by its name."""
    if path.name.lower().endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if path.name.lower().endswith(".zst"):
        return io.BufferedReader(cast("io.RawIOBase", zstandard.ZstdDecompressor().stream_reader(path.open("rb"), closefd=True)))
    return path.open("rb")


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file without their nulls; texts that hold a JSON object or list are decoded."""
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise TableError("Parquet files need pyarrow", "install stepc[parquet]") from None
    try:
        file = parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=2_000):
            for row in batch.to_pylist():
                yield {str(key): unpacked(value) for key, value in row.items() if value is not None}
    except (arrow.ArrowException, OSError) as error:
        raise TableError(f"{path} is no Parquet file that can be read: {str(error)[:200]}") from None


def unpacked(value: object) -> object:
    """A text that is a JSON object or list as that, anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "[") and len(value) <= 65_536:
        found = decoded(value.encode("utf-8", "replace"))
        return found if isinstance(found, (dict, list)) else value
    return value
