"""The decision points that everything is judged on, as columns: once read, each figure, control and rival sees the very same prefixes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from stepwatch import dense, facts, tokens
from stepwatch.metrics.levels import Floats, Integers
from stepwatch.model import Model
from stepwatch.plan import Plan, group_of
from stepwatch.rules import Rules
from stepwatch.training.data import UNSEEN, Ran, points
from stepwatch.training.targets import TRUNCATED, surviving

Flags = NDArray[np.bool_]

WORD_BUCKETS: Final = 1 << 14
MOST_WORDS: Final = 1_000
"""Words of one decision point that the raw-text control reads."""
COLUMNS: Final = ("run", "index", "left", "step", "steps", "characters", "status", "history", "recent")
SCORED: Final = ("score", "risk", "shuffled", "states")
RECENT: Final = 5
"""Points that `recent` looks back."""
MOST_VALUES: Final = 30
"""Different values of a fact of meta by which figures are told apart."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that is judged.

    label      whether it failed; None: not known (`censored`: because it was cut off)
    facts      what `meta` says in few words: for controls and for figures by part
    length     number of decision points
    decisive   the decision point at which people say it was decided, from 1 on; 0: nobody said
    """

    id: str
    group: str
    label: bool | None
    censored: bool
    facts: Mapping[str, str]
    length: int
    decisive: int = 0


@dataclass(frozen=True)
class Cases:
    """All decision points of some runs, run after run.

    run, index, left   the place of the point's run in `runs`; its number from 1 on; how many points follow
    step       the index of the last step that was there, as `stepc run` numbers steps
    steps, characters   how many steps there were so far, and characters in them
    status     what the last step that has a flag said: 1 an error, 0 none, -1 no step had a flag yet
    history    a number for the typed keys so far: equal histories have equal numbers
    recent     numbers of the typed keys of the last points, the latest first, -1 where there was none
    words      the words of each point's steps, for the raw-text control; empty when they were not wanted
    symbols    by symboliser the symbol of each point
    score, risk   the monitor's logit and probability; empty without a model
    held       by rule of the plan, whether it held at the end of an event since the point before
    states     the state of an automaton that stands for the monitor, after each point; empty without one. It reads `symbols["automaton"]`
    shuffled   at some points, the monitor's logit when the points up to there come in another order; NaN elsewhere
    """

    label: str
    horizon: int | None
    runs: tuple[Subject, ...]
    run: Integers
    index: Integers
    left: Integers
    step: Integers
    steps: Integers
    characters: Integers
    status: Integers
    history: Integers
    recent: Integers
    words: tuple[NDArray[np.uint16], ...]
    symbols: Mapping[str, Integers]
    score: Floats
    risk: Floats
    shuffled: Floats
    states: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    held: Mapping[str, Flags] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.run)

    @property
    def failed(self) -> Flags:
        """Whether the point's run failed; False where that is not known."""
        return np.array([one.label is True for one in self.runs], dtype=np.bool_)[self.run]

    @property
    def known(self) -> Flags:
        """Whether the label of a point is known: of a run that was cut off after Z points, `within h` is so up to the point Z - h."""
        told = np.array([one.label is not None for one in self.runs], dtype=np.bool_)[self.run]
        if self.horizon is None:
            return told
        cut = np.array([one.censored for one in self.runs], dtype=np.bool_)[self.run]
        return told | (cut & (self.left >= self.horizon))

    @property
    def truth(self) -> Floats:
        """1 where what is predicted comes true."""
        positive = self.failed if self.horizon is None else self.failed & (self.left <= self.horizon)
        return positive.astype(np.float64)

    @property
    def groups(self) -> NDArray[np.str_]:
        """The group of each point's run."""
        return np.array([one.group for one in self.runs])[self.run]

    @property
    def lengths(self) -> Integers:
        """The number of points of each run."""
        return np.array([one.length for one in self.runs], dtype=np.int64)

    @property
    def per_run(self) -> Floats:
        """Weights under which each run counts once."""
        return 1.0 / np.bincount(self.run, minlength=len(self.runs))[self.run]

    def weights(self) -> Floats | None:
        """Weights that stand for runs that were cut off (inverse probability of censoring); None where none was."""
        cut = np.array([one.label is None for one in self.runs], dtype=np.bool_)
        if not cut.any() or cut.all():
            return None
        made = np.where(cut, 1.0, 1.0 / surviving(self.lengths, cut))
        return np.asarray(np.minimum(made, np.quantile(made[~cut], TRUNCATED))[self.run])

    def fact(self, name: str) -> NDArray[np.str_]:
        """A fact of meta for each point."""
        return np.array([one.facts.get(name, "") for one in self.runs])[self.run]

    def take(self, runs: Flags) -> Cases:
        """Only some of the runs."""
        made = self.points(np.asarray(runs)[self.run])
        numbers = np.cumsum(runs) - 1
        return replace(made, runs=tuple(one for one, wanted in zip(self.runs, runs, strict=True) if wanted), run=numbers[made.run])

    def points(self, kept: Flags) -> Cases:
        """Only some of the points. Runs and their lengths stay what they are."""
        rows = np.flatnonzero(kept)
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in COLUMNS},
            words=tuple(self.words[row] for row in rows) if self.words else (),
            symbols={name: values[rows] for name, values in self.symbols.items()},
            held={name: values[rows] for name, values in self.held.items()},
            **{name: getattr(self, name)[rows] for name in SCORED if len(getattr(self, name))},
        )

    def fingerprint(self) -> str:
        """Tells prefixes of one reading from those of another: ids, groups, labels, lengths and places."""
        told = hashlib.sha256()
        for one in self.runs:
            told.update(repr((one.id, one.group, one.label, one.censored, one.length)).encode("utf-8", "replace"))
        told.update(self.step.astype("<i8").tobytes())
        return told.hexdigest()


