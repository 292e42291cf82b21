"""From checks to one answer: how severe, with what effect on alerts, and what no such test can see."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Final

from stepwatch.drift.compare import Check, Tell, compare
from stepwatch.drift.observe import Observation
from stepwatch.drift.process import Evidence, exchangeability, false_alarms

SCORE: Final = "highest logit"
SEVERITIES: Final = ((0.7, "severe"), (0.5, "high"), (0.3, "moderate"), (0.0, "slight"))
TOLERANCE: Final = 0.02
"""Changes of the expected false-alarm rate and recall below it are of no account to those who get the alerts."""
BLIND_SPOT: Final = (
    "Without labels nobody can see whether the same steps now end differently: if what runs look like stays as it was, every test here"
    " has the same law whatever becomes of their outcomes. Check some outcomes by hand from time to time, and give them to --with-labels."
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What alerts would be worth if risks are still true (before, after): the share of runs alerted, and the false-alarm rate and recall
    that the risks themselves make one expect."""

    alerted: tuple[float, float]
    false_alarms: tuple[float, float]
    recall: tuple[float, float]

    @property
    def small(self) -> bool:
        """Whether nobody would notice."""
        pairs = (self.false_alarms, self.recall)
        return all(math.isnan(a) or math.isnan(b) or abs(a - b) < TOLERANCE for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Report:
    """The answer.

    severity    "none", or how large a share of the channels changed: slight, moderate, high, severe
    composite   that share, channels counted once
    level       the chance of a false alarm of the whole answer
    part_level  that of each of its parts: the checks together, and each bet
    evidence    the anytime-valid bet on the highest logit of the first run of each group, in the order of the new runs where
                that is known (`in_order`: its alarm is then the number of a run, else of a group)
    labelled    evidence against the false-alarm budget, and Brier scores of last risks before and after, where labels were given
    """

    runs: tuple[int, int]
    level: float
    part_level: float
    checks: tuple[Check, ...]
    composite: float
    severity: str
    effect: Effect
    evidence: Evidence
    in_order: bool
    labelled: dict[str, Any] | None

    @property
    def drifted(self) -> bool:
        """Whether any check holds, or the bet was won."""
        return self.severity != "none" or bool(self.evidence.alarm) or bool(self.labelled and self.labelled["false_alarms"]["alarm"])

    def as_values(self) -> dict[str, Any]:
        """Plain values; what is not known is None."""
        made: dict[str, Any] = _plain({**asdict(self), "drifted": self.drifted, "blind_spot": BLIND_SPOT})
        return made


def report(
    old: Sequence[Observation],
    new: Sequence[Observation],
    *,
    level: float = 0.05,
    budget: float = 0.05,
    with_labels: bool = False,
    in_order: bool = False,
    seed: int = 7,
    tell: Tell | None = None,
) -> Report:
    """Compare two sets of runs.

    in_order   whether `new` is in the order in which the runs came, so that bets tell from which of them on; else bets take them in an
               order drawn by the seed, because files are sorted by what runs are about

    Raises:
        ValueError: One side has too few runs, or labels are asked for and there are none.
    """
    old = sorted(old, key=lambda one: one.id)  # a profile holds them in this order too
    came = list(new)
    if not in_order:
        came.sort(key=lambda one: one.id)
        Random(seed).shuffle(came)
    checks = compare(old, new, seed=seed, tell=tell)
    channels = {check.channel for check in checks}
    part_level = level / (3 if with_labels else 2)
    changed = {check.channel for check in checks if check.holds(part_level)}
    composite = len(changed) / len(channels) if channels else 0.0
    effect = _effect(old, new)
    places, scored = zip(*((firsts(runs, lambda one: SCORE in one.numbers)) for runs in (old, came)), strict=True)
    evidence = exchangeability(*([one.numbers[SCORE] for one in runs] for runs in scored), level=part_level, seed=seed)
    return Report(
        runs=(len(old), len(new)),
        level=level,
        part_level=part_level,
        checks=tuple(checks),
        composite=composite,
        severity=_severity(composite, effect) if changed else "none",
        effect=effect,
        evidence=_at_run(evidence, places[1]) if in_order else evidence,
        in_order=in_order,
        labelled=_labelled(old, came, budget, part_level, in_order) if with_labels else None,
    )


def firsts(runs: Sequence[Observation], wanted: Callable[[Observation], bool]) -> tuple[list[int], list[Observation]]:
    """The first run of each group that is wanted, with its place among all: runs of a group are alike, so a second one is no further
    evidence. A run without a group is the first of its own."""
    found: list[int] = []
    seen: set[str] = set()
    for place, one in enumerate(runs):
        if wanted(one) and one.group not in seen:
            found.append(place)
            if one.group:
                seen.add(one.group)
    return found, [runs[place] for place in found]


def _at_run(evidence: Evidence, places: Sequence[int]) -> Evidence:
    """The same, with the alarm told by the number of the run."""
    return replace(evidence, alarm=places[evidence.alarm - 1] + 1) if evidence.alarm else evidence


def _severity(composite: float, effect: Effect) -> str:
    """By the share of channels; one step down where alerts would hardly change."""
    names = [name for _, name in SEVERITIES]
    place = next(place for place, (least, _) in enumerate(SEVERITIES) if composite >= least)
    return names[min(place + effect.small, len(names) - 1)]


def _effect(old: Sequence[Observation], new: Sequence[Observation]) -> Effect:
    def of(runs: Sequence[Observation]) -> tuple[float, float, float]:
        known = [one for one in runs if not math.isnan(one.risk)]
        failing, passing = sum(one.risk for one in known), sum(1 - one.risk for one in known)
        alerted = [one for one in known if one.alerted]
        return (
            sum(one.alerted for one in runs) / len(runs),
            sum(1 - one.risk for one in alerted) / passing if passing else math.nan,
            sum(one.risk for one in alerted) / failing if failing else math.nan,
        )

    before, after = of(old), of(new)
    return Effect((before[0], after[0]), (before[1], after[1]), (before[2], after[2]))


def _labelled(old: Sequence[Observation], new: Sequence[Observation], budget: float, level: float, in_order: bool) -> dict[str, Any]:
    passed = [one.alerted for one in new if one.failed is False]
    places, judged = firsts(new, lambda one: one.failed is False)
    found = false_alarms([one.alerted for one in judged], budget, level=level)
    if not any(one.failed is not None for one in new):
        raise ValueError("no new run has a label")
    return {
        "budget": budget,
        "passed": len(passed),
        "false_alarm_rate": sum(passed) / len(passed) if passed else math.nan,
        "false_alarms": asdict(_at_run(found, places) if in_order else found),
        "brier": [_brier(old), _brier(new)],
    }


def _brier(runs: Sequence[Observation]) -> float:
    known = [(one.risk - one.failed) ** 2 for one in runs if one.failed is not None and not math.isnan(one.risk)]
    return sum(known) / len(known) if known else math.nan


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
