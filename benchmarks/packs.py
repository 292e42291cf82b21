"""Run every spec over its whole pack and write the tables of `docs/packs.md`.

    python benchmarks/packs.py ../shared/traces          # writes the tables
    python benchmarks/packs.py ../shared/traces tau2     # prints those of one pack

A pack is a folder with `open.tar.gz` or `open.jsonl.gz` and `open.index.jsonl`, one line a run with its label: the index is only compared
with what a spec makes of the raw data, never read by one. Figures are counts, so the tables are the same on every machine.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from pages import renewed
from stale import record

from stepc.front import read_spec
from stepc.ir import EventLines, Program
from stepc.runtime import EVERY, EpisodePath, EventPath, EventZip
from stepc.runtime.readers import read
from stepc.runtime.run import AdapterModule, RanEpisode, RunAccount, run
from stepc.verify.coverage import Collector
from stepc.verify.load import from_file, from_text

PROJECT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = PROJECT / "docs" / "packs.md"
PACKS: Final = (
    "tau2",
    "taubench_v1",
    "agentdojo",
    "intercode",
    "swebench_sweagent_traj",
    "swebench_minisweagent",
    "swebench_aider",
    "webarena_infinity",
    "who_and_when",
    "react_text_logs",
    "whissle_flow_sim",
)
STEPS: Final = ("Said", "Thought", "ToolCall", "ToolResult", "Observed")
CUT: Final = "…"
LONGEST: Final = 4_000

Json = Any
Row = dict[str, Json]
Key = tuple[Json, ...]


# ---- labels, held against the index of a pack ------------------------------------------------------------------------


def _line(ran: RanEpisode) -> Key:
    return (ran.index,)


def _member(ran: RanEpisode) -> Key:
    return (ran.file.path,)


def _simulation(ran: RanEpisode) -> Key:
    return ran.file.path, ran.id


def _question(ran: RanEpisode) -> Key:
    """The index of the text logs names no place in a file: a run is known by file, trial and question."""
    return ran.file.path, ran.meta.get("trial"), " ".join((ran.group or "").split())


def _asked(row: Row) -> Key:
    task = row["task"].partition("You have attempted")[0].partition(".ipynb:")
    return row["member"], row.get("trial") or None, " ".join((task[2] or task[0]).split())


KEYS: Final[dict[str, tuple[Callable[[RanEpisode], Key], Callable[[Row], Key]]]] = {
    "tau2": (_simulation, lambda row: (row["member"], row["sim_id"])),
    "react_text_logs": (_question, _asked),
    **{name: (_member, lambda row: (row["member"],)) for name in PACKS if name.startswith(("swebench", "webarena"))},
    **{name: (_line, lambda row: (row["line"],)) for name in ("taubench_v1", "agentdojo", "intercode", "who_and_when", "whissle_flow_sim")},
}


@dataclass
class Labels:
    """How the default label compares with the index.

    `unknown` counts agreement that a label is not known, `unlisted` episodes that the index has no line for, `unmatched` lines left over.
    """

    agree: int = 0
    differ: int = 0
    unknown: int = 0
    unlisted: int = 0
    unmatched: int = 0


def compare(found: Iterable[tuple[Key, bool | None]], index: Iterable[tuple[Key, bool | None]]) -> Labels:
    """Labels by key, each line of the index used once."""
    ours: dict[Key, Counter[bool | None]] = {}
    theirs: dict[Key, Counter[bool | None]] = {}
    for side, entries in ((ours, found), (theirs, index)):
        for key, failed in entries:
            side.setdefault(key, Counter())[failed] += 1
    labels = Labels()
    for key in sorted(set(ours) | set(theirs), key=repr):
        mine, other = ours.get(key, Counter()), theirs.get(key, Counter())
        same = mine & other
        labels.unknown += same[None]
        labels.agree += same.total() - same[None]
        left, right = (mine - same).total(), (other - same).total()
        labels.differ += min(left, right)
        labels.unlisted += left - min(left, right)
        labels.unmatched += right - min(left, right)
    return labels


# ---- a run over a pack -----------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What came of one pack.

    `errors` counts results by their flag, `cut` step texts that were cut at their bound, `lines` are those of the spec and of its examples.
    """

    name: str
    account: RunAccount
    label: str
    labels: Labels
    errors: Counter[bool | None]
    cut: int
    lines: tuple[int, int]


def load(name: str) -> tuple[Program, AdapterModule]:
    """A spec of this repository and its adapter: the file that is checked in where it is up to date, else compiled in memory."""
    checked = read_spec(PROJECT / "specs" / f"{name}.stepview", project=PROJECT)
    if checked.program is None:
        raise SystemExit(f"{name}.stepview does not compile: `stepc check` says why")
    module = from_file(PROJECT / "generated" / "stepc_adapters" / f"{name}.py", checked.program)
    if module is None:
        from stepc.emit.render import render

        module = from_text(name, render(checked.program).text, f"<{name}>")
    return checked.program, module


