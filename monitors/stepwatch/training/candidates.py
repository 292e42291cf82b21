"""Candidates are told apart out of fold, and never on what is reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit

from stepwatch.metrics.levels import Levels
from stepwatch.metrics.ranking import auprc, auroc
from stepwatch.training.calibrating import in_effect, platt
from stepwatch.training.encoding import Encoded, Flags, Floats, Integers
from stepwatch.training.targets import Targets


@dataclass(frozen=True)
class Split:
    """A fold of cross-fitting: runs that are fitted, with their rows, and runs that are held out."""

    number: int
    rows: Integers
    held_rows: Integers
    encoded: Encoded
    held: Encoded


@dataclass
class Board:
    """What candidates do on the points of the fit part, where they were not fitted. `weights`: each run counts once."""

    label: Floats
    weights: Floats
    known: Flags
    rows: list[dict[str, Any]] = field(default_factory=list)

    def judge(self, scorer: str, setting: str, logits: Floats) -> float:
        """Note a candidate; its log loss, after two numbers that any calibration would fix: the mean of that by run and that by point."""
        seen = self.known
        logits, label, weights = logits[seen], self.label[seen], self.weights[seen]
        slope, intercept = platt(logits, label, in_effect(weights))
        scores = slope * logits + intercept
        total = float(weights.sum())
        losses = np.logaddexp(0.0, scores) - label * scores
        by_run_loss, by_point_loss = float(weights @ losses) / total, float(losses.mean())
        ranked = Levels(logits, label)
        by_run, by_point = ranked.masses(weights), ranked.masses()
        self.rows.append(
            {
                "scorer": scorer,
                "setting": setting,
                "chosen": False,
                "log_loss": by_run_loss,
                "log_loss_by_point": by_point_loss,
                "brier": float(weights @ (expit(scores) - label) ** 2) / total,
                "auprc": auprc(by_run),
                "auprc_by_point": auprc(by_point),
                "auroc": auroc(by_run),
            }
        )
        return (by_run_loss + by_point_loss) / 2.0

    def choose(self, scorer: str, setting: str) -> None:
        """Mark the candidate that is used."""
        for row in self.rows:
            row["chosen"] = (row["scorer"], row["setting"]) == (scorer, setting)


def board(encoded: Encoded, goals: Targets) -> Board:
    """A board for some runs."""
    weights = goals.weights(encoded, "run")
    return Board(goals.label, weights, goals.known & (weights > 0))


def splits(encoded: Encoded, fold: Integers) -> list[Split]:
    """The folds; `fold`: one number a run."""
    found = []
    for number in np.unique(fold).tolist():
        held = fold == number
        found.append(Split(number, encoded.rows(~held), encoded.rows(held), encoded.take(~held), encoded.take(held)))
    return found
