"""Labels that are handed over beside the traces: the file that `--outcomes` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, UNREADABLE, StopError

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
    """The same, of a file that has to hold this label."""
    found = outcomes_in(path)
    if found is not None and label not in found.labels:
        raise StopError(BAD_SPEC, f"{path} has no column {label}", f"it has {', '.join(found.labels)}")
    return found
