"""The fields of emits that both sides have, paired: what the two rules about assigned values look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepc import ir
from stepc.diff.model import Place, Target
from stepc.diff.named import by_name
from stepc.diff.scope import same
from stepc.diff.sides import Comparison


@dataclass(frozen=True, slots=True)
class PairedAssign:
    """One field of one emit. A side is None where the pair carries the field over."""

    arm: str
    target: Target
    old: ir.Assign | None
    new: ir.Assign | None
    old_emit: ir.Emit
    new_emit: ir.Emit
    same_value: bool

    def places(self, comparison: Comparison) -> tuple[Place, Place]:
        """Where the value stands on both sides; the head of the emit where it is carried over."""
        return (
            comparison.old.place(self.old.span) if self.old else comparison.old.head(self.old_emit.span),
            comparison.new.place(self.new.span) if self.new else comparison.new.head(self.new_emit.span),
        )


def paired(comparison: Comparison) -> Iterator[PairedAssign]:
    """The fields that both declarations of the emitted step have."""
    common = {(step.name, item.name) for _, _, step, item in comparison.fields()}
    for statement in comparison.statements:
        old_emit, new_emit = statement.match.old, statement.match.new
        if not (isinstance(old_emit, ir.Emit) and isinstance(new_emit, ir.Emit)):
            continue
        for old, new in by_name(old_emit.assigns, new_emit.assigns, lambda assign: assign.field):
            name = new.field if new is not None else old.field if old is not None else ""
            if (new_emit.step, name) not in common:
                continue
            equal = old is not None and new is not None and same(old.value, new.value, statement.before, statement.after)
            yield PairedAssign(statement.arm, Target(new_emit.step, name), old, new, old_emit, new_emit, equal)
