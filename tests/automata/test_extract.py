"""Machines are extracted from runs of a machine that is known: the true one comes out, and the figures about it are true."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from automata.escalation import ALPHABET, EDGES, MACHINE, parts, traces
from hypothesis import given
from hypothesis import strategies as st

from stepwatch.automata import METHODS, Settings, Trace, extract, gather
from stepwatch.automata.extract import machine_of
from stepwatch.automata.judge import outputs, structure
from stepwatch.automata.machine import UNKNOWN, from_json, to_json
from stepwatch.metrics import Levels, auprc
from stepwatch.training import Run

QUICK = Settings(resamples=0)


def test_merging_by_risk_finds_the_true_machine() -> None:
    found = extract(parts(traces(3000)), ALPHABET, QUICK)
    assert found.machine.edges == EDGES
    truth = MACHINE.eventually()
    assert np.abs(np.array([found.machine.risk(state) for state in range(1, 5)]) - truth[1:]).max() < 0.06
    assert found.words == ((), (0,), (1,), (1, 1), (1, 1, 1))


def test_a_machine_does_not_depend_on_the_order_of_runs() -> None:
    shuffled = list(traces(600))
    random.Random(3).shuffle(shuffled)
    assert extract(parts(shuffled), ALPHABET, QUICK).machine == extract(parts(traces(600)), ALPHABET, QUICK).machine


def test_fewer_states_rank_better_than_published_merging() -> None:
    fresh = traces(2000, seed=9)
    truth = np.array([label for trace in fresh for label in trace.labels], dtype=float)
    areas, states = {}, {}
    for method in METHODS:
        machine = extract(parts(traces(1000)), ALPHABET, replace(QUICK, method=method)).machine
        areas[method] = auprc(Levels(outputs(machine, fresh), truth).masses())
        states[method] = len(machine)
    assert states["risk"] < states["rpni"] / 3
    assert areas["risk"] > max(areas["rpni"], areas["follows"])
    assert states["follows"] == len(ALPHABET) + 1


def test_what_lies_ahead_is_what_the_true_chain_says() -> None:
    found = extract(parts(traces(3000)), ALPHABET, QUICK)
    for column, ahead in enumerate((1, 3, 5, 10)):
        true = MACHINE.within(ahead)[1:]  # the run has entered the state; its own end counts too
        assert np.abs(found.ahead[1:, column] - true).max() < 0.06, ahead
    assert np.abs(found.ahead[1:, -1] - MACHINE.eventually()[1:]).max() < 0.06
    assert (np.diff(found.ahead, axis=1) >= -1e-9).all()


def test_a_budget_of_states_holds() -> None:
    for method in ("risk", "rpni", "suffix"):
        assert len(extract(parts(traces(1000)), ALPHABET, replace(QUICK, method=method, most=3)).machine) <= 3


def test_rare_moves_are_unknown_and_counted() -> None:
    machine = extract(parts(traces(400)), ALPHABET, replace(QUICK, support=30)).machine
    lost = Trace("x", "x", (2, 2, 2, 2, 0), (False,) * 5, False)
    states = machine.run(lost.symbols)
    assert UNKNOWN in states
    assert outputs(machine, [lost])[states.index(UNKNOWN)] == machine.base
    assert structure(machine, [lost]).known < 1
    assert machine.run((7,)) == [UNKNOWN]


def test_a_scorer_that_knows_the_states_is_stood_for_and_one_that_knows_more_is_not() -> None:
    logit = np.log(MACHINE.eventually() / (1 - MACHINE.eventually()))

    def scored(trace: Trace, extra: bool) -> Trace:
        state, scores = 0, []
        for symbol in trace.symbols:
            state = EDGES[state][symbol]
            scores.append(float(logit[state]) + (8.0 if trace.failed else -8.0) * extra)
        return replace(trace, scores=tuple(scores))

    def risk(score: float) -> float:
        return 1 / (1 + np.exp(-score))

    honest = extract(parts([scored(trace, False) for trace in traces(3000)]), ALPHABET, QUICK, risk_of=risk)
    assert honest.compact and "the machine stands for the scorer" in honest.verdict()
    assert honest.fidelity is not None and honest.fidelity["rank_correlation"] > 0.9 and honest.fidelity["mean_difference"] < 0.05
    value, low, high = honest.fidelity["behind"]
    assert low <= value <= high and low < 0.02
    oracle = extract(parts([scored(trace, True) for trace in traces(3000)]), ALPHABET, QUICK, risk_of=risk)
    assert oracle.compact is False and "no compact automaton" in oracle.verdict()


def test_resamples_tell_a_steady_machine_from_a_loose_one() -> None:
    steady = extract(parts(traces(3000)), ALPHABET, replace(QUICK, method="follows", resamples=4)).stability
    loose = extract(parts(traces(400)), ALPHABET, replace(QUICK, method="rpni", resamples=4)).stability
    assert steady is not None and loose is not None
    assert steady["rand"] == pytest.approx(1.0) and steady["output_difference"] < 1e-12
    assert loose["rand"] < 0.9 and loose["output_difference"] > 0.01


def test_too_little_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="more groups of runs are needed"):
        extract(parts(traces(3000)[:2]), ALPHABET, QUICK)
    with pytest.raises(ValueError, match="there is no method"):
        Settings(method="magic")


def test_groups_stay_whole() -> None:
    runs = [Run(trace.id, trace.group, trace.failed, [[{"type": "Said", "text": trace.id}]]) for trace in traces(500, groups=20)]
    given = gather.parts(runs)
    groups = [{run.group for run in part} for part in given]
    assert sum(map(len, given)) == len(runs) and all(groups)
    assert not groups[0] & groups[1] and not groups[1] & groups[2] and not groups[0] & groups[2]


words = st.lists(st.integers(0, 2), max_size=12)
corpora = st.lists(st.tuples(words, st.booleans()), min_size=1, max_size=40)


@given(corpora, st.sampled_from(METHODS), st.integers(1, 4), st.integers(2, 9))
def test_any_runs_give_a_sound_machine(corpus: list[tuple[list[int], bool]], method: str, support: int, most: int) -> None:
    runs = [Trace(f"r{i}", f"r{i}", tuple(word), (failed,) * len(word), failed) for i, (word, failed) in enumerate(corpus)]
    settings = replace(QUICK, method=method, support=support, most=most)
    whole, small = machine_of(runs, runs, ALPHABET, settings)
    assert machine_of(runs[::-1], runs, ALPHABET, settings) == (whole, small)
    assert len(small) <= len(whole) <= max(most, len(ALPHABET) + 1 if method == "follows" else most)
    assert from_json(to_json(small)) == small
    # A prefix of a word goes through the same states.
    for run in runs:
        states = small.run(run.symbols)
        assert all(small.run(run.symbols[:end]) == states[:end] for end in range(len(states)))
    assert sum(small.points) <= sum(len(run.symbols) for run in runs)
    assert all(0.0 <= small.risk(state) <= 1.0 for state in range(-1, len(small)))
