"""The part of a report that sets a language model beside the monitor, on the decision points that it was asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report.blocks import Section, Table, Text
from stepwatch.report.words import count, number, percent, ranged, signed, standing


def judge(report: Mapping[str, Any]) -> Section:
    """A language model as a judge."""
    found = report["judge"]
    return Section("judge", "A language model as a judge", [Text(asked(found)), *_figures(found)])


def asked(found: Mapping[str, Any]) -> str:
    """Who was asked about what, and what it took."""
    cost = "" if found["cost"] is None else f" and ${found['cost']:.2f}"
    unread = f" {found['unreadable']:,} replies held no probability." if found["unreadable"] else ""
    ended = f" It ended early: {found['ended']}." if found["ended"] else ""
    return (
        f"{found['model'] or 'Nobody'} saw {count(found['points'], 'decision point')} of {count(found['runs'], 'run')}, drawn by chance: "
        f"what was known before the run and the steps so far, never the outcome. It took {found['tokens']:,} tokens{cost}.{unread}{ended}"
    )


def sentence(found: Mapping[str, Any]) -> str:
    """The comparison in a sentence."""
    if not found["judged"]:
        return f"A language model was asked about {found['points']:,} decision points: too few, or of one kind only, to compare anything."
    mine, others = (ranged(found["areas"][name]["all"]["auprc"]) for name in ("monitor", "judge"))
    better = found["beyond"]["all"]["auprc"]
    return (
        f"On {found['points']:,} sampled decision points the monitor reaches {mine} and the language model {others}; "
        f"the monitor is {standing(better)} ({signed(better)})."
    )


def _figures(found: Mapping[str, Any]) -> list[Any]:
    if not found["judged"]:
        return [Text(sentence(found))]
    rows = []
    for name, key in (("this monitor", "monitor"), ("language model", "judge")):
        areas, risks = found["areas"][key], found["probabilities"][key]
        rows.append(
            [
                name,
                ranged(areas["all"]["auprc"]),
                ranged(areas["before_last"]["auprc"]),
                ranged(areas["all"]["auroc"]),
                ranged(risks["brier"], 3),
            ]
        )
    beyond = found["beyond"]
    rows.append(["the monitor is better by", signed(beyond["all"]["auprc"]), signed(beyond["before_last"]["auprc"]), "", ""])
    return [
        Table(
            ["", "AUPRC", "without the last point", "AUROC", "Brier score"],
            rows,
            caption=f"The same {found['points']:,} decision points for both, {percent(found['rate'])} of them positive; "
            f"the Brier score of the base rate is {number(found['probabilities']['monitor']['brier_of_base_rate'], 3)}.",
        )
    ]
