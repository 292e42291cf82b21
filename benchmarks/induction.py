"""Induce a spec for every source from a few samples, hold it against the one that a person wrote, and write `docs/induction.md`.

    python benchmarks/induction.py ../shared/traces               # writes the tables
    python benchmarks/induction.py ../shared/traces tau2          # prints the rows of one source
    python benchmarks/induction.py ../shared/traces tau2 --spec   # and the specs

The shipped specs are not seen by the rules: a folder of samples alone is given to them. What they made is then run over the whole source.
All figures but the seconds are the same on every machine.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pages import renewed
from stale import record

from stepc.front import read_spec
from stepc.induce.profile import Profile, profile
from stepc.induce.rules import Candidate, Options, induce
from stepc.induce.sampling import sampled
from stepc.induce.score import assess, compiled
from stepc.induce.workbench import workbench
from stepc.runtime.run import AdapterModule
from stepc.verify.load import from_file, from_text

PROJECT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = PROJECT / "docs" / "induction.md"
SOURCES: Final = (
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
SIZES: Final = (5, 20, 100)
EXAMPLES: Final = 5
"""Mutated inputs that every law is tried on."""
UNCOMPARED: Final = frozenset(("call_id", "at"))
"""Fields whose values are names that a spec may choose: pairing tells whether they serve."""

Json = Any
Steps = list[tuple[str, dict[str, Json]]]


@dataclass(slots=True)
class Ran:
    """One episode as a spec reads it: steps of each event, and the label. `events` None: events were not told apart."""

    events: list[Steps] = field(default_factory=list)
    failed: bool | None = None
    ids: str = ""


@dataclass(slots=True)
class Row:
    """One induced spec against the shipped one, in shares from 0 to 1; None where there is nothing to compare with."""

    name: str
    samples: int
    compiles: bool
    laws: bool
    mapped: float
    steps: float | None
    fields: float | None
    answered: str
    label: float | None
    lines: str
    doubts: int
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)


def shipped(name: str) -> tuple[AdapterModule, int]:
    """The adapter of a shipped spec, and how many lines its spec has without examples and monitors."""
    path = PROJECT / "specs" / f"{name}.stepview"
    checked = read_spec(path, project=PROJECT)
    if checked.program is None:
        raise SystemExit(f"{name}.stepview does not compile: `stepc check` says why")
    module = from_file(PROJECT / "generated" / "stepc_adapters" / f"{name}.py", checked.program)
    if module is None:
        from stepc.emit.render import render

        module = from_text(name, render(checked.program).text, f"<{name}>")
    return module, spec_lines(path.read_text(encoding="utf-8"))


def spec_lines(text: str) -> int:
    """Lines that say something: no blank ones, no comments, no examples, no monitors."""
    lines, skipping = 0, False
    for line in text.splitlines():
        if line.startswith(("example ", "monitor ")):
            skipping = True
        lines += not skipping and bool(line.strip()) and not line.lstrip().startswith("//")
        if line.startswith("}"):
            skipping = False
    return lines


@dataclass(slots=True)
class Pairs:
    """Calls of a whole source, and those that were answered."""

    opened: int = 0
    answered: int = 0

    @property
    def share(self) -> str:
        """The share that was answered."""
        return _share(self.answered, self.opened)


def read_all(module: AdapterModule, path: Path, pairs: Pairs) -> Iterator[tuple[tuple[str, int], Ran]]:
    """Every episode of a source by its place: steps event by event."""
    from stepc.runtime.problems import Problems
    from stepc.verify.play import episodes, play

    for episode in episodes(module, [str(path)], root=None, problems=Problems()):
        played = play(module, episode)
        for pair in played.account.pairs.values():
            pairs.opened += pair.opened
            pairs.answered += pair.answered
        ran = Ran([[(step["type"], step) for step in event.steps] for event in played.events])
        if played.labels is not None:
            label = played.labels.outcome.get("failed")
            ran.failed = label if isinstance(label, bool) else None
        yield (episode.file.path, episode.index), ran


@dataclass(slots=True)
class Shipped:
    """What the shipped spec of a source reads."""

    lines: int
    ran: dict[tuple[str, int], Ran]
    pairs: Pairs

    @staticmethod
    def of(name: str, path: Path) -> Shipped:
        """Read a source with its shipped spec."""
        module, lines = shipped(name)
        pairs = Pairs()
        return Shipped(lines, dict(read_all(module, path, pairs)), pairs)


@dataclass(slots=True)
class Agreement:
    """Counts over all episodes."""

    mine: int = 0
    theirs: int = 0
    both: int = 0
    fields: int = 0
    equal: int = 0
    mapped: int = 0
    of: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    @property
    def steps(self) -> float:
        """Steps that both have, of the same kind and in the same order: twice their number, of all steps of both."""
        return 2 * self.both / max(self.mine + self.theirs, 1)

    def add(self, mine: Ran, theirs: Ran) -> None:
        """Compare one episode."""
        if len(mine.events) == len(theirs.events):
            groups = list(zip(mine.events, theirs.events, strict=True))
            self.mapped += sum(bool(one) for one, other in groups if other)
            self.of += sum(bool(other) for _, other in groups)
        else:
            groups = [([step for event in mine.events for step in event], [step for event in theirs.events for step in event])]
            self.mapped += min(sum(bool(event) for event in mine.events), sum(bool(event) for event in theirs.events))
            self.of += sum(bool(event) for event in theirs.events)
        for one, other in groups:
            self._match(one, other)
        if theirs.failed is not None:
            self.labels["same" if mine.failed is theirs.failed else "other"] += 1

    def _match(self, mine: Steps, theirs: Steps) -> None:
        self.mine += len(mine)
        self.theirs += len(theirs)
        self.fields += sum(_said(step) for _, step in theirs)
        matcher = SequenceMatcher(None, [name for name, _ in mine], [name for name, _ in theirs], autojunk=False)
        for start, other, size in matcher.get_matching_blocks():
            self.both += size
            for (_, left), (_, right) in zip(mine[start : start + size], theirs[other : other + size], strict=True):
                for name, value in right.items():
                    if name not in UNCOMPARED and name != "type" and value is not None:
                        self.equal += left.get(name) == value


def _said(step: dict[str, Json]) -> int:
    return sum(value is not None for name, value in step.items() if name not in UNCOMPARED and name != "type")


def row(name: str, path: Path, found: Profile, size: int, shipped_as: Shipped | None) -> tuple[Row, Candidate]:
    """Induce from `size` samples of a source and compare over all of it."""
    begun = time.perf_counter()
    few = sampled(found, size)
    candidate = induce([path], Options(name=name), found=few)
    seconds = time.perf_counter() - begun
    with workbench(few.samples.files) as folder:
        judged = assess(candidate.spec_text, [folder], root=folder, examples=EXAMPLES)
    ready = compiled(candidate.spec_text)
    account = candidate.assessment.account
    counts = dict(candidate.assessment.steps)
    made = Row(name, size, ready.module is not None, judged.clean, 0.0, None, None, "", None, "", len(candidate.doubts), seconds, counts)
    made.lines = str(spec_lines(candidate.spec_text))
    if ready.module is None or account is None:
        return made, candidate
    if shipped_as is None:
        own = account.account
        made.mapped = (own.mapped - own.silent) / max(own.events - own.ignored - own.sealed, 1)
        pairs = list(own.pairs.values())
        made.answered = _share(sum(pair.answered for pair in pairs), sum(pair.opened for pair in pairs))
        return made, candidate
    made.lines = f"{made.lines} / {shipped_as.lines}"
    theirs = dict(shipped_as.ran)
    agreement = Agreement()
    pairs_here = Pairs()
    for place, ran in read_all(ready.module, path, pairs_here):
        other = theirs.pop(place, None)
        if other is not None:
            agreement.add(ran, other)
    for other in theirs.values():
        agreement.add(Ran(), other)
    made.mapped = agreement.mapped / max(agreement.of, 1)
    made.steps = agreement.steps
    made.fields = agreement.equal / max(agreement.fields, 1)
    judged_labels = agreement.labels.total()
    made.label = agreement.labels["same"] / judged_labels if judged_labels else None
    made.answered = f"{pairs_here.share} / {shipped_as.pairs.share}"
    return made, candidate


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


HEAD: Final = (
    "source",
    "samples",
    "compiles",
    "laws",
    "events",
    "steps",
    "fields",
    "calls answered",
    "labels",
    "lines",
    "doubts",
    "seconds",
)


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""

    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.1%}"

    found = (row.name, str(row.samples), "yes" if row.compiles else "NO", "hold" if row.laws else "BROKEN")
    return (
        *found,
        share(row.mapped),
        share(row.steps),
        share(row.fields),
        row.answered,
        share(row.label),
        row.lines,
        str(row.doubts),
        f"{row.seconds:.1f}",
    )


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|" + "---:|" * (len(HEAD) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(cells(row))} |" for row in rows)]) + "\n"


def summary(rows: Sequence[Row]) -> str:
    """How many of the sources reach what was aimed at, per number of samples."""
    lines = ["| samples | compile | laws hold | 95 % of events | 80 % of fields | label found |", "|---:|---:|---:|---:|---:|---:|"]
    for size in SIZES:
        here = [row for row in rows if row.samples == size]
        shares = (
            sum(row.compiles for row in here),
            sum(row.laws for row in here),
            sum(row.mapped >= 0.95 for row in here),
            sum((row.fields or 0) >= 0.8 for row in here),
            sum((row.label or 0) >= 0.99 for row in here),
        )
        lines.append(f"| {size} | " + " | ".join(f"{share} of {len(here)}" for share in shares) + " |")
    return "\n".join(lines) + "\n"


def pack(traces: Path, name: str) -> Path:
    """The file that holds a source."""
    return next(path for path in (traces / name / "open.tar.gz", traces / name / "open.jsonl.gz") if path.exists())


def unpacked(traces: Path, folder: Path) -> list[Path]:
    """The folders of samples of formats without a spec."""
    import tarfile

    with tarfile.open(traces / "format_samples" / "open.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return sorted(path for path in folder.iterdir() if path.is_dir())


def main(arguments: Sequence[str]) -> int:
    """Write the tables, or print those of some sources."""
    traces = Path(arguments[0])
    chosen = [one for one in arguments[1:] if not one.startswith("-")]
    rows: list[Row] = []
    for name in SOURCES:
        if chosen and name not in chosen:
            continue
        path = pack(traces, name)
        found, theirs = profile([path]), Shipped.of(name, path)
        for size in SIZES if "--one" not in arguments else SIZES[1:2]:
            made, candidate = row(name, path, found, size, theirs)
            rows.append(made)
            print(" | ".join(cells(made)), dict(made.counts), flush=True)
            if "--spec" in arguments:
                print(candidate.spec_text)
    others: list[Row] = []
    with TemporaryDirectory() as folder:
        for path in unpacked(traces, Path(folder)):
            if chosen and path.name not in chosen:
                continue
            found = profile([path])
            if not found.samples.files:
                continue
            made, candidate = row(path.name, path, found, SIZES[1], None)
            others.append(made)
            print(" | ".join(cells(made)), dict(made.counts), flush=True)
            if "--spec" in arguments:
                print(candidate.spec_text)
    if not chosen:
        text = PAGE.read_text(encoding="utf-8")
        command = "python benchmarks/induction.py ../shared/traces"
        text = renewed(text, command, "summary", summary(rows))
        text = renewed(text, command, "sources", table(rows))
        text = renewed(text, command, "formats", table(others))
        PAGE.write_text(text, encoding="utf-8")
        record(PAGE, command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
