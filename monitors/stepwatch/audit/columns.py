"""Records to columns: for each field the traits that are tried, one number a run each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.atoms import AtomKind
from stepwatch.audit.collect import FRACTIONS, Collector, FieldNames, FieldRecord, RunRecord
from stepwatch.audit.model import Settings, View

Mode = Literal["seen", "now", "number"]
"""`seen`: the atom has occurred so far. `now`: it is so the latest time the field was told. `number`: the latest value of a number."""

EARLIER: frozenset[View] = frozenset({"25%", "50%", "75%", "before"})
STEP_VIEWS: tuple[View, ...] = ("25%", "50%", "75%", "before", "last", "100%")
NOW_BIT: dict[View, int] = {"25%": 1, "50%": 2, "75%": 4, "before": 8, "last": 16, "100%": 16}
NUMBER_PLACE: dict[View, int] = {"25%": 0, "50%": 1, "75%": 2, "before": 3, "last": 4, "100%": 4}
TRIED: dict[tuple[str, Mode], tuple[View, ...]] = {
    ("value", "seen"): ("25%", "50%", "before", "100%"),
    ("value", "now"): ("last", "before", "50%"),
    ("shape", "seen"): ("50%", "before", "100%"),
    ("shape", "now"): ("last", "before"),
    ("key", "seen"): ("50%", "before", "100%"),
    ("key", "now"): ("last",),
    ("word", "seen"): ("25%", "before", "100%"),
    ("word", "now"): ("last",),
    ("spoken", "seen"): ("25%", "before", "100%"),
    ("spoken", "now"): ("last", "before"),
    ("number", "number"): ("last", "before", "50%"),
}
KINDS: tuple[AtomKind, ...] = ("value", "shape", "key", "spoken", "word")
"""The order in which traits are tried: of two that say the same the earlier one is kept, being the plainer to read."""
MOST_ATOMS_TRIED: dict[AtomKind, int] = {"value": 120, "shape": 10, "key": 60, "word": 150, "spoken": 80}
COUNTER_SHARE = 0.9
MERELY_TOLD = 0.97
"""An atom that is so in nearly all runs that have told its field by then says only that they have, which is their length."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Which trait of a field a column holds: an atom or a number, how it is read, and on which part of the run."""

    kind: AtomKind | Literal["number"]
    text: str
    mode: Mode
    view: View
    atom: int = -1


@dataclass(slots=True)
class Frame:
    """The runs of an audit as arrays: `labels` (0/1), `groups` (codes), `length_bin` (codes), `strata` (codes by name)."""

    ids: list[str]
    labels: NDArray[np.float32]
    groups: NDArray[np.int64]
    steps: NDArray[np.int64]
    cuts: NDArray[np.int64]
    length_bin: NDArray[np.int64]
    strata: dict[str, NDArray[np.int64]]

    @property
    def runs(self) -> int:
        """How many runs."""
        return len(self.ids)


@dataclass(slots=True)
class FieldColumns:
    """One field over all runs. `last_step` is the step that told it last (-1: the run as a whole, -2: never told), `first_step` the one
    that told it first, `repeated` whether it was told more than once; `counter` whether a number in it only ever rises."""

    names: FieldNames
    first_step: NDArray[np.int64]
    last_step: NDArray[np.int64]
    repeated: NDArray[np.bool_]
    counter: bool
    flat: Flat

    @property
    def runs(self) -> int:
        """How many runs tell the field."""
        return int((self.last_step > -2).sum())


@dataclass(slots=True)
class Flat:
    """All frequent atoms of a field, one row an atom and run, sorted by atom (rows of atom i: `starts[i]` to `starts[i + 1]`);
    numbers as runs × five points."""

    atom: NDArray[np.int32]
    run: NDArray[np.int32]
    first: NDArray[np.int32]
    now: NDArray[np.uint8]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    numbers: dict[str, NDArray[np.float32]]


