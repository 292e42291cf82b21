"""What is secret is never quoted. Steps do not depend on it, so either way is COMPATIBLE; a path that is no longer secret is still worth a
look.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.paths import path_changes
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Secret paths added or removed."""
    programs = (comparison.old.program.secret, comparison.new.program.secret)
    messages = ("never quoted from now on", "no longer secret: its values may be quoted")
    yield from path_changes(comparison, *programs, "COMPATIBLE", "secret", messages)
