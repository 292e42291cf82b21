"""The search for the smallest change: every likely one is compiled and weighed, the best are kept, and it begins anew with what is left."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stepc.induce.mending import mended
from stepc.induce.samples import SampleLimits, read_samples
from stepc.induce.score import Compiled
from stepc.induce.update.marks import marks
from stepc.induce.update.moves import Change, Moves
from stepc.induce.update.picture import Picture, picture
from stepc.induce.update.places import applied, overlapping
from stepc.induce.update.values import Values
from stepc.induce.update.worth import Scale, Worth
from stepc.induce.workbench import workbench
from stepc.syntax import parse, tree

ROUNDS = 12
TRIED = 48
"""Changes that are weighed in a round, those with most speaking for them first."""
LIMITS = SampleLimits(files=40, file=8 << 20, total=24 << 20, records=40)
_GAIN = 1e-3
_SURE = 0.62
"""A change that only finds a path again, without any other gain, needs this likeness."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A spec for a changed format.

    text      the spec; the old text where nothing better was found
    changes   what was changed, a sentence each, in the order in which it was found
    before, after   what the old and the new spec make of the new traces; None where the old spec does not compile
    """

    text: str
    changes: tuple[str, ...]
    before: Worth | None
    after: Worth | None

    def diff(self, old: str, name: str) -> list[str]:
        """The change as a unified difference."""
        lines = old.splitlines(keepends=True), self.text.splitlines(keepends=True)
        return list(difflib.unified_diff(*lines, fromfile=name, tofile=f"{name} (updated)"))


@dataclass(frozen=True, slots=True)
class _Tried:
    change: Change
    text: str
    gain: float
    met: float


def propose(
    text: str,
    paths: Iterable[str | Path],
    *,
    old: Sequence[str | Path] = (),
    root: str | Path | None = None,
    beside: Path | None = None,
    limits: SampleLimits = LIMITS,
    tell: Callable[[str], None] = lambda _: None,
) -> Proposal:
    """The smallest change of a spec that restores its account on new traces.

    old   traces of the format as it was, where some are at hand: what was missing there before is no loss
    """
    samples = read_samples(paths, root=root, limits=limits)
    earlier = read_samples(old, limits=limits).files if old else ()
    with workbench(samples.files) as folder:
        scale = Scale(folder, beside)
        before = scale.worth(text)
        if before is None:
            return Proposal(text, (), None, None)
        found: list[str] = []
        for _ in range(ROUNDS):
            ready = scale.compiled(text)
            file = parse(text).tree
            if file is None or ready.program is None:
                break
            new = picture(samples.files, file, ready.program)
            was = picture(earlier, file, ready.program) if earlier else None
            better = list(_better(text, file, ready, new, was, scale, beside))
            if not better:
                break
            text, kept = _together(text, better, scale)
            for change in kept:
                found.append(change.title)
                tell(change.title)
        return Proposal(text, tuple(found), before, scale.worth(text))


def _better(
    text: str, file: tree.File, ready: Compiled, new: Picture, old: Picture | None, scale: Scale, beside: Path | None
) -> Iterator[_Tried]:
    """The changes that make the spec worth more, the best first."""
    program, now = ready.program, scale.worth(text)
    assert program is not None
    if now is None:
        return
    moves, values = Moves(text, file, program, new, old), Values(text, file, program, new, old)
    changes = [
        *values.form(),
        *marks(text, file, new.texts, old.texts if old is not None else None),
        *moves.changes(),
        *values.kinds(now.account),
        *values.types(now.account),
    ]
    unique = {change.edits: change for change in sorted(changes, key=lambda change: (change.likeness, change.title))}
    ranked = sorted(unique.values(), key=lambda change: (-change.likeness, len(change.edits), change.title))[:TRIED]
    met = moves.met()
    tried = []
    for change in ranked:
        made = applied(text, change.edits)
        after = scale.worth(made)
        if after is None:
            made, _ = mended(made, beside=beside)
            after = scale.worth(made)
        if after is None:
            continue
        gain = after.score - now.score
        again = _moves(made, scale, new, old)
        found = (again.met() if again is not None else 0.0) - met
        if (gain > _GAIN and change.likeness >= 0.25) or (gain > -_GAIN and found > 0 and change.likeness >= _SURE):
            tried.append(_Tried(change, made, gain, found))
            if again is not None and again.complete and not after.account.account.unknown and not after.account.defects:
                break
    yield from sorted(tried, key=_rank)


def _rank(one: _Tried) -> tuple[float, int, float, int, str]:
    return -round(one.gain + one.met, 2), one.change.depth, -one.change.likeness, len(one.change.edits), one.change.title


def _moves(text: str, scale: Scale, new: Picture, old: Picture | None) -> Moves | None:
    file, program = parse(text).tree, scale.compiled(text).program
    return Moves(text, file, program, new, old) if file is not None and program is not None else None


def _together(text: str, better: list[_Tried], scale: Scale) -> tuple[str, list[Change]]:
    """The best change, and with it those further ones that touch other text and still gain."""
    first, *others = better
    kept, made = [first.change], first.text
    if first.text != applied(text, first.change.edits):
        return made, kept
    worth = scale.worth(made)
    for other in others:
        if overlapping(other.change.edits, [edit for change in kept for edit in change.edits]):
            continue
        both = applied(text, [edit for change in (*kept, other.change) for edit in change.edits])
        after = scale.worth(both)
        if after is not None and worth is not None and after.score > worth.score + (_GAIN if other.gain > _GAIN else -_GAIN):
            kept.append(other.change)
            made, worth = both, after
    return made, kept
