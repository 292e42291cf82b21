"""What the audit takes and gives: runs of steps with a label, settings, one finding a field, a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Verdict = Literal["leak", "suspicious", "predictive", "clean", "cannot tell"]
VERDICTS: tuple[Verdict, ...] = ("leak", "suspicious", "predictive", "clean", "cannot tell")
"""Most serious first."""

View = Literal["25%", "50%", "75%", "before", "last", "100%"]
VIEWS: tuple[View, ...] = ("25%", "50%", "75%", "before", "last", "100%")
"""Parts of a run that a trait is measured on: its first quarter, half and three quarters; all but the last step of that type; the last
step of that type; the whole run."""


class StepRow(NamedTuple):
    """One typed step: its type, its fields by name, the raw event it came from and its time in seconds where the data say so."""

    type: str
    fields: Mapping[str, object]
    event: int | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One episode as the audit sees it.

    `label` is the outcome to be protected (None: unknown, left out and counted). `group` says which runs belong together (same task);
    None makes the run a group of its own. `strata` holds low-cardinality facts that may explain a relation without a leak (model, domain).
    """

    id: str
    label: bool | None
    group: str | None
    steps: Sequence[StepRow]
    strata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What bounds an audit and where its lines are drawn. All of it enters the report.

    label          the outcome's name, for the prose
    seed           of the shuffles and the bootstrap; equal data and seed give an equal report
    steps          how many steps are looked at in all; above, runs are sampled by the hash of their id
    steps_per_run  a longer run is read at its head and its tail
    shuffles       label shuffles behind the chance level
    resamples      bootstrap samples of groups behind the intervals
    chance         family-wise error over every value, view and field
    least_runs     labelled runs that it takes to say anything
    least_class    runs of the rarer outcome that it takes to say anything
    least_support  runs that a value must occur in to be tried
    accepted       fields whose leak is known and accepted: reported, not counted
    """

    label: str = "failed"
    seed: int = 7
    steps: int = 250_000
    steps_per_run: int = 2_000
    shuffles: int = 599
    resamples: int = 400
    chance: float = 0.01
    least_runs: int = 30
    least_class: int = 10
    least_support: int = 10
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval from a bootstrap over groups."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look: an episode and the index of one of its steps (None: the run as a whole)."""

    episode: str
    step: int | None


@dataclass(frozen=True, slots=True)
class Trait:
    """The one thing about a field that tells the outcome best, in words, with its figures.

    `auc` is the chance that the trait alone ranks a run of the one outcome before a run of the other (0.5 nothing, 1 everything).
    `when_true` is the share of runs with the outcome true among the `runs` that show the trait (None for a number), `groups` how many
    groups those come from, `covers` which share of the outcome that the trait points to it finds.
    """

    text: str
    view: View
    auc: Interval
    points_to: bool
    runs: int
    groups: int
    when_true: float | None
    covers: float | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one field. `along` gives the headline trait's AUC on each part of the run where it can be measured."""

    field: str
    verdict: Verdict
    reasons: tuple[str, ...]
    trait: Trait | None
    along: Mapping[str, float]
    runs: int
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one audit found, most suspicious first, with what it was based on.

    `tried` counts the traits, `visible` is about the least AUC that passes for more than chance in so many runs (1 where nothing can be
    told): "clean" means no more than that.
    """

    label: str
    findings: tuple[Finding, ...]
    method: str
    notes: tuple[str, ...]
    runs: int
    true_runs: int
    groups: int
    unlabelled: int
    ungrouped: int
    sampled_from: int
    steps: int
    tried: int
    visible: float
    cannot_tell: str = ""

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The leaks that nobody has accepted: what the exit status is about."""
        return tuple(finding for finding in self.findings if finding.verdict == "leak" and not finding.accepted)
