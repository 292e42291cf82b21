"""One rule, one folder: pairs of specs and the changes between them. STEPC_UPDATE=1 writes the `.events` files anew."""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from stepc import ir
from stepc.diff.compare import compare
from stepc.diff.load import checked, from_file
from stepc.diff.model import CATEGORIES, Change, Place
from stepc.diff.rules import POLICIES, RULES
from stepc.diff.sides import Side
from stepc.project import Project

HERE = Path(__file__).parent
CASES = sorted(path.relative_to(HERE).as_posix().removesuffix(".a.stepview") for path in HERE.glob("*/*.a.stepview"))
PROJECT = Project(root=HERE)


@cache
def side(case: str, letter: str) -> Side:
    return checked(from_file(HERE / f"{case}.{letter}.stepview"), PROJECT)


def changes(case: str) -> tuple[Change, ...]:
    return compare(side(case, "a"), side(case, "b"))


def event(change: Change) -> str:
    places = " ".join(f"{letter}:{where(place)}" for letter, place in (("a", change.old), ("b", change.new)) if place is not None)
    touched = ", ".join(str(target) for target in change.touches)
    return f"[{change.category}] {change.path}: {change.message} | {change.rule} {change.action} | {places} | {touched}".rstrip(" |")


def identities(program: ir.Program) -> list[str]:
    return [ir.identity(program), *(ir.monitor_identity(program, monitor) for monitor in program.monitors)]


def where(place: Place) -> str:
    head = place.text.split("\n")[0]
    vocabulary = "" if place.file.count(".") > 1 else place.file
    return f"{vocabulary}{place.span.line} `{head}`"


@pytest.mark.parametrize("case", CASES)
def test_the_events_of_a_case(case: str) -> None:
    found = "".join(f"{event(change)}\n" for change in changes(case))
    expected = HERE / f"{case}.events"
    if os.environ.get("STEPC_UPDATE") == "1":
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_case_shows_the_rule_of_its_folder(case: str) -> None:
    assert case.partition("/")[0] in {change.rule for change in changes(case)}


@pytest.mark.parametrize("case", CASES)
def test_nothing_differs_from_itself(case: str) -> None:
    assert compare(side(case, "a"), side(case, "a")) == ()


@pytest.mark.parametrize("case", CASES)
def test_both_directions_see_a_difference(case: str) -> None:
    back = compare(side(case, "b"), side(case, "a"))
    assert back
    assert not any(change.rule == "program" for change in (*changes(case), *back))


@pytest.mark.parametrize("case", CASES)
def test_only_text_for_readers_leaves_the_identity_alone(case: str) -> None:
    if identities(side(case, "a").program) == identities(side(case, "b").program):
        assert {change.category for change in changes(case)} == {"COMPATIBLE"}


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert {case.partition("/")[0] for case in CASES} == set(RULES)


def test_every_fixture_is_a_triple() -> None:
    files = Counter(path.name.split(".")[0] for path in HERE.glob("*/*") if path.suffix in (".stepview", ".events"))
    stems = Counter(case.partition("/")[2] for case in CASES)
    assert files == {stem: 3 * count for stem, count in stems.items()}


def test_a_policy_names_every_category_that_its_rule_gives() -> None:
    given = {(change.rule, change.category) for case in CASES for change in changes(case)}
    # These leave the category to what reads the thing that changed.
    assert {(rule, category) for rule, category in given if category not in POLICIES[rule]} == set()
    assert {category for _, category in given} == set(CATEGORIES)
