"""Defects, pairings, accounts, equality and bounds by themselves."""

from __future__ import annotations

from typing import Any

from emit.expressions import VALUES
from emit.reference import same_json
from hypothesis import given
from hypothesis import strategies as st

from stepc.runtime import Defects, EpisodeAccount, Pairing, bounded, bounded_list, json_equal, json_in
from stepc.runtime.account import MOST_VALUES, REST, count_value
from stepc.runtime.defects import MOST_KINDS


def test_defects_are_bounded_and_keep_their_first_place() -> None:
    defects = Defects()
    defects.add("bad_json", "json(.a)", 3)
    defects.event = 5
    for line in range(1000):
        defects.add("wrong_type", ".a", line)
        defects.add("bad_json", "json(.a)", 3)
    found = {(defect.kind, defect.site, defect.line): defect for defect in defects}
    assert len(found) == MOST_KINDS + 1
    assert (found["bad_json", "json(.a)", 3].count, found["bad_json", "json(.a)", 3].first_event) == (1001, -1)
    assert found["further", "", 0].count == 1000 - MOST_KINDS + 1


def test_numbers_are_read_like_decoders_write_them() -> None:
    defects = Defects()
    assert [defects.integer(value, "x", 1) for value in (3, 3.0, 2**63, 2.0**53, 1.5, True, "3", None)] == [
        3,
        3,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    assert [defects.number(value, "x", 1) for value in (3, 0.5, 10**400, "1", False, None)] == [3.0, 0.5, None, None, None, None]
    assert {(defect.kind, defect.count) for defect in defects} == {("bad_value", 4), ("wrong_type", 4)}


def test_lists_are_read_whole() -> None:
    defects = Defects()
    assert defects.items(["a"], "str", "x", 1) == ["a"]
    assert defects.items(["a", None], "str?", "x", 1) == ["a", None]
    assert defects.items([1, 2.0], "int", "x", 1) == [1, 2]
    assert [defects.items(value, "str", "x", 1) for value in (["a", None], "a", None)] == [None, None, None]
    assert defects.members(["u"], {"u": "user"}, "x", 1) == ["user"]
    assert [defects.members(value, {"u": "user"}, "x", 1) for value in ([3], ["x"], 3, None)] == [None] * 4


def test_steps_into_values_known_at_run_time() -> None:
    defects = Defects()
    assert [defects.at({"a": 1}, key, "x", 1) for key in ("a", "b", 0, None, {})] == [1, None, None, None, None]
    assert [defects.at([1, 2], key, "x", 1) for key in (1, 2, -1, True, None)] == [2, None, None, None, None]
    places = defects.places
    assert len(defects) == len(places) == 0
    assert [defects.at(value, "a", "x", 1) for value in ([1], "text", None)] == [None, None, None]
    assert [defect.count for defect in defects] == [2]
    assert len(places) == len(defects) == 1


OPERATIONS = st.lists(st.tuples(st.booleans(), st.sampled_from(["", "a", "b"])), max_size=60)


@given(OPERATIONS, st.booleans(), st.integers(1, 4))
def test_pairs_add_up_and_stay_within_their_bound(operations: list[tuple[bool, str]], latest: bool, most: int) -> None:
    pairing = Pairing("calls", latest, most)
    for number, (opens, key) in enumerate(operations):
        if opens:
            pairing.open(key, number)
        else:
            pairing.answer(key)
        assert pairing.left_open <= most
        assert pairing.opened == pairing.answered + pairing.superseded + pairing.over_bound + pairing.left_open


@given(OPERATIONS)
def test_calls_are_answered_in_their_order(operations: list[tuple[bool, str]]) -> None:
    pairing, queues = Pairing("calls", latest=False), {"": [], "a": [], "b": []}  # type: ignore[var-annotated]
    for number, (opens, key) in enumerate(operations):
        if opens:
            pairing.open(key, number)
            queues[key].append(number)
        else:
            assert pairing.answer(key) == (queues[key].pop(0) if queues[key] else None)


def test_the_latest_call_supersedes() -> None:
    pairing = Pairing("calls", latest=True)
    pairing.open("", "one")
    pairing.open("", "two")
    assert (pairing.answer(""), pairing.answer("")) == ("two", None)
    assert (pairing.superseded, pairing.unanswered) == (1, 1)


@given(VALUES, VALUES)
def test_json_equality(left: Any, right: Any) -> None:
    assert json_equal(left, right) is same_json(left, right)
    assert json_equal(left, left)
    assert json_in(left, [right, left])


def test_json_equality_of_deep_values() -> None:
    left: Any = 1
    right: Any = 1
    for _ in range(50_000):
        left, right = [left], [right]
    assert json_equal(left, right)
    assert not json_equal(left, [right])


def test_bounds_count_bytes() -> None:
    defects = Defects()
    assert bounded("ä" * 10, 22, defects, "x", 1) == "ä" * 10
    assert bounded("ä" * 10, 21, defects, "x", 1) == {}
    assert bounded_list(["a"], 5, defects, "x", 1) == ["a"]
    assert bounded_list(["ab"], 5, defects, "x", 1) == []
    assert [(defect.kind, defect.count) for defect in defects] == [("too_large", 2)]


def test_unknown_values_are_bounded() -> None:
    counts: dict[str, int] = {}
    for number in range(1000):
        count_value(counts, str(number), 1)
    assert len(counts) == MOST_VALUES + 1
    assert counts[REST] == 1000 - MOST_VALUES
    one, other = EpisodeAccount(unknown_values=dict(counts)), EpisodeAccount(unknown_values={"0": 2, "new": 1})
    one.merge(other)
    assert (one.unknown_values["0"], len(one.unknown_values)) == (3, MOST_VALUES + 1)