def spec_lines(name: str) -> tuple[int, int]:
    """The lines of a spec, and how many of them are examples."""
    lines = (PROJECT / "specs" / f"{name}.stepview").read_text(encoding="utf-8").splitlines()
    first = next((place for place, line in enumerate(lines) if line.startswith("example ")), len(lines))
    return len(lines), len(lines) - first


def figures(name: str, program: Program, module: AdapterModule, paths: Iterable[Path], index: Iterable[Row]) -> Figures:
    """Run a spec over files and hold its default label against the lines of an index."""
    by_episode, by_row = KEYS[name]
    iterator = run(module, [str(path) for path in paths])
    found: list[tuple[Key, bool | None]] = []
    errors: Counter[bool | None] = Counter()
    cut = 0
    for ran in iterator:
        label = ran.labels.get(program.label)
        found.append((by_episode(ran), label if isinstance(label, bool) else None))
        for step in ran.steps:
            fields = msgspec.structs.asdict(step)
            cut += len(fields["text"]) == LONGEST and fields["text"].endswith(CUT) if "text" in fields else 0
            if type(step).__name__ == "ToolResult":
                errors[fields["error"]] += 1
    labels = compare(found, ((by_row(row), row["fail"]) for row in index))
    return Figures(name, iterator.account, program.label, labels, errors, cut, spec_lines(name))


# ---- where the raw text went -----------------------------------------------------------------------------------------

FATES: Final = ("steps", "facts", "sealed", "ignored", "unread")
"""Read by steps; read by `start`, `meta` and the like only; outcome or sealed; ignored, by a path or by an arm; neither read nor named."""


def raw_text(program: Program, module: AdapterModule, paths: Iterable[Path]) -> Counter[str]:
    """How many characters of the texts in the raw data have which fate.

    A text counts where a rule of the spec puts its path; the texts of events that an arm ignores, or that are unknown, go with their event.
    """
    collector, aside = Collector(program, module), {name: Collector(program, module) for name in ("ignored", "unread")}
    is_text = isinstance(program.source.event, EventLines)
    fates: Counter[str] = Counter()
    for episode in read(module, [str(path) for path in paths]):
        if not is_text:
            collector.watch(episode)
        else:
            for name, document in episode.side.items():
                if document is not None:
                    collector.profile.add(document, name)
        adapter = module.Adapter(module.start(episode, module.Adapter().defects))  # type: ignore[arg-type]
        ignored = unknown = sealed = 0
        for event in episode.events:
            fate = "steps"
            if not adapter.push(event):
                account = adapter.account
                fate = "ignored" if account.ignored > ignored else "unread" if account.unknown > unknown else "steps"
                fate = "sealed" if account.sealed > sealed else fate
                ignored, unknown, sealed = account.ignored, account.unknown, account.sealed
            if isinstance(event, dict) and is_text:
                fates[fate] += len(str(event["text"]))
            elif fate != "steps":
                aside[fate].profile.add(in_place(module, event))
    fates.update(_by_fate(collector))
    for fate, events in aside.items():
        moved = _by_fate(events)["steps"]
        fates["steps"] -= moved
        fates[fate] += moved
    return fates


def in_place(module: AdapterModule, event: Json) -> Json:
    """An event as the only one of a document, so that its paths are those of the document."""
    source = module.SOURCE
    if isinstance(source.event, EventZip):
        made: dict[str, Json] = {}
        for name, segments in source.event.columns:
            if isinstance(event, dict) and name in event:
                _put(made, segments, event[name])
    else:
        assert isinstance(source.event, EventPath)
        made = _nested(source.event.segments, event)
    return _nested(source.episode.segments, made) if isinstance(source.episode, EpisodePath) else made


def _nested(segments: tuple[Any, ...], value: Json) -> Json:
    for segment in reversed(segments):
        value = [value] if segment is EVERY else {segment: value}
    return value


def _put(into: dict[str, Json], segments: tuple[Any, ...], value: Json) -> None:
    """Put a column's element where its list stands."""
    *above, last = [segment for segment in segments if segment is not EVERY]
    for key in above:
        into = into.setdefault(key, {})
    into[last] = [value]


def _by_fate(collector: Collector) -> Counter[str]:
    fates: Counter[str] = Counter()
    for root in collector.coverage().roots:
        for path in root.below():
            if path.status == "read":
                fates["steps" if "match" in path.why.split(", ") else "facts"] += path.characters
            elif path.status is not None:
                fates["sealed" if path.status == "outcome" else path.status] += path.characters
    return fates


