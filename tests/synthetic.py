"""Runs with known truth: a probabilistic machine with hidden states makes events; a state has a chance to stop and one to fail there.

The state is a function of the events so far, so the conditional probabilities of failure given a prefix are those of its state and are
solved, not estimated (`Machine.eventually`, `Machine.within`). Events are rendered as typed steps with many surface forms; groups may have
random effects on the outcome, runs may be cut off (censored), a leak or a drift may be planted.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepwatch.plan import SCHEMA, Feature, Plan, PointPattern, Zone

Floats = NDArray[np.float64]

STEPS = ("Said", "ToolCall", "ToolResult")
LONGEST = 400
"""Events after which a run ends whatever the machine says."""
CONFLICT = 3
LOST_CONFLICTS = 0.7
FATE = (0.05, 0.95)
"""With a planted pivot: the event that lost runs mostly meet, how often, and the chances to fail of other runs and of lost ones."""


class Said(msgspec.Struct, frozen=True, tag="Said"):
    """Something said."""

    by: str
    text: str
    at: float | None = None


class ToolCall(msgspec.Struct, frozen=True, tag="ToolCall"):
    """An action."""

    call_id: str
    tool: str
    args: dict[str, Any]
    at: float | None = None


class ToolResult(msgspec.Struct, frozen=True, tag="ToolResult"):
    """Its result."""

    call_id: str
    tool: str
    error: bool
    text: str
    at: float | None = None


@dataclass(frozen=True)
class Form:
    """How a latent event looks: a tool with its flag, or (tool empty) something the user says; `words` tell it apart in texts."""

    tool: str
    error: bool
    words: tuple[str, ...]


FORMS = (
    Form("search", False, ("found", "rows", "listed")),
    Form("search", True, ("timeout", "refused")),
    Form("edit", False, ("saved", "changed", "applied")),
    Form("edit", True, ("conflict", "rejected")),
    Form("check", False, ("passed", "green")),
    Form("", False, ("please", "also", "thanks")),
)
NOISE = tuple(f"{a}{b}" for a in ("al", "be", "co", "du", "em", "fo", "ga", "hi") for b in ("na", "lo", "rit", "sto", "vak", "mun"))


@dataclass(frozen=True)
class Machine:
    """A deterministic automaton with probabilities; state 0 is the start and no event leads back to it.

    emit    [states, events] chances of the next event
    follow  [states, events] the state after it
    stop    [states] the chance that the run ends on entering the state
    fail    [states] the chance that a run that ends there failed
    """

    emit: Floats
    follow: NDArray[np.int64]
    stop: Floats
    fail: Floats

    def eventually(self) -> Floats:
        """P(the run fails | state), for a run that has just entered it: (I - (1 - stop) E) x = stop * fail."""
        solved = np.linalg.solve(np.eye(len(self.stop)) - (1 - self.stop)[:, None] * self.moves(), self.stop * self.fail)
        return np.asarray(solved, dtype=np.float64)

    def within(self, horizon: int) -> Floats:
        """P(the run fails after at most `horizon` further events | state)."""
        found = self.stop * self.fail
        for _ in range(horizon):
            found = self.stop * self.fail + (1 - self.stop) * (self.moves() @ found)
        return found

    def law(self, representation: str, horizon: int | None = None, longest: int = LONGEST) -> tuple[Floats, Floats]:
        """The law of a prefix under a representation: positive mass and mass of each of its cells, the whole being 1.

        A run is expected to leave so many prefixes in each state after each event, and eta of a prefix is that of its state; so this is the
        law of pooled prefixes, and `plug_in` of it the true ceiling. Representations: `state` (equal in ceiling to the whole history),
        `event` (the last event alone), `position` (how many events there were), `none`.
        """
        eta = self.eventually() if horizon is None else self.within(horizon)
        states, kinds = self.emit.shape
        mass: dict[int, float] = {}
        positive: dict[int, float] = {}
        alive = np.zeros(states)
        alive[0] = 1.0
        for position in range(longest):
            coming = np.zeros(states)
            for state in np.flatnonzero(alive > 0).tolist():
                for event in range(kinds):
                    below, chance = int(self.follow[state, event]), float(alive[state] * self.emit[state, event])
                    cell = {"state": below, "event": event, "position": position, "none": 0}[representation]
                    mass[cell] = mass.get(cell, 0.0) + chance
                    positive[cell] = positive.get(cell, 0.0) + chance * float(eta[below])
                    coming[below] += chance
            alive = coming * (1 - self.stop)
        total = sum(mass.values())
        order = sorted(mass)
        return np.array([positive[cell] for cell in order]) / total, np.array([mass[cell] for cell in order]) / total

    def moves(self) -> Floats:
        """Chances of the next state."""
        states = len(self.stop)
        made = np.zeros((states, states))
        for state in range(states):
            np.add.at(made[state], self.follow[state], self.emit[state])
        return made


def machine(seed: int = 0, states: int = 6, events: int = len(FORMS), stop: float = 0.1) -> Machine:
    """A random machine whose states differ in risk: states are in order of their chance to fail."""
    draw = np.random.default_rng(seed)
    emit = draw.dirichlet(np.full(events, 0.8), size=states)
    follow = draw.integers(1, states, size=(states, events))
    stops = np.r_[0.0, draw.uniform(0.3 * stop, 1.7 * stop, size=states - 1)]
    fails = np.r_[0.0, np.linspace(0.03, 0.95, states - 1)]
    # Risk must last to be seen: most moves stay near where they come from.
    stays = draw.random((states, events)) < 0.85
    near = np.clip(np.arange(states)[:, None] + draw.integers(-1, 2, size=(states, events)), 1, states - 1)
    return Machine(emit, np.where(stays, near, follow), stops, fails)


@dataclass(frozen=True)
class SyntheticRun:
    """A run: `events` are lists of steps, `path` the state after each; `failed` is None for a run that was cut off, `pivot` the number of
    the event, from 1 on, at which its failure was decided (None: never)."""

    id: str
    group: str
    failed: bool | None
    censored: bool
    events: list[list[Any]]
    path: list[int]
    latent: list[int] = field(default_factory=list)
    pivot: int | None = None


def runs(
    source: Machine,
    count: int,
    *,
    seed: int = 0,
    groups: int = 0,
    effect: float = 0.0,
    censoring: float = 0.0,
    leak: bool = False,
    drift: bool = False,
    pivot: float = 0.0,
    copies: int = 0,
    length: int = 12,
) -> list[SyntheticRun]:
    """Runs of a machine.

    Args:
        count: How many.
        seed: The same seed gives the same runs.
        groups: Number of tasks; 0 = each run is its own.
        effect: Standard deviation of a task's difficulty, added to the logit of failing.
        censoring: The chance, after each event, that a run is cut off.
        leak: The last step tells the outcome.
        drift: The tool `search` is called `lookup` and its errors are no longer flagged.
        pivot: The chance, at each event, that a run is lost from there on: then it mostly runs into conflicts and fails in the end, while
            runs that never meet it mostly do not fail.
        copies: The first so many runs come once more under other ids.
        length: Words of a text.
    """
    made = []
    difficulty = [random.Random(f"{seed}:{number}").gauss(0.0, effect) for number in range(groups)]
    for number in range(count):
        draw = random.Random(f"{seed}/{number}")
        group = draw.randrange(groups) if groups else number
        shift = difficulty[group] if groups else 0.0
        state = 0
        path: list[int] = []
        latent: list[int] = []
        events: list[list[Any]] = []
        failed: bool | None = None
        cut = False
        lost: int | None = None
        while failed is None and not cut:
            event = draw.choices(range(len(source.emit[state])), weights=source.emit[state].tolist())[0]
            if pivot and lost is None and draw.random() < pivot:
                lost = len(path) + 1
            if lost is not None and draw.random() < LOST_CONFLICTS:
                event = CONFLICT
            state = int(source.follow[state, event])
            path.append(state)
            latent.append(event)
            events.append(rendered(event, len(events), draw, drift, length))
            if draw.random() < source.stop[state] or len(path) >= LONGEST:
                chance = float(source.fail[state]) if not pivot else FATE[lost is not None]
                failed = draw.random() < _shifted(chance, shift)
            else:
                cut = draw.random() < censoring
        if leak and failed is not None:
            events[-1].append(Said("agent", "verdict failure" if failed else "verdict success"))
        made.append(SyntheticRun(f"run-{number}", f"task-{group}", failed, cut, events, path, latent, lost))
    return [*made, *(replace(run, id=f"{run.id}-again") for run in made[:copies])]


def rendered(event: int, index: int, draw: random.Random, drift: bool = False, length: int = 12) -> list[Any]:
    """The steps of one event: a call with its result, or something the user says."""
    form = FORMS[event]
    words = [draw.choice(NOISE) if draw.random() < 0.8 else draw.choice(form.words) for _ in range(length)]
    words[draw.randrange(length)] = draw.choice(form.words)
    text = " ".join(words)
    at = 10.0 * index + draw.random()
    if not form.tool:
        return [Said("user", text, at)]
    tool = "lookup" if drift and form.tool == "search" else form.tool
    error = form.error and not (drift and form.tool == "search")
    args = {"target": draw.choice(NOISE), "depth": draw.randrange(3)}
    return [ToolCall(f"c{index}", tool, args, at), ToolResult(f"c{index}", tool, error, text, at + 0.5)]


def plan(
    scorer: str = "stack",
    horizon: int | None = None,
    zones: tuple[Zone, ...] = (Zone("yellow", 0.10, 0.90, 2, 3), Zone("red", 0.05, 0.90)),
    **changes: Any,
) -> Plan:
    """The plan of a monitor over these steps."""
    given: dict[str, Any] = {
        "schema": SCHEMA,
        "monitor": "synthetic_watch",
        "source": "synthetic",
        "steps": STEPS,
        "points": (PointPattern("ToolResult"), PointPattern("Said", {"by": "user"})),
        "label": "failed",
        "horizon": horizon,
        "group": "group",
        "censored": "",
        "scorer": scorer,
        "features": (
            Feature("tool", "symbol", ("ToolCall", "ToolResult")),
            Feature("by", "symbol", ("Said",), values=("agent", "user")),
            Feature("error", "symbol", ("ToolResult",), values=(False, True)),
            Feature("text", "words", ("Said", "ToolResult"), maximum=256),
            Feature("args", "repeats", ("ToolCall",)),
            Feature("args", "shape", ("ToolCall",)),
            Feature("at", "time", STEPS),
        ),
        "zones": zones,
        "cooldown": 5,
        "rules": (),
    }
    return Plan(**{**given, **changes})


def _shifted(chance: float, shift: float) -> float:
    inside = min(max(chance, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) + shift)))
