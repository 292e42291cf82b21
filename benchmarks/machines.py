"""Automata against each other and against the monitors that they stand for, written into docs/automata.md.

    python benchmarks/machines.py ../shared/traces                    everything
    python benchmarks/machines.py ../shared/traces --source tau2      one source; the others are taken from docs/automata.json

Of the groups of runs, three quarters train a monitor and give machines their symbols and shape (half) and their risks (a quarter). What a
machine and the monitor are worth is judged on the last quarter, which neither has seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pages import renewed
from prefixes import module_of
from stale import record

from stepc.emit.monitor.plan import plan_of
from stepc.front import read_spec
from stepc.runtime.run import run
from stepwatch.automata import METHODS, Settings, extract, gather
from stepwatch.model import Model
from stepwatch.plan import Plan, from_json
from stepwatch.training import Settings as Training
from stepwatch.training import collect, train

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "docs" / "automata.json"
PAGE: Final = ROOT / "docs" / "automata.md"
COMMAND: Final = "python benchmarks/machines.py ../shared/traces"
SOURCES: Final = ("tau2", "agentdojo", "swebench_sweagent_traj", "webarena_infinity", "intercode")
RESAMPLES: Final = 20

Figures = dict[str, Any]


def plan_of_source(source: str) -> Plan:
    """The plan of a source's first monitor."""
    program = read_spec(ROOT / "specs" / f"{source}.stepview", project=ROOT).program
    if program is None or not program.monitors:
        raise SystemExit(f"{source}: the spec has no monitor")
    return from_json(plan_of(program, program.monitors[0]))


def figures(traces: Path, source: str) -> Figures:
    """All methods on one source."""
    plan = plan_of_source(source)
    runs, _ = collect(plan, run(module_of(source), [traces / source]))
    labelled = [one for one in runs if one.label is not None]
    known = [replace(one, id=f"{place} {one.id}") for place, one in enumerate(labelled)]  # ids repeat across files
    parts = gather.parts(known)
    model = Model(train(plan, [*parts[0], *parts[1]], Training(reuse=True)).artefact())
    alphabet = gather.alphabet(plan, parts[0], gather.LEARNED)
    shape, risks, kept_back = (gather.traces(plan, part, alphabet, model) for part in parts)
    made: Figures = {"runs": len(known), "alphabet": alphabet.symbols.size, "methods": {}}
    for method in METHODS:
        told = extract(
            (shape, risks, kept_back),
            alphabet.meanings,
            Settings(method=method, resamples=RESAMPLES, most=256 if method == "rpni" else 64),
            risk_of=lambda logit: model.calibration.risk(logit)[0],
        )
        print(f"{source}: {method}: {told.verdict()}", file=sys.stderr, flush=True)
        made["methods"][method] = told.as_values() | {"states": len(told.machine)}
    return made


def table(data: dict[str, Figures]) -> str:
    """One line a source and method."""
    rows = [
        "| source | method | states | known points | base rate | AUPRC | monitor | behind | lift kept | Rand index |",
        "|---|---|---:|---:|---:|---|---:|---|---:|---:|",
    ]
    for source, made in data.items():
        for method, told in made["methods"].items():
            fidelity, stability = told["fidelity"], told["stability"]
            kept = "-" if fidelity["kept_lift"] is None else f"{fidelity['kept_lift']:.0%}"
            cells = [
                source,
                method,
                str(told["states"]),
                f"{told['structure']['known']:.1%}",
                f"{told['worth']['rate']:.3f}",
                ranged(told["worth"]["auprc"], *told["worth"]["auprc_interval"]),
                f"{fidelity['auprc_scorer']:.3f}",
                ranged(*fidelity["behind"]),
                kept,
                f"{stability['rand']:.2f}",
            ]
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def ranged(value: float, low: float, high: float) -> str:
    """A figure with its interval."""
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Compute what is asked for and renew the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", type=Path)
    parser.add_argument("--source", action="append", choices=SOURCES)
    options = parser.parse_args()
    data: dict[str, Figures] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.is_file() else {}
    for source in options.source or SOURCES:
        data[source] = figures(options.traces, source)
        data = {name: data[name] for name in SOURCES if name in data}
        DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), COMMAND, "methods", table(data)), encoding="utf-8")
    record(PAGE, COMMAND)


if __name__ == "__main__":
    main()
