"""Artefacts of monitors as the compiler wants to know of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepc.emit.monitor import Damaged, Trained


def trained(path: Path) -> Trained | Damaged:
    """What the artefact in a file was trained for, or what is wrong with it."""
    from stepc.cli.loading import shown
    from stepc.emit.monitor import Damaged, Trained
    from stepwatch import artefact, plan

    try:
        found = artefact.decode(path.read_bytes(), shown(path))
    except artefact.ArtefactError as error:
        return Damaged(error.message)
    except OSError as error:
        return Damaged(f"{shown(path)} cannot be read: {error.strerror or type(error).__name__}")
    identity = found.header["spec"].get("identity")
    return Trained(found.digest, plan.to_json(found.plan), found.header["plan_sha256"], identity if isinstance(identity, str) else "")
