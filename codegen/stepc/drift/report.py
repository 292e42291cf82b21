"""What a comparison of two sets of traces found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from stepc.drift.measure import Measure

Level = Literal["drift", "note"]

KINDS: Final = {
    "nothing": "nothing of the new traces can be read",
    "refused": "documents that `accept` refuses",
    "unreadable": "files that are damaged",
    "empty": "documents without any episode",
    "dropped": "episodes dropped",
    "eventless": "episodes without events",
    "stepless": "episodes with events but without steps",
    "unknown": "events that no arm understands",
    "vanished input": "no document belongs to an input of the source any more",
    "vanished path": "a raw path that the spec reads is gone",
    "type": "a raw path has values of another type",
    "moved verdict": "a sealed path is gone",
    "rarer path": "a raw path that the spec reads is in fewer documents",
    "vanished value": "a value that tells events apart is gone",
    "vanished step": "a type of step is gone",
    "vanished arm": "a match arm that nothing takes any more",
    "defect": "defects",
    "missing": "episodes without a document beside them",
    "unlabelled": "episodes without a label",
    "silent": "events that give no step and no reason",
    "share": "another share of events",
    "new value": "a value that tells events apart is new",
    "new step": "a type of step is new",
    "new arm": "a match arm that nothing took before",
    "new path": "a raw path is new",
    "other path": "a raw path that the spec does not read, or only as a part of a whole value, is gone",
}
"""The kinds of findings, the most important first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One change.

    subject     the path, value, step, arm, label or defect; raw text of the traces, to be escaped
    message     one sentence about it, raw too
    old, new    how often on both sides; `unit` says what was counted, such as `events`; of `steps` an event may have many
    lines       where the spec reads or names it
    first       its first place: in the old traces for what is gone, else in the new ones
    hints       what it may be, raw too
    """

    kind: str
    level: Level
    subject: str
    message: str
    old: Measure
    new: Measure
    unit: str
    lines: tuple[int, ...] = ()
    first: str = ""
    hints: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[bool, int, float, str]:
        """The order of findings: drift before notes, by kind, by how large the change is."""
        return (self.level != "drift", list(KINDS).index(self.kind), -abs(self.new.share - self.old.share), self.subject)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is tolerated: shares by which something may rise, numbers of things that may vanish, and the risk of a false alarm.

    refused     of documents: refused, damaged, or without episodes
    dropped     of episodes: dropped, without events, or without steps
    unknown     of events
    defects     of events, for each kind of defect at one place
    silent      of events
    unlabelled  of episodes: without a label, or without a document beside them
    share       of events: an arm, a step type or a value of the match subject, up or down; and of documents that have a path
    vanished    how many inputs, paths that the spec reads, values, step types and arms
    types       how many paths that the spec reads may have values of another type
    risk        the probability of any false alarm, were both sets drawn from one source
    """

    refused: float = 0.01
    dropped: float = 0.01
    unknown: float = 0.01
    defects: float = 0.01
    silent: float = 0.1
    unlabelled: float = 0.1
    share: float = 0.25
    vanished: int = 0
    types: int = 0
    risk: float = 0.01


@dataclass(frozen=True, slots=True)
class Total:
    """What one side holds."""

    name: str
    files: int
    documents: int
    refused: int
    episodes: int
    events: int
    steps: int


@dataclass(frozen=True, slots=True)
class Report:
    """The comparison. `tested` facts were compared, each at `level`; `table` are the shares that are shown whatever they are."""

    source: str
    spec: str
    old: Total
    new: Total
    table: tuple[tuple[str, Measure, Measure], ...]
    findings: tuple[Finding, ...]
    thresholds: Thresholds
    tested: int
    level: float
    notes: tuple[str, ...] = field(default=())

    @property
    def drift(self) -> bool:
        """Whether anything is past what is tolerated."""
        return any(finding.level == "drift" for finding in self.findings)
