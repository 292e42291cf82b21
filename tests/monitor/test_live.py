"""Monitors in a running system: what they say, that they never raise, and that an episode outlives its process."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.small import PLAN, SAMPLES, runs, small
from monitor.small import events as events_of
from monitor.steps import odd, usual_runs

import stepc_adapters.tau2 as tau2
from stepc.runtime import Defects
from stepc.runtime.problems import Problems
from stepc.runtime.readers import read
from stepwatch import plan as plans
from stepwatch.artefact import Artefact, ArtefactError
from stepwatch.live import Account, Episode, Monitor, StateError, Verdict
from stepwatch.model import score
from stepwatch.plan import PointPattern, Rule, Zone
from stepwatch.verdict import MOST_RISES


@cache
def artefact(kind: str = "stack") -> Artefact:
    return small(kind)


@cache
def raw() -> tuple[tuple[Any, tuple[Any, ...]], ...]:
    """Start facts and raw events of the samples."""
    return tuple((tau2.start(one, Defects()), tuple(one.events)) for one in read(tau2, [SAMPLES], problems=Problems()))


def monitor(kind: str = "stack", **arguments: Any) -> Monitor:
    return Monitor(artefact(kind), **{"adapter": tau2.Adapter, **arguments})


def lines(verdicts: list[Verdict]) -> list[str]:
    return [verdict.line() for verdict in verdicts]


def followed(of: Monitor, name: str, facts: Any, events: tuple[Any, ...], *, save: bool = False) -> list[Verdict]:
    """All verdicts on one run; with `save` the episode goes through bytes between any two events, under a fresh monitor each time."""
    episode, found = of.open(name, facts), []
    for event in events:
        if save:
            episode = monitor().resume(episode.save())
        found += episode.push(event)
    if save:
        episode = monitor().resume(episode.save())
    return [*found, *episode.close()]


def test_every_decision_point_has_its_verdict_and_alerts_have_evidence() -> None:
    alerts: list[Verdict] = []
    watch = monitor(on_alert=alerts.append)
    verdicts = [one for number, (facts, events) in enumerate(raw()) for one in followed(watch, str(number), facts, events)]
    assert [one for one in verdicts if one.alert] == alerts
    assert {one.zone for one in alerts} == {"yellow", "red"}
    assert all(0.0 < one.risk < 1.0 and one.account.points == one.point and one.account.events == one.event + 1 for one in verdicts)
    assert all(one.evidence and one.why for one in alerts)
    assert all(not one.evidence for one in verdicts if not one.alert)
    for one in alerts:
        assert all(0 <= item.step <= one.step for item in one.evidence)
        assert any("threshold" in one.why or message in one.why for message in ("the same call twice", "two of five calls failed"))
    assert watch.account._replace(open=0)[:6] == (len(raw()), 0, len(raw()), 0, 0, len(alerts))


@pytest.mark.parametrize("kind", ["table", "linear", "stack"])
def test_live_and_batch_read_the_same(kind: str) -> None:
    watch = monitor(kind, adapter=None)
    for ran in runs():
        episode, told = watch.open(ran.id), {}
        for steps in events_of(ran):
            told |= {verdict.point: verdict for verdict in episode.take(steps) if verdict.point}
        readings = list(score(watch.model, events_of(ran)))
        assert [reading.index for reading in readings] == sorted(told)
        for reading in readings:
            verdict = told[reading.index]
            assert (reading.logit, reading.risk, reading.low, reading.high) == (verdict.logit, verdict.risk, verdict.low, verdict.high)


def test_steps_and_raw_events_say_the_same() -> None:
    by_event, by_step = monitor(), monitor(adapter=None)
    for number, (facts, events) in enumerate(raw()):
        adapter, typed = tau2.Adapter(facts), by_step.open(str(number))
        found: list[Verdict] = []
        for event in events:
            found += typed.take(adapter.push(event))
        found += typed.close()
        bare = [one._replace(account=one.account._replace(unknown=0, defects=0)) for one in followed(by_event, str(number), facts, events)]
        assert lines(found) == lines(bare)


def test_a_step_may_be_a_line_of_stepc_run() -> None:
    left, right = monitor(adapter=None), monitor(adapter=None)
    for ran in runs()[:3]:
        as_step, as_line = left.open(ran.id), right.open(ran.id)
        for step in ran.steps:
            line = {"type": type(step).__name__, **{name: getattr(step, name) for name in step.__struct_fields__}}
            assert lines(list(as_step.take([step]))) == lines(list(as_line.take([line])))


@pytest.mark.parametrize("number", range(4))
def test_an_episode_resumed_between_any_two_events_says_the_same(number: int) -> None:
    facts, events = raw()[number]
    assert lines(followed(monitor(), "one", facts, events, save=True)) == lines(followed(monitor(), "one", facts, events))


@settings(max_examples=25, deadline=None)
@given(usual_runs, st.data())
def test_made_up_runs_resumed_anywhere_say_the_same(given_run: list[list[Any]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(given_run)))
    straight, moved = monitor(adapter=None).open("x"), monitor(adapter=None).open("x")
    for number, steps in enumerate(given_run):
        if number == at:
            moved = monitor(adapter=None).resume(moved.save().decode())
        assert lines(list(straight.take(steps))) == lines(list(moved.take(steps)))
    assert straight.account == moved.account
    assert json.loads(straight.save()) == json.loads(moved.save())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_saved_episode_that_somebody_changed_is_refused_or_never_raises(data: st.DataObject) -> None:
    facts, events = raw()[1]
    episode = monitor().open("x", facts)
    for event in events[:7]:
        episode.push(event)
    value = json.loads(episode.save())
    holder, key = value, data.draw(st.sampled_from(sorted(value)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({}))
    try:
        resumed = monitor().resume(json.dumps(value))
    except StateError:
        return
    for event in events[7:]:
        resumed.push(event)
    resumed.close()


def test_what_was_saved_elsewhere_is_refused() -> None:
    data = monitor().open("x", None).save()
    other_rules = replace(PLAN, scorer="stack", cooldown=9)
    for other in (monitor("linear"), Monitor(artefact(), adapter=tau2.Adapter, plan=other_rules), monitor(adapter=None)):
        with pytest.raises(StateError, match=r"another artefact|another plan|without one"):
            other.resume(data)
    for damaged in (b"", b"{", b"[]", b'"x"', data[:-5], data.replace(b'"form":2', b'"form":1'), b"[" * 100_000):
        with pytest.raises(StateError):
            monitor().resume(damaged)


# ---- nothing raises --------------------------------------------------------------------------------------------------


class Broken(tau2.Adapter):
    """Breaks at the third event."""

    __slots__ = ()

    def push(self, event: Any) -> tuple[Any, ...]:
        if self.defects.event == 1:
            self.defects.event += 1
            raise RuntimeError("the\nthird \ud800 event")
        return super().push(event)


class MuteError(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> NoReturn:
        raise RuntimeError


def broken_model(watch: Monitor, episode: Episode) -> None:
    """From now on the model fails."""

    def advance(_: Any) -> NoReturn:
        raise MuteError

    episode._advance = advance


def test_fail_open_counts_and_goes_on() -> None:
    facts, events = raw()[0]
    watch = monitor(adapter=Broken)
    episode = watch.open("x", facts)
    verdicts = [one for event in events for one in episode.push(event)]
    (failed,) = [one for one in verdicts if one.failed]
    assert failed.failed == "the event could not be scored (RuntimeError: the third ? event)"
    assert (failed.alert, failed.zone, failed.event) == (False, "", 2)
    assert verdicts[-1].account.failures == watch.account.failures == 1
    assert len([one for one in verdicts if not one.failed]) > 3


def test_fail_closed_is_a_red_zone_until_scoring_goes_on() -> None:
    facts, events = raw()[0]
    alerts: list[Verdict] = []
    episode = monitor(adapter=Broken, on_failure="closed", on_alert=alerts.append).open("x", facts)
    verdicts = [one for event in events for one in episode.push(event)]
    at = next(number for number, one in enumerate(verdicts) if one.failed)
    assert (verdicts[at].zone, verdicts[at].alert) == ("red", True)
    assert verdicts[at] in alerts
    assert not any(one.failed for one in verdicts[at + 1 :])


@pytest.mark.parametrize("policy", ["open", "closed"])
def test_a_failing_model_ends_the_scoring(policy: Any) -> None:
    facts, events = raw()[0]
    watch = monitor(on_failure=policy)
    episode = watch.open("x", facts)
    broken_model(watch, episode)
    verdicts = [one for event in events for one in episode.push(event)]
    assert episode.account.failures == 1
    assert episode.account.unscored == len(events) - verdicts[0].event
    assert verdicts[0].failed.endswith("(MuteError: it cannot say what it is)")
    if policy == "open":
        assert len(verdicts) == 1 and not verdicts[0].alert
    else:
        assert len(verdicts) == episode.account.unscored
        assert [one.alert for one in verdicts] == [True] + [False] * (len(verdicts) - 1)
        assert {one.zone for one in verdicts} == {"red"}
    assert watch.resume(episode.save()).push(events[0]) == () or policy == "closed"


def test_an_adapter_that_cannot_begin_is_counted() -> None:
    def adapter(*_: Any) -> NoReturn:
        raise KeyError("x")

    for policy, told in (("open", 0), ("closed", 1)):
        watch = Monitor(artefact("table"), adapter=adapter, on_failure=policy)
        assert len(watch.open("x").push({})) == told
        assert watch.account.failures == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(odd, max_size=2) | st.none() | st.integers() | st.text(max_size=2), max_size=6))
def test_odd_input_never_raises(given_events: list[Any]) -> None:
    episode, raw_episode = monitor(adapter=None).open("x"), monitor().open("x")
    for event in given_events:
        episode.take(event)
        raw_episode.push(event)
    episode.save(), raw_episode.save()
    episode.close(), raw_episode.close()
    assert episode.account.events == len(given_events)


def test_without_an_adapter_raw_events_are_told_about() -> None:
    (verdict,) = monitor(adapter=None).open("x").push({})
    assert "no adapter" in verdict.failed


def test_a_callback_that_raises_is_counted_and_dropped() -> None:
    def on_alert(_: Verdict) -> NoReturn:
        raise ValueError

    watch = monitor(on_alert=on_alert)
    for number, (facts, events) in enumerate(raw()):
        followed(watch, str(number), facts, events)
    assert watch.account.callbacks_failed == watch.account.alerts > 0
    assert watch.account.failures == 0


class Clock:
    """A clock that goes on by what the test says, each time somebody looks."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@pytest.mark.parametrize("policy", ["open", "closed"])
