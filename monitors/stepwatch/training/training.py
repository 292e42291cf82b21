"""From runs to everything that an artefact holds: scorers on one part of the groups, calibration on another, thresholds on a third."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stepwatch import plan as plans
from stepwatch.artefact import Artefact
from stepwatch.metrics.alerts import first_alerts, policy
from stepwatch.metrics.levels import Levels
from stepwatch.metrics.ranking import auprc, auroc
from stepwatch.metrics.thresholds import runs_needed
from stepwatch.plan import Plan
from stepwatch.training import calibrating, fitting
from stepwatch.training.data import Counts, Run, in_order
from stepwatch.training.encoding import Encoded, Floats, Integers, encode
from stepwatch.training.fitting import Fitted, Tell, enough, fit_encoded
from stepwatch.training.leaks import as_values, leaks
from stepwatch.training.settings import PARTS, Settings, TrainingError
from stepwatch.training.splits import components, dealt
from stepwatch.training.targets import effective, targets
from stepwatch.training.thresholds import set_zones

AHEAD: Final = 3
"""Points that must still follow for an alert to count as early."""
MOST_FOR_THRESHOLDS: Final = 0.45
"""The largest share of groups that thresholds may get."""
SPARE: Final = 1.1
"""Groups are dealt by what they hold, so that a part may get fewer of them than its share."""
FEWEST_CALIBRATING: Final = 10
"""Runs of the calibration part below which a monitor is not calibrated apart."""


@dataclass(frozen=True)
class Trained:
    """What an artefact says of a trained monitor, but for where the traces and the spec came from."""

    plan: Plan
    seed: int
    parts: dict[str, Any]
    blocks: dict[str, Floats]
    groups: list[str]
    episodes: int
    report: dict[str, Any]

    def header(self, spec: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The header. `spec`: `file`, `identity`, `source`; files: `name`, `sha256`, `bytes` of each."""
        data = {
            "files": sorted((dict(file) for file in files), key=lambda file: str(file["name"])),
            "episodes": self.episodes,
            "groups": self.groups,
        }
        return {
            "plan": plans.to_json(self.plan),
            "plan_sha256": plans.digest(self.plan),
            "spec": dict(spec),
            "data": data,
            "seed": self.seed,
            "libraries": libraries(),
            "parts": self.parts,
            "report": self.report,
        }

    def artefact(self) -> Artefact:
        """The artefact as it would be read back, without spec and files."""
        header = self.header({}, [])
        del header["plan"], header["plan_sha256"], header["parts"]
        return fitting.artefact_of(self.plan, self.parts, self.blocks, **header)