class Reader:
    """Reads episodes into columns.

    plan    says what a decision point is, what is predicted, and which rules there are
    model   scores the points on the way, where there is one
    words   whether the words of steps are kept, for the raw-text control
    shuffles   at how many points of each run the model is asked again, with the points up to there in another order
    """

    def __init__(self, plan: Plan, model: Model | None = None, *, words: bool = True, shuffles: int = 2, seed: int = 7) -> None:
        self.plan = plan
        self.model = model
        self.words = words
        self.shuffles = shuffles if model is not None else 0
        self.seed = seed
        self.counts = dict.fromkeys(("offered", "dropped", "without_label", "without_points", "without_group", "kept"), 0)
        self._rules = Rules(plan)
        self._flags = tuple(sorted({one.field for one in plan.features if True in one.values}))
        self._runs: list[Subject] = []
        self._columns: dict[str, list[Any]] = {}
        self._spelled: dict[str, int] = {}

    def add(self, ran: Ran, censored: bool = False, decisive_step: int | None = None) -> bool:
        """Take in an episode; False when there is nothing to judge. `decisive_step`: the index of the step that decided it."""
        self.counts["offered"] += 1
        label = ran.labels.get(self.plan.label)
        reason = "dropped" if ran.dropped else "without_label" if not isinstance(label, bool) and not censored else ""
        cut = [] if reason else list(points(self.plan, ran.steps, ran.ends))
        if reason or not cut:
            self.counts[reason or "without_points"] += 1
            return False
        group = group_of(self.plan, ran.id, ran.group, ran.meta)
        self.counts["without_group"] += not group
        self.counts["kept"] += 1
        ends = np.cumsum([len(steps) for steps in cut])
        decisive = 0
        if decisive_step is not None:
            decisive = min(int(np.searchsorted(ends - 1, decisive_step)) + 1, len(cut))
        number = len(self._runs)
        known = {name: str(value)[:60] for name, value in sorted(ran.meta.items()) if isinstance(value, (str, bool, int))}
        self._runs.append(
            Subject(
                ran.id,
                group or f"run {ran.id}",
                None if censored else bool(label),
                censored,
                known,
                len(cut),
                decisive,
            )
        )
        self._points(number, cut, ends, self._held(ran, ends))
        return True

    def _held(self, ran: Ran, ends: Integers) -> list[dict[str, bool]]:
        """By point the rules that held at the end of an event since the point before; what comes after the last point counts there."""
        found = [dict.fromkeys([rule.name for rule in self.plan.rules], False) for _ in ends]
        state, at = self._rules.begin(), 0
        for end in (*ran.ends, len(ran.steps)) if self.plan.rules else ():
            self._rules.take(state, ran.steps[at:end])
            point = min(int(np.searchsorted(ends, end)), len(ends) - 1)
            for rule in self._rules.holding(state) if end > at else ():
                found[point][rule.name] = True
            at = end
        return found

    def _points(self, number: int, cut: Sequence[Sequence[Any]], ends: Integers, held: Sequence[Mapping[str, bool]]) -> None:
        model, columns = self.model, self._columns
        state = model.begin() if model is not None else None
        again = self._again(self._runs[number].id, cut)
        history, characters, status = 0, 0, -1
        recent = [-1] * RECENT
        for place, steps in enumerate(cut):
            key = "|".join(self._key(step) for step in steps)
            code = self._spelled.setdefault(key, len(self._spelled))
            mark = hashlib.blake2b(f"{history}\0{key}".encode("utf-8", "replace"), digest_size=8).digest()
            history = int.from_bytes(mark, "little", signed=True)
            recent = [code, *recent[:-1]]
            said: list[int] = []
            for step in steps:
                values = _values(step)
                status = self._status(values, status)
                for text in values.values():
                    characters += len(text) if type(text) is str else 1
                    if self.words and len(said) < MOST_WORDS and not isinstance(text, (bool, float, int, type(None))):
                        said += [crc32(word) % WORD_BUCKETS for word in tokens.words(dense.written(text), 4_000)]
            row: dict[str, Any] = {
                "run": number,
                "index": place + 1,
                "left": len(cut) - place - 1,
                "step": int(ends[place]) - 1,
                "steps": int(ends[place]),
                "characters": characters,
                "status": status,
                "history": history,
                "recent": list(recent),
            }
            if self.words:
                row["words"] = np.unique(np.array(said[:MOST_WORDS], dtype=np.uint16))
            if model is not None and state is not None:
                for step in steps:
                    model.step(state, step)
                reading = model.point(state)
                row |= {"score": reading.logit, "risk": reading.risk, "shuffled": again.get(place, math.nan)}
                row |= {f"symbol {name}": symbol for name, symbol in reading.symbols.items()}
            row |= {f"rule {name}": holds for name, holds in held[place].items()}
            for name, value in row.items():
                columns.setdefault(name, []).append(value)

    def _again(self, id_: str, cut: Sequence[Sequence[Any]]) -> dict[int, float]:
        """The model's logit at some points, when the points up to there come in an order that chance makes."""
        model = self.model
        if model is None or not self.shuffles or len(cut) < 2:
            return {}
        draw = Random(f"{self.seed}/{id_}")
        found: dict[int, float] = {}
        for place in sorted(draw.sample(range(1, len(cut)), min(self.shuffles, len(cut) - 1))):
            order = draw.sample(range(place + 1), place + 1)
            state, logit = model.begin(), 0.0
            for at in order:
                for step in cut[at]:
                    model.step(state, step)
                logit = model.advance(state)
            found[place] = logit
        return found

    def _key(self, step: Any) -> str:
        """The typed key of a step: its type and its symbols."""
        kind = facts.type_of(step)
        names = tuple(one.field for one in self.plan.features if one.kind == "symbol" and kind in one.steps)
        values = facts.reader(type(step), names)(step) if names else ()
        return f"{kind}({','.join(map(tokens.symbol, values))})"

    def _status(self, values: Mapping[str, Any], before: int) -> int:
        flags = [values[name] for name in self._flags if isinstance(values.get(name), bool)]
        return int(any(flags)) if flags else before

    def cases(self) -> Cases:
        """The columns, runs in the order of group and id: whatever order they came in, the same bytes go out."""
        columns = self._columns
        if not self._runs:
            raise ValueError("there is no run to judge")
        order = sorted(range(len(self._runs)), key=lambda place: (self._runs[place].group, self._runs[place].id))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        run = rank[np.array(columns["run"], dtype=np.int64)]
        rows = np.lexsort((np.array(columns["index"]), run))

        def column(name: str) -> Integers:
            return np.array(columns[name], dtype=np.int64)[rows]

        scored = self.model is not None
        return Cases(
            label=self.plan.label,
            horizon=self.plan.horizon,
            runs=tuple(self._runs[place] for place in order),
            run=run[rows],
            index=column("index"),
            left=column("left"),
            step=column("step"),
            steps=column("steps"),
            characters=column("characters"),
            status=column("status"),
            history=column("history"),
            recent=column("recent").reshape(len(rows), RECENT),
            words=tuple(columns["words"][row] for row in rows) if self.words else (),
            symbols={name.removeprefix("symbol "): column(name) for name in columns if name.startswith("symbol ")},
            held={rule.name: column(f"rule {rule.name}") > 0 for rule in self.plan.rules},
            score=np.array(columns["score"], dtype=np.float64)[rows] if scored else np.zeros(0),
            risk=np.array(columns["risk"], dtype=np.float64)[rows] if scored else np.zeros(0),
            shuffled=np.array(columns["shuffled"], dtype=np.float64)[rows] if scored else np.zeros(0),
        )


