"""Counting differences of two runs, and putting them to the changes that explain them."""

from __future__ import annotations

from typing import Any

import pytest

from stepc.diff.evidence import with_evidence
from stepc.diff.model import EVERYTHING, Change, Effect, Replay, Sighting, Target
from stepc.diff.observe import Counting, SeenEpisode, SeenStep, identical


def said(event: int, text: str) -> SeenStep:
    return SeenStep(event, "Said", {"text": text})


def called(event: int) -> SeenStep:
    return SeenStep(event, "Called", {})


def episode(*steps: SeenStep, index: int = 0, kept: bool = True, **facts: Any) -> SeenEpisode:
    return SeenEpisode("a.json", index, kept, facts, steps)


def counted(old: list[SeenEpisode], new: list[SeenEpisode]) -> Replay:
    counting = Counting()
    counting.add(old, new)
    return counting.replay(["a.json"], [])


def test_values_are_counted_by_field_with_the_first_place() -> None:
    seen = counted([episode(said(0, "a"), said(2, "b"), said(3, "c"))], [episode(said(0, "a"), said(2, "B"), said(3, "C"))])
    assert seen.effects == (Effect(Target("Said"), 3), Effect(Target("Said", "text"), 3, changed=2, first=Sighting("a.json", 0, 2)))
    assert (seen.episodes, seen.steps) == (1, 3)


def test_steps_that_come_and_go_are_counted_by_type() -> None:
    seen = counted([episode(said(0, "a"), said(1, "b"))], [episode(said(0, "a"), called(0), called(1))])
    effects = {str(effect.target): effect for effect in seen.effects}
    assert effects["Said"] == Effect(Target("Said"), 2, removed=1, first=Sighting("a.json", 0, 1))
    assert effects["Called"] == Effect(Target("Called"), 0, added=2, first=Sighting("a.json", 0, 0))
    assert effects["Said.text"].changed == 0


def test_another_order_within_an_event_is_a_step_gone_and_one_added() -> None:
    seen = counted([episode(said(0, "a"), called(0))], [episode(called(0), said(0, "a"))])
    assert sum(effect.altered for effect in seen.effects) == 2


def test_an_event_with_very_many_steps_is_paired_by_type() -> None:
    old = [said(0, str(number)) for number in range(500)]
    seen = counted([episode(*old)], [episode(called(0), *old)])
    assert [(str(effect.target), effect.altered) for effect in seen.effects] == [("Called", 1), ("Said", 0), ("Said.text", 0)]


def test_a_dropped_episode_takes_its_steps_away() -> None:
    seen = counted([episode(said(0, "a"))], [episode(kept=False)])
    assert seen.effects == (Effect(Target("Said"), 1, removed=1, first=Sighting("a.json", 0, 0)),)
    assert [(fact.what, fact.changed) for fact in seen.episode_effects] == [("kept", 1)]


def test_labels_are_compared() -> None:
    before = [episode(**{"outcome.failed": True}), episode(index=1, **{"outcome.failed": None})]
    after = [episode(**{"outcome.failed": True}), episode(index=1, **{"outcome.failed": False})]
    fact = next(fact for fact in counted(before, after).episode_effects if fact.what == "outcome.failed")
    assert (fact.total, fact.changed, fact.first) == (2, 1, Sighting("a.json", 1, 0))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": [1, None]}, {"a": [1, None]}, True),
        ({"a": 1}, {"a": True}, False),
        ([1], [1, 2], False),
        (float("nan"), float("nan"), True),
        (1, 1.0, True),
        ("1", 1, False),
    ],
)
def test_equality_is_that_of_json(one: object, other: object, equal: bool) -> None:
    assert identical(one, other) is equal


# ---- evidence --------------------------------------------------------------------------------------------------------


def seen_effects(*effects: Effect) -> Replay:
    return Replay(("a.json",), 1, 5, effects, ())


def test_a_change_gets_the_effects_it_touches() -> None:
    effect = Effect(Target("Said", "text"), 17, changed=4, first=Sighting("a.json", 0, 3))
    change = Change("STEP_VALUE", "update", "Said.text", "its value changed", touches=(Target("Said", "text"),))
    assert with_evidence([change], seen_effects(effect))[0].effects == (effect,)


def test_a_compatible_change_that_alters_steps_is_raised() -> None:
    effect = Effect(Target("Said", "text"), 17, changed=4)
    change = Change("COMPATIBLE", "move", "match", "moved", touches=(Target("Said"),))
    (raised,) = with_evidence([change], seen_effects(effect))
    assert (raised.category, raised.raised) == ("STEP_VALUE", True)
    (worse,) = with_evidence([change], seen_effects(effect, Effect(Target("Said"), 17, removed=1)))
    assert (worse.category, worse.raised) == ("ORDER", True)
    assert worse.message.count("samples show") == 1


def test_an_effect_that_nothing_explains_is_a_change_of_its_own() -> None:
    effect = Effect(Target("Said", "text"), 17, changed=4)
    change = Change("STEP_VALUE", "update", "Called.tool", "its value changed", touches=(Target("Called", "tool"),))
    found = with_evidence([change], seen_effects(effect))
    assert [(item.category, item.rule, item.path) for item in found] == [
        ("STEP_VALUE", "", "Called.tool"),
        ("STEP_VALUE", "replay", "Said.text"),
    ]


def test_steps_that_vanish_are_no_change_of_values() -> None:
    change = Change("STEP_VALUE", "update", "Said.text", "its value changed", touches=(Target("Said", "text"),))
    found = with_evidence([change], seen_effects(Effect(Target("Said"), 3, removed=1)))
    assert [(item.category, item.rule) for item in found] == [("STEP_VALUE", ""), ("ORDER", "replay")]


def test_what_touches_everything_explains_everything() -> None:
    change = Change("ACCEPT", "update", "source.event", "other events", touches=(EVERYTHING,))
    assert len(with_evidence([change], seen_effects(Effect(Target("Said"), 3, removed=1)))) == 1
