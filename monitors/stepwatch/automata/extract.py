"""From traces to a machine that stands for a monitor, with everything that a sceptic asks about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Final

from stepwatch.automata import build, contexts, forecast, judge, merging
from stepwatch.automata.machine import Machine
from stepwatch.automata.traces import Trace, in_order
from stepwatch.metrics.levels import Floats

METHODS: Final = ("risk", "rpni", "follows", "suffix")
ALPHAS: Final = (0.05, 0.2, 0.5, 1.0, 1.5)
"""What is tried for `alpha`: the machine's Brier score on the runs for the risks decides, its risks being those of the shape."""
KEPT: Final = 0.80
"""The share of groups in each resample."""
COMPACT: Final = 0.80
"""The share of the scorer's lift that a machine has to keep to stand for it."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to extract. `alpha` is the one of `merging.risk_merged`, None for the best of `ALPHAS`; `cost` and `longest` are those of
    `contexts.suffixes`."""

    method: str = "risk"
    alpha: float | None = None
    support: int = 5
    most: int = 64
    cost: float = 1.0
    longest: int = 4
    resamples: int = 50
    seed: int = 7

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"there is no method {self.method}; there are {', '.join(METHODS)}")
        if not 0 < (self.alpha or 1) < 2 or self.support < 1 or self.most < 2 or not 1 <= self.longest <= 12 or self.resamples < 0:
            raise ValueError("alpha lies between 0 and 2, support from 1 on, states from 2 on, contexts from 1 to 12")


@dataclass(frozen=True, slots=True)
class Extraction:
    """A machine, what lies ahead of each of its states, and what it is worth on the runs that were kept back.

    traffic    how often each edge (state, symbol) was taken, those into the unknown and out of it (state -1) among them
    words      by state the shortest word that leads to it
    examples   by state up to three runs that reached it, as (run, number of the point, from 1 on)
    """

    machine: Machine
    settings: Settings
    ahead: Floats
    runs: tuple[int, int, int]
    worth: dict[str, Any]
    structure: judge.Structure
    fidelity: dict[str, Any] | None
    stability: dict[str, float] | None
    traffic: dict[tuple[int, int], int]
    words: tuple[tuple[int, ...], ...]
    examples: tuple[tuple[tuple[str, int], ...], ...]
    merged_from: int

    @property
    def compact(self) -> bool | None:
        """Whether the machine stands for the scorer: it keeps most of its lift. None where there is no scorer to stand for."""
        if self.fidelity is None:
            return None
        kept = self.fidelity["kept_lift"]
        return bool(not math.isnan(kept) and kept >= COMPACT)

    def verdict(self) -> str:
        """What to think of the machine, in one sentence."""
        states = f"{len(self.machine)} states"
        if self.fidelity is None:
            low, high = self.worth["auprc_interval"]
            area = f"{self.worth['auprc']:.3f} [{low:.3f}, {high:.3f}]"
            return f"{states} reach an AUPRC of {area} at a base rate of {self.worth['rate']:.3f}"
        kept = self.fidelity["kept_lift"]
        if math.isnan(kept):
            return f"the scorer does not rank better than the base rate here, so there is nothing that {states} could stand for"
        value, low, high = self.fidelity["behind"]
        kept_back = f"keep {kept:.0%} of its lift over the base rate (AUPRC behind by {value:.3f} [{low:.3f}, {high:.3f}])"
        if self.compact:
            return f"the machine stands for the scorer: {states} {kept_back}"
        return f"no compact automaton stands for this scorer: {states} {kept_back}, less than {COMPACT:.0%}"

    def as_values(self) -> dict[str, Any]:
        """Everything but the machine itself as plain values; what is not known is None."""
        return {
            "settings": asdict(self.settings),
            "runs": dict(zip(("shape", "risks", "judged"), self.runs, strict=True)),
            "states_before_minimising": self.merged_from,
            "worth": _plain(self.worth),
            "structure": self.structure.as_values(),
            "fidelity": _plain(self.fidelity),
            "stability": _plain(self.stability),
            "compact": self.compact,
            "verdict": self.verdict(),
        }


