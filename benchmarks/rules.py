"""What the rules of the shipped monitors find, which need no outcome and no training, written into docs/monitors.md.

python benchmarks/rules.py ../shared/traces
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from monitor_page import ranged
from ours import plan_of
from pages import renewed
from prefixes import SOURCES, module_of
from stale import record

from stepc.runtime.run import run
from stepwatch.evaluation import Reader
from stepwatch.evaluation.alerting import Alerts, alert_report
from stepwatch.metrics import Costs

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "monitors.md"
COMMAND: Final = "python benchmarks/rules.py ../shared/traces"


def rows(traces: Path, source: str) -> Iterator[list[str]]:
    """What each rule of a source's monitor finds, and all of them where there are several."""
    plan = plan_of(source, "eventually")
    reader = Reader(plan, words=False)
    for ran in run(module_of(source), [traces / source]):
        reader.add(ran)
    cases = reader.cases()
    cases = replace(cases, score=np.zeros(len(cases)))
    found = Alerts(cases, cases.score, np.zeros(len(cases), dtype=np.int64), Costs())
    report = alert_report(found, budgets=(), rules=plan.rules)
    named: list[tuple[str, dict[str, Any]]] = [(f'{rule["name"]}: "{rule["message"]}"', rule["figures"]) for rule in report["rules"]]
    if report["together"] is not None:
        named.append(("any of them", report["together"]))
    for name, one in named:
        lead = f"{one['lead'][2]:.0f}" if one["lead"] else "-"
        shares = [ranged(one[name]) for name in ("recall", "early_recall", "false_alarm_rate")]
        yield [source, name, f"{one['failing']:,} of {len(found.failed):,}", *shares, lead]


def table(lines: list[list[str]]) -> str:
    """The table."""
    head = ["source", "rule", "runs that fail", "found of them", "four points ahead", "of the others", "lead, median"]
    made = [f"| {' | '.join(row)} |" for row in (head, *lines)]
    return "\n".join([made[0], f"|---|---|{'---:|' * (len(head) - 2)}", *made[1:]]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the table."""
    if len(arguments) != 1:
        print("name the folder of the packs", file=sys.stderr)
        return 2
    made = table([row for source in SOURCES for row in rows(Path(arguments[0]), source)])
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), COMMAND, "rules", made), encoding="utf-8")
    record(PAGE, COMMAND)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
