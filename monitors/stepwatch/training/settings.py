"""How training is done: everything that a caller may choose, with its default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PARTS: Final = ("fit", "calibration", "threshold")


class TrainingError(ValueError):
    """Runs that no monitor can be trained from: what is wrong, and what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(f"{message}; {advice}" if advice else message)
        self.message = message
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices of a training.

    seed        of splits and of whatever is random
    folds       of cross-fitting within the fit part
    shares      of the groups that go into fitting, calibration and thresholds
    reuse       fit on all groups; calibration and thresholds come from out-of-fold scores, and no guarantee holds
    scorer      table, linear or stack in place of the plan's; "" keeps that
    symbols     what tables count: typed keys, leaves of a tree, bins of a score; "": typed keys, and no tables in a stack
    """

    seed: int = 7
    folds: int = 5
    shares: tuple[float, float, float] = (0.50, 0.15, 0.35)
    reuse: bool = False
    scorer: str = ""
    symbols: str = ""
