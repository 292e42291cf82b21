"""Figures in words: numbers as people read them, and what to make of them, in sentences that claim no more than the intervals allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Value = float | None
Estimate = Sequence[Value]


class Saying(NamedTuple):
    """One sentence of a summary. `mood`: good, bad, or plain."""

    mood: str
    text: str


def number(value: Value, digits: int = 2) -> str:
    """A figure; a dash where there is none."""
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def percent(value: Value) -> str:
    """A share in per cent, finer where it is small."""
    if value is None:
        return "–"
    shown = 100 * value
    text = f"{shown:.1f}".removesuffix(".0") if abs(shown) < 9.95 else f"{shown:.0f}"
    return f"{text} %".replace("-", "−")


def ranged(estimate: Estimate | None, digits: int = 2) -> str:
    """An estimate with its 95 % interval."""
    if estimate is None or estimate[0] is None:
        return "–"
    if estimate[1] is None:
        return number(estimate[0], digits)
    between = " to " if min(value for value in estimate if value is not None) < 0 else "–"
    return f"{number(estimate[0], digits)} ({number(estimate[1], digits)}{between}{number(estimate[2], digits)})"


def percents(estimate: Estimate | None) -> str:
    """A share with its 95 % interval, in per cent."""
    if estimate is None or estimate[0] is None:
        return "–"
    low, high = percent(estimate[1]).removesuffix(" %"), percent(estimate[2]).removesuffix(" %")
    return f"{percent(estimate[0])} ({low}–{high})" if estimate[1] is not None else percent(estimate[0])


def signed(estimate: Estimate | None, digits: int = 2) -> str:
    """A difference with its interval."""
    if estimate is None or estimate[0] is None:
        return "–"
    shown = [("+" if value is not None and value > 0 else "") + number(value, digits) for value in estimate]
    return f"{shown[0]} ({shown[1]} to {shown[2]})"


def count(value: int, noun: str) -> str:
    """A number of things."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def predicted(label: str, horizon: int | None) -> str:
    """What a monitor predicts."""
    if horizon is None:
        return f"whether the run will end with `{label}`, whenever that is"
    return f"whether the run will end with `{label}` at most {count(horizon, 'decision point')} from now"


def standing(difference: Estimate) -> str:
    """What a paired difference says: `better`, `worse`, or `equal` when its interval holds 0."""
    _, low, high = difference
    if low is None or high is None:
        return "unknown"
    return "better" if low > 0 else "worse" if high < 0 else "equal"


def best_control(report: Mapping[str, Any]) -> str:
    """The control with the highest area; not `group`, whose knowledge no monitor has of a new group."""
    controls = {name: one for name, one in report["controls"].items() if name != "group"}
    return str(max(controls, key=lambda name: (controls[name]["areas"]["all"]["auprc"][0] or 0.0, name)))


def summary(report: Mapping[str, Any]) -> list[Saying]:
    """The report in a few sentences, the most important first."""
    if not report.get("subject", {}).get("learned", True):
        nothing = Saying("plain", "Nothing was learned: it has rules alone, its score is the same everywhere, and its risk is unknown.")
        return [*_data(report), nothing, *_rules(report), *_ceiling(report)]
    return [
        *_data(report),
        *_ranking(report),
        *_alerts(report),
        *_rules(report),
        *_probabilities(report),
        *_ceiling(report),
    ]


def _data(report: Mapping[str, Any]) -> list[Saying]:
    base = report["base"]
    rate = percent(base["failing"] / max(base["failing"] + base["passing"], 1))
    return [
        Saying(
            "plain",
            f"Judged on {count(base['runs'], 'run')} of {count(base['groups'], 'group')}; {rate} of the runs fail. Of "
            f"{base['prefixes']:,} decision points {percent(base['rate'])} are positive: an AUPRC of {number(base['rate'])} is no skill.",
        )
    ]


def _ranking(report: Mapping[str, Any]) -> list[Saying]:
    mine = report["monitor"]["areas"]
    best = best_control(report)
    other = report["controls"][best]
    said = []
    for view, where in (("all", "over all decision points"), ("before_last", "without the last decision point of each run")):
        area, theirs = mine[view]["auprc"], other["areas"][view]["auprc"]
        difference = other["beyond"][view]["auprc"]
        verdict = {
            "better": f"better than the best control, {best} ({number(theirs[0])}), by {signed(difference)}",
            "worse": f"worse than the best control, {best} ({number(theirs[0])}), by {signed(difference)}",
            "equal": f"not told apart from the best control, {best} ({number(theirs[0])}): the difference is {signed(difference)}",
            "unknown": f"beside {number(theirs[0])} of the best control, {best}",
        }[standing(difference)]
        mood = {"better": "good", "worse": "bad", "equal": "bad", "unknown": "plain"}[standing(difference)]
        said.append(Saying(mood, f"AUPRC {ranged(area)} {where}: {verdict}."))
    equal = mine["auroc_at_equal_place"]
    if equal[0] is not None:
        mood = "good" if equal[1] is not None and equal[1] > 0.5 else "bad"
        told = "it knows more than the clock and the kind of run" if mood == "good" else "no more than chance can be shown"
        said.append(
            Saying(
                mood,
                f"Of two runs at the same decision point and of the same kind, it scores the failing one higher {percents(equal)} of "
                f"the time: {told}.",
            )
        )
    return said


