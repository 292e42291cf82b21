"""Sections about first alerts: what they find at which cost, what is promised, how near they come to decisive mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report import plots
from stepwatch.report.blocks import Plot, Row, Section, Table, Text
from stepwatch.report.words import certificate, count, guarantee, number, percent, percents


def first_alerts(report: Mapping[str, Any]) -> Section:
    """What happens if the first alert of each run is acted on."""
    alerts = report["alerts"]
    if not alerts["told"]:
        return Section(
            "alerts",
            "First alerts",
            [Text("First alerts are judged where there are failing runs and others. Here all ended alike.", "bad")],
        )
    blocks: list[Any] = []
    shown = [one for one in alerts["budgets"] if one["met"]]
    if alerts["budgets"]:
        blocks.append(
            Text(
                "The budget is the share of runs that do not fail and are alerted all the same. Each threshold is set by passing runs of "
                "other groups, one a group, and then applied to groups that had no part in it."
            )
        )
    if shown:
        blocks.append(
            Plot(
                plots.leads([(f"budget {percent(one['budget'])}", one["figures"]["found_ahead"]) for one in shown]),
                "How many failing runs are found, and how early: the share alerted while at least so many decision points were still "
                "to come.",
            )
        )
    blocks.append(_worth(alerts))
    if alerts["budgets"]:
        blocks.append(_promises(alerts))
    blocks += [Text(certificate(one), "bad") for one in alerts["budgets"] if not one["met"]]
    for zone in alerts["zones"]:
        blocks.append(Text(_zone(zone), "plain" if zone["threshold"] is not None else "bad"))
    return Section("alerts", "First alerts", blocks)


def _worth(alerts: Mapping[str, Any]) -> Table:
    """What first alerts find, and at which cost: at budgets, in zones, by rules, and whichever comes first."""
    costs = alerts["costs"]
    head = [
        "",
        "false alarms",
        "failing runs found",
        f"… with {alerts['early_means']} points to go",
        "precision",
        "lead: ¼, ½, ¾",
        "lead of the run",
        "saved / lost",
        "utility a run",
    ]
    budgets = [
        [_name(one), *_alert(one["figures"])] if one["met"] else [_name(one), "cannot be set", *[""] * (len(head) - 2)]
        for one in alerts["budgets"]
    ]
    zones = [[f"zone {zone['name']}", *_alert(zone["figures"])] for zone in alerts["zones"] if zone["threshold"] is not None]
    rules = [[f"rule {rule['name']} ({rule['zone']})", *_alert(rule["figures"])] for rule in alerts["rules"]]
    together = [["any zone or rule", *_alert(alerts["together"])]] if alerts["together"] is not None else []
    free = "Rules have no budget. " if rules else ""
    return Table(
        head,
        [*budgets, *zones, *rules, *together],
        caption=f"{free}Intervals of shares are the wider of two: exact (Clopper-Pearson), and by resampling groups. Lead: decision points "
        "from the first alert to the end of found failures, and as a share of the run. Saved and lost: decision points after the first "
        f"alert, as a share of all, in failing runs and in others. Utility: a failure costs {costs['failure']:g}, an intervention "
        f"{costs['intervention']:g}, a false alarm {costs['false_alarm']:g} more; an intervention with at least "
        f"{count(costs['least_lead'], 'point')} to go prevents the failure with chance {costs['effect']:g}; 0 is no monitor.",
    )


def _promises(alerts: Mapping[str, Any]) -> Table:
    """What is promised of budgets, and what limits them."""
    return Table(
        [
            "",
            "the budget is",
            "independent passing runs",
            "needed to be sure",
            "false alarms, groups resampled",
            "found at best",
            "at most",
        ],
        [_promise(one) for one in alerts["budgets"]],
        words=2,
        caption="Groups resampled: the interval if runs of one group are not taken for independent. At best: what the best "
        "threshold for these very runs would find, and the upper end of its exact interval. No promise, a limit.",
    )


def _name(one: Mapping[str, Any]) -> str:
    return f"budget {percent(one['budget'])}"


def _promise(one: Mapping[str, Any]) -> Row:
    """What is promised of a budget, and what limits it."""
    low, high = one["figures"]["false_alarm_rate_by_group"]
    return [
        _name(one),
        guarantee(one),
        f"{one['independent_passing_runs']:,}",
        f"{one['needed_for_confidence']:,}",
        f"{percent(low)} to {percent(high)}" if one["met"] else "–",
        percent(one["at_best"]["recall"]),
        percent(one["at_best"]["most"]),
    ]


def _alert(found: Mapping[str, Any]) -> Row:
    lead, share = found["lead"], found["lead_share"]
    return [
        percents(found["false_alarm_rate"]),
        percents(found["recall"]),
        percents(found["early_recall"]),
        percents(found["precision"]),
        ", ".join(number(value, 0) for value in lead[1:4]) if lead else "–",
        percent(share[2]) if share else "–",
        f"{percent(found['saved'])} / {percent(found['lost'])}",
        number(found["utility"]),
    ]


def _zone(zone: Mapping[str, Any]) -> str:
    """What was promised of a zone in training."""
    rule = "" if zone["window"] == 1 else f", when {zone['hits']} of the last {zone['window']} decision points are above it"
    told = str(zone["certificate"].get("says", ""))[:400].removeprefix("left out: ")
    state = "was left out by training" if zone["threshold"] is None else "was set in training"
    return f"Zone {zone['name']}{rule} (budget {percent(zone['budget'])}) {state}" + (f": {told}." if told else ".")


def decisive(report: Mapping[str, Any]) -> Section:
    """How near alerts come to what people named as the decisive mistake."""
    found = report["alerts"]["decisive"]
    monitors = set(found["monitors"])
    rows = []
    for name, one in found["rows"].items():
        near, off = one["near"], one["distance"]
        rows.append(
            [
                name if name in monitors else f"always {name}",
                percent(one["before"]),
                percent(one["at"]),
                percent(one["after"]),
                *(percent(near[key]) for key in near if key != "0"),
                ", ".join(number(value, 0) for value in off) if off else "–",
            ]
        )
    keys = [key for key in next(iter(found["rows"].values()))["near"] if key != "0"]
    return Section(
        "decisive",
        "How near it comes to the decisive mistake",
        [
            Text(
                f"In {count(found['runs'], 'run')} people named the step that decided it. Constants know nothing and come near by chance."
            ),
            Table(
                ["first alert", "before it", "at it", "after it", *(f"within {key}" for key in keys), "distance: ¼, ½, ¾"],
                rows,
                strong=frozenset(range(len([name for name in found["rows"] if name in monitors]))),
                caption="Distance in decision points from the decisive one to the first alert; below 0 is before it. Shares are of "
                "all these runs.",
            ),
        ],
    )
