"""A comparison as sentences, tables and a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report import plots
from stepwatch.report.blocks import Plot, Section, Table, Text
from stepwatch.report.page import markdown, page
from stepwatch.report.words import Saying, count, number, percent, percents, predicted, ranged, signed, standing

ALERTS = (
    ("false_alarm_rate", "false alarms"),
    ("recall", "failing runs found"),
    ("early_recall", "… early"),
    ("precision", "precision"),
    ("saved", "saved"),
    ("lost", "lost"),
)


def summary(report: Mapping[str, Any]) -> list[Saying]:
    """What the first score is worth beside each other, no more than the intervals allow."""
    first, base = report["first"], report["base"]
    said = [
        Saying(
            "plain",
            f"{first} reaches an AUPRC of {ranged(report['scores'][first]['areas']['all']['auprc'])} at a base rate of "
            f"{number(base['rate'])}.",
        )
    ]
    for name, one in report["scores"].items():
        if name == first or one["control"]:
            continue
        for view, where in (("all", "over all decision points"), ("before_last", "without the last of each run")):
            off = one["less_than_first"][view]["auprc"]
            word = {"better": "better than", "worse": "worse than", "equal": "not told apart from", "unknown": "beside"}[standing(off)]
            mood = {"better": "good", "worse": "bad"}.get(standing(off), "plain")
            said.append(Saying(mood, f"{first} is {word} {name} {where}: AUPRC {signed(off)}."))
    return said


def tables(report: Mapping[str, Any]) -> list[Table]:
    """All figures of each score, with differences from the first."""
    first = report["first"]
    rows = []
    for name, one in report["scores"].items():
        areas, off = one["areas"], one.get("less_than_first")
        label = f"control: {name}" if one["control"] else name
        rows.append(
            [
                label,
                ranged(areas["all"]["auprc"]),
                "" if off is None else signed(off["all"]["auprc"]),
                ranged(areas["before_last"]["auprc"]),
                "" if off is None else signed(off["before_last"]["auprc"]),
                ranged(areas["all"]["auroc"]),
            ]
        )
    head = ["", "AUPRC", f"{first} is better by", "without the last point", f"{first} is better by", "AUROC"]
    made = [Table(head, rows, strong=frozenset({0}))]
    probable = [(name, one) for name, one in report["scores"].items() if "probabilities" in one]
    if probable:
        made.append(
            Table(
                ["", "Brier score", f"{first} less it", "distance of risks"],
                [
                    [
                        name,
                        ranged(one["probabilities"]["brier"], 3),
                        signed(one["less_than_first"]["brier"], 3) if "brier" in one.get("less_than_first", {}) else "",
                        percent(one["probabilities"]["calibration_error"]),
                    ]
                    for name, one in probable
                ],
            )
        )
    for budget in next(iter(report["scores"].values()))["alerts"]:
        rows = []
        for name, one in report["scores"].items():
            if one["control"]:
                continue
            found = one["alerts"][budget]
            rows.append([name, *(percents(found[key]) for key, _ in ALERTS), ranged(found["utility"])])
            if name != first:
                off = one["less_than_first"]["alerts"][budget]
                rows.append([f"… {first} less {name}", *(_points(off[key]) for key, _ in ALERTS), signed(off["utility"])])
        made.append(Table([f"budget {percent(float(budget))}", *(name for _, name in ALERTS), "utility"], rows))
    return made


def _points(estimate: Any) -> str:
    """A difference of shares, in percentage points."""
    return signed([None if value is None else 100 * value for value in estimate], 1)


def _sections(report: Mapping[str, Any]) -> list[Section]:
    base = report["base"]
    entries = [(name, "control" if one["control"] else "monitor", one["areas"]) for name, one in report["scores"].items()]
    views = ("all", "before_last")
    plot = plots.forest(
        [(name, kind, [areas[view]["auprc"] for view in views]) for name, kind, areas in entries],
        ["all decision points", "without the last of each run"],
        [base["rate"], base["rate_before_last"]],
    )
    areas, *others = tables(report)
    data = (
        f"{count(base['runs'], 'run')} of {count(base['groups'], 'group')}, {base['failing']:,} of which fail; {base['prefixes']:,} "
        "decision points. "
        f"All are judged on the same ones ({report['prefixes'][:16]}), and differences are paired: 95 % intervals over "
        f"{report['settings']['resamples']:,} resamples of groups."
    )
    return [
        Section(
            "scores", "How well they rank", [Text(data), Plot(plot, "AUPRC with 95 % intervals. The dotted line is the base rate."), areas]
        ),
        Section("figures", "First alerts and probabilities", others),
    ]


def _lead(report: Mapping[str, Any]) -> str:
    return f"Each predicts {predicted(report['label'], report['horizon'])}."


def as_html(report: Mapping[str, Any]) -> str:
    """The page."""
    return page("Comparison", _lead(report), report["warnings"], summary(report), _sections(report))


def as_markdown(report: Mapping[str, Any]) -> str:
    """The same without pictures."""
    return markdown("Comparison", _lead(report), report["warnings"], summary(report), _sections(report))
