"""The machine as a Python module that needs the standard library alone: tables, and a class that looks things up in them."""

from __future__ import annotations

import hashlib
import json

from stepwatch.automata.machine import Machine, to_json

HEADER = '''"""The automaton `{name}`: {states} states over {symbols} symbols. Written by `stepc monitor automaton`; do not edit.

Take the symbols of a run in one after another; `step` tells the state, its risk, and the zone that the risk lies in ("", "yellow", "red").
A symbol may be given by its number or by its name. What the machine does not know leads to the state -1, with the base rate as its risk.
"""

from __future__ import annotations

DIGEST = "{digest}"
"""SHA-256 of the canonical JSON of the machine."""

'''

BODY = '''

class Automaton:
    """One run. `state` may be kept and given back to resume."""

    __slots__ = ("state",)

    def __init__(self, state: int = 0) -> None:
        if not -1 <= state < len(EDGES):
            raise ValueError(f"there is no state {state}")
        self.state = state

    def step(self, symbol: int | str) -> tuple[int, float, str]:
        """Take in a symbol: the state, its risk, the zone."""
        number = NUMBERS.get(symbol, -1) if isinstance(symbol, str) else symbol
        if not 0 <= number < len(SYMBOLS):
            self.state = -1
        else:
            self.state = EDGES[self.state][number] if self.state >= 0 else AGAIN[number]
        risk = RISKS[self.state] if self.state >= 0 else BASE
        return self.state, risk, "red" if risk > RED else "yellow" if risk > YELLOW else ""
'''


def python(machine: Machine, name: str, *, yellow: float = 1.0, red: float = 1.0) -> str:
    """The text of the module. A zone is entered above its bound; 1 leaves it out."""
    digest = hashlib.sha256(json.dumps(to_json(machine), sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    risks = tuple(round(machine.risk(state), 12) for state in range(len(machine)))
    tables = [
        _rows("SYMBOLS", "tuple[str, ...]", [json.dumps(symbol) for symbol in machine.alphabet]),
        "NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS)}\n",
        _rows("EDGES", "tuple[tuple[int, ...], ...]", [_tuple(row) for row in machine.edges]),
        f"AGAIN: tuple[int, ...] = {_tuple(machine.again)}\n",
        _rows("RISKS", "tuple[float, ...]", [repr(risk) for risk in risks]),
        f"BASE = {round(machine.base, 12)!r}\nYELLOW = {yellow!r}\nRED = {red!r}\n",
    ]
    head = HEADER.format(name=name, states=len(machine), symbols=len(machine.alphabet), digest=digest)
    return head + "".join(tables) + BODY


def _rows(name: str, kind: str, items: list[str]) -> str:
    return f"{name}: {kind} = (\n" + "".join(f"    {item},\n" for item in items) + ")\n"


def _tuple(values: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, values))}{',' if len(values) == 1 else ''})"
