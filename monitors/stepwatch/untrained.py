"""The artefact of a monitor that has learned nothing yet: its rules speak, and its risk is anything.

For the first day, when no outcome is known, and for monitors that predict nothing. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stepwatch import plan as plans
from stepwatch.plan import Plan

NAME: Final = "untrained"
"""What the scorer is called."""


def header(plan: Plan, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The header of an artefact without blocks; `spec`: `file`, `identity`, `source`.

    No zone has a threshold, the score is the same at every point, and the risk is 0.5 in an interval from 0 to 1.
    """
    certificate = {"says": "left out: the monitor has rules alone, nothing was trained"}
    zones = [{**zone, "threshold": None, "certificate": certificate} for zone in plans.to_json(plan)["zones"]]
    scorer = {"kind": "constant", "name": NAME, "symbols": "", "params": {"bias": 0.0}, "blocks": {}}
    calibration: dict[str, Any] = {"kind": "unknown", "params": {}, "blocks": {}}
    return {
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "spec": dict(spec),
        "data": {"files": [], "episodes": 0, "groups": []},
        "seed": 0,
        "libraries": {},
        "parts": {"symbols": {}, "scorers": [scorer], "risk": NAME, "calibration": calibration, "zones": zones},
        "report": {"rules_only": True, "rules": [rule.name for rule in plan.rules]},
    }
