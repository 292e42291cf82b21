"""An audit's report for a terminal: most suspicious first, reasons folded, everything out of traces made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepc.terminal import Paint, cut, escape, fold, pad

if TYPE_CHECKING:
    from stepwatch.audit import Finding, Report

STYLES = {"leak": "error", "suspicious": "warning", "predictive": "cyan", "clean": "good", "cannot tell": "dim"}
PLAIN_WIDTH = 120
MOST_PREDICTIVE = 12
INDENT = "    "


def page(report: Report, subject: str, paint: Paint, columns: int | None, *, everything: bool = False) -> str:
    """The report as text. `everything` lists also what is left out for brevity: reasons of the predictive, names of the clean."""
    wide = columns or PLAIN_WIDTH
    share = f"`{report.label}` is true in {report.true_runs:,}" if report.runs else "no labelled runs"
    head = f"{escape(subject)}: {report.runs:,} runs of {report.groups:,} groups, {share}; {report.steps:,} steps"
    lines = [*_folded(head, wide, "", paint, "bold")]
    for note in (*report.notes, *([f"chance: {report.method}, {report.tried:,} traits tried"] if report.method else [])):
        lines += _folded(note, wide, "  ", paint, "dim")
    lines.append("")
    if report.cannot_tell:
        lines += _folded(f"cannot tell: {report.cannot_tell}", wide, "", paint, "warning")
        return "\n".join(lines) + "\n"
    shown = [finding for finding in report.findings if finding.verdict in ("leak", "suspicious")]
    for finding in shown:
        lines += _finding(finding, paint, wide)
    predictive = [finding for finding in report.findings if finding.verdict == "predictive"]
    for finding in predictive if everything else predictive[:MOST_PREDICTIVE]:
        lines += _finding(finding, paint, wide) if everything else [_line(finding, paint, wide)]
    if len(predictive) > MOST_PREDICTIVE and not everything:
        lines.append(paint("dim", f"{'':13}and {len(predictive) - MOST_PREDICTIVE} more that are predictive (--all)"))
    for verdict in ("clean", "cannot tell"):
        names = [escape(finding.field) for finding in report.findings if finding.verdict == verdict]
        if names:
            listed = ", ".join(names) if everything else cut(", ".join(names), max(20, 2 * wide))
            word = paint(STYLES[verdict], pad(verdict, 13))
            folded = fold(f"{len(names)}: {listed}", wide - 13)
            lines += [word + folded[0], *(" " * 13 + line for line in folded[1:])]
    lines += ["", _verdict(report, paint)]
    return "\n".join(lines) + "\n"


def _folded(text: str, wide: int, indent: str, paint: Paint, style: str) -> list[str]:
    return [indent + paint(style, line) for line in fold(escape(text), wide - len(indent))]


def _head(finding: Finding, paint: Paint) -> str:
    word = finding.verdict.upper() if finding.verdict == "leak" else finding.verdict
    accepted = " (accepted)" if finding.accepted else ""
    return paint(STYLES[finding.verdict], pad(word, 13)) + paint("bold", escape(finding.field)) + accepted


def _line(finding: Finding, paint: Paint, wide: int) -> str:
    """A predictive field in one line."""
    reason = cut(escape(finding.reasons[0]), max(20, wide - 14 - len(finding.field)))
    return f"{_head(finding, paint)} {paint('dim', reason)}"


def _finding(finding: Finding, paint: Paint, wide: int) -> list[str]:
    """A field with its reasons, its figures along the run, and where to look."""
    lines = [_head(finding, paint)]
    for reason in finding.reasons:
        lines += [INDENT + line for line in fold(escape(reason), wide - len(INDENT))]
    trait = finding.trait
    if finding.along:
        told = "  ".join(f"{view} {value:.2f}" for view, value in finding.along.items())
        lines.append(INDENT + paint("dim", f"AUC along the run: {told}"))
    if trait is not None and trait.place is not None:
        where = f", step {trait.place.step}" if trait.place.step is not None else ""
        lines.append(INDENT + paint("dim", f"for example: episode {cut(escape(trait.place.episode), 80)}{where}"))
    return [*lines, ""]


def _verdict(report: Report, paint: Paint) -> str:
    counts = {verdict: sum(finding.verdict == verdict and not finding.accepted for finding in report.findings) for verdict in STYLES}
    found = [
        f"{counts[verdict]} {verdict}" + ("s" if verdict == "leak" and counts[verdict] != 1 else "") for verdict in ("leak", "suspicious")
    ]
    accepted = sum(finding.accepted for finding in report.findings)
    text = (
        ", ".join(found) + f", {counts['predictive']} predictive, {counts['clean']} clean" + (f", {accepted} accepted" if accepted else "")
    )
    return paint("error" if counts["leak"] else "warning" if counts["suspicious"] else "good", text)
