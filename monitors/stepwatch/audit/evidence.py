"""The figures on one field that pass the line of chance, ready to be judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stepwatch.audit.chance import Chance, centred_ranks
from stepwatch.audit.columns import EARLIER, STEP_VIEWS, FieldColumns, Frame, Trait, column_of, first_step, tried_columns
from stepwatch.audit.model import Interval, Place, Settings
from stepwatch.audit.model import Trait as Headline
from stepwatch.audit.strength import LENGTH, Column, Purity, Resamples, auc, interval, purity, stratified_auc

MOST_LOOKED_AT = 24
FOLLOWS = 0.9
"""Rank correlation with the run's length from which a number is taken for it."""


@dataclass(slots=True)
class Scored:
    """A field with the scores (tests × traits) and AUCs of its traits. `share` is the part of the `showing` runs with the outcome true."""

    field: FieldColumns
    traits: list[Trait]
    families: NDArray[np.int64]
    scores: NDArray[np.float64]
    aucs: NDArray[np.float64]
    share: NDArray[np.float64]
    showing: NDArray[np.float64]

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.names.name

    def passing(self, lines: NDArray[np.float64]) -> list[int]:
        """Places of the traits that chance does not explain, strongest first."""
        told = np.flatnonzero((self.scores > lines[:, self.families]).any(axis=0))
        order = np.lexsort((told, -np.abs(self.aucs[told] - 0.5)))
        return [int(place) for place in told[order]]


def score_field(field: FieldColumns, frame: Frame, chance: Chance, settings: Settings) -> Scored:
    """Score every trait of a field that is worth trying."""
    traits, values = tried_columns(field, frame, settings)
    labels = frame.labels.astype(np.float64)
    positives, negatives = labels.sum(), (1 - labels).sum()
    numeric = [place for place, trait in enumerate(traits) if trait.kind == "number"]
    raw = {place: values[:, place].copy() for place in numeric}
    for place in numeric:
        values[:, place] = centred_ranks(raw[place])
    true_showing = labels @ values
    showing = values.sum(axis=0, dtype=np.float64)
    aucs = 0.5 + 0.5 * (true_showing / positives - (showing - true_showing) / negatives)
    for place in numeric:
        aucs[place] = auc(raw[place], frame.labels)
        showing[place] = np.isfinite(raw[place]).sum()
    share = np.divide(true_showing, showing, out=np.full(len(traits), 0.5), where=showing > 0)
    share[numeric] = 0.5
    families = np.array([family_of(field, trait) for trait in traits], dtype=np.int64)
    return Scored(field, traits, families, chance.scores(values, families), aucs, share, showing)


def family_of(field: FieldColumns, trait: Trait) -> int:
    """The family that a trait shares its error with: the run as a whole, values of fields, words of texts."""
    return 0 if field.names.scope == "run" else 2 if trait.kind == "word" else 1


