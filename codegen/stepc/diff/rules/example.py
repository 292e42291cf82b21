"""Examples are tests of the spec, not part of its meaning. COMPATIBLE."""

from __future__ import annotations

from collections.abc import Iterator

from stepc import ir
from stepc.diff.model import Change
from stepc.diff.named import any_name, by_name
from stepc.diff.sides import Comparison, action_of


def changes(comparison: Comparison) -> Iterator[Change]:
    """Examples added, removed or changed."""
    for old, new in by_name(comparison.old.program.examples, comparison.new.program.examples, lambda example: example.title):
        if old is not None and new is not None and _content(old) == _content(new):
            continue
        title = any_name(old, new, lambda example: example.title)
        message = "a further example" if old is None else "the example is gone" if new is None else "it expects or is given something else"
        places = (comparison.old.head(old.span) if old else None, comparison.new.head(new.span) if new else None)
        yield Change("COMPATIBLE", action_of(old, new), f'example "{title}"', message, *places)


def _content(example: ir.Example) -> tuple[object, ...]:
    return (example.given, example.input, example.episode, example.id, example.expect)
