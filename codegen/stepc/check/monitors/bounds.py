"""Numbers of a monitor within their bounds (SV505), and words out of a short list (SV506)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stepc.check.report import choose, replace_by
from stepc.check.suggest import nearest
from stepc.check.world import World
from stepc.diagnostics.model import Fix
from stepc.syntax import tree

LONGEST_HORIZON: Final = 1_000
LONGEST_WINDOW: Final = 64
LONGEST_COOLDOWN: Final = 1_000
MOST_ITEMS: Final = 256
"""Step types of a source, and decision points, features and rules of a monitor."""
LONGEST_MESSAGE: Final = 1_000
"""Characters of what an alert says."""
MOST_CHARACTERS: Final = 16_384
"""Of one text that a monitor sees."""
WORDS: Final = 512
"""Characters of a text that a monitor sees unless the spec says otherwise."""

_MEANT: Final = {
    "categorical": "symbol", "category": "symbol", "enum": "symbol", "bool": "symbol", "flag": "symbol", "name": "symbol",
    "text": "words", "string": "words", "str": "words", "tokens": "words", "bag": "words",
    "json": "shape", "keys": "shape", "structure": "shape",
    "numeric": "number", "int": "number", "float": "number", "count": "number",
    "repeated": "repeats", "duplicates": "repeats", "loops": "repeats",
    "duration": "time", "elapsed": "time", "seconds": "time",
    "warning": "yellow", "warn": "yellow", "amber": "yellow", "orange": "yellow", "critical": "red", "alarm": "red",
    "markov": "table", "chain": "table", "counts": "table", "logistic": "linear", "trees": "stack", "ensemble": "stack",
}  # fmt: skip
"""What others call the words of this block."""


def whole(world: World, written: tree.Literal_, what: str, least: int, most: int) -> int:
    """A whole number between two bounds; the nearer bound where it is not."""
    value = written.value
    assert isinstance(value, int)
    if least <= value <= most:
        return value
    within = min(max(value, least), most)
    world.report.error(
        "SV505",
        written.span,
        f"{what} is a whole number from {least:,} to {most:,}",
        here="too small" if value < least else "too large",
        fixes=(replace_by(written.span, str(within)),),
    )
    return within


def share(world: World, written: tree.Literal_, what: str, *, budget: bool) -> float:
    """A budget, above 0 and up to 0.5, or a confidence, above 0.5 and below 1. Percentages are a slip that has a fix."""
    assert isinstance(written.value, int | float)
    value = float(written.value)
    if _within(value, budget=budget):
        return value
    percent = value / 100.0
    fixes: tuple[Fix | None, ...] = ()
    if value >= 1.0 and _within(percent, budget=budget):
        fixes = (replace_by(written.span, f"{percent:.4g}"),)
    world.report.error(
        "SV505",
        written.span,
        f"{what} is a number {'above 0 and up to 0.5' if budget else 'above 0.5 and below 1'}",
        here="out of these bounds",
        fixes=fixes,
        advice="0.05 lets at most one in twenty runs that do not fail into the zone" if budget else "0.90 is a usual confidence",
    )
    return 0.5 if budget else 0.9


def _within(value: float, *, budget: bool) -> bool:
    return 0.0 < value <= 0.5 if budget else 0.5 < value < 1.0


def word(world: World, written: tree.Name, what: str, known: Sequence[str]) -> str | None:
    """One of a few words; None, with a diagnostic, for another."""
    if written.text in known:
        return written.text
    meant = _MEANT.get(written.text.lower())
    near = meant if meant in known else nearest(written.text, known)
    world.report.error(
        "SV506",
        written.span,
        f"there is no {what} `{written.text}`",
        here=f"one of {', '.join(f'`{one}`' for one in known)}",
        fixes=(replace_by(written.span, near),),
        advice=choose(known),
    )
    return None
