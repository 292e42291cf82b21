"""The rules: which shapes of a relation between a field and the outcome are a leak, suspicious, or only predictive.

A relation alone is no leak: honest fields (errors) tell the outcome too, more of it as the run goes on. Each rule names a shape that
honest fields do not have, and gives its reason with the figures. The lines stand here, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from stepwatch.audit.columns import EARLIER, STEP_VIEWS, Trait, column_of
from stepwatch.audit.evidence import MOST_LOOKED_AT, Scored, Weighing
from stepwatch.audit.model import VERDICTS, Finding, Verdict
from stepwatch.audit.model import Trait as Headline
from stepwatch.audit.strength import LENGTH, Purity
from stepwatch.audit.words import PLAIN

LEAST_EFFECT = 0.55
"""AUC below which a relation, however certain, is too weak to matter."""
CERTAIN = 0.51
"""Lower bound of an AUC below which it is too uncertain to matter."""
SETTLED = 0.97
SETTLED_LOW = 0.85
"""Share of one outcome among the runs that show a value, and its lower bound, from which the value settles the outcome."""
SETTLED_SUSPICIOUS, SETTLED_LEAK = 0.60, 0.70
"""AUC that such a value must reach alone: a phrase that a few runs share settles nothing."""
JUMP, JUMP_AUC, JUMP_LEAK = 0.10, 0.70, 0.90
"""Least gain at the last step (lower bound), least AUC there, and AUC (lower bound) from which the jump is a leak."""
LATE_AUC, LATE_LEAK = 0.60, 0.80
"""AUC (lower bound) at the end of a field that is constant, or not told, until then: suspicious, leak."""
SPOKEN_AUC, SPOKEN_LEAK = 0.60, 0.85
STRONG, STRONGEST = 0.85, 0.95
LENGTH_SUSPICIOUS, LENGTH_LEAK = 0.75, 0.90
IDENTITY_SUSPICIOUS, IDENTITY_LEAK = 0.60, 0.85
MARGIN = 0.05
"""How much more than any field before the end."""
EXPLAINED = 0.57
"""AUC within runs of one stratum or length below which the stratum or the length explains a relation."""

CLOCK = (
    "Runs end when they do because of how they go (a harness that stops at success, a budget): compare every monitor with the step "
    "index alone and judge it before the last step"
)
LATE = 0.8
"""Part of a run after which a step stands near its end."""
LENGTHS = ("run.steps",)
ENDS = ("last", "100%")


@dataclass(frozen=True, slots=True)
class Charge:
    """What one rule says: a verdict, the reason, the trait it rests on."""

    verdict: Verdict
    reason: str
    trait: Trait
    headline: Headline


def judge(scored: Scored, weighing: Weighing) -> Finding:
    """The verdict on one field: the most serious charge, with the reasons of all of its seriousness."""
    passing = scored.passing(weighing.lines)
    runs = scored.field.runs
    accepted = scored.name in weighing.settings.accepted
    if not scored.traits:
        return Finding(scored.name, "clean", ("nothing in it varies enough to tell anything",), None, {}, runs, accepted)
    if not passing or abs(scored.aucs[passing[0]] - 0.5) + 0.5 < LEAST_EFFECT:
        best = passing[0] if passing else int(np.argmax(np.abs(scored.aucs - 0.5)))
        trait = scored.traits[best]
        headline = weighing.headline(scored, trait, phrase(scored, trait))
        why = "too little to matter" if passing else f"the best of {len(scored.traits):,} traits, within what chance shows"
        reason = f"{headline.text} ranks the outcome with AUC {headline.auc.value:.2f}: {why}"
        return Finding(scored.name, "clean", (reason,), headline, weighing.along(scored, trait), runs, accepted)
    charges = [charge for rule in rules(scored) for charge in rule(scored, passing, weighing)]
    if not charges:
        charges = [predictive(scored, passing[0], weighing)]
    charges.sort(key=lambda charge: (VERDICTS.index(charge.verdict), -charge.headline.auc.value))
    main = charges[0]
    reasons = tuple(dict.fromkeys(charge.reason for charge in charges if charge.verdict == main.verdict))
    return Finding(scored.name, main.verdict, reasons[:3], main.headline, weighing.along(scored, main.trait), runs, accepted)


Rule = Callable[[Scored, list[int], Weighing], Iterator[Charge]]


def rules(scored: Scored) -> tuple[Rule, ...]:
    """The rules for a kind of field."""
    if scored.field.names.scope == "run":
        if scored.name in ("run.id", "run.order in the data", "run.start time"):
            return (identity,)
        return (length,)
    if scored.field.counter:
        return (counter, settles)
    return (settles, jumps, speaks, strong)


def settles(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """A value whose presence all but settles the outcome, beyond what length and strata explain.

    What has merely been seen so far gathers over a run, as honest errors do: it is suspicious at most, unless it is a judge's word. That
    something was never seen is left alone for the same reason.
    """
    best: tuple[tuple[float, bool, float, int], Trait, Purity, bool] | None = None
    atoms = [place for place in passing if scored.traits[place].kind != "number"]
    pure = sorted(atoms, key=lambda place: (-abs(scored.share[place] - 0.5), -scored.showing[place], place))
    sides = [(place, False) for place in dict.fromkeys(pure[:MOST_LOOKED_AT] + atoms[:MOST_LOOKED_AT])]
    sides += [(place, True) for place in atoms[:MOST_LOOKED_AT] if scored.traits[place].mode == "now" and scored.traits[place].view in ENDS]
    for place, absent in sides:
        trait = scored.traits[place]
        found = weighing.settled(scored, trait, absent=absent)
        if found is None or found.share < SETTLED or found.groups < min(5, len(np.unique(weighing.frame.groups))):
            continue
        if found.auc < SETTLED_SUSPICIOUS or not found.beyond(SETTLED_LOW, found.expected):
            continue
        if trait.mode == "seen" and trait.view != "last" and not found.beyond(SETTLED_LOW, found.by_length):
            continue
        rank = (round(found.covers, 1), not absent, found.covers, -STEP_VIEWS.index(trait.view))
        if best is None or rank > best[0]:
            best = (rank, trait, found, absent)
    if best is None:
        return
    _, trait, found, absent = best
    text = phrase(scored, trait, absent=absent)
    gathers = trait.mode == "seen" and trait.view != "last" and trait.kind != "spoken"
    lengthy = scored.name not in LENGTHS and not found.beyond(SETTLED_LOW, found.by_length)
    verdict: Verdict = "leak" if found.auc >= SETTLED_LEAK and not gathers and not lengthy else "suspicious"
    yield Charge(
        verdict,
        f"settles the outcome: where {text}, `{weighing.settings.label}` is {word(found.outcome)} in {percent(found.share)} of "
        f"{found.runs:,} runs from {found.groups:,} groups ({percent(outcome_share(weighing, found.outcome))} of all runs are); "
        f"it finds {percent(found.covers)} of them"
        + (f". Of runs as long as these {percent(found.by_length)} are, anyway" if lengthy else ""),
        trait,
        weighing.headline(scored, trait, text, found, absent=absent),
    )


def jumps(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """A field that tells at its last step what neither it nor any other told before; or that said nothing until then."""
    at_last = [place for place in passing if scored.traits[place].view == "last" and weighing.widespread(scored, scored.traits[place])]
    if not at_last:
        return
    trait = scored.traits[at_last[0]]
    column = weighing.column(scored, trait)
    strength = weighing.strength(column)
    same = replace(trait, view="before")
    ahead = [scored.traits[place] for place in passing if scored.traits[place].view in EARLIER][:1]
    earlier = max((weighing.column(scored, other) for other in [same, *ahead]), key=weighing.turned)
    before = weighing.turned(earlier)
    gain = weighing.gain(column, earlier)
    text = phrase(scored, trait)
    headline = weighing.headline(scored, trait, text)
    silent = silent_until_last(scored, weighing)
    if silent and strength.low >= LATE_AUC:
        verdict: Verdict = "leak" if strength.low >= LATE_LEAK else "suspicious"
        reason = (
            f"{silent}, and then tells the outcome: {text} ranks it with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]"
        )
        yield Charge(verdict, reason, trait, headline)
    if gain.low >= JUMP and strength.value >= JUMP_AUC and strength.value > weighing.level_before + MARGIN:
        verdict = "leak" if strength.low >= JUMP_LEAK else "suspicious"
        yield Charge(
            verdict,
            f"jumps at the end: {text} ranks the outcome with AUC {strength.value:.2f} "
            f"[{strength.low:.2f}, {strength.high:.2f}]; before its last step the field reaches {before:.2f}, "
            f"and no field of any step more than {weighing.level_before:.2f}",
            trait,
            headline,
        )


def speaks(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """A judge's word, or the number after one, tied to the outcome."""
    for place in passing:
        trait = scored.traits[place]
        said = trait.text.split('"')[1] if trait.kind == "number" and trait.text.startswith("number after") else trait.text
        if (trait.kind != "spoken" and said == trait.text) or not weighing.widespread(scored, trait):
            continue
        column = weighing.column(scored, trait)
        strength = weighing.strength(column)
        if strength.value < SPOKEN_AUC:
            return
        plain = said.split()[0] in PLAIN
        if plain and (trait.view not in ("last", "100%") or strength.value <= weighing.level_before + MARGIN):
            continue
        left, because = weighing.beyond(column, length=trait.mode == "seen")
        if left < EXPLAINED and because:
            continue
        text = phrase(scored, trait)
        verdict: Verdict = "leak" if strength.low >= SPOKEN_LEAK else "suspicious"
        yield Charge(
            verdict,
            f"speaks like a judge: {text} ranks the outcome with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]",
            trait,
            weighing.headline(scored, trait, text),
        )
        return


