"""What a run shows: how often each value of each channel came, and a few numbers about the whole run. Runs are the unit: steps of one run
hang together, so they are no independent evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stepwatch.memory import finite

SCHEMA: Final = 2
MOST_VALUES: Final = 4_096
"""Different values of one channel that a run tells apart."""
OTHER: Final = "…"
"""What further values of a run count as."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A run.

    counts    by channel (`step type`, `ToolCall.tool`, `typed key`, …) how often each value came
    numbers   by name: the length, the highest logit, shares of unknown events and of defects, …
    alerted   whether the strictest zone of the monitor was entered
    risk      the last risk
    failed    the outcome where it is known; no test of `compare` reads it
    """

    id: str
    group: str
    counts: Mapping[str, Mapping[str, int]]
    numbers: Mapping[str, float]
    alerted: bool = False
    risk: float = math.nan
    failed: bool | None = None


@dataclass(slots=True)
class Counter:
    """Counts of one run while it goes on."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, channel: str, value: str) -> None:
        """Count a value."""
        values = self.counts.setdefault(channel, {})
        if value not in values and len(values) >= MOST_VALUES:
            value = OTHER
        values[value] = values.get(value, 0) + 1


def to_json(observations: Iterable[Observation], artefact: str = "") -> dict[str, Any]:
    """Observations as plain values, in order of their ids; outcomes are left out. `artefact` is the digest of the monitor that scored
    them."""
    return {
        "schema": SCHEMA,
        "artefact": artefact,
        "runs": [
            {
                "id": one.id,
                "group": one.group,
                "counts": {channel: dict(sorted(values.items())) for channel, values in sorted(one.counts.items())},
                "numbers": dict(sorted(one.numbers.items())),
                "alerted": one.alerted,
                "risk": None if math.isnan(one.risk) else one.risk,
            }
            for one in sorted(observations, key=lambda one: one.id)
        ],
    }


def from_json(value: Any, artefact: str = "") -> list[Observation]:
    """The observations that plain values say, of the monitor with this digest.

    Raises:
        ValueError: They say none, or those of another monitor.
    """
    if type(value) is not dict or value.get("schema") != SCHEMA or type(value.get("runs")) is not list:
        raise ValueError(f"a profile is an object with `schema` {SCHEMA} and a list `runs`")
    if value.get("artefact") != artefact:
        raise ValueError("its scores are of another artefact")
    return [_observation(one, place) for place, one in enumerate(value["runs"])]


def _observation(value: Any, place: int) -> Observation:
    keys = {"id", "group", "counts", "numbers", "alerted", "risk"}
    if type(value) is not dict or value.keys() != keys or type(value["id"]) is not str or type(value["group"]) is not str:
        raise ValueError(f"run {place} of the profile has other keys than {', '.join(sorted(keys))}")
    counts, numbers, risk = value["counts"], value["numbers"], value["risk"]
    tables = list(counts.values()) if type(counts) is dict else [None]
    if any(type(table) is not dict or any(type(count) is not int or count < 0 for count in table.values()) for table in tables):
        raise ValueError(f"run {place} of the profile: `counts` holds other things than counts")
    if type(numbers) is not dict or any(not finite(number) for number in numbers.values()) or not (risk is None or finite(risk)):
        raise ValueError(f"run {place} of the profile: a number is none")
    return Observation(value["id"], value["group"], counts, numbers, value["alerted"] is True, math.nan if risk is None else float(risk))
