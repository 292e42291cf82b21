"""Speed and memory of monitors, as ratios to `orjson.loads` of the same bytes within one run, on one core.

    python benchmarks/monitor_speed.py            the shipped monitors over the packs in ../shared/traces
    python benchmarks/monitor_speed.py --write    the same, into docs/monitor-speed.md

Each monitor is trained in the same call on the first runs of its pack, once for each kind of scorer, so that its tables and weights are
those of real traces. What is measured against what (minimum of the rounds, interleaved in one process, garbage collector on):

    loads      `orjson.loads` of each event's own bytes
    adapter    `event_loads`, the decoder that builds what the adapter reads, and `Adapter.push`
    table, linear, stack   `event_loads` and `Episode.push`, runs opened and closed; against `loads`

Training is measured first, on all cores there are: `stepc monitor train` of whole packs, each in a process of its own, against reading the
same traces through the adapter once.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pages import renewed
from prefixes import SOURCES, module_of
from stale import record

from stepc.runtime import Defects
from stepc.runtime.problems import Problems
from stepc.runtime.readers import event_loads, read
from stepc.runtime.run import AdapterModule, run
from stepwatch import artefact as artefacts
from stepwatch import plan as plans
from stepwatch.live import Monitor
from stepwatch.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
TRACES = ROOT.parent / "shared" / "traces"
PAGE = ROOT / "docs" / "monitor-speed.md"
COMMAND = "python benchmarks/monitor_speed.py --write"
KINDS = ("table", "linear", "stack")
TRAINED_ON = 150
"""Runs that a monitor is trained on."""
MOST_EVENTS = 4_000
"""Events of a pack that are timed."""
MEMORY_OF = "tau2"
OPEN = 10_000
"""Episodes that are open at once where memory is measured."""
HOSTILE = 20
"""Episodes that are filled to their bounds."""
HOSTILE_ROUNDS = 300
"""Steps of each type that do it."""


@dataclass(frozen=True)
class Pack:
    """The first runs of a pack: start facts and events, and each event's own bytes."""

    name: str
    module: AdapterModule
    runs: list[tuple[Any, list[Any]]]
    messages: list[list[bytes]]

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(map(len, self.messages))


def plan_of(name: str) -> Plan:
    """The plan of the shipped monitor of a source."""
    return plans.from_json(importlib.import_module(f"stepc_adapters.{name}_watch").PLAN)


def pack_of(name: str) -> Pack:
    """The runs of a pack, as far as `MOST_EVENTS`."""
    module = module_of(name)
    runs: list[tuple[Any, list[Any]]] = []
    count = 0
    for episode in read(module, [TRACES / name], problems=Problems()):
        runs.append((module.start(episode, Defects()), list(episode.events)))
        count += len(runs[-1][1])
        if count >= MOST_EVENTS:
            break
    return Pack(name, module, runs, [[orjson.dumps(event) for event in events] for _, events in runs])


def trained(name: str, module: AdapterModule, folder: Path) -> dict[str, Path]:
    """Artefacts of the source's monitor, one for each kind of scorer."""
    from stepwatch.training import train
    from stepwatch.training.data import run_of
    from stepwatch.training.settings import Settings

    plan = plan_of(name)
    kept = itertools.islice((ran for ran in run(module, [TRACES / name]) if not ran.dropped), TRAINED_ON)
    runs = [run_of(plan, ran) for ran in kept]
    found: dict[str, Path] = {}
    for kind in KINDS:
        made = train(replace(plan, scorer=kind), runs, Settings(scorer=kind, reuse=True))
        found[kind] = folder / f"{name}.{kind}.monitor"
        artefacts.write(found[kind], made.header({"file": "", "identity": "", "source": name}, []), made.blocks)
    return found


def timed(functions: dict[str, Callable[[], float | None]], rounds: int) -> dict[str, float]:
    """The minimum of each function's seconds; one that gives seconds has timed itself."""
    best = dict.fromkeys(functions, float("inf"))
    gc.collect()
    gc.freeze()  # what a round finds in memory is not its garbage
    for _ in range(rounds):
        for name, function in functions.items():
            begin = time.process_time()
            spent = function()
            best[name] = min(best[name], spent if spent is not None else time.process_time() - begin)
    gc.unfreeze()
    return best