def telling_facts(runs: Iterable[Subject]) -> list[str]:
    """Facts of meta that have few values, each of several runs: by them figures are told apart, and a control knows them all."""
    found: dict[str, set[str]] = {}
    total = 0
    for one in runs:
        total += 1
        for name, value in one.facts.items():
            values = found.setdefault(name, set())
            if len(values) <= MOST_VALUES:
                values.add(value)
    return sorted(name for name, values in found.items() if name != "id" and 2 <= len(values) <= MOST_VALUES and 5 * len(values) <= total)


def with_domain(cases: Cases) -> Cases:
    """Runs with one fact more, `domain`: what stands before the first colon or slash of the group, where all groups have one."""
    heads = [one.group.partition(":")[0] if ":" in one.group else one.group.partition("/")[0] for one in cases.runs]
    split = all(head != one.group for head, one in zip(heads, cases.runs, strict=True))
    if not split or any("domain" in one.facts for one in cases.runs):
        return cases
    runs = tuple(replace(one, facts={**one.facts, "domain": head[:60]}) for head, one in zip(heads, cases.runs, strict=True))
    return replace(cases, runs=runs)


def _values(step: Any) -> dict[str, Any]:
    """The fields of a step but ids and times."""
    kind = type(step)
    names = getattr(kind, "__struct_fields__", None) or (sorted(step) if isinstance(step, Mapping) else sorted(vars(step)))
    return {name: (step[name] if isinstance(step, Mapping) else getattr(step, name)) for name in names if name not in UNSEEN}
