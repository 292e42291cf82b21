"""What compiles and is probably not meant (SV6xx)."""

from __future__ import annotations

from stepc import ir
from stepc.check.world import World
from stepc.syntax import tree


def check(world: World, file: tree.File, match: ir.Match) -> None:
    """All lints over a checked spec."""
    del world, file, match
