"""An event that emits goes on emitting, one that is left out stays out. From or to `ignore` or `unknown` is ORDER where a block emitted or
remembered something, and COMPATIBLE between the ways of emitting nothing: only accounts change.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.overlap import acts
from stepc.diff.sides import Comparison, arm_targets


def changes(comparison: Comparison) -> Iterator[Change]:
    """Arms whose body became one of another kind."""
    for match in comparison.arms:
        old, new = match.old, match.new
        if old is None or new is None or type(old.body) is type(new.body):
            continue
        silent = not acts(old.body) and not acts(new.body)
        message = f"its events are {_does(new.body)} instead of {_does(old.body)}" + ("; only accounts change" if silent else "")
        places = (comparison.old.block(old.span), comparison.new.block(new.span))
        yield Change("COMPATIBLE" if silent else "ORDER", "update", f"match {new.label}", message, *places, arm_targets(old, new))


def _does(body: ir.Block | ir.Ignored | ir.Unknown) -> str:
    match body:
        case ir.Ignored():
            return "ignored"
        case ir.Unknown():
            return "unknown"
        case ir.Block():
            return "mapped"
