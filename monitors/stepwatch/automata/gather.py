"""Runs as traces: symbols are learned on the runs that give the shape, or are typed keys, or are those of a trained monitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stepwatch.automata.traces import Trace
from stepwatch.encode import Encoder
from stepwatch.model import Model, score
from stepwatch.plan import Plan
from stepwatch.symbols import Symbols, symboliser
from stepwatch.training.data import Run
from stepwatch.training.splits import components, dealt

LEARNED: Final = "leaves"
TYPED: Final = "typed"
KINDS: Final = (LEARNED, TYPED)

MOST_SYMBOLS: Final = 8
"""Leaves that a learned alphabet has at most."""
MOST_KEYS: Final = 64
LEAST_SHARE: Final = 0.02
"""The share of points that a leaf needs, 20 points at least."""


SHARES: Final = (0.50, 0.25, 0.25)
"""Of the runs: for the shape of a machine, for the risks of its states, and to judge it."""


@dataclass(frozen=True)
class Alphabet:
    """Symbols as an artefact holds them: the part and its blocks, and what they are at run time."""

    name: str
    part: dict[str, Any]
    blocks: dict[str, Sequence[float]]
    symbols: Symbols

    @property
    def meanings(self) -> list[str]:
        """What each symbol means."""
        return self.symbols.rules()


def parts(runs: Sequence[Run], seed: int = 7) -> list[list[Run]]:
    """The labelled runs for the shape of a machine, for its risks, and to judge it by. A group is in one part alone, as in training."""
    known = [run for run in runs if run.label is not None]
    part = dealt(known, components(known), SHARES, seed)
    return [[run for run, own in zip(known, part, strict=True) if own == number] for number in range(len(SHARES))]


def alphabet(plan: Plan, runs: Sequence[Run], kind: str, *, seed: int = 7) -> Alphabet:
    """Symbols from the runs that give a machine its shape.

    leaves   the leaves of a tree over summary features and typed keys that tells points by their label apart
    typed    the typed keys of points that come in most runs, all others as one
    """
    from stepwatch.training import symbols as training
    from stepwatch.training.encoding import encode
    from stepwatch.training.fitting import weighting
    from stepwatch.training.targets import targets

    encoded = encode(plan, runs)
    learned: training.Typed | training.Leaves
    if kind == TYPED:
        learned = training.Typed(training.frequent(encoded, MOST_KEYS))
    else:
        goals = targets(encoded)
        least = max(20, round(LEAST_SHARE * len(encoded)))
        learned = training.leaves(encoded, goals.label, goals.weights(encoded, weighting(plan)), MOST_SYMBOLS, seed, least)
    part, blocks = learned.part("automaton.symbols")
    values = {name: [float(value) for value in block] for name, block in blocks.items()}
    return Alphabet(kind, part, dict(values), symboliser(part, values, Encoder(plan).names, "symbols"))


def alphabet_of(model: Model, name: str) -> Alphabet:
    """The symbols of a trained monitor.

    Raises:
        ValueError: It has none of that name.
    """
    parts: dict[str, Any] = model.artefact.header["parts"]["symbols"]
    if name not in parts:
        known = ", ".join([*KINDS, *sorted(parts)])
        raise ValueError(f"there are no symbols `{name}`; there are {known}")
    used = {label: list(model.artefact.blocks[label]) for label in sorted(_named(parts[name]))}
    return Alphabet(name, parts[name], dict(used), model.symbols[name])


def traces(
    plan: Plan, runs: Sequence[Run], alphabet: Alphabet, model: Model | None = None, told: Callable[[int, int], None] | None = None
) -> list[Trace]:
    """Labelled runs as traces, with the logits of the model where there is one. Labels are those of the plan: the run fails, within the
    horizon where there is one."""
    encoder = Encoder(plan, {"symbol"} | alphabet.symbols.needs)
    made = []
    for done, run in enumerate(runs):
        if told is not None:
            told(done, len(runs))
        count, failed = len(run.points), run.label is True
        labels = tuple(failed and (plan.horizon is None or count - index <= plan.horizon) for index in range(1, count + 1))
        logits = tuple(reading.logit for reading in score(model, run.points)) if model is not None else ()
        made.append(Trace(run.id, run.group or f"run {run.id}", _word(encoder, alphabet.symbols, run), labels, failed, logits))
    return made


def _word(encoder: Encoder, symbols: Symbols, run: Run) -> tuple[int, ...]:
    state, memory = encoder.begin(), symbols.start()
    word = []
    for steps in run.points:
        for step in steps:
            encoder.step(state, step)
        word.append(symbols.symbol(memory, encoder.point(state)))
    return tuple(word)


def _named(part: Any) -> set[str]:
    """The blocks that a part uses, those of a scorer within it too."""
    found = {name for name in (part.get("blocks") or {}).values() if isinstance(name, str)}
    inner = (part.get("params") or {}).get("scorer")
    return found | _named(inner) if isinstance(inner, dict) else found