def strong(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """A field that tells more, alone, than honest fields do."""
    place = next((place for place in passing if weighing.widespread(scored, scored.traits[place])), None)
    if place is None:
        return
    trait = scored.traits[place]
    column = weighing.column(scored, trait)
    strength = weighing.strength(column)
    if strength.low < STRONG:
        return
    left, because = weighing.beyond(column, length=True)
    text = phrase(scored, trait)
    if left < STRONG and because:
        yield Charge(
            "predictive",
            f"{text} ranks the outcome with AUC {strength.value:.2f}, but only {left:.2f} among runs alike in {because}: it follows that",
            trait,
            weighing.headline(scored, trait, text),
        )
        return
    verdict: Verdict = "leak" if strength.low >= STRONGEST else "suspicious"
    yield Charge(
        verdict,
        f"tells too much alone: {text} ranks the outcome with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]",
        trait,
        weighing.headline(scored, trait, text),
    )


def counter(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """A number that rises along the run: at the end it is the run's length."""
    place = next((place for place in passing if scored.traits[place].kind == "number"), None)
    if place is None:
        return
    trait = scored.traits[place]
    column = weighing.column(scored, trait)
    strength = weighing.strength(column)
    follows = weighing.follows_length(column)
    text = phrase(scored, trait)
    verdict = by_line(strength.low, LENGTH_SUSPICIOUS, LENGTH_LEAK)
    if follows and verdict == "leak":
        verdict = "suspicious"
    yield Charge(
        verdict,
        f"counts along the run: {text} ranks the outcome with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]"
        + (", as the run's length does" if follows else ""),
        trait,
        weighing.headline(scored, trait, text),
    )


def length(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """How long the run is, in steps, events, seconds or steps of one type, and how it ends."""
    trait = scored.traits[passing[0]]
    column = weighing.column(scored, trait)
    strength = weighing.strength(column)
    verdict = by_line(strength.low, LENGTH_SUSPICIOUS, LENGTH_LEAK)
    text = phrase(scored, trait)
    reason = f"{text} ranks the outcome with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]"
    if trait.kind == "number":
        label = weighing.settings.label
        true, false = medians(column, weighing)
        reason += f": a median of {figure(true)} where `{label}` is true against {figure(false)} where it is false"
    if scored.name not in LENGTHS and verdict != "predictive":
        left, because = weighing.beyond(column, length=True)
        if weighing.follows_length(column) or (because == LENGTH and left < EXPLAINED):
            verdict, reason = "predictive", reason + "; it follows the run's length"
    if verdict != "predictive":
        lengthy = scored.name in LENGTHS
        reason = f"the run's length tells the outcome: {reason}. {CLOCK}" if lengthy else f"how the run goes on tells the outcome: {reason}"
    yield Charge(verdict, reason, trait, weighing.headline(scored, trait, text))
    if scored.name in LENGTHS or scored.name == "run.type of the last step":
        yield from settles(scored, passing, weighing)


def identity(scored: Scored, passing: list[int], weighing: Weighing) -> Iterator[Charge]:
    """Ids, order and time of start: they should carry nothing."""
    trait = scored.traits[passing[0]]
    column = weighing.column(scored, trait)
    strength = weighing.strength(column)
    text = phrase(scored, trait)
    left, because = weighing.beyond(column, length=False)
    reason = f"{text} ranks the outcome with AUC {strength.value:.2f} [{strength.low:.2f}, {strength.high:.2f}]"
    verdict = by_line(strength.low, IDENTITY_SUSPICIOUS, IDENTITY_LEAK)
    if because and left < min(IDENTITY_SUSPICIOUS, strength.value - 0.01):
        verdict, reason = "predictive", f"{reason}, but only {left:.2f} among runs alike in {because}"
    elif verdict != "predictive":
        reason = f"carries the outcome, which ids, order and time of start should not: {reason}"
    yield Charge(verdict, reason, trait, weighing.headline(scored, trait, text))


def predictive(scored: Scored, place: int, weighing: Weighing) -> Charge:
    """A relation without a suspicious shape."""
    trait = scored.traits[place]
    column = weighing.column(scored, trait)
    headline = weighing.headline(scored, trait, phrase(scored, trait))
    reason = f"{headline.text} ranks the outcome with AUC {headline.auc.value:.2f} [{headline.auc.low:.2f}, {headline.auc.high:.2f}]"
    left, because = weighing.beyond(column, length=True)
    if headline.auc.low < CERTAIN:
        return Charge("clean", f"{reason}: too uncertain to matter", trait, headline)
    explained = bool(because) and left < EXPLAINED
    if explained:
        reason += f"; {left:.2f} among runs alike in {because}"
    return Charge("clean" if explained and because == LENGTH else "predictive", reason, trait, headline)


def by_line(low: float, suspicious: float, leak: float) -> Verdict:
    """A verdict by the lower bound of an AUC."""
    return "leak" if low >= leak else "suspicious" if low >= suspicious else "predictive"


def silent_until_last(scored: Scored, weighing: Weighing) -> str:
    """How a field says nothing until its last step: it has one value before in all but 1 % of the runs that tell it more than once, or it
    is told once a run, near the run's end. Else nothing."""
    field = scored.field
    told, repeated = field.last_step > -2, field.repeated
    if int(repeated.sum()) <= 0.05 * int(told.sum()):
        near = field.last_step[told] >= LATE * (weighing.frame.steps[told] - 1)
        return "is told only at the end of a run" if float(near.mean()) >= 0.95 else ""
    total = int(repeated.sum())
    if total < weighing.settings.least_support:
        return ""
    common, others, most = "", 0.0, 0.0
    for (kind, text), number in sorted(field.names.atoms.items()):
        if kind not in ("value", "shape") or not field.flat.counts[number]:
            continue
        column = column_of(Trait(kind, text, "seen", "before", number), field, weighing.frame)
        seen = float(column[repeated].sum()) / total
        if seen > most:
            common, others, most = text, others + most, seen
        else:
            others += seen
    return f"is always {common} until its last step in a run" if most >= 0.99 and others <= 0.01 else ""


def medians(column: np.ndarray[tuple[int, ...], np.dtype[np.float32]], weighing: Weighing) -> tuple[float, float]:
    """The median of a number where the outcome is true, and where it is false."""
    finite = np.isfinite(column)
    truth = weighing.frame.labels > 0
    return float(np.median(column[finite & truth])), float(np.median(column[finite & ~truth]))


def phrase(scored: Scored, trait: Trait, *, absent: bool = False) -> str:
    """A trait in words."""
    shown = trait.text if len(trait.text) <= 60 else trait.text[:59] + "…"
    when = {
        "25%": "in the first quarter of the run",
        "50%": "in the first half of the run",
        "75%": "in the first three quarters of the run",
        "before": "before its last step",
        "last": "at its last step",
        "100%": "anywhere in the run",
    }[trait.view]
    if scored.field.names.scope == "run":
        if trait.kind == "number":
            return "its " + trait.text if trait.text not in ("length", "order", "time") else "it"
        return (
            f"it is {'not ' if absent else ''}{shown}"
            if trait.kind in ("value", "shape")
            else f'it {"lacks" if absent else "has"} "{shown}"'
        )
    if trait.mode != "seen" and trait.view in ("25%", "50%", "75%"):
        when = "at its latest step " + when
    elif trait.mode != "seen" and trait.view == "before":
        when = "at the step before its last"
    if trait.kind == "number":
        return f"its {shown} {when}" if trait.text != "number" else f"its value {when}"
    if trait.kind in ("value", "shape"):
        return f"it is {'not ' if absent else ''}{shown} {when}"
    if trait.kind == "key":
        return f'it has {"no" if absent else "a"} key "{shown}" {when}'
    return f'it {"does not say" if absent else "says"} "{shown}" {when}'


def outcome_share(weighing: Weighing, outcome: bool) -> float:
    """The share of all runs with that outcome."""
    return weighing.base if outcome else 1 - weighing.base


def word(value: bool) -> str:
    """A truth value as the data spell it."""
    return "true" if value else "false"


def percent(share: float) -> str:
    """A share in per cent, with a decimal where it nears an end."""
    value = 100 * share
    return f"{value:.1f} %" if (value > 95 or value < 5) and value not in (0.0, 100.0) else f"{value:.0f} %"


def figure(value: float) -> str:
    """A number without needless digits."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
