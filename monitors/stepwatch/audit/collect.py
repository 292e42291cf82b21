"""Runs in, one compact record each: what every field said first, at a few points of the run, and last.

Runs come one at a time and their steps are let go at once. Above the step budget runs are kept by the hash of their id, so that the
sample depends on the data alone, neither on their order nor on luck.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.atoms import Atom, Facts, facts, leaves
from stepwatch.audit.model import Run, Settings, StepRow

FRACTIONS = (0.25, 0.5, 0.75)
NOW_25, NOW_50, NOW_75, NOW_BEFORE, NOW_LAST = 1, 2, 4, 8, 16
ALL_NOW = 31
MOST_FIELDS = 400
MOST_ATOMS = 100_000
MOST_CACHED = 50_000
ID_WORD = re.compile(r"[A-Za-z]{2,40}")
ID_NUMBER = re.compile(r"\d{1,15}")


@dataclass(slots=True)
class NumberRecord:
    """A number of one field in one run: its latest value at the three fractions, before the last time and the last time."""

    now: tuple[float, float, float, float, float]
    rises: bool


@dataclass(slots=True)
class FieldRecord:
    """One field in one run, told at `first_step` first and at `last_step` last.

    `first[i]` is the step at which `atoms[i]` was first so; the bits of `now[i]` say when it was so latest.
    """

    first_step: int
    last_step: int
    occurrences: int
    atoms: NDArray[np.int32]
    first: NDArray[np.int32]
    now: NDArray[np.uint8]
    numbers: dict[str, NumberRecord]


@dataclass(slots=True)
class RunRecord:
    """One labelled run without its steps."""

    id: str
    order: int
    label: bool
    group: str | None
    strata: dict[str, str]
    steps: int
    fields: dict[int, FieldRecord]


@dataclass(slots=True)
class FieldNames:
    """A field's name and the atoms met in it so far. `scope` is `run` for what is no field of a step: ids, order, counters."""

    name: str
    scope: str
    atoms: dict[Atom, int] = field(default_factory=dict)


Occurrence = tuple[int, tuple[int, ...], tuple[tuple[str, float], ...]]


