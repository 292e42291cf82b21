"""Documentation is text for readers. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Things that both sides have, with other docs."""
    before, after = documented(comparison.old.program), documented(comparison.new.program)
    for path, docs in after.items():
        if path in before and before[path] != docs:
            yield Change("COMPATIBLE", "update", path, "its documentation changed")


def documented(program: ir.Program) -> dict[str, tuple[str, ...]]:
    """Everything that may have docs, by path."""
    found = {"spec": program.docs, "source": program.source.docs}
    for block, items in (("start", program.start), ("meta", program.meta), ("outcome", program.outcome), ("state", program.state)):
        found.update({f"{block}.{item.name}": item.docs for item in items})
    found.update({f"enum {enum.name}": enum.docs for enum in program.enums})
    for step in program.steps:
        found[step.name] = step.docs
        found.update({f"{step.name}.{item.name}": item.docs for item in step.fields})
    for monitor in program.monitors:
        found[f"monitor {monitor.name}"] = monitor.docs
        found.update({f"monitor {monitor.name}, rule {rule.name}": rule.docs for rule in monitor.rules})
    return found
