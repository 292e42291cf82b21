"""What the checker offers to mend is mended: fallbacks that are missing or cannot be needed, and the like."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from stepc.diagnostics.model import Diagnostic, Edit, Fix
from stepc.diagnostics.render import apply_fix
from stepc.front import check_text

_ROUNDS: Final = 8
_TRIED: Final = 40


def mended(text: str, *, beside: Path | None = None) -> tuple[str, tuple[Diagnostic, ...]]:
    """A spec's text with the offered fixes applied, as long as each round leaves fewer mistakes; and what is then still wrong."""
    found = check_text(text, file="", beside=beside).diagnostics
    for _ in range(_ROUNDS):
        if not any(one.fixes for one in found):
            break
        better = _all_at_once(text, found, beside) or _one(text, found, beside)
        if better is None:
            break
        text, found = better
    return text, found


def _all_at_once(text: str, found: tuple[Diagnostic, ...], beside: Path | None) -> tuple[str, tuple[Diagnostic, ...]] | None:
    edits: list[Edit] = []
    for diagnostic in found:
        own = diagnostic.fixes[0].edits if diagnostic.fixes else ()
        if own and not any(_overlap(edit, other) for edit in own for other in edits):
            edits += own
    return _tried(text, Fix("", tuple(edits)), found, beside)


def _one(text: str, found: tuple[Diagnostic, ...], beside: Path | None) -> tuple[str, tuple[Diagnostic, ...]] | None:
    fixes = [fix for diagnostic in found for fix in diagnostic.fixes][:_TRIED]
    return next((better for fix in fixes if (better := _tried(text, fix, found, beside)) is not None), None)


def _tried(text: str, fix: Fix, found: tuple[Diagnostic, ...], beside: Path | None) -> tuple[str, tuple[Diagnostic, ...]] | None:
    changed = apply_fix(text, fix)
    left = check_text(changed, file="", beside=beside).diagnostics
    return (changed, left) if _weight(left) < _weight(found) else None


def _overlap(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end


def _weight(found: Iterable[Diagnostic]) -> tuple[int, int]:
    listed = list(found)
    return sum(one.severity == "error" for one in listed), len(listed)