# ---- tables ----------------------------------------------------------------------------------------------------------


def table(head: Iterable[str], rows: Iterable[Iterable[Json]]) -> str:
    """A table in Markdown, numbers with thousands separators."""
    columns = list(head)
    lines = [f"| {' | '.join(columns)} |", "|---|" + "---:|" * (len(columns) - 1)]
    lines += [f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def accounts(found: Iterable[Figures]) -> str:
    """The tables that a run gives."""
    all_figures = list(found)
    events = table(
        (
            "source",
            "episodes",
            "events",
            "mapped",
            "silent",
            "ignored",
            "sealed",
            "unknown",
            "defects",
            "adds up",
            "spec lines",
            "of them examples",
        ),
        (
            (
                one.name,
                one.account.kept,
                one.account.account.events,
                one.account.account.mapped,
                one.account.account.silent,
                one.account.account.ignored,
                one.account.account.sealed,
                one.account.account.unknown,
                sum(defect.count for defect in one.account.defects),
                "yes" if one.account.adds_up else "NO",
                *one.lines,
            )
            for one in all_figures
        ),
    )
    steps = table(
        ("source", *STEPS, "all", "cut at 4,000"),
        (
            (
                one.name,
                *(one.account.account.steps.get(step, 0) for step in STEPS),
                sum(one.account.account.steps.values()),
                one.cut,
            )
            for one in all_figures
        ),
    )
    pairs = table(
        ("source", "calls", "answered", "left open", "superseded", "results without a call", "with an error", "without", "not known"),
        (
            (
                one.name,
                pair.opened,
                pair.answered,
                pair.left_open,
                pair.superseded,
                pair.unanswered,
                *(one.errors[flag] for flag in (True, False, None)),
            )
            for one in all_figures
            for pair in one.account.account.pairs.values()
        ),
    )
    labels = table(
        (
            "source",
            "failed",
            "succeeded",
            "unknown",
            "index agrees",
            "both unknown",
            "differs",
            "not in the index",
            "only in the index",
            "no group",
        ),
        (
            (
                one.name,
                one.account.labels[one.label].true,
                one.account.labels[one.label].false,
                one.account.labels[one.label].unknown,
                one.labels.agree,
                one.labels.unknown,
                one.labels.differ,
                one.labels.unlisted,
                one.labels.unmatched,
                one.account.without_group,
            )
            for one in all_figures
        ),
    )
    return f"### Events\n\n{events}\n### Steps\n\n{steps}\n### Calls and results\n\n{pairs}\n### Labels\n\n{labels}"


def texts(found: Iterable[tuple[str, Counter[str]]]) -> str:
    """The table of raw text."""
    return table(
        ("source", "characters", "read by steps", "read by facts", "outcome, sealed", "ignored", "unread"),
        ((name, sum(fates.values()), *(f"{share(fates[fate], sum(fates.values()))}" for fate in FATES)) for name, fates in found),
    )


def share(part: int, whole: int) -> str:
    """A percentage; what is not nothing does not look like nothing."""
    percent = 100 * part / whole if whole else 0.0
    return "0" if not part else "< 0.1 %" if percent < 0.05 else f"{percent:.1f} %"


def written(text: str, mark: str, content: str) -> str:
    """The page with one of its tables renewed."""
    return renewed(text, "python benchmarks/packs.py", mark, content)


# ---- the command -----------------------------------------------------------------------------------------------------


@dataclass
class Pack:
    """Where a pack stands."""

    folder: Path
    paths: list[Path] = field(init=False)

    def __post_init__(self) -> None:
        self.paths = [path for path in (self.folder / "open.tar.gz", self.folder / "open.jsonl.gz") if path.is_file()]
        if not self.paths:
            raise SystemExit(f"there is no pack in {self.folder}")

    def index(self) -> Iterator[Row]:
        """The lines of its index."""
        with (self.folder / "open.index.jsonl").open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def run_packs(traces: Path, names: Iterable[str]) -> Iterator[Figures]:
    """The figures of packs, one after the other."""
    for name in names:
        pack = Pack(traces / name)
        yield figures(name, *load(name), pack.paths, pack.index())


def main(arguments: list[str]) -> int:
    """Write the page, or print the tables of the packs that are named."""
    traces, names = Path(arguments[0]), tuple(arguments[1:]) or PACKS
    tables = accounts(run_packs(traces, names))
    raw = texts((name, raw_text(*load(name), Pack(traces / name).paths)) for name in names)
    if arguments[1:]:
        print(f"{tables}\n### Raw text\n\n{raw}")
        return 0
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(written(page, "accounts", tables), "raw text", raw), encoding="utf-8")
    record(PAGE, "python benchmarks/packs.py")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
