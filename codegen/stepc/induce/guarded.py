"""Trying a spec that a stranger wrote: in a process of its own that may neither run forever nor fill the memory.

A spec cannot do anything but read what it is given, but loops within loops over long lists can take until the end of days. What comes
back is JSON, checked against the type of an assessment.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from stepc.induce.score import Assessment, Broken, assess

SECONDS: Final = 120.0
MEMORY: Final = 4 << 30
_START: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from stepc.induce.guarded import main; main()"
_FAILED: Final = (0.0, -1.0)


class _Task(msgspec.Struct):
    text: str
    paths: list[str]
    root: str | None
    beside: str | None


def assess_guarded(
    text: str, paths: Sequence[str | Path], *, root: Path | None = None, beside: Path | None = None, seconds: float = SECONDS
) -> Assessment:
    """What `stepc.induce.score.assess` says of a spec; a spec that takes too long or too much is one that breaks a law."""
    task = _Task(text, [str(path) for path in paths], None if root is None else str(root), None if beside is None else str(beside))
    try:
        done = subprocess.run(
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            input=msgspec.json.encode(task),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _broken("time", f"on these samples the spec takes longer than {seconds:g} seconds: are there loops within loops?")
    if done.returncode:
        return _broken("memory", "on these samples the spec needs more memory than it may have: are there loops within loops?")
    try:
        return msgspec.json.decode(done.stdout, type=Assessment)
    except msgspec.MsgspecError:
        return _broken("memory", "the spec cannot be tried on these samples")


def _broken(law: str, message: str) -> Assessment:
    return Assessment((), (Broken(law, message),), score=_FAILED)


def main() -> None:
    """Read a task from standard input and print its assessment."""
    _bound()
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=_Task)
    found = assess(
        task.text,
        task.paths,
        root=task.root,
        beside=None if task.beside is None else Path(task.beside),
    )
    sys.stdout.buffer.write(msgspec.json.encode(found, enc_hook=_as_text))


def _bound() -> None:
    """Bound the memory of this process, where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _as_text(value: Any) -> str:
    return str(value)
