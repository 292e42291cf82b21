"""Which artefact a monitor's module pins, and what is wrong with the one that lies there.

A pin is the digest of an artefact that was trained for this very plan and this very adapter. Where the artefact is elsewhere, the lock
keeps its pin as long as nothing changed that training reads; what was trained for something else is never pinned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from stepc import ir
from stepc.emit.monitor.plan import UNTRAINED, plan_hash

_DIGEST: Final = re.compile("[0-9a-f]{64}")

SHOWN: Final = 12
"""Characters of a digest in a message."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What an artefact says of itself: its digest, the plan it was trained for and that plan's hash, the identity of its adapter."""

    digest: str
    plan: Mapping[str, Any]
    plan_hash: str
    identity: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that is no artefact, or is not whole: what is wrong with it."""

    message: str


Reader = Callable[[Path], Trained | Damaged]
"""Reads an artefact that is there."""

TroubleKind = Literal["missing", "damaged", "foreign"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps an artefact from being used, in words, and the command that mends it."""

    kind: TroubleKind
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Pin:
    """The digest to pin, "" for none, and what is wrong with the artefact that lies there, if anything."""

    digest: str
    trouble: Trouble | None = None


def pin(
    program: ir.Program,
    monitor: ir.Monitor,
    plan: dict[str, Any],
    *,
    path: Path,
    shown: str,
    locked: Mapping[str, Any],
    read: Reader | None,
) -> Pin:
    """The pin of a monitor.

    Args:
        path: where its artefact stands, `shown` in messages.
        locked: what the lock says of the monitor.
        read: how to read an artefact; None: what the lock says is believed.
    """
    kept = str(locked.get("artefact_sha256", ""))
    valid = locked.get("plan_sha256") == plan_hash(plan) and locked.get("adapter_sha256") == ir.identity(program)
    kept = kept if valid and _DIGEST.fullmatch(kept) else ""
    train = f"stepc monitor train {program.file}:{monitor.name} TRACES..."
    if read is None:
        return Pin(kept)
    if not path.is_file():
        if not kept:
            return Pin("")
        message = f"{shown} does not exist, and {monitor.name}.py pins {kept[:SHOWN]}: put it there, or train it again"
        return Pin(kept, Trouble("missing", message, train))
    found = read(path)
    if isinstance(found, Damaged):
        return Pin(kept, Trouble("damaged", found.message, train))
    why = _foreign(program, monitor, plan, found)
    if why:
        return Pin("", Trouble("foreign", f"{shown} {why}", train))
    return Pin(found.digest)


def _foreign(program: ir.Program, monitor: ir.Monitor, plan: dict[str, Any], found: Trained) -> str:
    """Why an artefact is not one of this monitor; "" where it is."""
    name, source = found.plan.get("monitor"), found.plan.get("source")
    if (name, source) != (monitor.name, program.source.name):
        return f"is the monitor {name} of {source}, not {monitor.name} of {program.source.name}"
    if found.plan_hash != plan_hash(plan):
        changed = [key for key in plan if key not in UNTRAINED and found.plan.get(key) != plan[key]]
        listed = ", ".join(f"`{key}`" for key in changed)
        return f"was trained for another plan than {program.file} has now{f': {listed} changed' if changed else ''}"
    if found.identity != ir.identity(program):
        return f"was trained on steps of another {program.source.name}: {program.file} has changed what its steps are"
    return ""