@dataclass(slots=True)
class Weighing:
    """What the rules need: the runs, the lines of chance, bootstrap samples, and how much any field tells before the end."""

    frame: Frame
    settings: Settings
    lines: NDArray[np.float64]
    resamples: Resamples
    level_before: float

    @property
    def base(self) -> float:
        """The share of runs with the outcome true."""
        return float(self.frame.labels.mean())

    def column(self, scored: Scored, trait: Trait) -> Column:
        """One trait over all runs, turned so that larger means the outcome that it points to is `true`."""
        return column_of(trait, scored.field, self.frame)

    def strength(self, column: Column) -> Interval:
        """AUC with its interval, turned to be at least 0.5."""
        value = auc(column, self.frame.labels)
        samples = self.resamples.aucs(column)
        if value < 0.5:
            value, samples = 1 - value, 1 - samples
        return interval(value, samples)

    def turned(self, column: Column) -> float:
        """AUC turned to be at least 0.5."""
        return abs(auc(column, self.frame.labels) - 0.5) + 0.5

    def widespread(self, scored: Scored, trait: Trait) -> bool:
        """Whether a number is told in half of the runs at least; an atom always counts, being absent where it is not so."""
        return trait.kind != "number" or float(np.isfinite(self.column(scored, trait)).mean()) >= 0.5

    def gain(self, later: Column, earlier: Column) -> Interval:
        """How much more AUC one column has than another, sample by sample."""
        value, samples = self._turned(later)
        other, others = self._turned(earlier)
        return interval(value - other, samples - others)

    def _turned(self, column: Column) -> tuple[float, NDArray[np.float64]]:
        value = auc(column, self.frame.labels)
        samples = self.resamples.aucs(column)
        return (value, samples) if value >= 0.5 else (1 - value, 1 - samples)

    def beyond(self, column: Column, *, length: bool) -> tuple[float, str]:
        """The weakest AUC that is left within runs of one stratum (and, if asked, of one length), and what takes the most away."""
        left, because = 1.0, ""
        explanations = dict(self.frame.strata)
        if length:
            explanations[LENGTH] = self.frame.length_bin
        for name, codes in sorted(explanations.items()):
            value = stratified_auc(column, self.frame.labels, codes)
            if value is not None and abs(value - 0.5) + 0.5 < left:
                left, because = abs(value - 0.5) + 0.5, name
        return left, because

    def follows_length(self, column: Column) -> bool:
        """Whether a number is little else than the run's length: its ranks go with the length's."""
        finite = np.isfinite(column)
        if int(finite.sum()) < 3:
            return False
        ranks, lengths = centred_ranks(column)[finite], centred_ranks(self.frame.steps.astype(np.float32))[finite]
        spread = float(np.std(ranks) * np.std(lengths))
        return spread > 0 and abs(float(np.mean((ranks - ranks.mean()) * (lengths - lengths.mean())))) >= FOLLOWS * spread

    def settled(self, scored: Scored, trait: Trait, *, absent: bool = False) -> Purity | None:
        """How far showing an atom (or telling the field without it) settles the outcome."""
        shown = self.column(scored, trait) > 0
        showing = (scored.field.last_step > -2) & ~shown if absent else shown
        if not showing.any():
            return None
        return purity(showing, self.frame)

    def headline(self, scored: Scored, trait: Trait, text: str, settled: Purity | None = None, *, absent: bool = False) -> Headline:
        """A trait with its figures and a place to look at."""
        column = self.column(scored, trait)
        labels = self.frame.labels > 0
        shown = np.isfinite(column) if trait.kind == "number" else column > 0
        if absent:
            shown = (scored.field.last_step > -2) & ~shown
        turned = auc(column, self.frame.labels) >= 0.5
        points_to = settled.outcome if settled is not None else bool(turned) != absent
        when_true = float(labels[shown].mean()) if trait.kind != "number" and shown.any() else None
        covers = float((shown & (labels == points_to)).sum() / max(1, int((labels == points_to).sum()))) if trait.kind != "number" else None
        candidates = np.flatnonzero(shown & (labels == points_to))
        place = None
        if len(candidates):
            run = int(candidates[int(np.argmax(column[candidates]))] if trait.kind == "number" and turned else candidates[0])
            place = Place(self.frame.ids[run], first_step(trait, run, scored.field))
        return Headline(
            text=text,
            view=trait.view,
            auc=self.strength(column),
            points_to=points_to,
            runs=int(shown.sum()),
            groups=len(np.unique(self.frame.groups[shown])),
            when_true=when_true,
            covers=covers,
            place=place,
        )

    def along(self, scored: Scored, trait: Trait) -> dict[str, float]:
        """The trait's AUC on each part of the run, in the direction it has where it was found."""
        if scored.field.names.scope == "run":
            return {}
        up = auc(self.column(scored, trait), self.frame.labels) >= 0.5
        figures: dict[str, float] = {}
        for view in STEP_VIEWS:
            value = auc(self.column(scored, replace(trait, view=view)), self.frame.labels)
            figures[view] = round(value if up else 1 - value, 4)
        return figures


def level_before(fields: list[Scored], lines: NDArray[np.float64]) -> float:
    """The AUC of the best trait of any step's field on a part of the run before its end; 0.5 when chance explains all. Counters are
    left out: at a fraction of the run they tell its length."""
    best = 0.5
    for scored in fields:
        if scored.field.names.scope == "run" or scored.field.counter:
            continue
        for place in scored.passing(lines):
            if scored.traits[place].view in EARLIER:
                best = max(best, abs(float(scored.aucs[place]) - 0.5) + 0.5)
                break
    return best
