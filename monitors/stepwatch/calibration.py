"""Calibration: from the logit of a scorer to a probability, and to an interval where the map has one. No map ever falls.

A map is the part `calibration` of an artefact:

identity    risk = 1 / (1 + exp(-logit))
platt       params `slope` >= 0, `intercept`: risk = 1 / (1 + exp(-(slope * logit + intercept)))
beta        params `a`, `b` >= 0, `intercept`, with p = 1 / (1 + exp(-logit)): logit of risk = a ln p - b ln(1 - p) + intercept
            (Kull, Silva Filho and Flach 2017)
isotonic    blocks `at`, rising, and `value`, not falling, in [0, 1]: straight lines between the points, level outside
venn_abers  blocks `at`, strictly rising; `low` and `high`, not falling, low <= high, 2 * n + 1 numbers each for n numbers of `at`:
            number 2 * k is for logits between at[k - 1] and at[k], number 2 * k + 1 for at[k] itself. The interval is [low, high], and
            risk = high / (1 - low + high) (Vovk and Petej 2014)
unknown     risk = 0.5 in the interval [0, 1], whatever the logit: nothing was learned
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import Any, Final, Protocol

from stepwatch.parts import Blocks, Part, PartError

MOST_KNOTS: Final = 4_096
"""Numbers of the block `at`."""
KINDS: Final = ("identity", "platt", "beta", "isotonic", "venn_abers", "unknown")


class Calibration(Protocol):
    """A map from logits to risks that never falls."""

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability of a logit, and an interval around it."""
        ...


class Platt:
    """A logistic curve; slope 1 and intercept 0 is the identity."""

    def __init__(self, slope: float = 1.0, intercept: float = 0.0) -> None:
        self._slope, self._intercept = slope, intercept

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability, three times: the map has no interval."""
        risk = probability(self._slope * logit + self._intercept)
        return risk, risk, risk


class Beta:
    """A logistic curve whose two sides may differ in slope."""

    def __init__(self, a: float, b: float, intercept: float) -> None:
        self._a, self._b, self._intercept = a, b, intercept

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability, three times: the map has no interval."""
        # ln(1 + exp(logit)) and ln(1 + exp(-logit)): what they have in common is found once.
        size = abs(logit)
        shared = math.log1p(math.exp(-size if size < 700.0 else -700.0))
        above, below = (logit + shared, shared) if logit > 0.0 else (shared, shared - logit)
        risk = probability(self._intercept - self._a * below + self._b * above)
        return risk, risk, risk


class Isotonic:
    """Straight lines between points."""

    def __init__(self, at: list[float], value: list[float]) -> None:
        self._at, self._value = at, value

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability, three times: the map has no interval."""
        at, value = self._at, self._value
        place = bisect_right(at, logit)
        if place == 0:
            risk = value[0]
        elif place == len(at):
            risk = value[-1]
        else:
            low, high = at[place - 1], at[place]
            risk = value[place - 1] + (value[place] - value[place - 1]) * (logit - low) / (high - low)
            risk = min(max(risk, value[place - 1]), value[place])
        return risk, risk, risk


class VennAbers:
    """Two isotonic fits, with the run at hand taken for one that does not fail and for one that fails."""

    def __init__(self, at: list[float], low: list[float], high: list[float]) -> None:
        self._at, self._low, self._high = at, low, high

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability between the two, and both."""
        cell = bisect_left(self._at, logit) + bisect_right(self._at, logit)
        low, high = self._low[cell], self._high[cell]
        return high / (1.0 - low + high), low, high


class Unknown:
    """No probability at all."""

    def risk(self, logit: float) -> tuple[float, float, float]:
        """Even odds, and everything between never and always."""
        return 0.5, 0.0, 1.0


def probability(logit: float) -> float:
    """1 / (1 + exp(-logit)), for any finite number.

    >>> probability(0.0)
    0.5
    """
    small = math.exp(-abs(logit)) if abs(logit) < 700.0 else 0.0
    return 1.0 / (1.0 + small) if logit >= 0.0 else small / (1.0 + small)


def calibration(value: Any, blocks: Blocks) -> Calibration:
    """The map of the part `calibration` of an artefact.

    Raises:
        PartError: it is none.
    """
    part = Part(value, blocks, "calibration")
    if part.kind == "identity":
        return Platt()
    if part.kind == "unknown":
        return Unknown()
    if part.kind == "platt":
        return Platt(_positive(part, "slope"), part.number("intercept"))
    if part.kind == "beta":
        return Beta(_positive(part, "a"), _positive(part, "b"), part.number("intercept"))
    if part.kind == "isotonic":
        at = _knots(part)
        return Isotonic(at, _shares(part, "value", len(at)))
    if part.kind == "venn_abers":
        at = _knots(part)
        low, high = (_shares(part, name, 2 * len(at) + 1) for name in ("low", "high"))
        if any(below > above for below, above in zip(low, high, strict=True)):
            raise PartError("calibration: a number of the block `low` is above that of `high`")
        return VennAbers(at, low, high)
    raise PartError(f"calibration.kind: one of {', '.join(KINDS)} is needed")


def _positive(part: Part, name: str) -> float:
    value = part.number(name)
    if value < 0.0:
        raise PartError(f"{part.at}.{name}: a number from 0 on is needed")
    return value


def _knots(part: Part) -> list[float]:
    at = part.rising("at", strictly=True)
    if not 0 < len(at) <= MOST_KNOTS:
        raise PartError(f"{part.at}: the block `at` has 1 to {MOST_KNOTS} numbers")
    return at


def _shares(part: Part, name: str, count: int) -> list[float]:
    values = part.rising(name, count)
    if values and not (values[0] >= 0.0 and values[-1] <= 1.0):
        raise PartError(f"{part.at}: the numbers of the block `{name}` lie between 0 and 1")
    return values
