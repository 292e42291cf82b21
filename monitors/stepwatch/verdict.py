"""What a monitor says of an episode: a verdict with its evidence and the account of what it rests on."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

MOST_EVIDENCE: Final = 5
"""Features of the point at hand that a verdict names."""
MOST_RISES: Final = 3
"""Earlier points that it names."""


class Evidence(NamedTuple):
    """Something that raised the risk.

    step     the index of the step in the episode, -1 where it is of the run as a whole
    what     a name, made from the steps at hand
    weight   by how much it raised the logit; 0 for a rule, which raises no risk
    """

    step: int
    what: str
    weight: float


class Account(NamedTuple):
    """What a verdict rests on, counted since the episode began.

    events, steps, points   raw events pushed, typed steps taken in, decision points closed
    unknown     events that no arm of the spec understands
    defects     different defects of the episode: what the source did that its spec does not allow
    failures    events that were lost because something raised
    late        events that took longer than the deadline
    unscored    events that were not scored: lost, late, or behind a failure that ended the scoring
    dropped     the start fact that the spec cannot do without and that was missing: such an episode gives no steps. "" for any other
    """

    events: int
    steps: int
    points: int
    unknown: int
    defects: int
    failures: int
    late: int
    unscored: int
    dropped: str


class Verdict(NamedTuple):
    """What a monitor says when an event was taken in.

    episode    the episode's id
    event      the index of the event, from 0; -1 while there was none
    step       the index of the last step, from 0; -1 while there was none
    point      how many decision points there were
    risk, low, high   the calibrated probability at the last point, and an interval around it (both the risk itself where there is none)
    logit      the raw score behind the risk: what the thresholds of zones are compared with
    zone       `red`, `yellow` or ""
    alert      the episode has just entered the zone: act now. True once, not at every point within it
    rules      the names of the rules that hold
    why        in a zone: what put the episode there
    evidence   with an alert: what raised the risk, the largest first
    late       the event took longer than the deadline
    failed     the event could not be scored: why
    account    what this rests on
    """

    episode: str
    event: int
    step: int
    point: int
    risk: float
    low: float
    high: float
    logit: float
    zone: str
    alert: bool
    rules: tuple[str, ...]
    why: str
    evidence: tuple[Evidence, ...]
    late: bool
    failed: str
    account: Account

    def to_json(self) -> dict[str, Any]:
        """The verdict as objects, lists and plain values."""
        value: dict[str, Any] = self._asdict()
        value["rules"] = list(self.rules)
        value["evidence"] = [item._asdict() for item in self.evidence]
        value["account"] = self.account._asdict()
        return value

    def line(self) -> str:
        """The verdict as one line of JSON: equal verdicts give equal lines."""
        return json.dumps(self.to_json(), separators=(",", ":"), ensure_ascii=True)
