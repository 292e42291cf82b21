"""The examples that stand in a spec, run over their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stepc.ir import Example, Program
from stepc.runtime.problems import Problems
from stepc.runtime.run import AdapterModule
from stepc.verify.expect import Row, compare, holds
from stepc.verify.play import Played, episodes, play

MOST_EPISODES = 10_000
"""An example looks for its episode among so many at most: samples are small."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one example. `problem` says why it could not be run; otherwise `rows` hold expectation against steps."""

    example: Example
    problem: str = ""
    rows: tuple[Row, ...] = ()
    episode: str = ""

    @property
    def holds(self) -> bool:
        """Whether the steps are as expected."""
        return not self.problem and holds(self.rows)


def run_examples(program: Program, module: AdapterModule, folder: Path) -> list[Result]:
    """The results of all examples of a spec that lies in `folder`, in the order written."""
    return [run_example(module, example, folder) for example in program.examples]


def run_example(module: AdapterModule, example: Example, folder: Path) -> Result:
    """The result of one example."""
    path = folder / example.given
    if not path.exists():
        return Result(example, f"there is no {example.given} beside the spec")
    problems = Problems()
    found: list[tuple[str, int, Played]] = []
    for episode in episodes(module, [str(path)], input=example.input or None, problems=problems):
        if len(found) >= MOST_EPISODES:
            break
        wanted = example.episode is None or example.id is not None or example.episode in (episode.index, len(found))
        found.append((episode.file.path, episode.index, play(module, episode) if wanted else Played(episode)))
    if not found:
        why = "; ".join(f"{defect.kind} in {defect.places[0]}" if defect.places else defect.kind for defect in problems)
        return Result(example, f"{example.given} holds no episode" + (f": {why}" if why else ""))
    chosen = _chosen(example, found)
    if isinstance(chosen, str):
        return Result(example, chosen)
    file, index, played = chosen
    if played.dropped:
        return Result(example, f"the episode is dropped: {played.dropped}")
    return Result(example, rows=compare(example.expect, played.steps), episode=f"{file}, episode {index}")


def _chosen(example: Example, found: Sequence[tuple[str, int, Played]]) -> tuple[str, int, Played] | str:
    if example.id is not None:
        named = [entry for entry in found if entry[2].labels is not None and entry[2].labels.id == example.id]
        if len(named) == 1:
            return named[0]
        if named:
            return f"{len(named)} episodes of {example.given} have the id {example.id!r}"
        ids = [entry[2].labels.id for entry in found if entry[2].labels is not None]
        return f"no episode of {example.given} has the id {example.id!r}; there are {', '.join(map(repr, ids[:5]))}"
    if example.episode is None:
        if len(found) == 1:
            return found[0]
        return f"{example.given} holds {len(found)} episodes: say which with `episode N` or `id …`"
    # In one file an episode has the index that the file gives it, bad ones counted; in a folder, its place among all that are read.
    one_file = len({file for file, _, _ in found}) == 1
    for place, entry in enumerate(found):
        if example.episode == (entry[1] if one_file else place):
            return entry
    return f"{example.given} has no episode {example.episode}; it holds {len(found)}"