def test_an_event_over_the_deadline_is_not_scored(policy: Any) -> None:
    facts, events = raw()[0]
    slow = monitor(on_failure=policy, deadline=1.0, clock=Clock(2.0)).open("x", facts)
    verdicts = [one for event in events for one in slow.push(event)]
    assert verdicts and all(one.late and one.failed and one.point == 0 for one in verdicts)
    assert slow.account.late == slow.account.unscored == len(verdicts)
    assert {one.zone for one in verdicts} == ({""} if policy == "open" else {"red"})
    quick = monitor(deadline=1.0, clock=Clock(1e-6)).open("x", facts)
    assert lines([one for event in events for one in quick.push(event)]) == lines(followed(monitor(), "x", facts, events)[: quick.points])


def test_a_rule_that_began_in_a_late_event_alerts_as_a_resumed_episode_does() -> None:
    clock = Clock(0.0)
    rule = Rule("same", "same", ("ToolCall",), ("tool",), None, 2, 0, "red", "the same tool twice")
    watch = Monitor(small("table", rules=(rule,)), deadline=1.0, clock=clock)
    call = {"type": "ToolCall", "by": "agent", "tool": "get_user", "args": {}}
    episode = watch.open("x")
    episode.take([call])
    clock.tick = 0.9  # the step is taken in within the deadline, and behind it time is up
    (late,) = episode.take([call])
    clock.tick = 0.0
    assert late.late and late.failed and late.zone == "red" and late.alert
    (after,) = episode.take([call, {"type": "Observed", "error": False, "text": "x"}])
    assert (after.zone, after.rules, after.alert) == ("red", ("same",), False)
    assert watch.resume(episode.save()).zone == "red"


