"""An evaluation for a terminal: what to know in a few sentences, and the figures that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepc.terminal import Paint, drawn, escape, fold, table

PLAIN_WIDTH = 110
STYLES = {"good": "good", "bad": "error", "plain": "dim"}
MARKS = {"good": "+", "bad": "!", "plain": "·"}


def page(report: Mapping[str, Any], paint: Paint, columns: int | None) -> str:
    """The summary of a report."""
    from stepwatch.report.words import number, predicted, ranged, signed, summary

    wide = columns or PLAIN_WIDTH
    subject = report["subject"]
    lines = [paint("bold", escape(subject["monitor"])) + f"  predicts {escape(predicted(subject['label'], subject['horizon']))}"]
    for warning in report["warnings"]:
        lines += folded("!", warning, wide, paint, "warning")
    for told in report["notes"]:
        lines += folded("·", told, wide, paint, "dim")
    lines.append("")
    for one in summary(report):
        lines += folded(MARKS[one.mood], one.text, wide, paint, STYLES[one.mood])
    shown = table()
    for name in ("", "AUPRC", "monitor is better by", "without the last point"):
        shown.add_column(name, justify="left" if not name else "right", no_wrap=True)
    mine = report["monitor"]["areas"]
    shown.add_row("this monitor", ranged(mine["all"]["auprc"]), "", ranged(mine["before_last"]["auprc"]))
    for kind in ("controls", "oracles"):
        for name, one in report[kind].items():
            areas = one["areas"]
            label = name if kind == "controls" else f"oracle: {name}"
            shown.add_row(
                label, ranged(areas["all"]["auprc"]), signed(one["beyond"]["all"]["auprc"]), ranged(areas["before_last"]["auprc"])
            )
    lines += ["", *drawn(shown, columns, paint)]
    lines += alerts(report, columns, paint)
    found = report["ceilings"]
    known = {name: one["interval"] for name, one in found["chain"].items() if one["identified"]}
    bounds = [f"{name} {number(low)} to {number(high)}" for name, (low, high) in known.items()]
    if bounds:
        lines += ["", *fold(f"ceilings: {'; '.join(bounds)}", wide)]
    if report.get("judge") is not None:
        from stepwatch.report.judge import sentence

        lines += ["", *fold(escape(sentence(report["judge"])), wide)]
    return "\n".join(lines) + "\n"


def alerts(report: Mapping[str, Any], columns: int | None, paint: Paint) -> list[str]:
    """First alerts as a table."""
    from stepwatch.report.words import guarantee, number, percent, percents

    found = report["alerts"]
    if not found["told"]:
        return []
    early = found["early_means"]
    shown = table()
    for name in ("first alerts", "false alarms", "failing found", f"{early} points ahead", "lead, median", "budget is"):
        shown.add_column(name, justify="left" if name in ("first alerts", "budget is") else "right", no_wrap=True)
    rows = [(f"budget {percent(one['budget'])}", one["figures"] if one["met"] else None, guarantee(one)) for one in found["budgets"]]
    rows += [(f"zone {zone['name']}", zone.get("figures"), f"{percent(zone['budget'])}, set in training") for zone in found["zones"]]
    rows += [(f"rule {rule['name']}", rule["figures"], f"none: {rule['zone']} by rule") for rule in found["rules"]]
    if found["together"] is not None:
        rows.append(("any zone or rule", found["together"], "none"))
    for name, one, promise in rows:
        if one is None:
            shown.add_row(escape(name), "–", "–", "–", "–", "cannot be set" if name.startswith("budget") else "left out in training")
            continue
        lead = number(one["lead"][2], 0) if one["lead"] else "–"
        shown.add_row(
            escape(name), percents(one["false_alarm_rate"]), percents(one["recall"]), percents(one["early_recall"]), lead, promise
        )
    return ["", *drawn(shown, columns, paint)]


def folded(mark: str, text: str, wide: int, paint: Paint, style: str) -> list[str]:
    """A sentence behind a mark."""
    first, *rest = fold(escape(text), wide - 4)
    return [f"  {paint(style, mark)} {first}", *(f"    {line}" for line in rest)]
