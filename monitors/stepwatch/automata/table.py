"""The machine as a monitor: an artefact whose only scorer is a table, so that everything that runs a monitor runs the machine too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from stepwatch import plan as plans
from stepwatch.artefact import Artefact
from stepwatch.automata.extract import Extraction
from stepwatch.automata.gather import Alphabet
from stepwatch.automata.machine import UNKNOWN
from stepwatch.automata.traces import Trace
from stepwatch.training.thresholds import set_zones


def logit(risk: float) -> float:
    """The logarithm of the odds; risks of 0 and 1 are taken for very small and very large ones."""
    inside = min(max(risk, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def monitor(
    trained: Artefact, data: Mapping[str, Any], alphabet: Alphabet, extraction: Extraction, kept_back: Sequence[Trace]
) -> tuple[dict[str, Any], dict[str, Sequence[float]]]:
    """Header and blocks of the machine's own artefact; see `stepwatch.artefact.write`.

    trained     the artefact of the monitor that the machine stands for
    data        what went into the monitor and into its machine (`overlap.joined`)
    alphabet    the symbols of the machine
    kept_back   runs that gave neither the shape nor the risks: thresholds of zones come from those of them that passed
    """
    machine = extraction.machine
    states = range(len(machine))
    symbols = alphabet.name
    blocks: dict[str, Sequence[float]] = {
        **alphabet.blocks,
        "automaton.edges": [float(below) for row in machine.edges for below in row],
        "automaton.again": [float(below) for below in machine.again],
        "automaton.value": [logit(machine.risk(state)) for state in states],
        "automaton.unknown": [logit(machine.risk(UNKNOWN))],
    }
    scorer = {
        "kind": "automaton",
        "name": "automaton",
        "symbols": symbols,
        "params": {"states": len(machine)},
        "blocks": {name: f"automaton.{name}" for name in ("edges", "again", "value", "unknown")},
    }
    passed = [trace for trace in kept_back if not trace.failed]
    logits = [[logit(machine.risk(state)) for state in machine.run(trace.symbols)] for trace in passed]
    plan = replace(trained.plan, monitor=f"{trained.plan.monitor}_automaton", scorer="table")
    header = {
        **{name: trained.header[name] for name in ("spec", "libraries")},
        "data": dict(data),
        "seed": extraction.settings.seed,
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "parts": {
            "symbols": {symbols: alphabet.part},
            "scorers": [scorer],
            "risk": "automaton",
            "calibration": {"kind": "identity", "params": {}, "blocks": {}},
            "zones": set_zones(plan.zones, logits, [trace.group for trace in passed], extraction.settings.seed),
        },
        "report": {"automaton": extraction.as_values(), "of": trained.digest},
    }
    return header, blocks