def extract(
    parts: Sequence[Sequence[Trace]],
    alphabet: Sequence[str],
    settings: Settings,
    *,
    risk_of: Callable[[float], float] | None = None,
    tell: Tell | None = None,
) -> Extraction:
    """Extract a machine.

    parts      runs for the shape, for the risks, and to judge by; no group in two of them (`gather.parts`). Ids differ, symbols lie below
               the length of the alphabet
    risk_of    a logit of the scorer as a probability; the machine is then compared with the scores that the traces carry

    Raises:
        ValueError: There are too few groups of runs: a part has points of one label only.
    """
    shape, risks, kept_back = (in_order(part) for part in parts)
    for name, part in (("for the shape", shape), ("for the risks", risks), ("to judge by", kept_back)):
        found = {label for trace in part for label in trace.labels}
        if len(found) < 2:
            one = "one label only" if found else "no label"
            raise ValueError(f"the {len(part)} runs {name} have points of {one}: more groups of runs are needed")
    if settings.method == "risk" and settings.alpha is None:
        settings = replace(settings, alpha=_best(shape, risks, alphabet, settings))
    whole, machine = machine_of(shape, risks, alphabet, settings)
    resampled: list[Machine] = []
    for number in range(settings.resamples):
        if tell is not None:
            tell("resampling groups", number, settings.resamples)
        resampled.append(machine_of(_resample(shape, settings.seed + 1 + number), risks, alphabet, settings)[1])
    taught = [*shape, *risks]
    return Extraction(
        machine=machine,
        settings=settings,
        ahead=forecast.chances(machine, taught),
        runs=(len(shape), len(risks), len(kept_back)),
        worth=judge.worth(machine, kept_back),
        structure=judge.structure(machine, kept_back),
        fidelity=judge.fidelity(machine, kept_back, risk_of) if risk_of is not None else None,
        stability=judge.stability(resampled, kept_back) if resampled else None,
        traffic=traffic(machine, taught),
        words=_words(machine),
        examples=_examples(machine, taught),
        merged_from=len(whole),
    )


def machine_of(shape: Sequence[Trace], risks: Sequence[Trace], alphabet: Sequence[str], settings: Settings) -> tuple[Machine, Machine]:
    """The machine as the method leaves it, and minimised; risks of both are counted on runs of their own."""
    if settings.method == "risk":
        alpha = settings.alpha if settings.alpha is not None else ALPHAS[1]
        bare = build.of_tree(
            *merging.risk_merged(shape, alpha=alpha, support=settings.support, most=settings.most), alphabet, settings.support
        )
    elif settings.method == "rpni":
        bare = build.of_tree(*merging.rpni(shape, support=settings.support, most=settings.most), alphabet, 1)
    else:
        longest = settings.longest if settings.method == "suffix" else 1
        seen = contexts.count(shape, longest + 1)
        found = contexts.follows(len(alphabet))
        if settings.method == "suffix":
            found = contexts.suffixes(shape, cost=settings.cost, support=settings.support, most=settings.most, longest=longest)
        bare = build.of_edges(contexts.edges(found, len(alphabet), seen, settings.support), alphabet)
    whole = build.taught(bare, shape, risks)
    # What is to be compared as published keeps its states; the others say nothing more with states that nobody could tell apart.
    small = whole if settings.method in ("rpni", "follows") else build.small(whole)
    return whole, build.taught(small, shape, risks)


def _best(shape: Sequence[Trace], risks: Sequence[Trace], alphabet: Sequence[str], settings: Settings) -> float:
    """The alpha whose machine predicts the labels of other runs best; of equal ones the smallest."""

    def brier(alpha: float) -> float:
        machine = machine_of(shape, shape, alphabet, replace(settings, alpha=alpha))[1]
        return round(judge.brier(machine, risks), 9)

    return min(ALPHAS, key=lambda alpha: (brier(alpha), alpha))


def _resample(traces: Sequence[Trace], seed: int) -> list[Trace]:
    """Four of five groups. Drawn without replacement: a run that counted twice would make the bounds of merging too sure of themselves."""
    names = sorted({trace.group for trace in traces})
    kept = set(Random(seed).sample(names, math.ceil(len(names) * KEPT)))
    return [trace for trace in traces if trace.group in kept]


def traffic(machine: Machine, traces: Sequence[Trace]) -> dict[tuple[int, int], int]:
    """How often each edge is taken, in order of states and symbols."""
    found: dict[tuple[int, int], int] = {}
    for trace in traces:
        state = 0
        for symbol in trace.symbols:
            found[state, symbol] = found.get((state, symbol), 0) + 1
            state = machine.next(state, symbol)
    return dict(sorted(found.items()))


def _words(machine: Machine) -> tuple[tuple[int, ...], ...]:
    """The shortest word to each state, the first in order where there are several; empty for what only a lost run reaches."""
    found: dict[int, tuple[int, ...]] = {0: ()}
    pending = [0]
    for state in pending:
        for symbol, below in enumerate(machine.edges[state]):
            if below >= 0 and below not in found:
                found[below] = (*found[state], symbol)
                pending.append(below)
    return tuple(found.get(state, ()) for state in range(len(machine)))


def _examples(machine: Machine, traces: Sequence[Trace], most: int = 3) -> tuple[tuple[tuple[str, int], ...], ...]:
    """Runs that first reached each state, by id."""
    found: list[list[tuple[str, int]]] = [[] for _ in range(len(machine))]
    for trace in sorted(traces, key=lambda trace: trace.id):
        seen = set()
        for point, state in enumerate(machine.run(trace.symbols), start=1):
            if state >= 0 and state not in seen and len(found[state]) < most:
                found[state].append((trace.id, point))
            seen.add(state)
    return tuple(tuple(examples) for examples in found)


def _plain(value: Any) -> Any:
    """Plain values; None for what is not known."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
