"""What the checker is given and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepc import ir
from stepc.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class Checked:
    """The program, or None when there is an error, with all diagnostics in the order of the text. Warnings never block."""

    program: ir.Program | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class SeenPath:
    """How often a path was met in samples.

    `present` counts values that are there and not null, `null` counts nulls, `parents` counts the objects (for a key) or lists (for
    an element) that could have held it: absent are `parents - present - null`.
    """

    present: int
    null: int
    parents: int

    @property
    def absent(self) -> int:
        """How many parents lack it."""
        return max(0, self.parents - self.present - self.null)


@dataclass(frozen=True, slots=True)
class Seen:
    """The paths that samples show, as document path texts: `.messages[].role`, side documents as `result.resolved`."""

    paths: Mapping[str, SeenPath] = field(default_factory=dict)
