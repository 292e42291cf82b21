"""The decision points of a pack, read through its shipped adapter: what every monitor and baseline of a benchmark is judged on.

A decision point is the end of an event that emitted a ToolResult, an Observed, or something said by the user; steps that only the end of
an episode told count as one last event. Runs without a label or without a decision point are left out and counted.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stepc.runtime import Step
from stepc.runtime.run import AdapterModule, RanEpisode, run
from stepwatch.metrics.strata import codes

SOURCES: Final = ("tau2", "agentdojo", "swebench_sweagent_traj", "webarena_infinity", "intercode", "react_text_logs")
HORIZON: Final = 3
FOLDS: Final = 5
SEED: Final = 7

Group = Callable[[RanEpisode], str]


def _before_colon(ran: RanEpisode) -> str:
    return (ran.group or "").partition(":")[0]


DOMAINS: Final[dict[str, Group]] = {
    "swebench_sweagent_traj": lambda ran: (ran.group or "").rpartition("-")[0],
    "react_text_logs": lambda ran: ran.file.parts[-2] if len(ran.file.parts) > 1 else "",
}
"""The domain, suite, application or repository of a run, for controls alone; elsewhere it is what stands before the colon of the group."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled run. `points` holds the steps since the point before, for each decision point; agent and domain are for controls."""

    id: str
    group: str
    agent: str
    domain: str
    failed: bool
    points: list[list[Step]]
    ran: RanEpisode


@dataclass(frozen=True)
class Prefixes:
    """All decision points of a source, run after run, as columns; `case` numbers the runs, `index` counts points from 1, `left` those
    that follow; `seed` is that of the folds. `stratum` is equal where step index, agent, domain and fold are: scores of different folds
    are of different models, and what is held out of one fold's model is known to the others'."""

    source: str
    seed: int
    cases: list[Case]
    left_out: int
    case: NDArray[np.int64]
    index: NDArray[np.int64]
    left: NDArray[np.int64]
    failed: NDArray[np.bool_]
    group: NDArray[np.str_]
    fold: NDArray[np.int64]
    stratum: NDArray[np.int64]

    def label(self, name: str) -> NDArray[np.float64]:
        """`eventually`: the run fails; `within`: it fails and at most `HORIZON` points follow."""
        positive = self.failed if name == "eventually" else self.failed & (self.left <= HORIZON)
        return positive.astype(np.float64)


def is_point(step: Step) -> bool:
    """Whether a step makes its event a decision point."""
    kind = type(step).__name__
    return kind in ("ToolResult", "Observed") or (kind == "Said" and str(step.by) == "user")  # type: ignore[attr-defined]


def points(ran: RanEpisode) -> Iterator[list[Step]]:
    """The steps of an episode, cut behind each decision point; what follows the last one belongs to none."""
    taken = at = 0
    for end in (*ran.ends, len(ran.steps)):
        if any(map(is_point, ran.steps[at:end])):
            yield ran.steps[taken:end]
            taken = end
        at = end


def agents(traces: Path, source: str) -> Callable[[RanEpisode], str]:
    """Who acted, for controls: from `meta`, from the folder of a log, or from the index of the pack where the raw data does not say."""
    if source == "react_text_logs":
        return lambda ran: ran.file.dir
    if source != "intercode":
        return lambda ran: str(ran.meta.get("model", ""))
    index = [json.loads(line) for line in (traces / source / "open.index.jsonl").read_text(encoding="utf-8").splitlines()]
    by_line = {row["line"]: str(row["model"]) for row in index}
    return lambda ran: by_line.get(ran.index, "")


def module_of(source: str) -> AdapterModule:
    """The shipped adapter of a source."""
    module: AdapterModule = importlib.import_module(f"stepc_adapters.{source}")
    return module


def read(traces: Path, source: str) -> Prefixes:
    """The decision points of a pack with five folds in which no group straddles."""
    agent, domain = agents(traces, source), DOMAINS.get(source, _before_colon)
    cases, left_out = [], 0
    for ran in run(module_of(source), [traces / source]):
        failed = ran.labels.get("failed")
        found = [] if ran.dropped else list(points(ran))
        if not isinstance(failed, bool) or not found:
            left_out += 1
            continue
        cases.append(Case(ran.id, ran.group or f"run {ran.id}", agent(ran), domain(ran), failed, found, ran))
    cases.sort(key=lambda case: (case.group, case.id))
    return columns(source, cases, left_out)


def refolded(prefixes: Prefixes, seed: int) -> Prefixes:
    """The same decision points under other folds."""
    return columns(prefixes.source, prefixes.cases, prefixes.left_out, seed)


def columns(source: str, cases: list[Case], left_out: int, seed: int = SEED) -> Prefixes:
    """Runs as columns of their decision points."""
    lengths = np.array([len(case.points) for case in cases])
    case = np.repeat(np.arange(len(cases)), lengths)
    index = np.concatenate([np.arange(1, length + 1) for length in lengths])
    fold = folds(cases, seed)[case]
    return Prefixes(
        source=source,
        seed=seed,
        cases=cases,
        left_out=left_out,
        case=case,
        index=index,
        left=lengths[case] - index,
        failed=np.array([one.failed for one in cases])[case],
        group=np.array([one.group for one in cases])[case],
        fold=fold,
        stratum=codes(fold, index, [cases[i].agent for i in case], [cases[i].domain for i in case]),
    )


def folds(cases: list[Case], seed: int = SEED) -> NDArray[np.int64]:
    """The fold of each run: groups stay whole, failures are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    failed, groups = np.array([case.failed for case in cases]), np.array([case.group for case in cases])
    made = np.zeros(len(cases), dtype=np.int64)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(failed, failed, groups)):
        made[held_out] = number
    return made
