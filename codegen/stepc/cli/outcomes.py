"""Labels that are handed over beside the traces: the file that `--outcomes` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, UNREADABLE, StopError, note

if TYPE_CHECKING:
    from stepc.runtime.outcomes import Outcomes

outcomes_option = click.option(
    "--outcomes", metavar="CSV", help="Labels that win over those of the traces: a file with the header id,<label>[,...]."
)


def outcomes_in(path: str | None) -> Outcomes | None:
    """The labels of a file; None without one."""
    if path is None:
        return None
    from stepc.runtime.outcomes import OutcomesError, read_outcomes

    try:
        return read_outcomes(path)
    except OutcomesError as error:
        raise StopError(UNREADABLE, str(error)) from None


def labels_of(path: str | None, label: str) -> Outcomes | None:
    """The same, of a file that has to hold this label, as true and false."""
    found = outcomes_in(path)
    if found is not None and label not in found.labels:
        raise StopError(BAD_SPEC, f"{path} has no column {label}", f"it has {', '.join(found.labels)}")
    odd = found.other_than_truth(label) if found is not None else None
    if odd is not None:
        row, value = odd
        raise StopError(UNREADABLE, f"{path}, row {row}: {label} is {str(value)[:40]!r}", "write true or false, or nothing")
    return found


def unmatched(found: Outcomes | None, path: str | None) -> None:
    """Say how many rows of the file met no episode."""
    if found is not None and found.unused:
        what = f"{path}: {found.unused:,} of {found.rows:,} ids are of no episode that was read"
        note(f"warning: {what}" + ("; is `id` what `meta` of the spec calls id?" if not found.used else ""))
