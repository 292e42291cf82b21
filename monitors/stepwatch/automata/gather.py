"""Runs of a trained monitor as traces: the symbols that it saw and the logits that it gave, point by point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from stepwatch.automata.traces import Trace
from stepwatch.model import Model, score

PREFERRED = ("tree", "bins", "typed")
"""Kinds of symbols, the most telling first."""


class Run(Protocol):
    """A run with the steps of each of its decision points."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def group(self) -> str:
        """Its group."""
        ...

    @property
    def label(self) -> bool | None:
        """Whether it failed; None where that is not known."""
        ...

    @property
    def points(self) -> Sequence[Sequence[Any]]:
        """The steps since the point before, for each decision point."""
        ...


def symbols_of(model: Model, name: str = "") -> str:
    """The name of a symboliser of the model; without a name the most telling one.

    Raises:
        ValueError: There is none of that name, or none at all.
    """
    parts: dict[str, Any] = model.artefact.header["parts"]["symbols"]
    if name:
        if name not in parts:
            raise ValueError(f"the monitor has no symbols `{name}`; it has {', '.join(sorted(parts)) or 'none'}")
        return name
    for kind in PREFERRED:
        for known in sorted(parts):
            if parts[known].get("kind") == kind:
                return known
    raise ValueError("the monitor has no symbols to make an automaton of")


def traces(model: Model, runs: Iterable[Run], symbols: str) -> list[Trace]:
    """The labelled runs as traces. Labels are those of the plan: the run fails, within the horizon where there is one."""
    made = []
    for run in runs:
        if run.label is None:
            continue
        readings = list(score(model, run.points))
        count, horizon = len(readings), model.plan.horizon
        labels = tuple(run.label and (horizon is None or count - index <= horizon) for index in range(1, count + 1))
        made.append(
            Trace(
                run.id,
                run.group or f"run {run.id}",
                tuple(reading.symbols[symbols] for reading in readings),
                labels,
                run.label,
                tuple(reading.logit for reading in readings),
            )
        )
    return made
