"""Raw spellings name the same members as before. A changed spelling alters what existing data becomes: what reads the enum decides, labels
OUTCOME, steps STEP_VALUE or ORDER (a step that is skipped without a value). Only a spelling of a new member is not reported again.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepc.diff.model import Change
from stepc.diff.sides import Comparison


def changes(comparison: Comparison) -> Iterator[Change]:
    """Spellings that name another member, or none, on one side."""
    for name, new in comparison.new.enums.items():
        old = comparison.old.enums.get(name)
        if old is None:
            continue
        before, after = dict(old.spellings), dict(new.spellings)
        shared = set(old.members) & set(new.members)
        for raw in sorted(before.keys() | after.keys()):
            one, other = before.get(raw), after.get(raw)
            if one == other or not {one, other} & shared:
                continue
            member = other or one
            places = (
                comparison.old.spelling(old.span, name, raw if one else str(member)),
                comparison.new.spelling(new.span, name, raw if other else str(member)),
            )
            change = Change("COMPATIBLE", "update", f"{name}.{member}", _message(raw, one, other), *places)
            yield from comparison.flowing(change, f"enum.{name}")


def _message(raw: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f'the raw string "{raw}" is now `{new}`'
    return f'the raw string "{raw}" was `{old}` and is now {f"`{new}`" if new else "a bad value"}'
