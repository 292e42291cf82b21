"""Minimising and numbering machines, and writing them down."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from automata.escalation import ALPHABET, parts, traces
from hypothesis import given
from hypothesis import strategies as st

from stepwatch.automata import Settings, extract
from stepwatch.automata.audit import markdown
from stepwatch.automata.drawing import svg
from stepwatch.automata.graphs import dot, mermaid
from stepwatch.automata.machine import UNKNOWN, Machine, from_json, minimised, renumbered, to_json, wilson
from stepwatch.automata.module import python


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    states, symbols = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    ways = st.integers(UNKNOWN, states - 1)
    edges = tuple(tuple(draw(ways) for _ in range(symbols)) for _ in range(states))
    again = tuple(draw(ways) for _ in range(symbols))
    points = tuple(draw(st.integers(0, 30)) for _ in range(states))
    positive = tuple(draw(st.integers(0, count)) for count in points)
    return Machine(tuple("abc"[:symbols]), edges, again, points, positive, 0.3)


def said(machine: Machine, levels: Sequence[int], word: Sequence[int]) -> list[int]:
    return [levels[state] if state >= 0 else UNKNOWN for state in machine.run(word)]


@given(machines(), st.data())
def test_minimising_keeps_what_every_word_is_told(machine: Machine, data: st.DataObject) -> None:
    levels = [data.draw(st.integers(0, 2)) for _ in range(len(machine))]
    small = minimised(machine, levels)
    assert len(small) <= len(machine)
    # The level of a small state is that of any state which became it: walk both to see it.
    level: dict[int, int] = {}
    words = data.draw(st.lists(st.lists(st.integers(0, len(machine.alphabet) - 1), max_size=8), max_size=12))
    for word in words:
        for told, state in zip(said(machine, levels, word), small.run(word), strict=True):
            assert (told == UNKNOWN) == (state == UNKNOWN)
            if state >= 0:
                assert level.setdefault(state, told) == told


@given(machines())
def test_minimising_and_numbering_are_done_when_they_are_done(machine: Machine) -> None:
    once = renumbered(machine)
    assert renumbered(once) == once
    levels = [0] * len(once)
    small = minimised(once, levels)
    assert minimised(small, [0] * len(small)) == small


@given(machines(), st.randoms(use_true_random=False))
def test_the_numbering_forgets_how_states_were_called(machine: Machine, draw) -> None:  # type: ignore[no-untyped-def]
    order = list(range(1, len(machine)))
    draw.shuffle(order)
    order = [0, *order]
    place = {state: number for number, state in enumerate(order)} | {UNKNOWN: UNKNOWN}
    other = replace(
        machine,
        edges=tuple(tuple(place[below] for below in machine.edges[state]) for state in order),
        again=tuple(place[below] for below in machine.again),
        points=tuple(machine.points[state] for state in order),
        positive=tuple(machine.positive[state] for state in order),
    )
    assert renumbered(other) == renumbered(machine)


@given(machines(), st.lists(st.integers(0, 3), max_size=10))
def test_the_module_says_what_the_machine_says(machine: Machine, word: list[int]) -> None:
    scope: dict[str, object] = {}
    exec(python(machine, "trial", yellow=0.3, red=0.6), scope)
    automaton = scope["Automaton"]()  # type: ignore[operator]
    for symbol, state in zip(word, machine.run(word), strict=True):
        told = automaton.step(symbol)
        assert told[:2] == (state, pytest.approx(machine.risk(state)))
        assert told[2] == ("red" if machine.risk(state) > 0.6 else "yellow" if machine.risk(state) > 0.3 else "")
    assert scope["Automaton"](automaton.state).step(0) == automaton.step(0)  # type: ignore[operator]


@given(machines())
def test_graphs_have_the_edges_of_the_machine(machine: Machine) -> None:
    edges = [(before, after) for before, _, after in machine.transitions()]
    drawn = [line for line in dot(machine, "trial").splitlines() if "->" in line]
    assert [tuple(map(int, line.split("[")[0].split("->"))) for line in drawn] == edges
    told = [line.strip() for line in mermaid(machine).splitlines() if "-->" in line]
    assert [(int(line.split(" ")[0][1:]), int(line.rsplit(" ", 1)[1][1:])) for line in told] == edges


@given(
    machines(),
    st.sampled_from(("edges", "again", "points", "positive", "base", "schema")),
    st.sampled_from([None, "x", -2, [], [[99]], 1.5]),
)
def test_other_values_are_no_machine(machine: Machine, key: str, value: object) -> None:
    assert from_json(json.loads(json.dumps(to_json(machine)))) == machine
    wrong = {**to_json(machine), key: value}
    try:
        from_json(wrong)
    except (ValueError, TypeError):
        return
    assert key == "base"


def test_the_module_needs_the_standard_library_alone(tmp_path: Path) -> None:
    machine = extract(parts(traces(600)), ALPHABET, Settings(resamples=0)).machine
    (tmp_path / "watch.py").write_text(python(machine, "trial"), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, '.'); import watch; print(watch.Automaton().step('error')[0])"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(told.stdout) == machine.run((1,))[0]


def test_pictures_and_pages_are_the_same_bytes_each_time() -> None:
    one, other = (extract(parts(traces(600)), ALPHABET, Settings(resamples=2)) for _ in range(2))
    assert svg(one) == svg(other) and "<svg" in svg(one)
    page = markdown(one, "trial")
    assert page == markdown(other, "trial")
    for state in range(1, len(one.machine)):
        assert f"| q{state} |" in page


def test_text_from_traces_cannot_leave_its_place() -> None:
    nasty = 'a"]\n-->|x| `q` | <b>'
    machine = Machine((nasty, "b"), ((0, 0),), (0, 0), (5,), (2,), 0.4)
    assert [line.split(" [")[0] for line in dot(machine, nasty).splitlines() if " [label" in line] == ["  0", "  0 -> 0", "  0 -> 0"]
    assert all("<b>" not in line and line.count('"') % 2 == 0 for line in mermaid(machine).splitlines())


def test_wilson() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(5, 10)
    assert low == pytest.approx(0.2366, abs=1e-4) and high == pytest.approx(0.7634, abs=1e-4)
