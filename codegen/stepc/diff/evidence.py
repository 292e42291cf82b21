"""What samples showed, put to the changes that explain it. What none explains becomes a change itself: the replay has the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from stepc.diff.model import Category, Change, Effect, EpisodeEffect, Replay, Target

_EXPLAIN_VALUES: Final = ("STEP_VALUE", "ORDER", "ACCEPT", "STEP_TYPE", "OUTCOME")
_EXPLAIN_STEPS: Final = ("ORDER", "ACCEPT")


def with_evidence(changes: Sequence[Change], seen: Replay) -> tuple[Change, ...]:
    """The changes with their effects, compatible ones raised where samples prove otherwise, and a change for every effect left over."""
    found = [replace(change, effects=_effects(change, seen), episode_effects=_episode_effects(change, seen)) for change in changes]
    for effect in seen.effects:
        if effect.altered and not any(_explains(change, effect) for change in found):
            found = _raised(found, effect)
    for fact in seen.episode_effects:
        if fact.changed and not any(_explains_fact(change, fact) for change in found):
            category: Category = "ACCEPT" if fact.what == "kept" else "OUTCOME" if _is_label(fact.what) else "STEP_VALUE"
            message = "sampled episodes differ, although no rule foresaw it"
            found.append(Change(category, "update", fact.what, message, rule="replay", episode_effects=(fact,)))
    return tuple(found)


def _covers(change: Change, target: Target) -> bool:
    return any(touched.covers(target) for touched in change.touches)


def _effects(change: Change, seen: Replay) -> tuple[Effect, ...]:
    covered = [effect for effect in seen.effects if _covers(change, effect.target)]
    altered = tuple(effect for effect in covered if effect.altered)
    if altered:
        return altered
    # Nothing happened: saying so for the things named is evidence too, for all their fields it is noise.
    return tuple(effect for effect in covered if effect.target in change.touches)


def _episode_effects(change: Change, seen: Replay) -> tuple[EpisodeEffect, ...]:
    if change.category == "ACCEPT":
        return tuple(fact for fact in seen.episode_effects if fact.what == "kept")
    if change.category == "OUTCOME":
        named = tuple(fact for fact in seen.episode_effects if fact.what == change.path)
        return named or tuple(fact for fact in seen.episode_effects if fact.changed and _is_label(fact.what))
    return tuple(fact for fact in seen.episode_effects if fact.what == change.path)


def _explains(change: Change, effect: Effect) -> bool:
    if not _covers(change, effect.target):
        return False
    if effect.target.field:
        return change.category in _EXPLAIN_VALUES
    return change.category in _EXPLAIN_STEPS or change.rule in ("step_added", "step_removed")


def _explains_fact(change: Change, fact: EpisodeEffect) -> bool:
    if change.category == "ACCEPT":
        return True
    if fact.what == "kept":
        return False
    if _is_label(fact.what):
        return change.category == "OUTCOME"
    return change.path == fact.what and change.category != "COMPATIBLE"


def _is_label(what: str) -> bool:
    return what.startswith("outcome.") or what in ("meta.group", "meta.id")


def _raised(changes: list[Change], effect: Effect) -> list[Change]:
    """The first compatible change that may have altered this is no longer called so; failing that, a change of its own."""
    category: Category = "STEP_VALUE" if effect.target.field else "ORDER"
    for place, change in enumerate(changes):
        if _covers(change, effect.target) and (change.category == "COMPATIBLE" or (change.raised and change.category == "STEP_VALUE")):
            message = change.message if change.raised else f"{change.message}; called compatible, but samples show another result"
            return [*changes[:place], replace(change, category=category, message=message, raised=True), *changes[place + 1 :]]
    message = "sampled steps differ, although no rule foresaw it"
    return [*changes, Change(category, "update", str(effect.target), message, None, None, (effect.target,), "replay", (effect,))]