def libraries() -> dict[str, str]:
    """What numbers were computed with."""
    import numpy
    import scipy
    import sklearn

    return {"numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__}


def train(
    plan: Plan,
    runs: Iterable[Run],
    settings: Settings | None = None,
    tell: Callable[[str, int, int], None] | None = None,
    counts: Counts | None = None,
) -> Trained:
    """Train a monitor.

    Args:
        plan: what it watches.
        runs: with labels and groups; see `stepwatch.training.data.collect`. Their order does not matter.
        settings: seed, folds, shares of the parts.
        tell: is told what is being done, and how much of how much.
        counts: what was left out before, for the report.

    Raises:
        TrainingError: There are too few runs or groups, or one outcome alone.
    """
    settings = settings or Settings()
    say: Tell = tell or (lambda what, done, of: None)
    ordered = in_order(run for run in runs if run.points)
    if not ordered:
        raise _nothing(counts)
    enough(ordered, settings)
    say("looking for leaks", 0, 0)
    audited = leaks(plan, ordered, settings.seed, tell)
    encoded = encode(plan, ordered, tell)
    owner = components(ordered)
    shares = shares_for(plan, ordered, owner, settings.shares)
    part = np.zeros(len(ordered), dtype=np.int64) if settings.reuse else dealt(ordered, owner, shares, settings.seed)
    if not settings.reuse:
        enough([run for run, one in zip(ordered, part, strict=True) if one == 0], settings, PARTS[0])
    fitted = fit_encoded(encoded if settings.reuse else encoded.take(part == 0), settings, tell)
    say("calibrating and setting thresholds", 0, 0)
    ready = _reused(fitted, plan, owner, settings) if settings.reuse else _apart(fitted, encoded, part, owner, settings)
    blocks = {**fitted.blocks, **ready.calibration.blocks}
    parts = {**fitted.parts, "calibration": ready.calibration.part, "zones": ready.zones}
    notes = _warnings(ready, audited.leaks)
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    run_weights = goals.run_weight[encoded.starts]
    cut = sum(run.label is None for run in ordered)
    report = {
        "counts": (counts or Counts(offered=len(ordered), kept=len(ordered))).as_values(),
        "points": len(encoded),
        "base_rate": {
            "runs": float(np.mean([run.label is True for run in ordered if run.label is not None])),
            "points": float(goals.label[goals.known].mean()) if goals.known.any() else 0.0,
            "points_by_run": float(weights @ goals.label / weights.sum()),
        },
        "split": _split(ordered, part, owner, settings.reuse),
        "weights": {
            "by": fitting.weighting(plan),
            "censored_runs": cut,
            "effective_runs": effective(run_weights[[run.label is not None for run in ordered]]),
        },
        "candidates": fitted.candidates,
        "chosen": fitted.chosen,
        "calibration": {"kind": ready.calibration.part["kind"], "brier": ready.calibration.tried, "runs": ready.calibrated},
        "zones": [{"name": zone["name"], "threshold": zone["threshold"], **zone["certificate"]} for zone in ready.zones],
        "held_out": ready.held_out,
        "leaks": as_values(audited),
        "warnings": notes,
    }
    groups = sorted(hashlib.sha256(group.encode("utf-8", "replace")).hexdigest()[:16] for group in {run.group for run in ordered})
    return Trained(plan, settings.seed, parts, blocks, groups, len(ordered), _rounded(report))


def shares_for(plan: Plan, runs: Sequence[Run], owner: Integers, shares: tuple[float, float, float]) -> tuple[float, float, float]:
    """The shares of the parts; thresholds get more than their own, at the expense of the fit, where that is what a zone lacks."""
    passing = len({int(one) for run, one in zip(runs, owner, strict=True) if run.label is False})
    wanted = [SPARE * runs_needed(zone.budget, zone.confidence) / max(passing, 1) for zone in plan.zones]
    last = max([shares[2], *(share for share in wanted if share <= MOST_FOR_THRESHOLDS)])
    return shares[0] + shares[2] - last, shares[1], last


def _nothing(counts: Counts | None) -> TrainingError:
    """Why no run is there to learn from."""
    told = counts or Counts()
    reasons = {
        "has a label": (told.without_label, "give labels with --outcomes, check `outcome`, or take rules alone with --rules-only"),
        "has a group": (told.without_group, "check the field of `meta` that the monitor's `group` names"),
        "has a decision point": (told.without_points, "check `score after`"),
        "was kept": (told.dropped, "check the `start` block"),
    }
    what, (_, advice) = max(reasons.items(), key=lambda item: item[1][0])
    return TrainingError(f"none of the {told.offered} runs {what}" if told.offered else "there are no runs", advice if told.offered else "")


@dataclass(frozen=True)
class _Ready:
    """What is set behind the scorers."""

    calibration: calibrating.Fitted
    calibrated: int
    zones: list[dict[str, Any]]
    held_out: dict[str, Any]


def _apart(fitted: Fitted, encoded: Encoded, part: Integers, owner: Integers, settings: Settings) -> _Ready:
    """Calibration and thresholds on groups of their own, from the run time's model."""
    model = fitted.model()
    runs = encoded.runs
    places = np.flatnonzero(part > 0).tolist()
    logits = dict(zip(places, fitting.scores(model, (runs[place] for place in places)), strict=True))
    middle = encoded.take(part == 1)
    calibration, used = _calibration(middle, _flat(logits, np.flatnonzero(part == 1)), owner[part == 1], fitted, settings)
    passing = [place for place in np.flatnonzero(part == 2).tolist() if runs[place].label is False]
    zones = set_zones(
        fitted.plan.zones, [logits[place] for place in passing], [f"component {owner[place]}" for place in passing], settings.seed
    )
    last = encoded.take(part == 2)
    held_out = figures(last, _flat(logits, np.flatnonzero(part == 2)), calibration, zones) if len(last) else {}
    return _Ready(calibration, used, zones, held_out)


def _reused(fitted: Fitted, plan: Plan, owner: Integers, settings: Settings) -> _Ready:
    """Calibration and thresholds from out-of-fold logits of all runs."""
    encoded = fitted.encoded
    calibration, used = _calibration(encoded, fitted.oof, owner, fitted, settings)
    ends = np.r_[encoded.starts[1:], len(encoded)]
    by_run = [fitted.oof[start:end].tolist() for start, end in zip(encoded.starts, ends, strict=True)]
    passing = [place for place, run in enumerate(encoded.runs) if run.label is False]
    groups = [f"component {owner[place]}" for place in passing]
    zones = set_zones(plan.zones, [by_run[place] for place in passing], groups, settings.seed, guaranteed=False)
    return _Ready(calibration, used, zones, figures(encoded, fitted.oof, calibration, zones))


def _calibration(encoded: Encoded, logits: Floats, owner: Integers, fitted: Fitted, settings: Settings) -> tuple[calibrating.Fitted, int]:
    """The calibration, and on how many runs; on out-of-fold logits of the fit part where the part of its own cannot tell."""
    goals = targets(encoded) if len(encoded) else None
    if goals is not None and len(encoded.runs) >= FEWEST_CALIBRATING:
        weights = goals.weights(encoded, "run")
        if weights @ goals.label > 0 and weights @ (1.0 - goals.label) > 0:
            fold = owner % settings.folds
            return calibrating.choose(logits, goals.label, weights, owner[encoded.run], fold[encoded.run]), len(encoded.runs)
    goals = targets(fitted.encoded)
    weights = goals.weights(fitted.encoded, "run")
    part, blocks = calibrating.fit("platt", fitted.oof, goals.label, weights)
    return calibrating.Fitted(part, blocks, {}), 0


def _flat(logits: Mapping[int, list[float]], places: Integers) -> Floats:
    return np.array([value for place in places.tolist() for value in logits[place]], dtype=np.float64)


def figures(encoded: Encoded, logits: Floats, calibration: calibrating.Fitted, zones: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a monitor does on runs that it was not fitted on: ranking, probabilities, and failing runs found by each zone."""
    goals = targets(encoded)
    weights = goals.weights(encoded, "run")
    seen = weights > 0
    label, mass = goals.label[seen], weights[seen]
    found: dict[str, Any] = {"runs": len(encoded.runs), "points": len(encoded), "base_rate": float(mass @ label / mass.sum())}
    found["base_rate_by_point"] = float(label.mean())
    if 0 < mass @ label < mass.sum():
        ranked = Levels(logits[seen], label)
        found |= {"auprc": auprc(ranked.masses(mass)), "auprc_by_point": auprc(ranked.masses()), "auroc": auroc(ranked.masses(mass))}
        risks = np.array([calibration.map.risk(logit)[0] for logit in logits[seen].tolist()]) if len(logits) else logits
        inside = np.clip(risks, 1e-9, 1 - 1e-9)
        found["brier"] = float(mass @ (risks - label) ** 2 / mass.sum())
        found["log_loss"] = float(-(mass @ (label * np.log(inside) + (1 - label) * np.log1p(-inside))) / mass.sum())
    found["zones"] = [_zone(zone, encoded, logits) for zone in zones if zone["threshold"] is not None]
    return found


def _zone(zone: Mapping[str, Any], encoded: Encoded, logits: Floats) -> dict[str, Any]:
    """Failing runs found, and how early; passing runs alerted (the threshold was set on some of those)."""
    lengths = np.bincount(encoded.run, minlength=len(encoded.runs))
    first = np.zeros(len(encoded.runs), dtype=np.int64)
    first[lengths > 0] = first_alerts(policy(logits, encoded.run, zone["hits"], zone["window"]), encoded.run, zone["threshold"])
    failed, passed = (np.array([run.label is label for run in encoded.runs], dtype=np.bool_) for label in (True, False))
    leads = (lengths - first)[failed & (first > 0)]
    return {
        "name": zone["name"],
        "failing": int(failed.sum()),
        "found": len(leads),
        "found_early": int((leads >= AHEAD).sum()),
        "median_lead": float(np.median(leads)) if len(leads) else None,
        "passing": int(passed.sum()),
        "alerted": int((passed & (first > 0)).sum()),
    }


def _split(runs: Sequence[Run], part: Integers, owner: Integers, reuse: bool) -> dict[str, Any]:
    names = ("all",) if reuse else PARTS
    found = {}
    for number, name in enumerate(names):
        here = [place for place in range(len(runs)) if part[place] == number]
        found[name] = {
            "runs": len(here),
            "failing": sum(runs[place].label is True for place in here),
            "groups": len({runs[place].group for place in here}),
            "components": len({int(owner[place]) for place in here}),
        }
    return found


def _warnings(ready: _Ready, found: Sequence[Any]) -> list[str]:
    notes = [f"{one.field} is a leak: {'; '.join(one.reasons)}" for one in found]
    left_out = [zone for zone in ready.zones if zone["threshold"] is None]
    notes += [f"the {zone['name']} zone is {zone['certificate']['says']}" for zone in left_out]
    if left_out:
        notes.append("`--out-of-fold` uses all groups for everything, without a guarantee")
    if not ready.calibrated:
        notes.append("the calibration part is too small: risks are calibrated on out-of-fold scores of the fit part")
    return notes


def _rounded(value: Any) -> Any:
    """JSON with numbers of six digits, and none that is not finite."""
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