def _alerts(report: Mapping[str, Any]) -> list[Saying]:
    alerts = report["alerts"]
    if not alerts["told"]:
        return [Saying("bad", "First alerts are not judged: that takes failing runs and others.")]
    said = []
    budgets = [one for one in alerts["budgets"] if one["budget"] == 0.05] or alerts["budgets"][:1]
    for one in budgets:
        found = one["figures"]
        if not one["met"]:
            said.append(Saying("bad", certificate(one)))
            continue
        low = found["false_alarm_rate"][1]
        over = low is not None and low > one["budget"]
        said.append(
            Saying(
                "bad" if over else "plain",
                f"At a budget of {percent(one['budget'])} false alarms it finds {percents(found['recall'])} of the failing runs, "
                f"{percents(found['early_recall'])} with at least {count(found['early_means'], 'decision point')} to go; "
                f"{percents(found['false_alarm_rate'])} of the other runs were alerted.",
            )
        )
    for zone in alerts["zones"]:
        if zone["threshold"] is None:
            said.append(Saying("bad", f"The zone {zone['name']} was left out in training: there were too few runs to promise its budget."))
        elif (zone["figures"]["false_alarm_rate"][1] or 0.0) > zone["budget"]:
            rate = percents(zone["figures"]["false_alarm_rate"])
            said.append(
                Saying(
                    "bad", f"The zone {zone['name']} overruns its budget of {percent(zone['budget'])} on these runs: {rate} were alerted."
                )
            )
    return said


def _rules(report: Mapping[str, Any]) -> list[Saying]:
    """What rules find, and the false alarms that no budget bounds."""
    said = []
    for rule in report["alerts"].get("rules", ()):
        found = rule["figures"]
        # Finding no larger a share of the failing runs than of the others, it says nothing about failing.
        blind = found["recall"][0] <= found["false_alarm_rate"][0]
        said.append(
            Saying(
                "bad" if blind else "plain",
                f"The rule {rule['name']} ({rule['zone']}) holds in {percents(found['recall'])} of the failing runs, in "
                f"{percents(found['early_recall'])} with at least {count(found['early_means'], 'decision point')} to go, and in "
                f"{percents(found['false_alarm_rate'])} of the others.",
            )
        )
    return said


def certificate(one: Mapping[str, Any]) -> str:
    """Why a budget cannot be met, and what it would take."""
    have, average, sure = one["independent_passing_runs"], one["needed_on_average"], one["needed_for_confidence"]
    return (
        f"A budget of {percent(one['budget'])} cannot be set from these runs: {count(have, 'independent passing run')} are there to "
        f"set a threshold, {average} are needed to keep it on average, {sure} to keep it with {percent(one['confidence'])} confidence "
        f"({max(sure - have, 0)} missing)."
    )


def guarantee(one: Mapping[str, Any]) -> str:
    """What is promised of a threshold."""
    if one["guarantee"] == "confidence":
        return f"kept with {percent(one['confidence'])} confidence"
    if one["guarantee"] == "average":
        return "kept on average only"
    return "cannot be set"


def _probabilities(report: Mapping[str, Any]) -> list[Saying]:
    found = report["monitor"]["probabilities"]
    skill, error = found["skill"], found["calibration_error"]
    if skill is None:
        return []
    good = skill > 0 and error <= 0.05
    worth = (
        f"{percent(skill)} less squared error than always saying the base rate"
        if skill > 0
        else f"{percent(-skill)} more squared error than always saying the base rate"
    )
    return [
        Saying(
            "good" if good else "bad" if skill <= 0 else "plain",
            f"As probabilities, its risks make {worth}; they are off by {percent(error)} on average.",
        )
    ]


def _ceiling(report: Mapping[str, Any]) -> list[Saying]:
    found = report["ceilings"]
    name, one = next(iter(found["chain"].items()))
    least, most = one["interval"]
    if not one["identified"]:
        return [
            Saying(
                "plain",
                "How good anything could be that sees the typed steps is not identified by these runs: only "
                f"{percent(one['replicated'])} of the prefixes have a twin in another run. The best AUPRC that was reached, "
                f"{number(found['raw']['at_least'])}, is a lower bound.",
            )
        ]
    return [Saying("plain", f"Anything that sees the {name} alone reaches an AUPRC between {number(least)} and {number(most)}.")]