def measured(pack: Pack, monitors: dict[str, Monitor], rounds: int) -> dict[str, float]:
    """The ratios of one pack."""
    decoded = event_loads(pack.module.SOURCE)

    def loads() -> None:
        for found in pack.messages:
            for message in found:
                orjson.loads(message)

    def adapter() -> None:
        for (facts, _), found in zip(pack.runs, pack.messages, strict=True):
            one = pack.module.Adapter(facts)
            for message in found:
                one.push(decoded(message))
            one.close()

    def live(monitor: Monitor) -> Callable[[], None]:
        def follow() -> None:
            for number, ((facts, _), found) in enumerate(zip(pack.runs, pack.messages, strict=True)):
                episode = monitor.open(str(number), facts)
                for message in found:
                    episode.push(decoded(message))
                episode.close()

        return follow

    functions: dict[str, Callable[[], float | None]] = {"loads": loads, "adapter": adapter}
    for kind, monitor in monitors.items():
        functions[kind] = live(monitor)
    best = timed(functions, rounds)
    return {
        "events": float(pack.events),
        "bytes": sum(len(message) for found in pack.messages for message in found) / pack.events,
        "adapter": best["adapter"] / best["loads"],
        "adapted": best["adapter"] / pack.events * 1e6,
        **{kind: best[kind] / best["loads"] for kind in monitors},
        **{f"{kind} added": (best[kind] - best["adapter"]) / pack.events * 1e6 for kind in monitors},
    }


# ---- memory ----------------------------------------------------------------------------------------------------------