@pytest.mark.parametrize("given_rule", ["count", "zone"])
def test_an_episode_of_the_longest_windows_resumes_anywhere(given_rule: str) -> None:
    rules = (Rule("often", "count", ("Observed",), (), PointPattern("Observed", {"error": True}), plans.LONGEST_WINDOW, 2, "red", "again"),)
    zones = (Zone("yellow", 0.10, 0.90, 2, plans.LONGEST_WINDOW), Zone("red", 0.05, 0.90))
    changes: dict[str, Any] = {"rules": rules} if given_rule == "count" else {"zones": zones}
    watch = Monitor(small("table", thresholds=(-1e9, 1e9), **changes))
    episode, found = watch.open("x"), []
    for _ in range(plans.LONGEST_WINDOW + 2):
        found += episode.take([{"type": "Observed", "error": True, "text": "x"}])
        episode = watch.resume(episode.save())
    assert len(found) == plans.LONGEST_WINDOW + 2 and found[-1].zone


def test_an_episode_of_a_long_name_resumes() -> None:
    watch = monitor(adapter=None)
    assert watch.resume(watch.open("x" * 20_000).save()).id == "x" * 20_000


@pytest.mark.parametrize("huge", ["1e999", "-1e999", "NaN", "1" + "0" * 400])
def test_a_number_that_no_float_can_hold_is_refused(huge: str) -> None:
    saved = json.loads(monitor(adapter=None).open("x").save())
    saved["reading"] = ["HUGE", 0.0, 1.0, 0.0]
    with pytest.raises(StateError, match="a number is needed"):
        monitor(adapter=None).resume(json.dumps(saved).replace('"HUGE"', huge))


