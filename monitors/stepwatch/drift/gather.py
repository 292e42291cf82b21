"""Runs of a trained monitor as observations: what is seen of their steps, and what the monitor said about them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stepwatch import facts, tokens
from stepwatch.drift.observe import Counter, Observation
from stepwatch.drift.report import SCORE
from stepwatch.model import Model
from stepwatch.plan import ZONES
from stepwatch.zones import statistic


def observe(
    model: Model, id: str, group: str, points: Sequence[Sequence[Any]], health: Mapping[str, float], failed: bool | None = None
) -> Observation:
    """One run.

    points   the steps since the point before, for each decision point
    health   shares that say how well the adapter understood the run, such as that of unknown events
    """
    seen = Counter()
    fields = _symbols(model)
    run, before = model.begin(), ""
    logits: list[float] = []
    risk = math.nan
    for steps in points:
        for step in steps:
            model.step(run, step)
            kind = facts.type_of(step)
            seen.add("step type", kind)
            for name, value in zip(fields.get(kind, ()), facts.reader(type(step), fields.get(kind, ()))(step), strict=True):
                seen.add(f"{kind}.{name}", tokens.symbol(value))
        reading = model.point(run)
        logits.append(reading.logit)
        risk = reading.risk
        seen.add("typed key", reading.key)
        seen.add("pair of typed keys", f"{before} > {reading.key}")
        for name, number in reading.symbols.items():
            seen.add(f"symbol ({name})", str(number))
        before = reading.key
    numbers = {"points": float(len(points)), "steps": float(sum(map(len, points))), **health}
    if logits:
        numbers[SCORE] = max(logits)
        numbers["last logit"] = logits[-1]
    return Observation(id, group, seen.counts, numbers, _alerted(model, logits), risk, failed)


def _symbols(model: Model) -> dict[str, tuple[str, ...]]:
    """The fields of each step type that are one of few values."""
    found: dict[str, list[str]] = {}
    for feature in model.plan.features:
        if feature.kind == "symbol":
            for kind in feature.steps:
                found.setdefault(kind, []).append(feature.field)
    return {kind: tuple(names) for kind, names in found.items()}


def _alerted(model: Model, logits: Iterable[float]) -> bool:
    """Whether the run entered the strictest zone that has a threshold."""
    given = list(logits)
    armed = [part for part in model.artefact.header["parts"]["zones"] if part.get("threshold") is not None]
    if not armed:
        return False
    strictest = max(armed, key=lambda part: ZONES.index(part["name"]))
    return statistic(given, strictest["hits"], strictest["window"]) > float(strictest["threshold"])
