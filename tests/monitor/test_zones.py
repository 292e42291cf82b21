"""Zones fire exactly when their statistic is above the threshold, and alerts follow the cool-down."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitor.small import PLAN

from stepwatch.parts import PartError
from stepwatch.plan import Plan, Zone
from stepwatch.zones import NAMES, Zones, statistic

LOGITS = st.lists(st.integers(-4, 4).map(float), max_size=30)
PERSISTENCE = st.integers(1, 6).flatmap(lambda window: st.tuples(st.integers(1, window), st.just(window)))


def zones(*given: tuple[str, tuple[int, int], float | None], cooldown: int = 0) -> Zones:
    """Zones by name, hits of window and threshold."""
    made = tuple(Zone(name, 0.1, 0.9, hits, window) for name, (hits, window), _ in given)
    plan: Plan = replace(PLAN, zones=made, cooldown=cooldown)
    parts: list[Any] = [
        {"name": zone.name, "budget": 0.1, "confidence": 0.9, "hits": zone.hits, "window": zone.window, "threshold": one[2]}
        for zone, one in zip(made, given, strict=True)
    ]
    return Zones(plan, parts)


def fired(of: Zones, logits: list[float]) -> list[str]:
    state = of.begin()
    return [NAMES[of.point(state, logit)] for logit in logits]


@given(LOGITS, PERSISTENCE, st.integers(-4, 4).map(float))
def test_a_zone_fires_exactly_when_its_statistic_is_above_the_threshold(
    logits: list[float], persistence: tuple[int, int], threshold: float
) -> None:
    of = zones(("red", persistence, threshold))
    for length in range(len(logits) + 1):
        assert ("red" in fired(of, logits[:length])) == (statistic(logits[:length], *persistence) > threshold)


@given(LOGITS, PERSISTENCE)
def test_the_statistic_is_the_largest_of_the_hits_largest(logits: list[float], persistence: tuple[int, int]) -> None:
    hits, window = persistence
    windows = [sorted(logits[max(0, end - window) : end], reverse=True) for end in range(1, len(logits) + 1)]
    assert statistic(logits, hits, window) == max((one[hits - 1] for one in windows if len(one) >= hits), default=-math.inf)


@given(LOGITS, PERSISTENCE, st.integers(-4, 4).map(float), st.integers(0, 4).map(float))
def test_red_implies_yellow_where_thresholds_nest(logits: list[float], persistence: tuple[int, int], yellow: float, more: float) -> None:
    of = zones(("yellow", persistence, yellow), ("red", persistence, yellow + more))
    state = of.begin()
    for logit in logits:
        of.point(state, logit)
        firing = [zone.name for zone in of.firing(state)]
        assert "red" not in firing or "yellow" in firing


@given(st.lists(st.sampled_from(["", "yellow", "red"]), max_size=25), st.integers(0, 4))
def test_alerts_against_a_slow_reading_of_the_rules(told: list[str], cooldown: int) -> None:
    of = zones(cooldown=cooldown)
    state = of.begin()
    severities = [NAMES.index(name) for name in told]
    alerts: list[tuple[int, int]] = []
    for at, severity in enumerate(severities):
        news = False
        if severity:
            before = [point for point, serious in alerts if serious >= severity]
            left = bool(before) and any(other < severity for other in severities[before[-1] + 1 : at])
            news = not before or (left and at - before[-1] > cooldown)
        if news:
            alerts.append((at, severity))
        assert of.alert(state, severity, at) == news


@given(LOGITS, PERSISTENCE, st.integers(-4, 4).map(float), st.integers(0, 9))
def test_the_first_alert_is_never_held_back(logits: list[float], persistence: tuple[int, int], threshold: float, cooldown: int) -> None:
    of = zones(("yellow", persistence, threshold), cooldown=cooldown)
    state = of.begin()
    alerts = [of.alert(state, of.point(state, logit), at) for at, logit in enumerate(logits)]
    firing = fired(of, logits)
    assert any(alerts) == ("yellow" in firing)
    assert not any(alerts) or alerts.index(True) == firing.index("yellow")


def test_a_zone_without_a_threshold_never_fires() -> None:
    assert fired(zones(("yellow", (1, 1), None), ("red", (1, 1), 5.0)), [9.0, 1.0]) == ["red", ""]
    assert fired(zones(("red", (1, 1), None)), [9.0]) == [""]


@pytest.mark.parametrize("change", [{"hits": 2}, {"name": "yellow"}, {"threshold": "0.3"}, {"threshold": math.inf}, {"threshold": True}])
def test_zones_that_are_not_the_plans_are_refused(change: dict[str, Any]) -> None:
    plan = replace(PLAN, zones=(Zone("red", 0.1, 0.9, 1, 3),))
    part = {"name": "red", "budget": 0.1, "confidence": 0.9, "hits": 1, "window": 3, "threshold": 0.0}
    assert Zones(plan, [part]).armed
    with pytest.raises(PartError):
        Zones(plan, [part | change])
    for parts in (None, [], [part, part], ["red"]):
        with pytest.raises(PartError):
            Zones(plan, parts)
