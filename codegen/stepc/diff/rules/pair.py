"""A pair carries the same fields between the same steps. Whatever decides what a carried field holds (key, order, steps, the list of
carried fields) is STEP_VALUE; a pair that carries nothing only counts, so it is COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change, Target
from stepc.diff.named import any_name, by_name
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Pairs added, removed or changed."""
    for old, new in by_name(comparison.old.program.pairs, comparison.new.program.pairs, lambda pair: pair.name):
        if shape(old) == shape(new):
            continue
        name = any_name(old, new, lambda pair: pair.name)
        touches = tuple(sorted({Target(pair.close, item) for pair in (old, new) if pair is not None for item in pair.carry}))
        places = (
            comparison.old.block(old.span, old.origin) if old else None,
            comparison.new.block(new.span, new.origin) if new else None,
        )
        yield Change("STEP_VALUE" if touches else "COMPATIBLE", action_of(old, new), f"pair {name}", _message(old, new), *places, touches)


def _message(old: ir.Pair | None, new: ir.Pair | None) -> str:
    if old is None or new is None:
        return "results are paired with calls" if old is None else "results are no longer paired with calls"
    said = []
    if old.key != new.key:
        said.append(f"on `{new.key}` instead of `{old.key}`")
    if old.order != new.order:
        said.append(f"{new.order} instead of {old.order}")
    if (old.open, old.close) != (new.open, new.close):
        said.append(f"{new.open} with {new.close} instead of {old.open} with {old.close}")
    if old.carry != new.carry:
        said.append(f"carries {', '.join(new.carry) or 'nothing'} instead of {', '.join(old.carry) or 'nothing'}")
    return "; ".join(said)
