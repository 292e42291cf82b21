"""A report as plain values for JSON."""

from __future__ import annotations

from typing import Any

from stepwatch.audit.model import Finding, Interval, Report, Trait


def as_values(report: Report) -> dict[str, Any]:
    """The whole report as JSON values; figures rounded to four digits, so that equal data give equal bytes."""
    return {
        "label": report.label,
        "runs": report.runs,
        "label_true": report.true_runs,
        "groups": report.groups,
        "unlabelled": report.unlabelled,
        "ungrouped": report.ungrouped,
        "sampled_from": report.sampled_from,
        "steps": report.steps,
        "tried": report.tried,
        "least_visible_auc": rounded(report.visible),
        "method": report.method,
        "cannot_tell": report.cannot_tell or None,
        "leaks": len(report.leaks),
        "notes": list(report.notes),
        "findings": [finding_values(finding) for finding in report.findings],
    }


def finding_values(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "field": finding.field,
        "verdict": finding.verdict,
        "accepted": finding.accepted,
        "reasons": list(finding.reasons),
        "runs": finding.runs,
        "trait": trait_values(finding.trait) if finding.trait is not None else None,
        "auc_along_the_run": dict(finding.along),
    }


def trait_values(trait: Trait) -> dict[str, Any]:
    """The trait that a verdict rests on."""
    return {
        "text": trait.text,
        "where": trait.view,
        "auc": interval_values(trait.auc),
        "points_to": trait.points_to,
        "runs": trait.runs,
        "groups": trait.groups,
        "label_true_share": rounded(trait.when_true),
        "covers": rounded(trait.covers),
        "example": {"episode": trait.place.episode, "step": trait.place.step} if trait.place is not None else None,
    }


def interval_values(interval: Interval) -> dict[str, float | None]:
    """An estimate with its bounds."""
    return {"value": rounded(interval.value), "low": rounded(interval.low), "high": rounded(interval.high)}


def rounded(value: float | None) -> float | None:
    """Four digits, or None."""
    return None if value is None else round(value, 4)
