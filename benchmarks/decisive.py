"""How near alerts come to the decisive mistake that people named in Who&When, written into docs/evaluation.md.

    python benchmarks/decisive.py ../shared/traces

All runs of Who&When failed, so no monitor can be trained on them: these are trained on another source with the same kinds of steps, and
applied as they are. Their thresholds are those of their own source; what a budget means elsewhere, nobody knows.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
from pages import renewed
from stale import record

from stepc.runtime.run import AdapterModule, run
from stepwatch.evaluation import Cases, Reader
from stepwatch.evaluation.alerting import Alerts
from stepwatch.metrics import Costs
from stepwatch.model import Model
from stepwatch.plan import from_json
from stepwatch.training import Settings, collect, train

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "evaluation.md"
COMMAND: Final = "python benchmarks/decisive.py ../shared/traces"
SOURCE: Final = "who_and_when"
TAUGHT: Final = ("tau2", "agentdojo", "webarena_infinity")


def module(name: str) -> AdapterModule:
    """A shipped adapter."""
    found: AdapterModule = importlib.import_module(f"stepc_adapters.{name}")  # type: ignore[assignment]
    return found


def taught(traces: Path, source: str) -> Model:
    """The monitor that a source's spec describes, with thresholds out of fold: small packs keep their zones."""
    plan = from_json(json.loads(json.dumps(importlib.import_module(f"stepc_adapters.{source}_watch").PLAN)))
    runs, _ = collect(plan, run(module(source), [traces / source]))
    return Model(train(plan, runs, Settings(reuse=True)).artefact())


def judged(traces: Path, model: Model) -> Cases:
    """The runs of Who&When as a monitor of another source sees them."""
    reader = Reader(model.plan, model, words=False, shuffles=0)
    for ran in run(module(SOURCE), [traces / SOURCE]):
        event = ran.labels.get("decisive")
        reader.add(ran, decisive_step=max(ran.last_step(event), 0) if isinstance(event, int) else None)
    return reader.cases()


def rows(traces: Path, source: str) -> list[list[str]]:
    """How near the alerts of a source's monitor come, and the constant that comes nearest at the same decision points."""
    model = taught(traces, source)
    cases = judged(traces, model)
    found = Alerts(cases, cases.score, np.zeros(len(cases), dtype=np.int64), Costs())
    zones = [zone for zone in model.artefact.header["parts"]["zones"] if zone["threshold"] is not None]
    near = found.decisive({f"{zone['name']} zone": found.zone(zone["threshold"], zone["hits"], zone["window"]) for zone in zones})
    assert near is not None
    constants = [name for name in near["rows"] if name not in near["monitors"]]
    best = max(constants, key=lambda name: (near["rows"][name]["near"]["1"], near["rows"][name]["near"]["3"]))
    told = f"{near['runs']} runs of {np.median(found.lengths):.0f} points"
    made = []
    for name in (*near["monitors"], best):
        row = near["rows"][name]
        shares = [row["before"], row["at"], row["after"], row["near"]["1"], row["near"]["3"]]
        off = ", ".join(f"{value:+.0f}" for value in row["distance"]) or "-"
        shown = name if name != best else f"best constant: always {name}"
        made.append([source, told, shown, f"{row['alerted'] / near['runs']:.0%}", *(f"{share:.0%}" for share in shares), off])
    return made


def table(lines: list[list[str]]) -> str:
    """The table."""
    head = ["trained on", "judged on", "first alert", "alerted", "before", "at", "after", "within 1", "within 3", "distance: ¼, ½, ¾"]
    rule = ["---", "---", "---", *["---:"] * 6, "---"]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *lines)) + "\n"


def main(arguments: list[str]) -> int:
    """Write the table."""
    if len(arguments) != 1:
        print("name the folder of the packs", file=sys.stderr)
        return 2
    made = table([row for source in TAUGHT for row in rows(Path(arguments[0]), source)])
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), COMMAND, "decisive", made), encoding="utf-8")
    record(PAGE, COMMAND)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
