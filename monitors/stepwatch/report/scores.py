"""Sections about scores: how they rank, whether they are probabilities, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report import plots
from stepwatch.report.blocks import Folded, Pair, Plot, Row, Section, Table, Text
from stepwatch.report.words import best_control, number, percent, percents, ranged, signed


def ranking(report: Mapping[str, Any]) -> Section:
    """The monitor among controls and oracles."""
    base, best = report["base"], best_control(report)
    entries = [("this monitor", "monitor", "", report["monitor"]["areas"], None)]
    entries += [(name, "control", one["what"], one["areas"], one["beyond"]) for name, one in report["controls"].items()]
    entries += [(name, "oracle", one["what"], one["areas"], one["beyond"]) for name, one in report["oracles"].items()]
    views = ("all", "before_last")
    plot = plots.forest(
        [(name, kind, [areas[view]["auprc"] for view in views]) for name, kind, _, areas, _ in entries],
        ["all decision points", "without the last of each run"],
        [base["rate"], base["rate_before_last"]],
    )
    rows = []
    for name, _, _, areas, beyond in entries:
        rows.append(
            [
                name,
                ranged(areas["all"]["auprc"]),
                "" if beyond is None else signed(beyond["all"]["auprc"]),
                ranged(areas["before_last"]["auprc"]),
                "" if beyond is None else signed(beyond["before_last"]["auprc"]),
                ranged(areas["auroc_at_equal_place"]),
            ]
        )
    mine = report["monitor"]["areas"]
    views_table = Table(
        ["what counts once", "AUPRC", "step sum", "AUROC"],
        [
            [name, ranged(mine[view]["auprc"]), number(mine[view]["average_precision"][0]), ranged(mine[view]["auroc"])]
            for view, name in (
                ("all", "a decision point"),
                ("before_last", "… not the last"),
                ("per_run", "a run"),
                ("per_run_before_last", "… without its last"),
            )
        ],
        caption="The monitor under four weightings: a run of 400 decision points outweighs forty of ten unless runs count. The step "
        "sum is scikit-learn's average precision.",
    )
    blocks: list[Any] = [
        Text(
            "Controls know next to nothing; a monitor is worth something if it beats them all. The oracles know what nobody can know, "
            "and show what the label itself rewards: a high area of “time only” means that much of it is won by guessing when runs end."
        ),
        Plot(
            plot,
            "Area under the precision-recall curve with 95 % intervals. The dotted line is the base rate, which a constant score reaches.",
        ),
        Table(
            ["", "AUPRC", "monitor is better by", "without the last point", "monitor is better by", "AUROC at equal place"],
            rows,
            strong=frozenset({0}),
            caption="Differences are paired: both scores on the same resamples of groups. At equal place: pairs of runs at the same "
            "decision point, before the last, with equal facts of `meta`; 0.5 is chance.",
        ),
        Folded("What controls and oracles know", [Table(["", ""], [[name, what] for name, _, what, _, _ in entries if what], words=2)]),
    ]
    same = report["controls"]["group"]["beyond"]["all"]["auprc"]
    if same[2] is not None and same[2] < 0:
        told = (
            "The group alone tells more than the monitor: much of who fails is decided by what was asked. Of a new group nobody knows that."
        )
        blocks.append(Text(told, "bad"))
    mixed = report["shuffled"]
    if mixed is not None:
        blocks.append(
            Text(
                f"Order: with the decision points of a prefix shuffled, the monitor reaches {ranged(mixed['shuffled'])} instead of "
                f"{ranged(mixed['in_order'])} on the same {mixed['prefixes']:,} prefixes (base rate {number(mixed['rate'])}); order is "
                f"worth {signed(mixed['difference'])}."
            )
        )
    curve = plots.curves(
        [(best, "control", report["controls"][best]["curve"]), ("this monitor", "monitor", report["monitor"]["curve"])], base["rate"]
    )
    blocks.append(Pair([Plot(curve, f"Precision over recall: the monitor and the best control, {best}."), views_table]))
    return Section("ranking", "How well it ranks", blocks)


def calibration(report: Mapping[str, Any]) -> Section:
    """Whether a risk of 30 % means 30 %."""
    found = report["monitor"]["probabilities"]
    rows = [
        ["Brier score", ranged(found["brier"], 3), "mean squared error of the risk; 0 is perfect"],
        [
            "of the base rate alone",
            number(found["brier_of_base_rate"], 3),
            "what saying the base rate every time would get: the uncertainty",
        ],
        ["− resolution", number(found["resolution"], 3), "how far the risks tell cases apart: more is better"],
        ["+ reliability", number(found["reliability"], 3), "how far a risk is from the share it should mean: less is better"],
        ["+ within bins", number(found["within_bins"], 3), "what risks differ within a bin of the plot"],
        ["mean distance", percent(found["calibration_error"]), "between predicted and observed shares, over the bins"],
    ]
    bins = Table(
        ["decision points", "mean risk", "share that was positive"],
        [[f"{one[0]:,}", percent(one[1]), percents(one[2:])] for one in found["bins"]],
        words=0,
    )
    return Section(
        "probabilities",
        "Whether its risks mean what they say",
        [
            Pair(
                [
                    Plot(
                        plots.reliability(found["bins"]), "Bins of about equal size. On the dotted line a risk of 30 % means three in ten."
                    ),
                    Table(["", "", ""], rows, caption="Brier score = uncertainty − resolution + reliability + within bins (Murphy 1973)."),
                ]
            ),
            Folded("The bins as a table", [bins]),
        ],
    )


def along(report: Mapping[str, Any]) -> Section:
    """Where in a run, and for whom, it works."""
    parts = report["monitor"]["along_the_run"]
    head = ["", "runs", "failing", "decision points", "positive", "AUPRC", "AUROC"]
    blocks: list[Any] = [
        Text("Late in a run there is more to see; early warnings are worth more. Where a fifth of a run begins is known only afterwards."),
        Pair(
            [
                Plot(plots.along(parts, "auprc", "AUPRC"), "AUPRC by part of the run, beside the base rate of that part."),
                Plot(plots.along(parts, "auroc", "AUROC"), "AUROC by part of the run: 0.5 is chance whatever the base rate."),
            ]
        ),
        Table(head, [_part(one["part"], one) for one in parts]),
    ]
    for name, values in report["monitor"]["by_fact"].items():
        blocks.append(Folded(f"By {name}", [Table(head, [_part(one["value"], one) for one in values])]))
    groups = report["monitor"]["by_group"]
    blocks.append(Folded("By group: those with the most runs", [Table(head, [_part(one["value"], one) for one in groups])]))
    return Section("parts", "Where in a run, and for whom", blocks)


def _part(name: str, one: Mapping[str, Any]) -> Row:
    figures = [f"{one['runs']:,}", f"{one['failing']:,}", f"{one['prefixes']:,}", percent(one["rate"])]
    return [name or "(empty)", *figures, ranged(one["auprc"]), ranged(one["auroc"])]
