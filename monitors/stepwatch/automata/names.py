"""What states and symbols are called in pictures and tables."""

from __future__ import annotations

from stepwatch import texts
from stepwatch.automata.machine import UNKNOWN, Machine

SHORT = 28
"""A symbol whose meaning is at most so long is shown by it, else by its number."""


def symbol(machine: Machine, number: int) -> str:
    """A symbol in a picture: visible, on one line."""
    name = texts.line(machine.alphabet[number])
    return name if len(name) <= SHORT else f"s{number}"


def state(number: int) -> str:
    """A state."""
    return "unknown" if number == UNKNOWN else "start" if number == 0 else f"q{number}"


def grouped(machine: Machine) -> dict[tuple[int, int], list[int]]:
    """The symbols of all edges between two states, in order."""
    found: dict[tuple[int, int], list[int]] = {}
    for before, number, after in machine.transitions():
        found.setdefault((before, after), []).append(number)
    return found
