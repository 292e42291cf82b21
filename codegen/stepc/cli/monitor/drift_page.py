"""A drift report for a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stepc.terminal import Paint, cut, escape, fold, pad

if TYPE_CHECKING:
    from stepwatch.drift import Check, Report

PLAIN_WIDTH = 120
STYLES = {"none": "good", "slight": "warning", "moderate": "warning", "high": "error", "severe": "error"}
WORDS = {
    "stability index": "shares of values",
    "unseen values": "values never seen before",
    "distribution": "distribution over runs",
    "sequence": "what follows what",
}
INDENT = "    "


def page(report: Report, name: str, paint: Paint, columns: int | None, *, everything: bool = False) -> str:
    """The report as text."""
    from stepwatch.drift import BLIND_SPOT

    wide = columns or PLAIN_WIDTH
    changed = [check for check in report.checks if check.holds(report.part_level)]
    verdict = f"{report.severity} drift" if report.severity != "none" else "no change that chance does not explain"
    style = STYLES[report.severity]
    if report.drifted and report.severity == "none":
        verdict, style = "drift: of single channels none, but a bet was won", STYLES["slight"]
    head = f"{escape(name)}: {report.runs[0]:,} old runs, {report.runs[1]:,} new ones"
    lines = [
        paint("bold", cut(head, wide)),
        f"  {paint(style, verdict)}: {len(changed)} of {len(report.checks)} checks hold at {report.part_level:g}",
        "",
    ]
    for check in report.checks if everything else changed:
        lines += _check(check, check in changed, paint, wide)
    lines += ["", *_effect(report, paint, wide), ""]
    lines += [paint("dim", line) for line in fold(BLIND_SPOT, wide)]
    return "\n".join(lines) + "\n"


def _check(check: Check, holds: bool, paint: Paint, wide: int) -> list[str]:
    style = "warning" if holds else "dim"
    told = f"{WORDS[check.method]}: {check.value:.3f}, p {_chance(check.adjusted)} of all checks together, {_chance(check.p)} alone"
    lines = [f"  {paint(style, pad(cut(escape(check.channel), 32), 33))}{cut(told, max(20, wide - 36))}"]
    if holds:
        for change in check.changes[:3]:
            before, after = (
                f"{value:.1%}" if check.method != "distribution" else f"{value:.3g}" for value in (change.before, change.after)
            )
            lines.append(f"{INDENT}{cut(escape(change.value), max(20, wide - 32))}  {before} → {after}")
    return lines


def _effect(report: Report, paint: Paint, wide: int) -> list[str]:
    effect, evidence = report.effect, report.evidence
    passing, failing = "of runs that pass, if risks are still true", "of runs that fail, if risks are still true"
    rows = [
        ("runs alerted", f"{effect.alerted[0]:.1%} → {effect.alerted[1]:.1%}"),
        ("expected false alarms", f"{_share(effect.false_alarms[0])} → {_share(effect.false_alarms[1])} {passing}"),
        ("expected recall", f"{_share(effect.recall[0])} → {_share(effect.recall[1])} {failing}"),
        ("bet on the highest logit", _bet(evidence.highest, evidence.alarm, evidence.level, report.in_order)),
    ]
    if not any(effect.alerted):
        rows[:3] = [("runs alerted", "none, neither before nor after")]
    if report.labelled is not None:
        told = report.labelled
        found = told["false_alarms"]
        rows += [
            ("false alarms", f"{_share(told['false_alarm_rate'])} of {told['passed']:,} new runs that passed, budget {told['budget']:.1%}"),
            ("bet against the budget", _bet(found["highest"], found["alarm"], found["level"], report.in_order)),
            ("Brier score", " → ".join("-" if math.isnan(value) else f"{value:.3f}" for value in told["brier"])),
        ]
    made: list[str] = []
    for label, text in rows:
        folded = fold(text, max(20, wide - 28))
        made += [f"  {paint('dim', pad(label, 26))}{folded[0]}", *(" " * 28 + line for line in folded[1:])]
    return made


def _bet(highest: float, alarm: int, level: float, in_order: bool) -> str:
    told = f"capital reached {highest:.3g}, an alarm takes {1 / level:.3g}"
    if not alarm:
        return told
    return f"{told}: alarm at new run {alarm}" if in_order else f"{told}: alarm"


def _chance(p: float) -> str:
    return "<.001" if p < 0.001 else f"{p:.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1%}"
