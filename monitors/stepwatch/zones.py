"""Alert zones: from the logits of points to a zone, and from zones to alerts.

A zone fires at a point when at least `hits` of the last `window` logits are above its threshold. So whether it ever fires in an episode is
whether one number, `statistic`, is above the threshold: thresholds are set on that number.

An alert says that an episode has entered a zone. There is no second one of a zone, or of a less serious one, before the episode has left it
and `cooldown` points have passed. The first alert is never held back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from stepwatch.memory import restored
from stepwatch.parts import LARGEST, PartError
from stepwatch.plan import ZONES, Plan, Zone

NOWHERE: Final = 0
"""The severity of no zone; yellow is 1, red is 2."""
NAMES: Final = ("", *ZONES)
NEVER: Final = -1


class Armed(NamedTuple):
    """A zone of the plan with its threshold on the logit."""

    zone: Zone
    severity: int
    threshold: float


class Zones:
    """The zones of an artefact that have a threshold.

    State: for each armed zone the last points as bits, the newest lowest; for each severity from 1 on the point of its last alert and 1
    where the episode has been below it since.
    """

    def __init__(self, plan: Plan, parts: Any) -> None:
        self.armed = _armed(plan, parts)
        self._cooldown = plan.cooldown
        self._work = [(place, one.threshold, (1 << one.zone.window) - 1, one.zone.hits) for place, one in enumerate(self.armed)]
        self._severity = [one.severity for one in self.armed]
        self._count = len(self.armed)
        self.lowest = min([one.threshold for one in self.armed], default=math.inf)
        """Logits up to this are above no threshold."""

    def begin(self) -> list[int]:
        """A new episode."""
        return [0] * self._count + [NEVER, 0] * len(ZONES)

    def point(self, state: list[int], logit: float) -> int:
        """Take in the logit of a point; the severity of the most serious zone that fires."""
        severity = NOWHERE
        for place, threshold, mask, hits in self._work:
            bits = state[place] = (state[place] << 1 | (logit > threshold)) & mask
            if bits and bits.bit_count() >= hits and self._severity[place] > severity:
                severity = self._severity[place]
        return severity

    def quiet(self, state: Sequence[int]) -> bool:
        """Whether none of the last points counts for any zone: then a logit up to `lowest` changes nothing."""
        return not any(state[: self._count])

    def firing(self, state: Sequence[int]) -> list[Zone]:
        """The zones that fire at the last point, least serious first."""
        return [one.zone for place, one in enumerate(self.armed) if state[place].bit_count() >= one.zone.hits]

    def alert(self, state: list[int], severity: int, point: int) -> bool:
        """Whether being in this zone at this point is news. Asked once for every verdict."""
        news = False
        if severity:
            at = self._count + 2 * (severity - 1)
            news = state[at] == NEVER or (state[at + 1] == 1 and point - state[at] > self._cooldown)
            if news:
                for below in range(self._count, at + 2, 2):
                    state[below], state[below + 1] = point, 0
        for above in range(self._count + 2 * severity + 1, len(state), 2):
            state[above] = 1
        return news

    def load(self, value: Any) -> list[int]:
        """The state as it came back from JSON.

        Raises:
            StateError: It is none.
        """
        state: list[int] = restored(value, self.begin(), "zones")
        return state


def statistic(logits: Iterable[float], hits: int = 1, window: int = 1) -> float:
    """The largest threshold that a zone of so many hits in a window does not fire below, over a whole episode: the zone fires in it exactly
    when this is above its threshold. Minus infinity for an episode of fewer than `hits` points.

    The maximum over points of the `hits`-th largest of the last `window` logits.
    """
    last: list[float] = []
    most = -math.inf
    for logit in logits:
        last.append(logit)
        if len(last) > window:
            del last[0]
        if len(last) >= hits:
            most = max(most, sorted(last)[-hits])
    return most


def _armed(plan: Plan, parts: Any) -> tuple[Armed, ...]:
    if type(parts) is not list or len(parts) != len(plan.zones):
        raise PartError("zones: a list of as many as the plan has is needed")
    found: list[Armed] = []
    for place, (part, zone) in enumerate(zip(parts, plan.zones, strict=True)):
        _same(part, zone, f"zones[{place}]")
        threshold = part.get("threshold")
        if threshold is None:
            continue
        if type(threshold) not in (int, float) or not -LARGEST < threshold < LARGEST:
            raise PartError(f"zones[{place}].threshold: a number or null is needed")
        found.append(Armed(zone, 1 + ZONES.index(zone.name), float(threshold)))
    return tuple(found)


def _same(part: Any, zone: Zone, at: str) -> None:
    """A zone says in the parts what it says in the plan."""
    if not isinstance(part, Mapping):
        raise PartError(f"{at}: an object is needed")
    for name in ("name", "budget", "confidence", "hits", "window"):
        if part.get(name) != getattr(zone, name):
            raise PartError(f"{at}.{name}: the plan says {getattr(zone, name)!r}")
