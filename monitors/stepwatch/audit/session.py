"""One audit from runs to report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.chance import chance_for
from stepwatch.audit.collect import Collector
from stepwatch.audit.columns import Frame, field_columns, frame_of
from stepwatch.audit.evidence import Scored, Weighing, level_before, score_field
from stepwatch.audit.judge import judge
from stepwatch.audit.model import VERDICTS, Finding, Report, Run, Settings
from stepwatch.audit.strength import Resamples

CLOCK_NOTE = (
    "when a run stops depends on how it went here, so whatever stands in its last step tells the outcome too, honest or not: "
    "score prefixes before the last step"
)
FAINT = 0.65
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much (0: unknown)."""


def audit_runs(runs: Iterable[Run], settings: Settings | None = None, progress: Progress | None = None, *, passed_over: int = 0) -> Report:
    """Audit runs of steps against their labels. `progress` is called now and then; it changes nothing. `passed_over` counts labelled runs
    that whoever read them has already left out of the sample."""
    chosen = settings or Settings()
    collector = Collector(chosen)
    for number, run in enumerate(runs):
        collector.add(run)
        if progress is not None and number % 50 == 0:
            progress("reading runs", number, 0)
    collector.offered += passed_over
    return report_of(collector, progress)


def report_of(collector: Collector, progress: Progress | None = None) -> Report:
    """The report on what a collector holds."""
    settings = collector.settings
    records = [collector.records[order] for order in sorted(collector.records)]
    true_runs = sum(record.label for record in records)
    groups = len({record.group for record in records if record.group is not None}) + sum(record.group is None for record in records)

    def report(
        findings: list[Finding], method: str, tried: int, cannot_tell: str, visible: float = 1.0, more: tuple[str, ...] = ()
    ) -> Report:
        return Report(
            label=settings.label,
            findings=tuple(sorted(findings, key=rank)),
            method=method,
            notes=notes(collector, len(records)) + more,
            runs=len(records),
            true_runs=true_runs,
            groups=groups,
            unlabelled=collector.unlabelled,
            ungrouped=collector.ungrouped,
            sampled_from=collector.offered - collector.unlabelled,
            steps=collector.kept_steps,
            tried=tried,
            visible=visible,
            cannot_tell=cannot_tell,
        )

    reason = too_little(len(records), true_runs, groups, settings)
    if reason:
        return report([], "", 0, reason)
    frame = frame_of(records)
    chance = chance_for(frame, settings.shuffles, settings.seed)
    fields: list[Scored] = []
    unsure: list[Finding] = []
    for number, names in enumerate(collector.fields):
        if progress is not None:
            progress("weighing fields", number, len(collector.fields))
        field = field_columns(number, collector, records, settings)
        if field is None:
            told = sum(number in record.fields for record in records)
            if told:
                unsure.append(Finding(names.name, "cannot tell", (f"only {told} labelled runs tell it",), None, {}, told))
            continue
        fields.append(score_field(field, frame, chance, settings))
    lines = chance.lines(settings.chance)
    weighing = Weighing(frame, settings, lines, Resamples(frame, settings.resamples, settings.seed), level_before(fields, lines))
    findings = []
    for place, scored in enumerate(fields):
        if progress is not None:
            progress("judging fields", place, len(fields))
        findings.append(judge(scored, weighing))
    clock = any(finding.field == "run.steps" and finding.verdict in ("leak", "suspicious") for finding in findings)
    tried = sum(len(scored.traits) for scored in fields)
    visible = least_visible(frame, lines)
    faint = f"so few runs show only what reaches an AUC of about {visible:.2f}; clean means no more than that"
    more = [*([CLOCK_NOTE] if clock else []), *([faint] if visible > FAINT else [])]
    return report(findings + unsure, chance.method, tried, "", visible, tuple(more))


def least_visible(frame: Frame, lines: NDArray[np.float64]) -> float:
    """The AUC at which a value that half of the runs show passes the lines, as if runs were independent."""
    share = float(frame.labels.mean())
    return round(min(1.0, 0.5 + float(lines[:, 1].min()) / (4 * math.sqrt(frame.runs * share * (1 - share)))), 4)


def too_little(runs: int, true_runs: int, groups: int, settings: Settings) -> str:
    """Why nothing can be said, or nothing."""
    rarer = min(true_runs, runs - true_runs)
    if runs < settings.least_runs:
        return f"only {runs} labelled runs; {settings.least_runs} are needed to tell anything"
    if not rarer:
        return f"`{settings.label}` is {'true' if true_runs else 'false'} in all {runs} labelled runs; nothing can be told from one outcome"
    if rarer < settings.least_class:
        return f"`{settings.label}` is {'true' if rarer == true_runs else 'false'} in {rarer} runs only; {settings.least_class} are needed"
    if groups < 2:
        return "all runs are of one group; two are needed"
    return ""


def rank(finding: Finding) -> tuple[int, int, float, str]:
    """Most serious first, then the strongest, then by name."""
    quiet = finding.trait is None or finding.verdict in ("clean", "cannot tell")
    strength = 0.0 if quiet or finding.trait is None else finding.trait.auc.value
    return (int(finding.accepted), VERDICTS.index(finding.verdict), -strength, finding.field)


def notes(collector: Collector, kept: int) -> tuple[str, ...]:
    """What a reader must know to judge the report."""
    said = []
    labelled = collector.offered - collector.unlabelled
    if collector.unlabelled:
        said.append(f"{collector.unlabelled:,} of {collector.offered:,} runs have no label or no steps and are left out")
    if kept < labelled:
        bound = f"{collector.settings.steps:,} steps"
        said.append(f"{kept:,} of {labelled:,} labelled runs are looked at, chosen by the hash of their id, to stay within {bound}")
    if collector.ungrouped:
        said.append(f"{collector.ungrouped:,} runs have no group; each counts as a group of its own, and intervals may be too narrow")
    long = sum(record.steps > collector.settings.steps_per_run for record in collector.records.values())
    if long:
        said.append(f"{long:,} runs are longer than {collector.settings.steps_per_run:,} steps; their middle is not read")
    if collector.fields_left_out:
        said.append(f"{len(collector.fields_left_out):,} or more further paths inside objects are not looked at")
    return tuple(said)
