"""Both versions run over the same samples, in memory: what the static comparison promises is held against what really comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepc import ir
from stepc.diff.load import shown
from stepc.diff.model import Replay
from stepc.diff.observe import Counting, SeenEpisode, SeenStep
from stepc.runtime.run import AdapterModule
from stepc.verify.play import Played, episodes, play


@dataclass(frozen=True, slots=True)
class Sample:
    """Traces to replay: a file, a folder or an archive. `input` names the input that a single file belongs to, if that has to be said."""

    path: Path
    shown: str
    input: str = ""


Player = Callable[[Sample], Iterator[SeenEpisode]]
"""One version of a spec, run over one sample."""


def replay(old: Player, new: Player, samples: Sequence[Sample]) -> Replay:
    """Count the differences of two versions over samples, one by one, so that only one sample's steps are held at a time."""
    counting = Counting()
    read: list[str] = []
    missing: list[str] = []
    for sample in samples:
        if not sample.path.exists():
            missing.append(f"{sample.shown} does not exist")
            continue
        before, after = list(old(sample)), list(new(sample))
        if not before and not after:
            missing.append(f"{sample.shown} holds no episode for either version")
            continue
        counting.add(before, after)
        read.append(sample.shown)
    return counting.replay(read, missing)


def player(module: AdapterModule) -> Player:
    """A version of a spec as its generated module reads it."""
    inputs = {given.name for given in module.SOURCE.inputs}

    def run(sample: Sample) -> Iterator[SeenEpisode]:
        for episode in episodes(module, [str(sample.path)], input=sample.input if sample.input in inputs else None):
            yield _seen(play(module, episode), sample)

    return run


def example_samples(*specs: tuple[ir.Program, Path]) -> list[Sample]:
    """The samples that the examples of specs are given, each once, in the order of the last spec that names it first."""
    found: dict[tuple[str, str], Sample] = {}
    for program, path in reversed(specs):
        for example in program.examples:
            where = path.parent / example.given
            sample = Sample(where, shown(where), example.input)
            found.setdefault((sample.shown, sample.input), sample)
    return list(found.values())


def _seen(played: Played, sample: Sample) -> SeenEpisode:
    episode = played.episode
    # Where the pack's root lies may depend on the version, so a sample that is one file is named by what the user called it.
    where = sample.shown if sample.path.name == episode.file.name else f"{sample.shown}/{episode.file.path}"
    steps = tuple(SeenStep(event.index, str(step["type"]), _fields(step)) for event in played.events for step in event.steps)
    return SeenEpisode(where, episode.index, played.labels is not None, _facts(played), steps)


def _fields(step: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in step.items() if name != "type"}


def _facts(played: Played) -> dict[str, Any]:
    labels = played.labels
    if labels is None:
        return {}
    facts: dict[str, Any] = {"meta.id": labels.id, "meta.group": labels.group}
    facts.update({f"meta.{name}": value for name, value in labels.meta.items()})
    facts.update({f"outcome.{name}": value for name, value in labels.outcome.items()})
    return facts
