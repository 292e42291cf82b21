"""How good a spec is on samples: does it compile, do the laws hold, what becomes of the events. A number to compare specs by."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stepc import ir
from stepc.diagnostics.model import Diagnostic
from stepc.emit.render import render
from stepc.front import check_text
from stepc.project import Project
from stepc.runtime.defects import Defects
from stepc.runtime.problems import Problems
from stepc.runtime.readers import read
from stepc.runtime.run import AdapterModule, RunAccount, run
from stepc.verify import laws
from stepc.verify.load import from_text

FILE = "induced.stepview"
MOST_RECORDED = 6
"""Episodes that the laws are tried on."""
MOST_EVENTS = 60
"""Events of such an episode: prefixes are tried one by one."""

Score = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that does not hold on the samples."""

    law: str
    message: str
    shown: Any = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a spec is worth. `account` is None where it does not compile; `counterexamples` are broken laws.

    score   larger is better: compiles, laws hold, share of events understood, few defects, calls that are answered, variety of steps,
            share of events mapped
    """

    diagnostics: tuple[Diagnostic, ...]
    counterexamples: tuple[Broken, ...] = ()
    account: RunAccount | None = None
    score: Score = (0.0,)
    steps: dict[str, int] = field(default_factory=dict)
    ids: int = 0

    @property
    def compiles(self) -> bool:
        """Whether the spec has no errors."""
        return self.account is not None

    @property
    def clean(self) -> bool:
        """Whether it compiles and no law is broken."""
        return self.compiles and not self.counterexamples

    @property
    def summary(self) -> str:
        """The account in a few lines, for people and for prompts."""
        return "the spec does not compile" if self.account is None else summary(self.account)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A spec that was checked and, where it has no errors, compiled."""

    diagnostics: tuple[Diagnostic, ...]
    program: ir.Program | None = None
    module: AdapterModule | None = None


def compiled(text: str, *, beside: Path | None = None) -> Compiled:
    """Check and compile the text of a spec in memory. Vocabularies are looked for in the folder `beside`, then among those shipped.

    The module is the one that `stepc compile` writes, without the map of its lines and the second look at its purity, which cost most
    of the time: many drafts are tried, and the one that stays is compiled again.
    """
    checked = check_text(text, file=FILE, beside=beside)
    if checked.program is None:
        return Compiled(checked.diagnostics)
    name = checked.program.source.name
    return Compiled(checked.diagnostics, checked.program, from_text(name, render(checked.program).text, f"<compiled from {FILE}>"))


def assess(
    spec_text: str,
    paths: Iterable[str | Path],
    *,
    root: str | Path | None = None,
    beside: Path | None = None,
    examples: int = 0,
) -> Assessment:
    """Compile a spec, run it over samples and try the laws on them.

    examples   above 0, every law of `stepc verify` is tried on that many mutations too; needs the `verify` extra
    """
    ready = compiled(spec_text, beside=beside)
    if ready.program is None or ready.module is None:
        return Assessment(ready.diagnostics, score=(0.0, -float(sum(found.severity == "error" for found in ready.diagnostics))))
    return assess_compiled(ready, list(paths), root=root, examples=examples, length=len(spec_text))


def assess_compiled(
    ready: Compiled, paths: list[str | Path], *, root: str | Path | None = None, examples: int = 0, length: int = 0
) -> Assessment:
    """The same for a spec that was compiled before."""
    module, program = ready.module, ready.program
    if module is None or program is None:
        return Assessment(ready.diagnostics)
    running = run(module, paths, root=root)
    ids: set[str] = set()
    for ran in running:
        ids.add(ran.id)
    account = running.account
    broken = _laws(module, paths, root)
    if examples and not broken:
        broken = _mutated(program, module, paths, root, examples)
    steps = {name: count for name, count in account.account.steps.items() if count}
    return Assessment(ready.diagnostics, tuple(broken), account, _score(account, broken, ready.diagnostics, length), steps, len(ids))


