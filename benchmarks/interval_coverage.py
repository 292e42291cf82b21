"""How often the intervals of reports cover the truth, where the truth is known: a made-up world, written into docs/evaluation.md.

    python benchmarks/interval_coverage.py

A task (group) is hard or easy, its runs fail accordingly, and a score knows some of both and errs by run and by point. The truth is the
figure of very many tasks; an interval is right when it holds it. Nothing here is tuned to the method: it is the bootstrap over
whole groups that `stepc monitor evaluate` and every benchmark use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pages import renewed
from stale import record

from stepwatch.metrics import Levels, Resamples, auprc

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "evaluation.md"
COMMAND: Final = "python benchmarks/interval_coverage.py"
GROUPS: Final = (10, 20, 40, 80, 160, 320)
RUNS: Final = 4
"""Runs of a task."""
POINTS: Final = 8
"""Decision points of a run, on average."""
TRUTH: Final = 20_000
"""Tasks that stand for all there are."""
WORLDS: Final = 1_000
"""Reports for each number of groups."""
RESAMPLES: Final = 400
SEED: Final = 7

Floats = NDArray[np.float64]


class World(NamedTuple):
    """The decision points of some tasks: score, label, group."""

    score: Floats
    failed: Floats
    group: NDArray[np.int64]


def world(groups: int, random: np.random.Generator) -> World:
    """Draw some tasks with their runs."""
    hardness = random.normal(size=groups)
    task = np.repeat(np.arange(groups), RUNS)
    failed = (random.random(len(task)) < 1.0 / (1.0 + np.exp(1.0 - 1.2 * hardness[task]))).astype(np.float64)
    known = failed + 0.5 * hardness[task] + random.normal(size=len(task))
    run = np.repeat(np.arange(len(task)), 1 + random.poisson(POINTS - 1, size=len(task)))
    return World(known[run] + 0.7 * random.normal(size=len(run)), failed[run], task[run])


def covered(groups: int, truth: float, random: np.random.Generator) -> list[str]:
    """The row of one number of groups: how often its intervals are right, lie too low and too high, and how wide they are."""
    low = high = known = 0
    widths: list[float] = []
    while known < WORLDS:
        drawn = world(groups, random)
        if not 0.0 < drawn.failed.mean() < 1.0:
            continue  # a report needs runs of both kinds
        known += 1
        levels = Levels(drawn.score, drawn.failed)
        resamples = Resamples(drawn.group, RESAMPLES, seed=known)
        samples = resamples.samples(lambda weights, levels=levels: auprc(levels.masses(weights)))
        found = resamples.interval(auprc(levels.masses()), samples)
        low += found.high < truth
        high += found.low > truth
        widths.append(found.high - found.low)
    shares = (1.0 - (low + high) / known, low / known, high / known, float(np.mean(widths)))
    return [f"{groups}", f"{groups * RUNS:,}", *(f"{share:.3f}" for share in shares)]


def main() -> None:
    """Write the table."""
    random = np.random.default_rng(SEED)
    all_there_is = world(TRUTH, random)
    truth = auprc(Levels(all_there_is.score, all_there_is.failed).masses())
    lines = ["| groups | runs | hold the truth | lie too low | lie too high | mean width |", "|---:|---:|---:|---:|---:|---:|"]
    lines += [f"| {' | '.join(covered(groups, truth, random))} |" for groups in GROUPS]
    table = "\n".join(lines) + "\n"
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), COMMAND, "intervals", table), encoding="utf-8")
    record(PAGE, COMMAND)


if __name__ == "__main__":
    main()