def frame_of(records: list[RunRecord]) -> Frame:
    """Arrays over the runs, in the order given."""
    steps = np.array([record.steps for record in records], dtype=np.int64)
    groups = codes([f"g{record.group}" if record.group is not None else f"r{index}" for index, record in enumerate(records)])
    cuts = np.maximum(1, np.round(steps[:, None] * np.array(FRACTIONS)[None, :])).astype(np.int64)
    names = sorted({name for record in records for name in record.strata})
    strata = {}
    for name in names:
        coded = codes([record.strata.get(name, "") for record in records])
        distinct = int(coded.max()) + 1
        if 2 <= distinct <= 30 and len(records) >= 15 * distinct:
            strata[name] = coded
    return Frame(
        ids=[record.id for record in records],
        labels=np.array([record.label for record in records], dtype=np.float32),
        groups=groups,
        steps=steps,
        cuts=cuts,
        length_bin=quantile_bins(steps, 8),
        strata=strata,
    )


def codes(values: list[str]) -> NDArray[np.int64]:
    """Integer codes of strings, in sorted order of the strings."""
    known = {value: code for code, value in enumerate(sorted(set(values)))}
    return np.array([known[value] for value in values], dtype=np.int64)


def quantile_bins(values: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    """Codes of roughly equal-sized bins; equal values share a bin."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
    return np.searchsorted(edges, values, side="left").astype(np.int64)


def field_columns(number: int, collector: Collector, records: list[RunRecord], settings: Settings) -> FieldColumns | None:
    """One field put end to end; None when too few runs tell it."""
    shown = [(index, record.fields[number]) for index, record in enumerate(records) if number in record.fields]
    least = support(settings, len(records))
    if len(shown) < least:
        return None
    last_step = np.full(len(records), -2, dtype=np.int64)
    first_step = np.full(len(records), -2, dtype=np.int64)
    repeated = np.zeros(len(records), dtype=np.bool_)
    for index, found in shown:
        first_step[index], last_step[index] = found.first_step, found.last_step
        repeated[index] = found.occurrences > 1
    names = collector.fields[number]
    return FieldColumns(names, first_step, last_step, repeated, is_counter(shown), flatten(shown, len(records), len(names.atoms), least))


def support(settings: Settings, runs: int) -> int:
    """Runs that a trait must occur in, and be missing from, to be tried: rare ones can prove nothing and cost power."""
    return max(settings.least_support, runs // 200)


def flatten(shown: list[tuple[int, FieldRecord]], runs: int, atoms: int, least: int) -> Flat:
    """Put the records of one field end to end, sorted by atom, without the atoms that fewer than `least` runs show."""
    atom = np.concatenate([found.atoms for _, found in shown])
    counts = np.bincount(atom, minlength=atoms)
    run = np.repeat(np.array([index for index, _ in shown], dtype=np.int32), [len(found.atoms) for _, found in shown])
    first = np.concatenate([found.first for _, found in shown])
    now = np.concatenate([found.now for _, found in shown])
    frequent = np.flatnonzero(counts[atom] >= least)
    order = frequent[np.argsort(atom[frequent], kind="stable")]
    atom = atom[order]
    numbers: dict[str, NDArray[np.float32]] = {}
    for index, found in shown:
        for name, told in found.numbers.items():
            if name not in numbers:
                numbers[name] = np.full((runs, 5), np.nan, dtype=np.float32)
            numbers[name][index] = told.now
    return Flat(atom, run[order], first[order], now[order], counts, np.searchsorted(atom, np.arange(atoms + 1)), numbers)


def is_counter(shown: list[tuple[int, FieldRecord]]) -> bool:
    """Whether a number of the field only ever rises within a run, in nearly every run that tells it three times or more."""
    long = [found for _, found in shown if found.occurrences >= 3]
    if len(long) < 5:
        return False
    rising = sum(any(told.rises for name, told in found.numbers.items() if name != "length") for found in long)
    return rising >= COUNTER_SHARE * len(long)


def tried_traits(field: FieldColumns, least: int) -> list[Trait]:
    """The traits of one field that enough runs show, bounded by kind, most frequent first."""
    by_kind: dict[AtomKind, list[tuple[int, int, str]]] = {}
    for (kind, text), number in field.names.atoms.items():
        count = int(field.flat.counts[number])
        if count >= least and not (field.counter and kind == "value"):
            by_kind.setdefault(kind, []).append((-count, number, text))
    run_scope = field.names.scope == "run"
    traits: list[Trait] = []
    for kind in KINDS:
        for _, number, text in sorted(by_kind.get(kind, []))[: MOST_ATOMS_TRIED[kind]]:
            if run_scope:
                traits.append(Trait(kind, text, "now", "100%", number))
                continue
            both: tuple[Mode, Mode] = ("now", "seen")
            tried = [Trait(kind, text, mode, view, number) for mode in both for view in TRIED[kind, mode]]
            traits.extend(sorted(tried, key=lambda trait: STEP_VIEWS.index(trait.view)))
    for name, points in sorted(field.flat.numbers.items()):
        if int(np.isfinite(points[:, 4]).sum()) >= 2 * least:
            views: tuple[View, ...] = ("100%",) if run_scope else ("last",) if field.counter else TRIED["number", "number"]
            traits.extend(Trait("number", name, "number", view) for view in views)
    return traits


def tried_columns(field: FieldColumns, frame: Frame, settings: Settings) -> tuple[list[Trait], NDArray[np.float32]]:
    """The traits of a field worth trying and their columns (runs × traits), without those that hardly vary and those that say the same
    as one before (the end of a run and what precedes it are kept apart)."""
    least = support(settings, frame.runs)
    seen: set[tuple[bool, bytes]] = set()
    kept: list[Trait] = []
    columns: list[NDArray[np.float32]] = []
    for trait in tried_traits(field, least):
        column = column_of(trait, field, frame)
        if trait.kind == "number":
            finite = column[np.isfinite(column)]
            if len(finite) < 2 * least or float(finite.min()) == float(finite.max()):
                continue
        else:
            total = int(column.sum())
            if total < least or frame.runs - total < least or total >= MERELY_TOLD * told_by(trait.view, field, frame):
                continue
        key = (trait.view in EARLIER, column.tobytes())
        if key not in seen:
            seen.add(key)
            kept.append(trait)
            columns.append(column)
    return kept, np.stack(columns, axis=1) if columns else np.zeros((frame.runs, 0), dtype=np.float32)


def told_by(view: View, field: FieldColumns, frame: Frame) -> float:
    """How many runs have told the field by then; for the end of a run, where being told at all says something, no bound."""
    if view == "before":
        return float(field.repeated.sum())
    if view not in EARLIER:
        return float("inf")
    cuts = frame.cuts[:, FRACTIONS.index(int(view[:-1]) / 100)]
    return float(((field.first_step > -2) & (field.first_step < cuts)).sum())


def column_of(trait: Trait, field: FieldColumns, frame: Frame) -> NDArray[np.float32]:
    """One trait over all runs: 0 or 1 for an atom, the value or NaN for a number."""
    flat = field.flat
    if trait.kind == "number":
        return np.ascontiguousarray(flat.numbers[trait.text][:, NUMBER_PLACE[trait.view]])
    rows = slice(int(flat.starts[trait.atom]), int(flat.starts[trait.atom + 1]))
    run, column = flat.run[rows], np.zeros(frame.runs, dtype=np.float32)
    if trait.mode == "now" or trait.view == "last":
        so = (flat.now[rows] & NOW_BIT[trait.view]) > 0
    elif trait.view == "100%":
        so = np.ones(len(run), dtype=np.bool_)
    elif trait.view == "before":
        so = flat.first[rows] < field.last_step[run]
    else:
        so = flat.first[rows] < frame.cuts[run, FRACTIONS.index(int(trait.view[:-1]) / 100)]
    column[run[so]] = 1.0
    return column


def first_step(trait: Trait, run: int, field: FieldColumns) -> int | None:
    """The step of a run at which a trait can be looked at; None for what concerns the run as a whole."""
    last = int(field.last_step[run])
    if last < 0:
        return None
    if trait.kind == "number" or trait.mode == "now":
        return last
    flat = field.flat
    rows = slice(int(flat.starts[trait.atom]), int(flat.starts[trait.atom + 1]))
    at = np.flatnonzero(flat.run[rows] == run)
    return int(flat.first[rows][at[0]]) if len(at) else last
