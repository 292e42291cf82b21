"""Labels handed over apart from the traces: a CSV file of episode ids and what became of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from stepc.runtime.step import Json

_TRUE: Final = frozenset({"true", "yes", "1", "1.0"})
_FALSE: Final = frozenset({"false", "no", "0", "0.0"})
_NOTHING: Final = frozenset({"", "null", "none", "na", "n/a", "nan"})


class OutcomesError(ValueError):
    """A file of labels that cannot be used; the message says where and why."""


class Outcomes:
    """Labels by episode id.

    Counts what `apply` does: `used` episodes with a row, `conflicts` values that differ from what the trace says, `repeated` rows whose id
    came before (the last one counts). `unused` ids met no episode.
    """

    __slots__ = ("_lines", "_met", "_rows", "conflicts", "labels", "repeated", "used")

    def __init__(
        self, labels: Iterable[str], rows: Mapping[str, dict[str, Json]], repeated: int = 0, lines: Mapping[str, int] | None = None
    ) -> None:
        self.labels = tuple(labels)
        self.repeated = repeated
        self.used = 0
        self.conflicts: dict[str, int] = {}
        self._rows = rows
        self._lines = lines or {}
        self._met: set[str] = set()

    @property
    def rows(self) -> int:
        """How many ids the file has."""
        return len(self._rows)

    @property
    def unused(self) -> int:
        """How many ids of the file met no episode."""
        return len(self._rows) - len(self._met)

    def other_than_truth(self, label: str) -> tuple[int, Json] | None:
        """The first value of a label that is neither true nor false nor absent, with its row in the file; None where there is none."""
        for id, row in self._rows.items():
            value = row[label]
            if value is not None and not isinstance(value, bool) and str(value).strip().lower() not in _TRUE | _FALSE:
                return self._lines.get(id, 0), value
        return None

    def apply(self, id: str, labels: dict[str, Json]) -> dict[str, Json]:
        """The labels of an episode with those of the file, which win; an empty cell leaves what the trace says."""
        row = self._rows.get(id)
        if row is None:
            return labels
        self.used += 1
        self._met.add(id)
        merged = dict(labels)
        for name, value in row.items():
            if value is None:
                continue
            before = merged.get(name)
            if before is not None and before != value:
                self.conflicts[name] = self.conflicts.get(name, 0) + 1
            merged[name] = value
        return merged


def read_outcomes(path: str | Path) -> Outcomes:
    """The labels of a file with the header `id,<label>[,…]`.

    A column of true and false (or yes and no, 1 and 0) holds truth values, one of numbers numbers, any other texts; an empty cell says
    nothing. Raises OutcomesError.
    """
    name = Path(path).name
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return _parsed(csv.reader(file, strict=True), name)
    except OSError as problem:
        raise OutcomesError(f"{name}: {problem.strerror or problem}") from None
    except UnicodeDecodeError as problem:
        raise OutcomesError(f"{name}: not UTF-8 at byte {problem.start}") from None
    except csv.Error as problem:
        raise OutcomesError(f"{name}: not a CSV file: {problem}") from None


def _parsed(reader: Iterable[list[str]], name: str) -> Outcomes:
    header: list[str] = []
    cells: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    repeated = 0
    for number, row in enumerate(reader, 1):
        if not row:
            continue
        if not header:
            header = [cell.strip() for cell in row]
            if header[0] != "id" or len(header) < 2 or len(set(header)) < len(header) or "" in header:
                raise OutcomesError(f"{name}: the first line must be `id,<label>[,…]`, with a name of its own for every label")
            continue
        if len(row) != len(header):
            raise OutcomesError(f"{name}, row {number}: {len(row)} cells, but the header has {len(header)}")
        repeated += row[0] in cells
        cells[row[0]], lines[row[0]] = row[1:], number
    if not header:
        raise OutcomesError(f"{name}: empty")
    columns = [_column([row[index] for row in cells.values()]) for index in range(len(header) - 1)]
    rows: dict[str, dict[str, Json]] = {}
    for place, id in enumerate(cells):
        rows[id] = {label: column[place] for label, column in zip(header[1:], columns, strict=True)}
    return Outcomes(header[1:], rows, repeated, lines)


def _column(cells: list[str]) -> list[Json]:
    words = [cell.strip().lower() for cell in cells]
    said = {word for word in words if word not in _NOTHING}
    if said <= _TRUE | _FALSE:
        return [None if word in _NOTHING else word in _TRUE for word in words]
    try:
        return [None if word in _NOTHING else float(word) for word in words]
    except ValueError:
        return [None if word in _NOTHING else cell for word, cell in zip(words, cells, strict=True)]
