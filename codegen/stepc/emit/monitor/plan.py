"""The plan of a monitor: what it watches, as plain JSON that training, artefacts and the run time share."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from stepc import ir

SCHEMA: Final = 1
"""The version of the plan's form."""

UNTRAINED: Final = ("cooldown", "rules")
"""Parts of a plan that training does not read: they may change without it."""


def plan_of(program: ir.Program, monitor: ir.Monitor) -> dict[str, Any]:
    """The plan of a monitor: texts, numbers, truth values, None, lists and objects, everything resolved and in a fixed order.

    Keys: `schema`, `monitor`, `source`, `steps` (all step types, in order), `points`, `label`, `horizon` (None: eventually), `group` (a
    field of meta), `censored` (the text of the condition, "" without), `scorer`, `features`, `zones` (yellow before red), `cooldown`,
    `rules`. Fields have the names of the spec, also where the generated class had to call them otherwise.
    """
    return {
        "schema": SCHEMA,
        "monitor": monitor.name,
        "source": program.source.name,
        "steps": [step.name for step in program.steps],
        "points": [_pattern(pattern) for pattern in monitor.points],
        "label": monitor.label,
        "horizon": monitor.horizon,
        "group": monitor.group,
        "censored": monitor.censored_text,
        "scorer": monitor.scorer,
        "features": [
            {"field": one.field, "kind": one.form, "steps": list(one.steps), "maximum": one.maximum, "values": list(one.values)}
            for one in monitor.features
        ],
        "zones": [
            {"name": zone.name, "budget": zone.budget, "confidence": zone.confidence, "hits": zone.hits, "window": zone.window}
            for zone in monitor.zones
        ],
        "cooldown": monitor.cooldown,
        "rules": [
            {
                "name": rule.name,
                "test": rule.test,
                "steps": list(rule.steps),
                "fields": list(rule.fields),
                "pattern": None if rule.pattern is None else _pattern(rule.pattern),
                "window": rule.window,
                "least": rule.least,
                "zone": rule.zone,
                "message": rule.message,
            }
            for rule in monitor.rules
        ],
    }


def plan_hash(plan: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal, of what training reads of a plan: canonical JSON (sorted keys, no blanks) without `cooldown` and `rules`."""
    trained = {key: value for key, value in plan.items() if key not in UNTRAINED}
    # The run time hashes the same bytes with the standard library alone.
    return hashlib.sha256(json.dumps(trained, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _pattern(pattern: ir.PointPattern) -> dict[str, Any]:
    return {"step": pattern.step, "fields": dict(pattern.fields)}
