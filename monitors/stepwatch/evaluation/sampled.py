"""A score that exists for some decision points only, such as that of a judge who is paid by the point: judged there, beside the monitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stepwatch.evaluation.cases import Cases
from stepwatch.evaluation.controls import fold_of
from stepwatch.evaluation.evaluation import Settings
from stepwatch.evaluation.figures import Figures, Judge

LEAST = 20
"""With fewer points, or points of one label only, nothing is said."""


def sampled(cases: Cases, risks: Mapping[tuple[str, int], float], settings: Settings | None = None) -> Figures:
    """How risks from 0 to 1, under the run's id and the number of the decision point, compare with the monitor's on the same points.

    `judged` is False where there are too few points, or all have one label.
    """
    chosen = settings or Settings()
    ids = [one.id for one in cases.runs]
    places = zip(cases.run.tolist(), cases.index.tolist(), strict=True)
    found = np.array([risks.get((ids[run], index), np.nan) for run, index in places])
    kept = np.isfinite(found) & cases.known
    part = cases.points(kept)
    made: Figures = {"points": int(kept.sum()), "runs": len(set(part.run.tolist())), "judged": False}
    positive = float(part.truth.sum())
    if len(part) < LEAST or positive in (0.0, float(len(part))) or len(set(part.groups.tolist())) < 2:
        return made
    part = part.take(np.isin(np.arange(len(cases.runs)), part.run))
    judge = Judge(part, fold_of(part, chosen.seed), chosen.resamples, chosen.seed)
    scores = found[kept]
    areas: dict[str, Any] = {"monitor": judge.areas("monitor", part.score), "judge": judge.areas("judge", scores)}
    return made | {
        "judged": True,
        "rate": judge.base()["rate"],
        "areas": areas,
        "beyond": {view: judge.difference("monitor", "judge", view) for view in ("all", "before_last")},
        "probabilities": {"monitor": judge.probabilities(part.risk), "judge": judge.probabilities(scores)},
    }