def _laws(module: AdapterModule, paths: list[str | Path], root: str | Path | None) -> list[Broken]:
    """The laws of an adapter on the first episodes, without mutations."""
    found: list[Broken] = []
    count = 0
    for episode in read(module, paths, root=root, problems=Problems()):
        facts = module.start(episode, Defects())
        if not isinstance(facts, dict):
            continue
        events = tuple(event for event, _ in zip(episode.events, range(MOST_EVENTS), strict=False))
        recorded = laws.Recorded(episode.file.path, episode.index, facts, events)
        for law in (laws.prefix_causal, laws.deterministic, laws.unchanged_events, laws.accounted, laws.pairing_conserved):
            try:
                law(module.Adapter, recorded)
            except laws.BrokenError as broken:
                found.append(Broken(broken.law, str(broken), broken.shown))
        count += 1
        if found or count >= MOST_RECORDED:
            break
    return found


def _mutated(program: ir.Program, module: AdapterModule, paths: list[str | Path], root: str | Path | None, examples: int) -> list[Broken]:
    from hypothesis.configuration import set_hypothesis_home_dir

    from stepc.verify.runner import Verifier
    from stepc.verify.schemas import step_schema

    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            verifier = Verifier(program, module, step_schema(program, Project(root=Path("/")).limits.text), examples=examples)
            report = verifier.verify([Path(path) for path in paths], root=Path(root) if root is not None else None)
        finally:
            set_hypothesis_home_dir(None)
    found = (result.broken for result in report.results)
    return [Broken(broken.law, broken.message, broken.shown) for broken in found if broken is not None]


def _score(account: RunAccount, broken: list[Broken], diagnostics: tuple[Diagnostic, ...], length: int) -> Score:
    found = account.account
    events = max(found.events, 1)
    steps = sum(found.steps.values())
    defects = sum(item.count for item in account.defects)
    opened = sum(pair.opened for pair in found.pairs.values())
    unanswered = sum(pair.unanswered for pair in found.pairs.values())
    answered = sum(pair.answered for pair in found.pairs.values())
    calls = opened + unanswered
    pairing = answered / calls if calls else 0.5
    # Instructions and headings are left out with a reason; a spec that leaves out most of what happened has understood nothing.
    left_out = min(found.ignored, max(2 * account.kept, found.events // 10))
    understood = (found.mapped - found.silent + left_out + found.sealed) / events if account.kept and steps else 0.0
    kinds = _variety({name: count for name, count in found.steps.items() if count})
    return (
        1.0,
        0.0 if broken else 1.0,
        round(understood, 1),
        -round(min(defects / (events + steps), 1.0), 1),
        round(kinds + pairing, 2),
        round(understood, 3),
        round(found.mapped / events, 2),
        -float(len(diagnostics)),
        -float(length),
    )


def _variety(steps: dict[str, int]) -> float:
    """How many of the kinds of steps come out that a trace of an agent has, rare ones counting less. 0 to 4."""
    total = sum(steps.values())
    return sum(min(1.0, 20 * steps.get(name, 0) / total) for name in ("Said", "Thought", "ToolCall", "ToolResult")) if total else 0.0


def summary(account: RunAccount) -> str:
    """An account in a few lines."""
    found = account.account
    lines = [
        f"{account.files:,} files, {account.kept:,} episodes kept, {sum(account.dropped.values()):,} dropped, {account.refused:,} refused",
        (
            f"{found.events:,} events: {found.mapped:,} mapped ({found.silent:,} of them silent), {found.ignored:,} ignored, "
            f"{found.sealed:,} sealed, {found.unknown:,} unknown"
        ),
        "steps: " + (", ".join(f"{count:,} {name}" for name, count in sorted(found.steps.items()) if count) or "none"),
    ]
    for name, pair in sorted(found.pairs.items()):
        lines.append(f"pair {name}: {pair.opened:,} opened, {pair.answered:,} answered, {pair.unanswered:,} results without a call")
    if found.unknown_values:
        values = sorted(found.unknown_values.items(), key=lambda item: (-item[1], item[0]))[:12]
        lines.append("unknown discriminants: " + ", ".join(f"{value} {count:,}" for value, count in values))
    for item in account.defects[:12]:
        lines.append(f"defect {item.kind} at {item.site or '.'}: {item.count:,}")
    for name, label in sorted(account.labels.items()):
        lines.append(f"outcome {name}: {label.true:,} true, {label.false:,} false, {label.other:,} other, {label.unknown:,} unknown")
    return "\n".join(lines)
