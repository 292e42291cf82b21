"""Steps on disk: one JSON line each, or a Parquet table, and `episodes.jsonl` with the labels beside them.

Files are written under a name of their own in the same folder and renamed when all is done; a run that fails or is stopped leaves nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Protocol

import msgspec

from stepc.runtime.functions import canonical
from stepc.runtime.run import AdapterModule, RanEpisode
from stepc.runtime.step import Json, Step

RESERVED: Final = ("source", "episode", "event", "step", "type")
"""What every line says of its step. A field of such a name is written with `_` behind it."""

ROWS: Final = 32_768
"""Steps of one row group."""

EPISODES: Final = "episodes.jsonl"

_BUFFER: Final = 1 << 20
_DEEPEST: Final = 200
_encode: Final = msgspec.json.Encoder().encode


class MissingLibraryError(ImportError):
    """A kind of output needs a library that is not installed; the message says how to get it."""


class Writer(Protocol):
    """Takes what a run yields. It is a sink as well, for the parts of long episodes."""

    def add(self, ran: RanEpisode) -> None:
        """An episode with the steps in hand, and its labels."""
        ...

    def part(self, ran: RanEpisode) -> None:
        """Steps of an episode that goes on."""
        ...


def _json(value: Any) -> bytes:
    """JSON of any value that a step or a label may hold, even one that only a live caller could have pushed."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, ValueError, TypeError, RecursionError, OverflowError):
        return _encode(_plain(_fields(value) if isinstance(value, Step) else value, 0))


def _fields(step: Step) -> dict[str, Any]:
    """A step as the encoder sees it, under names that are free on its line."""
    fields = {f"{name}_" if name in RESERVED else name: getattr(step, name) for name in step.__struct_fields__}
    return {"type": type(step).__struct_config__.tag, **fields}


def _plain(value: Any, depth: int) -> Json:
    """A value that every encoder takes: lone surrogates become U+FFFD, integers beyond 64 bits floats, what is nested too deep null."""
    if type(value) is str:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        try:
            return float(value)
        except OverflowError:
            return None
    if depth > _DEEPEST:
        return None
    if type(value) is dict:
        return {str(_plain(key, depth)): _plain(item, depth + 1) for key, item in value.items()}
    if type(value) is list or type(value) is tuple:
        return [_plain(item, depth + 1) for item in value]
    plain: Json = value
    return plain


class JsonLines:
    """Writes `{"source", "episode", "event", "step", "type", "at"?, …fields}` for every step to one stream, episodes to another."""

    def __init__(self, source: str, steps: BinaryIO, episodes: BinaryIO | None = None) -> None:
        self._head = b'{"source":' + _json(source) + b',"episode":'
        self._steps = steps
        self._episodes = episodes
        self._clashing: dict[type[Step], bool] = {}

    def part(self, ran: RanEpisode) -> None:
        """Write the steps in hand."""
        head = self._head + _json(ran.id) + b',"event":'
        lines: list[bytes] = []
        for event, number, step in ran.placed():
            clashes = self._clashing.get(type(step))
            if clashes is None:
                clashes = self._clashing[type(step)] = any(name in RESERVED for name in step.__struct_fields__)
            body = _json(_fields(step)) if clashes else _json(step)
            lines.append(b'%b%d,"step":%d,%b\n' % (head, event, number, body[1:]))
        self._steps.write(b"".join(lines))

    def add(self, ran: RanEpisode) -> None:
        """Write the steps in hand and the line of the episode."""
        if ran.steps:
            self.part(ran)
        if self._episodes is not None:
            self._episodes.write(episode_line(ran))


def episode_line(ran: RanEpisode) -> bytes:
    """`{"episode", "group", "labels", "meta", "dropped"?}` as a line."""
    line: dict[str, Any] = {"episode": ran.id, "group": ran.group, "labels": ran.labels, "meta": ran.meta}
    if ran.dropped:
        line["dropped"] = ran.dropped
    return _json(line) + b"\n"


