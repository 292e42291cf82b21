"""Calibration: from the logit of a scorer to a probability, and to an interval where the map has one."""

from __future__ import annotations

import math
from typing import Any, Protocol

from stepwatch.parts import Blocks, Part, PartError


class Calibration(Protocol):
    """A map from logits to risks that never falls."""

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability of a logit, and an interval around it."""
        ...


class Platt:
    """Risk = 1 / (1 + exp(-(slope * logit + intercept))); slope 1 and intercept 0 is the identity."""

    def __init__(self, slope: float = 1.0, intercept: float = 0.0) -> None:
        self._slope, self._intercept = slope, intercept

    def risk(self, logit: float) -> tuple[float, float, float]:
        """The probability, three times: the map has no interval."""
        value = self._slope * logit + self._intercept
        small = math.exp(-abs(value)) if abs(value) < 700.0 else 0.0
        risk = 1.0 / (1.0 + small) if value >= 0.0 else small / (1.0 + small)
        return risk, risk, risk


def calibration(value: Any, blocks: Blocks) -> Calibration:
    """The map of the part `calibration` of an artefact.

    Raises:
        PartError: it is none.
    """
    part = Part(value, blocks, "calibration")
    if part.kind == "identity":
        return Platt()
    if part.kind == "platt":
        slope = part.number("slope")
        if slope < 0.0:
            raise PartError("calibration.slope: a number from 0 on is needed")
        return Platt(slope, part.number("intercept"))
    raise PartError("calibration.kind: a known kind is needed")
