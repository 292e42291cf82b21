"""Did you mean: the declared name nearest to what was written."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_LONGEST = 64


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The known name most like `written`, or None when nothing is close enough to be a likely slip.

    Case and the underscores between words count little; ties go to the name that sorts first.
    """
    if len(written) > _LONGEST:
        return None
    folded = _fold(written)
    best: str | None = None
    best_score = 0.0
    for name in sorted(set(known)):
        if name == written or len(name) > _LONGEST:
            continue
        other = _fold(name)
        score = 1.0 if other == folded else SequenceMatcher(None, folded, other, autojunk=False).ratio()
        if score > best_score:
            best, best_score = name, score
    shortest = min(len(folded), len(best)) if best else 0
    return best if best_score >= (0.5 if shortest <= 3 else 0.65) else None


def _fold(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
