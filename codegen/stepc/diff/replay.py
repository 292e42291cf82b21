"""Both versions run over the same samples, in memory: what the static comparison promises is held against what really comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from stepc import ir
from stepc.diff.model import Replay
from stepc.diff.observe import Counting, SeenEpisode, SeenStep
from stepc.project import Project

Player = Callable[[Path], Iterator[SeenEpisode]]
"""One version of a spec, run over one file or directory."""


def replay(old: Player, new: Player, samples: Sequence[Path]) -> Replay:
    """Count the differences of two versions over samples, file by file, so that only one file's steps are held at a time."""
    counting = Counting()
    read: list[str] = []
    missing: list[str] = []
    for sample in samples:
        if not sample.exists():
            missing.append(f"{sample} does not exist")
            continue
        counting.add(old(sample), new(sample))
        read.append(str(sample))
    return counting.replay(read, missing)
