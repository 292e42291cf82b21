"""Monitors keep what they predict, see and do. Another label, horizon, group or censoring is OUTCOME; other decision points, features,
scorer, zones, rules or cool-down are FEATURE; a monitor that is gone takes its module along, STEP_TYPE; a further one is COMPATIBLE.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stepc import ir
from stepc.diff.model import Category, Change, Place
from stepc.diff.named import any_name, by_name
from stepc.diff.shape import shape
from stepc.diff.sides import Comparison, action_of

_AGAIN = "; it has to be trained again"


def changes(comparison: Comparison) -> Iterator[Change]:
    """Monitors added, removed or changed, one change for each part."""
    for old, new in by_name(comparison.old.program.monitors, comparison.new.program.monitors, lambda one: one.name):
        path = f"monitor {any_name(old, new, lambda one: one.name)}"
        if old is None or new is None:
            places = (
                comparison.old.block(old.span) if old else None,
                comparison.new.block(new.span) if new else None,
            )
            message = "a further monitor" if old is None else "the monitor is gone, and its module with it"
            yield Change("COMPATIBLE" if old is None else "STEP_TYPE", action_of(old, new), path, message, *places)
            continue
        for category, part, message in (*_predicted(old, new), *_seen(old, new), *_done(old, new)):
            places = (_place(comparison, old, part, after=False), _place(comparison, new, part, after=True))
            yield Change(category, "update", f"{path}.{part.split()[0]}", message, *places)


def _place(comparison: Comparison, monitor: ir.Monitor, part: str, *, after: bool) -> Place:
    side = comparison.new if after else comparison.old
    place = side.line_with(monitor.span, *part.split())
    return side.block(place.span) if part == "features" else place


Found = Iterator[tuple[Category, str, str]]


def _predicted(old: ir.Monitor, new: ir.Monitor) -> Found:
    if (old.label, old.horizon) != (new.label, new.horizon):
        yield "OUTCOME", "predict", f"it predicts {_predicts(new)} instead of {_predicts(old)}{_AGAIN}"
    if old.group != new.group:
        yield "OUTCOME", "group", f"runs belong together by `meta.{new.group}` instead of `meta.{old.group}`{_AGAIN}"
    if (shape(old.censored), old.censored_text) != (shape(new.censored), new.censored_text):
        yield "OUTCOME", "censored", f"other runs count as cut off{_AGAIN}"


def _predicts(monitor: ir.Monitor) -> str:
    if not monitor.label:
        return "nothing"
    return f"`{monitor.label} {'eventually' if monitor.horizon is None else f'within {monitor.horizon}'}`"


def _seen(old: ir.Monitor, new: ir.Monitor) -> Found:
    if old.points != new.points:
        yield "FEATURE", "score", f"it looks after other steps{_AGAIN}"
    said = _features(old.features, new.features)
    if said:
        yield "FEATURE", "features", f"{'; '.join(said)}{_AGAIN}"
    if old.scorer != new.scorer:
        yield "FEATURE", "scorer", f"it is scored by `{new.scorer}` instead of `{old.scorer}`{_AGAIN}"


def _features(old: Sequence[ir.Feature], new: Sequence[ir.Feature]) -> list[str]:
    """What differs between features. The values that a type closes are the type's own change."""
    before, after = _by_step(old), _by_step(new)
    gained = [f"`{step}.{field}` as {form}" for step, field, form in after if (step, field, form) not in before]
    lost = [f"`{step}.{field}` as {form}" for step, field, form in before if (step, field, form) not in after]
    said = []
    if gained:
        said.append(f"it sees {', '.join(gained)}")
    if lost:
        said.append(f"it no longer sees {', '.join(lost)}")
    for key, maximum in after.items():
        if key in before and before[key] != maximum:
            said.append(f"it sees {_characters(maximum)} of `{key[0]}.{key[1]}` instead of {_characters(before[key])}")
    return said or (["it sees the same in another order"] if list(before) != list(after) else [])


def _by_step(features: Sequence[ir.Feature]) -> dict[tuple[str, str, str], int | None]:
    return {(step, one.field, one.form): one.maximum for one in features for step in one.steps}


def _characters(maximum: int | None) -> str:
    return "all" if maximum is None else f"{maximum:,} characters"


def _done(old: ir.Monitor, new: ir.Monitor) -> Found:
    for before, after in by_name(old.zones, new.zones, lambda zone: zone.name):
        if shape(before) == shape(after):
            continue
        name = any_name(before, after, lambda zone: zone.name)
        message = f"the zone {name} {'is new' if before is None else 'is gone' if after is None else 'alerts otherwise'}{_AGAIN}"
        yield "FEATURE", f"alert {name}", message
    for first, second in by_name(old.rules, new.rules, lambda rule: rule.name):
        if shape(first) == shape(second):
            continue
        name = any_name(first, second, lambda rule: rule.name)
        yield "FEATURE", f"rule {name}", f"the rule {name} {'is new' if first is None else 'is gone' if second is None else 'changed'}"
    names = [[rule.name for rule in monitor.rules] for monitor in (old, new)]
    if names[0] != names[1] and sorted(names[0]) == sorted(names[1]):
        yield "FEATURE", "rule", "its rules stand in another order"
    if old.cooldown != new.cooldown:
        yield "FEATURE", "cooldown", f"it is silent for {new.cooldown} decision points after an alert instead of {old.cooldown}"