class Parquet:
    """Writes all steps as one wide table, null where a step has no such field; JSON values are texts."""

    def __init__(self, source: str, module: AdapterModule, path: Path, episodes: BinaryIO) -> None:
        try:
            import pyarrow  # type: ignore[import-untyped]
            import pyarrow.parquet  # type: ignore[import-untyped]
        except ImportError:
            raise MissingLibraryError("Parquet needs pyarrow: pip install 'stepc[parquet]'") from None
        self._arrow = pyarrow
        self._source = source
        self._episodes = episodes
        self._columns = columns_of(module)
        types = {
            "text": pyarrow.string(),
            "json": pyarrow.string(),
            "int": pyarrow.int64(),
            "float": pyarrow.float64(),
            "bool": pyarrow.bool_(),
            "texts": pyarrow.list_(pyarrow.string()),
        }
        fixed = [
            ("source", pyarrow.string()),
            ("episode", pyarrow.string()),
            ("event", pyarrow.int64()),
            ("step", pyarrow.int64()),
            ("type", pyarrow.string()),
        ]
        fields = [(f"{name}_" if name in RESERVED else name, types[kind]) for name, kind in self._columns.items()]
        self._schema = pyarrow.schema(fixed + fields)
        self._rows: list[list[Any]] = [[] for _ in self._schema]
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def part(self, ran: RanEpisode) -> None:
        """Take the steps in hand; full row groups are written."""
        for event, number, step in ran.placed():
            rows = self._rows
            for column, value in zip(rows, (self._source, ran.id, event, number, type(step).__struct_config__.tag), strict=False):
                column.append(value)
            for column, (name, kind) in zip(rows[5:], self._columns.items(), strict=True):
                value = getattr(step, name, None)
                column.append(canonical(value) if kind == "json" and value is not None else value)
            if len(rows[0]) >= ROWS:
                self._flush()

    def add(self, ran: RanEpisode) -> None:
        """Take the steps in hand and write the line of the episode."""
        self.part(ran)
        self._episodes.write(episode_line(ran))

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if not self._rows[0]:
            return
        arrow = self._arrow
        try:
            arrays = [arrow.array(column, field.type) for column, field in zip(self._rows, self._schema, strict=True)]
        except (UnicodeEncodeError, OverflowError, arrow.ArrowException):
            arrays = [
                arrow.array([_plain(value, 0) for value in column], field.type)
                for column, field in zip(self._rows, self._schema, strict=True)
            ]
        self._writer.write_batch(arrow.record_batch(arrays, schema=self._schema))
        self._rows = [[] for _ in self._schema]


def columns_of(module: AdapterModule) -> dict[str, str]:
    """The fields of all step types of a module, in order, as `text`, `int`, `float`, `bool`, `texts` or `json`.

    A field that two step types declare with different types is `json`.
    """
    found: dict[str, str] = {}
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Step) and value is not Step:
            information = msgspec.inspect.type_info(value)
            assert isinstance(information, msgspec.inspect.StructType)
            for field in information.fields:
                kind = _kind(field.type)
                found[field.name] = kind if found.get(field.name, kind) == kind else "json"
    if "at" in found:
        found = {"at": found.pop("at"), **found}
    return found


def _kind(given: msgspec.inspect.Type) -> str:
    inspect = msgspec.inspect
    if isinstance(given, inspect.UnionType):
        others = [item for item in given.types if not isinstance(item, inspect.NoneType)]
        return _kind(others[0]) if len(others) == 1 else "json"
    if isinstance(given, inspect.StrType) or (
        isinstance(given, inspect.LiteralType) and all(isinstance(item, str) for item in given.values)
    ):
        return "text"
    if isinstance(given, inspect.IntType):
        return "int"
    if isinstance(given, inspect.FloatType):
        return "float"
    if isinstance(given, inspect.BoolType):
        return "bool"
    if isinstance(given, inspect.ListType) and _kind(given.item_type) == "text":
        return "texts"
    return "json"


class _Pending:
    """A file under a name of its own until it is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._discard()

    def open(self) -> BinaryIO:
        return self.temporary.open("xb", buffering=_BUFFER)

    def keep(self) -> None:
        self.temporary.replace(self.path)

    def _discard(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.temporary.unlink()

    def __enter__(self) -> _Pending:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._discard()


@contextlib.contextmanager
def written(path: str | Path, module: AdapterModule) -> Iterator[Writer]:
    """A writer for the steps of a run: Parquet for a path that ends in `.parquet`, else JSON lines; `episodes.jsonl` lies beside it.

    When the block ends both files are put in place; when it is left by an exception, Ctrl-C included, none is.
    Raises MissingLibraryError, OSError, and ValueError for a path that is taken by the episodes.
    """
    path = Path(path)
    if path.name == EPISODES:
        raise ValueError(f"{EPISODES} is written beside the steps: give them another name")
    source = module.SOURCE.name
    with _Pending(path) as steps, _Pending(path.with_name(EPISODES)) as episodes:
        with episodes.open() as beside:
            if path.suffix == ".parquet":
                table = Parquet(source, module, steps.temporary, beside)
                try:
                    yield table
                finally:
                    table.close()
            else:
                with steps.open() as stream:
                    yield JsonLines(source, stream, beside)
        steps.keep()
        episodes.keep()
