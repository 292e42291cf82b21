"""Document paths of `sealed`, `secret` and `ignore`, compared one by one whatever lines they are grouped in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stepc import ir
from stepc.check.paths import show
from stepc.diff.model import Category, Change
from stepc.diff.sides import Comparison


def reasons(rules: Sequence[ir.PathRule]) -> dict[str, tuple[str, ir.PathRule]]:
    """The reason and the line of every path."""
    return {show(path): (rule.reason, rule) for rule in rules for path in rule.paths}


def path_changes(
    comparison: Comparison,
    old: Sequence[ir.PathRule],
    new: Sequence[ir.PathRule],
    category: Category,
    block: str,
    messages: tuple[str, str],
) -> Iterator[Change]:
    """Paths that one side names and the other does not; `messages` for added and for removed ones."""
    before, after = reasons(old), reasons(new)
    for path, (_, rule) in after.items():
        if path not in before:
            yield Change(category, "insert", f"{block} {path}", messages[0], None, comparison.new.head(rule.span))
    for path, (_, rule) in before.items():
        if path not in after:
            yield Change(category, "remove", f"{block} {path}", messages[1], comparison.old.head(rule.span), None)
