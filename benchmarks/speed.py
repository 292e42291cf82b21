"""Speed of reading, as ratios to `orjson.loads` of the same bytes within one run, on one core.

    python benchmarks/speed.py            the shipped specs over the packs in ../shared/traces, and 100 MB of synthetic runs
    python benchmarks/speed.py --write    the same, into docs/speed.md

What is measured against what, per source (minimum of the rounds, interleaved in one process, garbage collector on as in any program):

    decode    `orjson.loads` of every document (JSON), line (JSONL), or the text's bytes split into lines and decoded as UTF-8 (text)
    reading   the same, with the files opened and read
    batch     files to typed steps: the documents through the readers, `start`, the adapter and `labels`, against `decode` and `reading`
    chosen    decoding what the source reads of each document or line, as a run does, against `decode`
    push      one message at a time: `event_loads` of each event's own bytes and `push`, against `orjson.loads` of them alone
    adapter   `push` alone over the events of an episode just decoded, against `decode`; and the same with every regular expression
              answering at once
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import synthetic_files as synthetic
from pages import renewed
from stale import record

from stepc.emit.render import Renderer
from stepc.front import read_spec
from stepc.project import find_project
from stepc.runtime import Defects
from stepc.runtime.problems import Problems
from stepc.runtime.readers import event_loads, read
from stepc.runtime.readers.projection import loads as loads_of
from stepc.runtime.regex import Pattern, PatternSet
from stepc.runtime.run import AdapterModule, run
from stepc.verify.load import from_text

ROOT = Path(__file__).resolve().parent.parent
TRACES = ROOT.parent / "shared" / "traces"
MOST_BYTES = 40_000_000


def module_of(name: str) -> AdapterModule:
    """The adapter of a source, compiled from its spec.

    Raises:
        SystemExit: the spec has errors.
    """
    project = find_project(ROOT)
    checked = read_spec(ROOT / "specs" / f"{name}.stepview", project=ROOT)
    if checked.program is None:
        sys.exit(f"the spec of {name} has errors: run `stepc check`")
    limits = project.limits
    rendered = Renderer(checked.program, text_limit=limits.text, json_limit=limits.json, calls_limit=limits.calls).rendered()
    return from_text(name, rendered.text, f"<{name}>")


def unpacked(name: str, folder: Path) -> Path:
    """A pack as plain files, as far as `MOST_BYTES`: compression is not what is measured."""
    import gzip
    import tarfile

    target = folder / name
    target.mkdir()
    pack = TRACES / name
    size = 0
    if (pack / "open.jsonl.gz").exists():
        with gzip.open(pack / "open.jsonl.gz") as stream, (target / "open.jsonl").open("wb") as out:
            for line in stream:
                out.write(line)
                size += len(line)
                if size > MOST_BYTES:
                    break
        return target
    with tarfile.open(pack / "open.tar.gz") as archive:
        for member in archive:
            if member.isfile() and size <= MOST_BYTES:
                archive.extract(member, target, filter="data")
                size += member.size
    return target


class Rounds:
    """Interleaved timings of several functions; the minimum of each. A function that gives seconds has timed itself."""

    def __init__(self, functions: dict[str, Callable[[], float | None]], rounds: int) -> None:
        self.best = dict.fromkeys(functions, float("inf"))
        gc.collect()
        gc.freeze()  # what a round finds in memory is not its garbage
        for _ in range(rounds):
            for name, function in functions.items():
                begin = time.process_time()
                spent = function()
                self.best[name] = min(self.best[name], spent if spent is not None else time.process_time() - begin)

    def ratio(self, name: str, base: str) -> float:
        """How many times the base a function took."""
        return self.best[name] / self.best[base]


def measured(name: str, module: AdapterModule, folder: Path, rounds: int) -> dict[str, float]:
    """The ratios of one source over the files in `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    episodes = [(module.start(episode, Defects()), list(episode.events)) for episode in read(module, [folder], problems=Problems())]
    events = [event for _, found in episodes for event in found]
    messages = [[orjson.dumps(event) for event in found] for _, found in episodes]
    text = module.SOURCE.format == "text"
    own = [file for file in files if not text or file.suffix in (".md", ".txt")]
    documents = [file.read_bytes() for file in own]
    if module.SOURCE.format == "jsonl":
        documents = [line for document in documents for line in document.splitlines()]
    size = sum(map(len, documents))

    def decode() -> None:
        for document in documents:
            document.decode("utf-8", "replace").split("\n") if text else orjson.loads(document)

    def reading() -> None:
        for file in own:
            if module.SOURCE.format == "jsonl":
                with file.open("rb") as stream:
                    for line in stream:
                        orjson.loads(line)
            elif text:
                file.read_bytes().decode("utf-8", "replace").split("\n")
            else:
                orjson.loads(file.read_bytes())

    def batch() -> None:
        for _ in run(module, [folder]):
            pass

    wanted = loads_of(module.SOURCE.reads, text=True)

    def chosen() -> None:
        for document in documents:
            wanted(document)

    def loads() -> None:
        for found in messages:
            for message in found:
                orjson.loads(message)

    decoded = event_loads(module.SOURCE)

    def push() -> None:
        for (facts, _), found in zip(episodes, messages, strict=True):
            adapter = module.Adapter(facts)
            for message in found:
                adapter.push(decoded(message))
            adapter.close()

    def adapt() -> float:
        """Seconds in the adapter alone, over the events of an episode that were decoded just before: warm, as a reader hands them over."""
        spent = 0.0
        for (facts, _), found in zip(episodes, messages, strict=True):
            events = [orjson.loads(message) for message in found]
            begin = time.process_time()
            adapter = module.Adapter(facts)
            for event in events:
                adapter.push(event)
            adapter.close()
            spent += time.process_time() - begin
        return spent

    functions = {"decode": decode, "reading": reading, "batch": batch, "loads": loads, "push": push, "adapter": adapt}
    timed = Rounds(functions if text else {**functions, "chosen": chosen}, rounds)
    with Answered():
        bare = Rounds({"decode": decode, "adapter": adapt}, rounds)
    return {
        "megabytes": size / 1e6,
        "events": float(len(events)),
        "chosen": timed.ratio("decode" if text else "chosen", "decode"),
        "batch": timed.ratio("batch", "decode"),
        "files": timed.ratio("batch", "reading"),
        "push": timed.ratio("push", "loads"),
        "adapter": timed.ratio("adapter", "decode"),
        "bare": bare.ratio("adapter", "decode"),
    }


class Answered:
    """While it is open, every regular expression answers "no" at once: what an adapter costs besides them."""

    NAMES = ("matches", "capture", "groups")

    def __enter__(self) -> None:
        self.kept = {(kind, name): getattr(kind, name) for kind in (Pattern, PatternSet) for name in self.NAMES if hasattr(kind, name)}
        for kind, name in self.kept:
            setattr(kind, name, _no if name == "matches" else _nothing)

    def __exit__(self, *_: object) -> None:
        for (kind, name), function in self.kept.items():
            setattr(kind, name, function)


def _no(*_: Any, **__: Any) -> bool:
    return False


def _nothing(*_: Any, **__: Any) -> None:
    return None


def table(rows: Iterable[tuple[str, dict[str, float]]]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| source | MB | events | decoding what is read | batch | batch, files read | push | adapter | adapter without regexes |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows:
        ratios = " | ".join(f"{row[figure]:.2f}" for figure in ("chosen", "batch", "files", "push", "adapter", "bare"))
        lines.append(f"| {name} | {row['megabytes']:.0f} | {row['events']:,.0f} | {ratios} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print, or write docs/speed.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", help="only these sources")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    rows = []
    names = [path.stem for path in sorted((ROOT / "specs").glob("*.stepview"))]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if TRACES.is_dir() and (not options.sources or name in options.sources):
                rows.append((name, measured(name, module_of(name), unpacked(name, Path(folder)), options.rounds)))
        if not options.sources or "synthetic" in options.sources:
            place = Path(folder) / "synthetic"
            place.mkdir()
            synthetic.write_jsonl(place / "runs.jsonl", 100_000_000)
            rows.append(("synthetic (taubench_v1)", measured("taubench_v1", module_of("taubench_v1"), place, options.rounds)))
    if not options.write:
        print(table(rows), end="")
        return
    page = ROOT / "docs" / "speed.md"
    page.write_text(
        renewed(page.read_text(encoding="utf-8"), "python benchmarks/speed.py --write", "ratios", table(rows)), encoding="utf-8"
    )
    record(page, "python benchmarks/speed.py --write")


if __name__ == "__main__":
    main()
