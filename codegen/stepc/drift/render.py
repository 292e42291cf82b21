"""A drift report as text for a terminal, as JSON for programs, and as annotations for GitHub."""

from __future__ import annotations

import json
from typing import Any, Final

from stepc.diagnostics.render import counted
from stepc.drift.measure import Measure
from stepc.drift.report import KINDS, Finding, Report, Total
from stepc.terminal import PLAIN, Paint, drawn, escape, table

MOST_NOTES: Final = 12


def headline(report: Report) -> str:
    """`drift: 3 findings, 2 notes`."""
    drift = [finding for finding in report.findings if finding.level == "drift"]
    notes = len(report.findings) - len(drift)
    also = f", {counted(notes, 'note')}" if notes else ""
    return f"drift: {counted(len(drift), 'finding')}{also}" if drift else f"no drift{also}"


def as_text(report: Report, paint: Paint = PLAIN, *, everything: bool = False) -> str:
    """The report for a terminal: what both sides hold, the shares that matter, findings and notes."""
    lines = [f"{paint('bold', escape(report.source))}  {paint('error' if report.drift else 'good', headline(report))}"]
    lines += [f"  {word}  {_total(total)}" for word, total in (("old", report.old), ("new", report.new))]
    lines += ["", *_shares(report, paint)]
    for level, title, style in (("drift", "drift", "error"), ("note", "notes", "note")):
        found = [finding for finding in report.findings if finding.level == level]
        shown = found if everything or level == "drift" else found[:MOST_NOTES]
        if found:
            lines += ["", paint(style, title)]
        for finding in shown:
            lines += _finding(finding, report, paint)
        if len(shown) < len(found):
            lines.append(f"  … {counted(len(found) - len(shown), 'further note')}: --all shows them")
    risk = f"{report.thresholds.risk:.2%}".replace(".00%", "%")
    lines += ["", paint("dim", f"{report.tested:,} tests over documents, with a risk of {risk} of any false alarm")]
    lines += [paint("dim", escape(note)) for note in report.notes]
    return "\n".join(lines) + "\n"


def _total(total: Total) -> str:
    parts = [counted(total.files, "file"), counted(total.documents + total.refused, "document"), counted(total.episodes, "episode")]
    parts += [counted(total.events, "event"), counted(total.steps, "step")]
    return f"{escape(total.name)}: {', '.join(parts)}"


def _shares(report: Report, paint: Paint) -> list[str]:
    shares = table()
    shares.add_column(min_width=26)
    for side in ("old", "new"):
        shares.add_column(side, justify="right", min_width=26)
    for title, old, new in report.table:
        shares.add_row(title, _share(old), _share(new))
    return drawn(shares, None, paint)


def _share(measure: Measure) -> str:
    return f"{measure.count:,} of {measure.of:,} {measure.share:>8.2%}" if measure.of else "-"


def _counts(measure: Measure, unit: str) -> str:
    if unit in ("documents", "files"):
        return f"{measure.count:,} of {measure.of:,} {unit}"
    where = f"in {measure.some:,} of {counted(measure.documents, 'document')}"
    if unit == "steps":  # an event may give any number of them
        return f"{counted(measure.count, 'step')} of {counted(measure.of, 'event')}, {where}"
    return f"{measure.count:,} of {measure.of:,} {unit} ({measure.share:.1%}), {where}"


def _finding(finding: Finding, report: Report, paint: Paint) -> list[str]:
    style = "error" if finding.level == "drift" else "note"
    lines = [f"  {paint(style, finding.kind)}: {escape(finding.message)}"]
    lines.append(f"      old {_counts(finding.old, finding.unit)}")
    lines.append(f"      new {_counts(finding.new, finding.unit)}")
    if finding.lines:
        more = f", … {len(finding.lines)} lines" if len(finding.lines) > 6 else ""
        lines.append(f"      {paint('place', f'{escape(report.spec)}:{finding.lines[0]}')}{_further(finding.lines)}{more}")
    if finding.first:
        lines.append(f"      first {escape(finding.first)}")
    lines += [f"      {paint('note', escape(hint))}" for hint in finding.hints]
    return lines


def _further(lines: tuple[int, ...]) -> str:
    return "".join(f", {line}" for line in lines[1:6])


def as_json(report: Report) -> str:
    """The report for programs."""
    value: dict[str, Any] = {
        "source": report.source,
        "spec": report.spec,
        "drift": report.drift,
        "old": _side(report.old),
        "new": _side(report.new),
        "findings": [
            {
                "kind": finding.kind,
                "level": finding.level,
                "subject": finding.subject,
                "message": finding.message,
                "unit": finding.unit,
                "old": _measure(finding.old),
                "new": _measure(finding.new),
                "lines": list(finding.lines),
                "first": finding.first,
                "hints": list(finding.hints),
            }
            for finding in report.findings
        ],
        "shares": {title: {"old": _measure(old), "new": _measure(new)} for title, old, new in report.table},
        "tests": report.tested,
        "level": report.level,
        "thresholds": {name: getattr(report.thresholds, name) for name in report.thresholds.__slots__},
        "notes": list(report.notes),
    }
    return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def _side(total: Total) -> dict[str, Any]:
    return {name: getattr(total, name) for name in total.__slots__}


def _measure(measure: Measure) -> dict[str, int]:
    return {"count": measure.count, "of": measure.of, "documents": measure.documents, "some": measure.some}


def as_github(report: Report) -> str:
    """Annotations beside the lines of the spec: errors for drift, notices for the rest."""
    lines = []
    for finding in report.findings:
        level = "error" if finding.level == "drift" else "notice"
        at = f"file={_property(report.spec)},line={finding.lines[0] if finding.lines else 1},"
        body = [finding.message, f"old {_counts(finding.old, finding.unit)}", f"new {_counts(finding.new, finding.unit)}"]
        body += [f"first {finding.first}"] if finding.first else []
        text = "\n".join(escape(line) for line in (*body, *finding.hints))
        lines.append(f"::{level} {at}title={_property(f'stepc drift: {finding.kind}')}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


__all__ = ["KINDS", "as_github", "as_json", "as_text", "headline"]