def resident() -> float:
    """Megabytes of this process now; where the system does not tell, at most so far."""
    status = Path("/proc/self/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * resource.getpagesize() / (1 << 20)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


def hostile(plan: Plan) -> Iterator[dict[str, Any]]:
    """Steps that fill every table: no word, value or key comes twice."""
    for number in itertools.count():
        words = " ".join(f"w{number}x{place}" for place in range(120))
        args = {f"k{number}x{place}": place for place in range(64)}
        for kind in plan.steps:
            values = {feature.field: words for feature in plan.features if kind in feature.steps}
            yield {"type": kind, **values, "args": args, "by": "user", "error": True}


def memory(source: str, path: str, runs: str) -> None:
    """Print the megabytes of a monitor, of `OPEN` episodes in the middle of real runs, and of one episode at its bounds.

    `runs` is a file of [start facts, events] by line, so that nothing of a pack is in memory that is not the episodes'.
    """
    adapter = importlib.import_module(f"stepc_adapters.{source}").Adapter
    before = resident()
    monitor = Monitor.load(path, adapter=adapter, most_episodes=OPEN)
    loaded = resident()
    opened = 0
    while opened < OPEN:
        with Path(runs).open("rb") as lines:
            for line in itertools.islice(lines, OPEN - opened):
                facts, events = orjson.loads(line)
                episode = monitor.open(str(opened), facts)
                for event in events:
                    episode.push(event)
                opened += 1
    full = resident()
    filled = [monitor.open(f"hostile {number}") for number in range(HOSTILE)]
    begun = resident()
    for episode in filled:
        for step in itertools.islice(hostile(monitor.plan), HOSTILE_ROUNDS * len(monitor.plan.steps)):
            episode.take([step])
    print(orjson.dumps([loaded - before, full - loaded, (resident() - begun) / HOSTILE]).decode())


def memories(pack: Pack, path: Path) -> list[float]:
    """The same, measured in a process of its own. Runs are cut in their middle."""
    runs = path.with_suffix(".jsonl")
    halves = [orjson.dumps([facts, events[: max(len(events) // 2, 1)]]) for facts, events in pack.runs]
    runs.write_bytes(b"\n".join(halves) + b"\n")
    program = [sys.executable, __file__, "--memory", pack.name, str(path), str(runs)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    found: list[float] = orjson.loads(done.stdout.splitlines()[-1])
    return found


# ---- training --------------------------------------------------------------------------------------------------------


class Training(NamedTuple):
    """What training on a whole pack took: runs and points that it learned from, seconds of reading alone, seconds and CPU seconds of the
    command, its most megabytes."""

    source: str
    runs: int
    points: int
    reading: float
    wall: float
    processor: float
    megabytes: float


def training(source: str, folder: Path) -> Training:
    """Train the shipped monitor of a source on its whole pack."""
    begin = time.perf_counter()
    for _ in run(module_of(source), [TRACES / source]):
        pass
    reading = time.perf_counter() - begin
    command = [sys.executable, "-m", "stepc", "monitor", "train", source, str(TRACES / source), "--format", "json"]
    told = folder / f"{source}.json"
    begin = time.perf_counter()
    with told.open("wb") as out:
        process = subprocess.Popen([*command, "-o", str(folder / f"{source}.monitor")], stdout=out, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status:
        raise SystemExit(f"{source} could not be trained")
    report = orjson.loads(told.read_bytes())["report"]
    most = used.ru_maxrss / ((1 << 20) if sys.platform == "darwin" else (1 << 10))
    return Training(source, report["counts"]["kept"], report["points"], reading, wall, used.ru_utime + used.ru_stime, most)


def trainings(rows: Iterable[Training]) -> str:
    """What training took as a Markdown table."""
    lines = [
        "| source | runs | decision points | seconds | of all cores | times reading | most memory, MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        figures = f"{one.wall:.0f} | {one.processor:.0f} | {one.wall / one.reading:.0f} | {one.megabytes:.0f}"
        lines.append(f"| {one.source} | {one.runs:,} | {one.points:,} | {figures} |")
    return "\n".join(lines) + "\n"


# ---- tables ----------------------------------------------------------------------------------------------------------


def speeds(rows: Iterable[tuple[str, dict[str, float]]]) -> str:
    """Ratios as a Markdown table."""
    lines = ["| source | events | bytes an event | adapter | table | linear | stack |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name, row in rows:
        ratios = " | ".join(f"{row[figure]:.2f}" for figure in ("adapter", *KINDS))
        lines.append(f"| {name} | {row['events']:,.0f} | {row['bytes']:,.0f} | {ratios} |")
    lines += ["", "Microseconds of an event on the machine that wrote this, which did other things too:", ""]
    lines += ["| source | adapter, and decoding | table adds | linear adds | stack adds |", "|---|---:|---:|---:|---:|"]
    for name, row in rows:
        figures = [row["adapted"], *(row[f"{kind} added"] for kind in KINDS)]
        lines.append(f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")
    return "\n".join(lines) + "\n"


def sizes(rows: Iterable[tuple[str, str, list[float]]]) -> str:
    """Megabytes as a Markdown table."""
    lines = [
        f"| source | scorer | the monitor, MB | {OPEN:,} open episodes, MB | an episode at its bounds, MB |",
        "|---|---|---:|---:|---:|",
    ]
    for name, kind, (monitor, opened, bound) in rows:
        lines.append(f"| {name} | {kind} | {monitor:.0f} | {opened:.0f} | {bound:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print, or write docs/monitor-speed.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", help="only these sources")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory", nargs=3, metavar=("SOURCE", "ARTEFACT", "RUNS"), help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.memory:
        memory(*options.memory)
        return
    with tempfile.TemporaryDirectory() as folder:
        learned = [training(name, Path(folder)) for name in options.sources or SOURCES]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    rows: list[tuple[str, dict[str, float]]] = []
    held: list[tuple[str, str, list[float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sources or SOURCES:
            pack = pack_of(name)
            found = trained(name, pack.module, Path(folder))
            monitors = {kind: Monitor.load(path, adapter=pack.module.Adapter) for kind, path in found.items()}
            rows.append((name, measured(pack, monitors, options.rounds)))
            if name == MEMORY_OF:
                held += [(name, kind, memories(pack, path)) for kind, path in found.items()]
    if not options.write:
        print(speeds(rows))
        print(sizes(held))
        print(trainings(learned), end="")
        return
    text = renewed(PAGE.read_text(encoding="utf-8"), COMMAND, "ratios", speeds(rows))
    text = renewed(text, COMMAND, "memory", sizes(held))
    PAGE.write_text(renewed(text, COMMAND, "training", trainings(learned)), encoding="utf-8")
    record(PAGE, COMMAND)


if __name__ == "__main__":
    main()
