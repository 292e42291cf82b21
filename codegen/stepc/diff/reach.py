"""What flows where: from a named fact (`start.seed`, `beside.verdicts`, `state.url`, an enum) to steps, labels and groups.

A rule asks for the consequences of a change instead of guessing its category: a changed `start` field that only names a side file of labels
changes labels, one that no step reads changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from stepc import ir
from stepc.diff.model import EVERYTHING, Category, Target
from stepc.diff.shape import walk

_IDENTITY: Final = ("meta.id", "meta.group")


@dataclass(slots=True)
class Reach:
    """Edges from a fact to what reads it. Nodes are names of facts and `Target`s of steps."""

    edges: dict[str | Target, set[str | Target]] = field(default_factory=dict)

    def add(self, facts: Iterable[str | Target], reader: str | Target) -> None:
        """`reader` depends on all `facts`."""
        for fact in facts:
            self.edges.setdefault(fact, set()).add(reader)

    def closure(self, fact: str | Target) -> set[str | Target]:
        """Everything that depends on `fact`, directly or not, without itself."""
        found: set[str | Target] = set()
        waiting = [fact]
        while waiting:
            for reader in self.edges.get(waiting.pop(), ()):
                if reader not in found:
                    found.add(reader)
                    waiting.append(reader)
        return found

    def targets(self, *facts: str | Target) -> tuple[Target, ...]:
        """The steps and fields that facts can alter, the facts themselves included where they are targets; the widest only."""
        found = {node for fact in facts for node in (fact, *self.closure(fact)) if isinstance(node, Target)}
        return tuple(sorted(target for target in found if not any(other != target and other.covers(target) for other in found)))

    def consequences(self, fact: str) -> tuple[Category, ...]:
        """The categories that a change of this fact's value falls into; `COMPATIBLE` when nobody reads it."""
        readers = {fact, *self.closure(fact)}
        found: list[Category] = []
        if any(isinstance(node, str) and (node.startswith("outcome.") or node in _IDENTITY) for node in readers):
            found.append("OUTCOME")
        targets = [node for node in readers if isinstance(node, Target)]
        if any(not target.field for target in targets):
            found.append("ORDER")
        elif targets or any(isinstance(node, str) and node.startswith("meta.") and node not in _IDENTITY for node in readers):
            found.append("STEP_VALUE")
        return tuple(found) or ("COMPATIBLE",)


def reach_of(*programs: ir.Program) -> Reach:
    """The flow of one program, or of several taken together."""
    reach = Reach()
    for program in programs:
        _add(reach, program)
    return reach


def facts(*nodes: object) -> set[str]:
    """The named facts that expressions read directly."""
    found: set[str] = set()
    for root in nodes:
        for node in walk(root):
            found.update(_fact(node))
    return found


def _fact(node: object) -> Iterator[str]:
    match node:
        case ir.StartField(name=name):
            yield f"start.{name}"
        case ir.StateField(name=name):
            yield f"state.{name}"
        case ir.LaterField(block=block, name=name):
            yield f"{block}.{name}"
        case ir.Root(root="side", name=name):
            yield f"beside.{name}"
        case ir.Root(root="banner"):
            yield "banner"
        case ir.Root(root="first" | "last", name=name):
            yield f"line.{name}"
        case ir.Local(name=name):
            yield f"local.{name}"
        case ir.Type(enum=enum) if enum:
            yield f"enum.{enum}"
        case _:
            pass


def _add(reach: Reach, program: ir.Program) -> None:
    for block, declared in (("start", program.start), ("meta", program.meta), ("outcome", program.outcome), ("state", program.state)):
        for item in declared:
            reach.add(facts(item.value, item.type), f"{block}.{item.name}")
    for beside in program.source.beside:
        reach.add(facts(beside.template), f"beside.{beside.name}")
    for step in program.steps:
        for item in step.fields:
            reach.add(facts(item.type), Target(step.name, item.name))
    for pair in program.pairs:
        for carried in pair.carry:
            sources = (Target(pair.open), Target(pair.open, carried), Target(pair.open, pair.key), Target(pair.close, pair.key))
            reach.add((*sources, f"pair.{pair.name}"), Target(pair.close, carried))
    reach.add(facts(program.match.subject), EVERYTHING)
    for arm in program.match.arms:
        reach.add(facts(arm.guard), EVERYTHING)
        if isinstance(arm.body, ir.Block):
            _add_block(reach, arm.body.statements, facts(arm.guard, program.match.subject), {})


def _add_block(reach: Reach, statements: Sequence[ir.AnyStatement], control: set[str], names: dict[str, set[str]]) -> None:
    """Statements that run under `control`; `names` maps the locals in force to the facts behind them."""
    names = dict(names)

    def read(*nodes: object) -> set[str]:
        found: set[str] = set()
        for fact in facts(*nodes):
            found |= names.get(fact, set()) if fact.startswith("local.") else {fact}
        return found

    for statement in statements:
        match statement:
            case ir.Let():
                names[f"local.{statement.name}"] = read(statement.value)
            case ir.Set():
                reach.add(read(statement.value) | control, f"state.{statement.name}")
            case ir.Emit():
                reach.add(control | read(statement.guard), Target(statement.step))
                for assign in statement.assigns:
                    reach.add(read(assign.value), Target(statement.step, assign.field))
                    if assign.skip:
                        reach.add(read(assign.value), Target(statement.step))
            case ir.Each():
                walked = read(*statement.items)
                inner = names | {f"local.{name}": walked for name in (*statement.names, statement.position) if name}
                _add_block(reach, statement.body, control | walked, inner)
            case ir.Leftover():
                pass