class Collector:
    """Takes runs, keeps records. `add` is linear in the run and its state is bounded by the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.records: dict[int, RunRecord] = {}
        self.fields: list[FieldNames] = []
        self.offered = 0
        self.unlabelled = 0
        self.ungrouped = 0
        self.fields_left_out: set[str] = set()
        self._by_name: dict[str, int] = {}
        self._queue: list[tuple[int, int]] = []
        self._refuse_from = 1 << 64
        self._kept_steps = 0
        self._cache: dict[object, Facts] = {}

    @property
    def kept_steps(self) -> int:
        """Steps of the runs kept so far."""
        return self._kept_steps

    def add(self, run: Run) -> None:
        """Record one run, or leave it out: no label, no steps, or outside the sample."""
        order = self.offered
        self.offered += 1
        if run.label is None or not run.steps:
            self.unlabelled += 1
            return
        if run.group is None:
            self.ungrouped += 1
        key = sample_key(run.id)
        if key >= self._refuse_from:
            return
        self.records[order] = self._record(run, order, run.label)
        self._kept_steps += len(run.steps)
        heapq.heappush(self._queue, (-key, order))
        while self._kept_steps > self.settings.steps and len(self._queue) > 1:
            largest, out = heapq.heappop(self._queue)
            self._refuse_from = min(self._refuse_from, -largest)
            self._kept_steps -= self.records.pop(out).steps

    def _record(self, run: Run, order: int, label: bool) -> RunRecord:
        steps = run.steps
        occurrences: dict[int, list[Occurrence]] = {}
        for index, step in bounded(steps, self.settings.steps_per_run):
            self._read_step(index, step, occurrences)
        cuts = [max(1, round(len(steps) * fraction)) for fraction in FRACTIONS]
        records = {number: field_record(found, cuts) for number, found in sorted(occurrences.items())}
        self._read_run(run, order, records)
        return RunRecord(run.id, order, label, run.group, dict(run.strata), len(steps), records)

    def _read_step(self, index: int, step: StepRow, occurrences: dict[int, list[Occurrence]]) -> None:
        together: dict[int, tuple[list[int], list[tuple[str, float]]]] = {}
        for name, value in step.fields.items():
            full = f"{step.type}.{name}" if step.type else name
            for path, leaf in leaves(full, value):
                number = self._field(path)
                if number is None:
                    continue
                said = self._facts(leaf)
                atoms, numbers = together.setdefault(number, ([], []))
                atoms.extend(self._intern(number, said.atoms))
                numbers.extend(said.numbers)
        for number, (atoms, numbers) in together.items():
            occurrences.setdefault(number, []).append((index, tuple(atoms), tuple(numbers)))

    def _read_run(self, run: Run, order: int, records: dict[int, FieldRecord]) -> None:
        steps = run.steps
        counts: dict[str, int] = {}
        for step in steps:
            counts[step.type] = counts.get(step.type, 0) + 1
        self._put(records, "run.steps", (("value", str(len(steps))),), (("length", float(len(steps))),))
        events = {step.event for step in steps if step.event is not None}
        if events:
            self._put(records, "run.events", (("value", str(len(events))),), (("length", float(len(events))),))
        for kind, count in sorted(counts.items()):
            if kind:
                self._put(records, f"run.steps of type {kind}", (("shape", "present"),), (("length", float(count)),))
        if steps[-1].type:
            self._put(records, "run.type of the last step", (("value", steps[-1].type),), ())
        times = [step.at for step in steps if step.at is not None]
        if times:
            self._put(records, "run.start time", (), (("time", times[0]),))
            self._put(records, "run.duration", (), (("length", times[-1] - times[0]),))
        atoms: list[Atom] = [("word", word.lower()) for word in dict.fromkeys(ID_WORD.findall(run.id[:400]))]
        found = ID_NUMBER.findall(run.id[:400])
        numbers = [("last number in it", float(found[-1]))] if found else []
        if found and int(found[-1]) % 2:
            atoms.append(("shape", "odd"))
        self._put(records, "run.id", tuple(atoms), tuple(numbers))
        self._put(records, "run.order in the data", (("shape", "odd"),) if order % 2 else (), (("order", float(order)),))

    def _put(self, records: dict[int, FieldRecord], name: str, atoms: tuple[Atom, ...], numbers: tuple[tuple[str, float], ...]) -> None:
        number = self._field(name, "run")
        if number is None:
            return
        interned = np.array(sorted(set(self._intern(number, atoms))), dtype=np.int32)
        records[number] = FieldRecord(
            first_step=-1,
            last_step=-1,
            occurrences=1,
            atoms=interned,
            first=np.full(len(interned), -1, dtype=np.int32),
            now=np.full(len(interned), ALL_NOW, dtype=np.uint8),
            numbers={key: NumberRecord((value, value, value, value, value), False) for key, value in numbers},
        )

    def _field(self, name: str, scope: str = "step") -> int | None:
        number = self._by_name.get(name)
        if number is None:
            if len(self.fields) >= MOST_FIELDS and scope == "step":
                if len(self.fields_left_out) < MOST_FIELDS:
                    self.fields_left_out.add(name)
                return None
            number = self._by_name[name] = len(self.fields)
            self.fields.append(FieldNames(name, scope))
        return number

    def _facts(self, leaf: object) -> Facts:
        if isinstance(leaf, str) and len(leaf) > 200:
            return facts(leaf)
        key = (type(leaf), leaf)
        try:
            said = self._cache.get(key)
        except TypeError:
            return facts(leaf)
        if said is None:
            said = facts(leaf)
            if len(self._cache) < MOST_CACHED:
                self._cache[key] = said
        return said

    def _intern(self, number: int, atoms: Sequence[Atom]) -> list[int]:
        known = self.fields[number].atoms
        ids = []
        for atom in atoms:
            found = known.get(atom)
            if found is None:
                if len(known) >= MOST_ATOMS:
                    continue
                found = known[atom] = len(known)
            ids.append(found)
        return ids


def sample_key(identity: str) -> int:
    """A number that decides whether a run is in the sample: a hash of its id."""
    return int.from_bytes(hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def bounded(steps: Sequence[StepRow], most: int) -> Iterable[tuple[int, StepRow]]:
    """The steps with their indexes; of a run longer than `most` three quarters from its head and one from its tail."""
    if len(steps) <= most:
        return enumerate(steps)
    tail = most // 4
    kept = [*range(most - tail), *range(len(steps) - tail, len(steps))]
    return ((index, steps[index]) for index in kept)


def field_record(found: list[Occurrence], cuts: Sequence[int]) -> FieldRecord:
    """Fold the occurrences of one field in one run, in order, into a record."""
    first: dict[int, int] = {}
    for index, atoms, _ in found:
        for atom in atoms:
            if atom not in first:
                first[atom] = index
    latest = [max((place for place, (index, _, _) in enumerate(found) if index < cut), default=-1) for cut in cuts]
    latest += [len(found) - 2, len(found) - 1]
    now = dict.fromkeys(first, 0)
    for bit, place in zip((NOW_25, NOW_50, NOW_75, NOW_BEFORE, NOW_LAST), latest, strict=True):
        if place >= 0:
            for atom in found[place][1]:
                now[atom] |= bit
    return FieldRecord(
        first_step=found[0][0],
        last_step=found[-1][0],
        occurrences=len(found),
        atoms=np.fromiter(first, dtype=np.int32, count=len(first)),
        first=np.fromiter(first.values(), dtype=np.int32, count=len(first)),
        now=np.fromiter((now[atom] for atom in first), dtype=np.uint8, count=len(first)),
        numbers=number_records(found, latest),
    )


def number_records(found: list[Occurrence], latest: Sequence[int]) -> dict[str, NumberRecord]:
    """The latest value of each number at each point, and whether it only ever rose."""
    series: dict[str, list[tuple[int, float]]] = {}
    for place, (_, _, numbers) in enumerate(found):
        for name, value in numbers:
            series.setdefault(name, []).append((place, value))
    records = {}
    for name, values in series.items():
        points = []
        for place in latest:
            known = [value for at, value in values if at <= place]
            points.append(known[-1] if known else float("nan"))
        rises = len(values) >= 3 and values[0][1] < values[-1][1] and all(a[1] <= b[1] for a, b in pairwise(values))
        records[name] = NumberRecord((points[0], points[1], points[2], points[3], points[4]), rises)
    return records
