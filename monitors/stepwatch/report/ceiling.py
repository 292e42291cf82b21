"""The section about what nobody could know, and where the rest is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwatch.report import plots
from stepwatch.report.blocks import Plot, Section, Table, Text
from stepwatch.report.words import number, percent, ranged


def ceiling(report: Mapping[str, Any]) -> Section:
    """How good anything could be, and where the rest is lost."""
    found, base = report["ceilings"], report["base"]
    rows = [("raw events", found["raw"]["at_least"], 1.0, False)]
    table = []
    for name, one in found["chain"].items():
        least, most = one["interval"]
        rows.append((name, least, most, one["identified"]))
        verdict = "" if one["identified"] else "not identified"
        table.append(
            [
                name,
                f"{one['cells']:,}",
                percent(one["replicated"]),
                ranged(one["floor"]),
                ranged(one["plug_in"]),
                ranged(one["pairs"]),
                verdict,
            ]
        )
    gaps, mixture = found["gaps"], found["mixture"]
    lost = Table(
        ["", "AUPRC, if ceilings are as high as the tables say", "AUPRC, if as low as what was learnt", "Brier score"],
        [
            [part, number(high, 3), number(low, 3), number(share, 3)]
            for part, high, low, share in zip(gaps["parts"], gaps["auprc_high"], gaps["auprc_low"], gaps["brier"], strict=True)
        ],
        caption=f"The AUPRC columns sum to 1 − {number(found['reached'][0])}, the Brier column to {number(gaps['brier_total'], 3)}: it "
        f"is exact and without bias, and about the {gaps['brier_cases']:,} decision points ({percent(gaps['brier_share'])}) whose "
        "history came in another run too. A negative part of the monitor says that it sees more than its symbols.",
    )
    blocks: list[Any] = [
        Text(
            "Two runs with the same history can end differently; no monitor that sees only this history can rank them right. The "
            "ceiling of a representation is the best AUPRC that anything can reach that sees no more. It can be told only from "
            "histories that several runs share: where fewer than half of the decision points have such a twin, it is not identified, "
            "and says so."
        ),
        Plot(
            plots.bounds(rows, found["reached"], base["rate"]),
            "From the lower to the upper bound of each ceiling, and what this monitor reaches.",
        ),
        Table(
            ["sees", "different histories", "with a twin", "floor: learnt on other groups", "plug-in", "bound from pairs", ""],
            table,
            caption="Plug-in takes the shares in these runs for the truth and is too high. The bound from pairs holds for every "
            "representation with the mean and variance that pairs of runs show. The floor is what back-off tables reach on groups "
            "they have not seen.",
        ),
        Text(
            f"Of the distance to perfection at most {number(found['raw']['unobservable_at_most'])} is unobservable: "
            f"{number(found['raw']['at_least'])} was reached. A monitor whose risks were exact and just these would reach "
            f"{number(found['implied'])}. For comparison with published figures, the mixture probe gives {number(mixture['area'])}; it "
            f"is no bound. What was reached proves that at least {percent(mixture['proven'])} of the positives differ from the rest."
        ),
    ]
    if gaps["brier_cases"]:
        blocks.append(
            Plot(plots.waterfall(gaps["parts"], gaps["brier"]), "Where the Brier score comes from, over histories that came twice.")
        )
    blocks.append(lost)
    return Section("ceiling", "How good anything could be", blocks)
