"""An evaluation counts what rules find and disturb: where a live monitor says that they hold, in every run that is judged."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from monitor.small import PLAN as SMALL
from monitor.small import runs

from stepwatch import artefact as artefacts
from stepwatch import untrained
from stepwatch.evaluation import Cases, Reader
from stepwatch.evaluation.alerting import Alerts, alert_report, earliest
from stepwatch.live import Monitor
from stepwatch.metrics.alerts import Costs

PLAN = replace(SMALL, rules=(SMALL.rules[0], replace(SMALL.rules[1], least=1)))
"""One failed call is enough: more than one is rare in the samples."""
RULES = [rule.name for rule in PLAN.rules]


def read() -> Cases:
    """The sample runs, every second of them failing."""
    reader = Reader(PLAN, words=False)
    for number, ran in enumerate(runs()):
        one = copy(ran)
        one.labels = {"failed": number % 2 == 0}
        reader.add(one)
    return reader.cases()


def said_live() -> dict[tuple[str, str], int]:
    """By run and rule the first decision point, from 1 on, by which a live monitor had said that the rule holds."""
    monitor = Monitor(artefacts.decode(artefacts.encode(untrained.header(PLAN, {}), {})[0]))
    found: dict[tuple[str, str], int] = {}
    for ran in runs():
        episode, before = monitor.open(ran.id), 0
        for begin, end in zip((0, *ran.ends), (*ran.ends, len(ran.steps)), strict=True):
            for verdict in episode.take(ran.steps[begin:end]):
                at_a_point = verdict.point > before
                before = verdict.point
                for name in verdict.rules:
                    found.setdefault((ran.id, name), verdict.point if at_a_point else verdict.point + 1)
        found.update({key: min(point, episode.points) for key, point in found.items() if key[0] == ran.id})
        episode.close()
    return found


def test_rules_hold_where_a_live_monitor_says_so() -> None:
    cases = read()
    first = {
        (cases.runs[run].id, name): int(index)
        for name in RULES
        for run, index, held in zip(cases.run[::-1], cases.index[::-1], cases.held[name][::-1], strict=True)
        if held
    }
    judged = {one.id for one in cases.runs}
    assert first == {key: point for key, point in said_live().items() if key[0] in judged}
    assert {name for _, name in first} == set(RULES)


def test_a_report_counts_them_rule_by_rule_and_together() -> None:
    cases = read()
    cases = replace(cases, score=np.zeros(len(cases)))
    live, failed = said_live(), {one.id: one.label for one in cases.runs}
    report = alert_report(Alerts(cases, cases.score, np.zeros(len(cases), dtype=np.int64), Costs(), resamples=100), rules=PLAN.rules)
    for row in report["rules"]:
        held = [run for run, name in live if name == row["name"] and run in failed]
        figures = row["figures"]
        assert (figures["found"], figures["false_alarms"]) == (sum(failed[run] for run in held), sum(not failed[run] for run in held))
    anything = {run for run, _ in live if run in failed}
    assert report["together"]["found"] == sum(failed[run] for run in anything)
    assert report["together"]["false_alarms"] == sum(not failed[run] for run in anything)


def test_some_runs_keep_what_held() -> None:
    cases = read()
    kept = np.arange(len(cases.runs)) % 3 == 0
    some = cases.take(kept)
    assert {name: held.tolist() for name, held in some.held.items()} == {
        name: held[kept[cases.run]].tolist() for name, held in cases.held.items()
    }


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4))
def test_the_earliest_of_several(firsts: list[list[int]]) -> None:
    found = earliest([np.array(one) for one in firsts]).tolist()
    assert found == [min((one for one in column if one), default=0) for column in zip(*firsts, strict=True)]
