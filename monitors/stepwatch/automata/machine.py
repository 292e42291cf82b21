"""A deterministic automaton with a risk in every state: run, numbered canonically, minimised, as JSON and back.

The output at a point is the risk of the state that the point leads to. A symbol for which a state has no edge leads to *unknown*: the
machine abstains there, and goes on from the state that this symbol most often leads to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

UNKNOWN: Final = -1
SCHEMA: Final = 1
TRUSTED: Final = 10
"""Points that must have reached a state before its risk is trusted."""
SHRINK: Final = 5.0
"""A state's risk is that of so many points of the base rate and its own."""


@dataclass(frozen=True, slots=True)
class Machine:
    """States 0 … n-1, 0 is the start.

    alphabet   what each symbol means
    edges      [states][symbols] the next state, UNKNOWN where none is known
    again      [symbols] where a run that was in no known state goes on
    points     [states] points that reached the state in the runs that risks come from, and how many of them were `positive`
    base       the base rate that risks are shrunken towards
    """

    alphabet: tuple[str, ...]
    edges: tuple[tuple[int, ...], ...]
    again: tuple[int, ...]
    points: tuple[int, ...]
    positive: tuple[int, ...]
    base: float

    def __len__(self) -> int:
        return len(self.edges)

    def next(self, state: int, symbol: int) -> int:
        """The state after a symbol. Symbols beyond the alphabet are unknown."""
        if not 0 <= symbol < len(self.alphabet):
            return UNKNOWN
        return self.edges[state][symbol] if state >= 0 else self.again[symbol]

    def run(self, symbols: Iterable[int]) -> list[int]:
        """The states that a word goes through, one a symbol."""
        state, found = 0, []
        for symbol in symbols:
            state = self.next(state, symbol)
            found.append(state)
        return found

    def risk(self, state: int) -> float:
        """(k + a r) / (n + a) of the state's points; the base rate where nothing is known."""
        if state < 0:
            return self.base
        return (self.positive[state] + SHRINK * self.base) / (self.points[state] + SHRINK)

    def trusted(self, state: int) -> bool:
        """Whether enough points reached a state."""
        return state >= 0 and self.points[state] >= TRUSTED

    def transitions(self) -> list[tuple[int, int, int]]:
        """The known edges as (state, symbol, state), in order."""
        return [(state, symbol, below) for state, row in enumerate(self.edges) for symbol, below in enumerate(row) if below != UNKNOWN]


def wilson(count: int, total: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; 0 to 1 without trials."""
    if total <= 0:
        return 0.0, 1.0
    share, square = count / total, z * z / total
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return max(0.0, centre - half), min(1.0, centre + half)


def reached(machine: Machine) -> list[int]:
    """The states that some word leads to, breadth first with symbols in order: the canonical numbering."""
    order, seen = [0], {0}
    starts = [below for below in machine.again if below != UNKNOWN]
    for state in order:
        for below in machine.edges[state]:
            if below != UNKNOWN and below not in seen:
                seen.add(below)
                order.append(below)
    # A state that only a lost run can come back to is numbered behind the others.
    for start in starts:
        pending = [start] if start not in seen else []
        seen.update(pending)
        for state in pending:
            order.append(state)
            for below in machine.edges[state]:
                if below != UNKNOWN and below not in seen:
                    seen.add(below)
                    pending.append(below)
    return order


def renumbered(machine: Machine) -> Machine:
    """The same machine without states that nothing leads to, numbered canonically."""
    order = reached(machine)
    place = {state: number for number, state in enumerate(order)} | {UNKNOWN: UNKNOWN}
    return replace(
        machine,
        edges=tuple(tuple(place[below] for below in machine.edges[state]) for state in order),
        again=tuple(place[below] for below in machine.again),
        points=tuple(machine.points[state] for state in order),
        positive=tuple(machine.positive[state] for state in order),
    )


def minimised(machine: Machine, levels: Sequence[int]) -> Machine:
    """The smallest machine that gives the same level on every word (Moore's refinement); points of states that became one are added up.

    levels   the level of each state, any whole numbers
    """
    blocks = list(levels)
    while True:
        names: dict[tuple[int, ...], int] = {}
        refined = [
            names.setdefault((blocks[state], *(blocks[below] if below != UNKNOWN else UNKNOWN for below in row)), len(names))
            for state, row in enumerate(machine.edges)
        ]
        if len(names) == len(set(blocks)):
            break
        blocks = refined
    count = len(set(blocks))
    number = {block: place for place, block in enumerate(dict.fromkeys(blocks))}
    block_of = [number[block] for block in blocks]
    edges: list[tuple[int, ...]] = [()] * count
    points, positive = [0] * count, [0] * count
    for state, block in enumerate(block_of):
        edges[block] = tuple(block_of[below] if below != UNKNOWN else UNKNOWN for below in machine.edges[state])
        points[block] += machine.points[state]
        positive[block] += machine.positive[state]
    again = tuple(block_of[below] if below != UNKNOWN else UNKNOWN for below in machine.again)
    return renumbered(replace(machine, edges=tuple(edges), again=again, points=tuple(points), positive=tuple(positive)))


def to_json(machine: Machine) -> dict[str, Any]:
    """The machine as plain values."""
    return {
        "schema": SCHEMA,
        "alphabet": list(machine.alphabet),
        "edges": [list(row) for row in machine.edges],
        "again": list(machine.again),
        "points": list(machine.points),
        "positive": list(machine.positive),
        "base": machine.base,
    }


def from_json(value: Any) -> Machine:
    """The machine that plain values say.

    Raises:
        ValueError: They say none.
    """
    keys = {"schema", "alphabet", "edges", "again", "points", "positive", "base"}
    if type(value) is not dict or value.keys() != keys or value["schema"] != SCHEMA:
        raise ValueError(f"an automaton is an object with the keys {', '.join(sorted(keys))}, its schema {SCHEMA}")
    states, symbols = len(value["edges"]), len(value["alphabet"])
    wholes = [*value["again"], *value["points"], *value["positive"], *(below for row in value["edges"] for below in row)]
    if any(type(number) is not int for number in wholes) or type(value["base"]) not in (int, float):
        raise ValueError("states, points and symbols are whole numbers")
    if not states or len(value["again"]) != symbols or any(len(row) != symbols for row in value["edges"]):
        raise ValueError("each state has one edge a symbol")
    if len(value["points"]) != states or len(value["positive"]) != states or min(value["points"] + value["positive"]) < 0:
        raise ValueError("each state has its points")
    if any(not UNKNOWN <= below < states for row in [value["again"], *value["edges"]] for below in row):
        raise ValueError("an edge leads to no state")
    return Machine(
        alphabet=tuple(str(name) for name in value["alphabet"]),
        edges=tuple(tuple(row) for row in value["edges"]),
        again=tuple(value["again"]),
        points=tuple(value["points"]),
        positive=tuple(value["positive"]),
        base=float(value["base"]),
    )