def test_a_score_that_came_late_is_marked_and_stands() -> None:
    clock = Clock(0.0)
    episode = monitor(adapter=None, deadline=1.0, clock=clock).open("x")
    advance = episode._advance

    def slowly(run: Any) -> float:
        clock.now += 5.0
        return advance(run)

    episode._advance = slowly
    (verdict,) = episode.take([{"type": "Observed", "error": True, "text": "x"}])
    assert (verdict.late, verdict.failed, verdict.point, verdict.account.late, verdict.account.unscored) == (True, "", 1, 1, 0)


def test_threads_do_not_disturb_each_other() -> None:
    watch, alone = monitor(), monitor()
    numbered = list(enumerate(raw())) * 3

    def follow(item: tuple[int, tuple[int, tuple[Any, tuple[Any, ...]]]]) -> list[str]:
        name, (number, (facts, events)) = item
        return lines(followed(watch, f"{number} {name}", facts, events))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(follow, enumerate(numbered)))
    expected = [lines(followed(alone, f"{number} {name}", *pushed)) for name, (number, pushed) in enumerate(numbered)]
    assert found == expected
    assert watch.account == alone.account


# ---- which episodes are open -----------------------------------------------------------------------------------------


def test_episodes_that_wait_make_room() -> None:
    watch = monitor(adapter=None, most_episodes=3)
    first, second, third = (watch.open(name) for name in "abc")
    assert watch.open("a") is first
    watch.open("d")  # all had just come: the first goes
    assert (first.open, watch.account.evicted, watch.account.open) == (False, 1, 3)
    second.take([])  # `c` alone waits
    watch.open("e")
    assert (second.open, third.open) == (True, False)
    assert first.take([{"type": "Observed"}]) == ()
    assert watch.account.unscored == first.account.unscored == 1
    assert {episode.id for episode in watch.episodes} == {"b", "d", "e"}


def test_an_evicted_episode_is_red_where_failing_is_closed() -> None:
    watch = monitor(adapter=None, most_episodes=1, on_failure="closed")
    first = watch.open("a")
    watch.open("b")
    (verdict,) = first.take([])
    assert (verdict.zone, verdict.alert, "make room" in verdict.failed) == ("red", True, True)
    done = watch.open("b")
    assert done.close() == () == done.close()
    assert done.push({}) == ()


def test_an_episode_without_its_start_facts_says_so() -> None:
    class Needs(tau2.Adapter):
        __slots__ = ()

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.dropped = "task"

    assert Monitor(artefact("table"), adapter=Needs).open("x").account == Account(0, 0, 0, 0, 0, 0, 0, 0, "task")


@given(st.lists(st.integers(1, 4).map(float), max_size=20))
def test_the_largest_rises_are_kept_the_earlier_of_equal_ones_first(changes: list[float]) -> None:
    episode = monitor("table").open("x")
    for episode.steps, change in enumerate(changes, 1):
        if change > episode._least_rise:
            episode._rose(change)
    ranked = sorted(enumerate(changes), key=lambda item: -item[1])
    assert [(change, step) for change, step, _ in episode._rises] == [(change, step) for step, change in ranked[: MOST_RISES + 1]]


def test_unknown_events_and_defects_stand_in_the_account() -> None:
    episode = monitor().open("x")
    for event in ({"role": "alien"}, {"role": "tool", "content": 7, "id": 3}, {"role": "user", "content": "hi"}):
        episode.push(event)
    (verdict,) = episode.push({"role": "user", "content": "again"})
    assert (verdict.account.unknown, verdict.account.defects) == (1, len(episode.adapter_account.defects))
    assert verdict.account == episode.account
    assert verdict.account.defects > 0


# ---- which artefact --------------------------------------------------------------------------------------------------


def test_pins_refuse_what_is_not_pinned() -> None:
    digest = artefact().digest
    assert Monitor(artefact(), digest=digest).plan.monitor == PLAN.monitor
    for pins in ({"digest": digest[::-1]}, {"digest": ""}, {"spec": "another"}):
        with pytest.raises(ArtefactError):
            Monitor(artefact(), **pins)


def test_rules_and_cooldown_may_be_newer_than_the_artefact() -> None:
    written = replace(PLAN, scorer="stack", rules=(), cooldown=7)
    assert Monitor(artefact(), plan=plans.to_json(written)).plan == written
    for changed in (replace(written, horizon=3), replace(written, scorer="table")):
        with pytest.raises(ArtefactError, match="changed since it was trained"):
            Monitor(artefact(), plan=changed)
    with pytest.raises(ArtefactError, match="none"):
        Monitor(artefact(), plan={"schema": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"on_failure": "maybe"},
        {"deadline": 0.0},
        {"deadline": float("nan")},
        {"deadline": "1"},
        {"most_episodes": 0},
        {"most_episodes": 1.5},
        {"on_alert": 5},
    ],
)
def test_arguments_out_of_their_bounds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Monitor(artefact(), **wrong)
