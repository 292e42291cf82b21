"""What a `let` is used for within its block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stepc import ir
from stepc.diff.align import emitted
from stepc.diff.model import Category, Target
from stepc.diff.reach import Reach
from stepc.diff.shape import walk


@dataclass(frozen=True, slots=True)
class Uses:
    """The gravest category of the uses, and the steps that they can alter."""

    category: Category
    touches: tuple[Target, ...]


def uses_of(name: str, blocks: Iterable[Sequence[ir.AnyStatement]], reach: Reach) -> Uses:
    """The uses of `name` in the blocks of both sides, through other lets, loops and the state."""
    nodes = {node for block in blocks for node in _readers(block, {name})}
    touches = reach.targets(*sorted(nodes, key=str))
    if any(not target.field for target in touches):
        return Uses("ORDER", touches)
    return Uses("STEP_VALUE" if touches else "COMPATIBLE", touches)


def _readers(block: Sequence[ir.AnyStatement], names: set[str]) -> Iterator[str | Target]:
    names = set(names)
    for statement in block:
        match statement:
            case ir.Let(value=value) if _reads(names, value):
                names.add(statement.name)
            case ir.Set(value=value) if _reads(names, value):
                yield f"state.{statement.name}"
            case ir.Emit():
                if _reads(names, statement.guard):
                    yield Target(statement.step)
                for assign in statement.assigns:
                    if _reads(names, assign.value):
                        yield Target(statement.step) if assign.skip else Target(statement.step, assign.field)
            case ir.Each():
                if _reads(names, statement.items):
                    yield from (Target(step) for step in emitted(statement.body))
                    names.update(statement.names)
                yield from _readers(statement.body, names)
            case _:
                pass


def _reads(names: set[str], *nodes: object) -> bool:
    return any(isinstance(node, ir.Local) and node.name in names for root in nodes for node in walk(root))
