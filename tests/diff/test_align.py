"""Pairing and moves, on plain values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepc.diff.align import align


def pairs(old: list[str], new: list[str]) -> list[tuple[str | None, str | None, bool]]:
    return [(match.old, match.new, match.moved) for match in align(old, new, (lambda item, newer: item,))]


def test_what_stays_is_not_moved() -> None:
    assert pairs(["a", "b", "c"], ["a", "b", "c"]) == [("a", "a", False), ("b", "b", False), ("c", "c", False)]


def test_one_thing_moved_is_said_once() -> None:
    assert [match.new for match in align(list("abcd"), list("bcda"), (lambda item, newer: item,)) if match.moved] == ["a"]


def test_a_move_names_what_it_crossed() -> None:
    moved = next(match for match in align(list("abcd"), list("bcad"), (lambda item, newer: item,)) if match.moved)
    assert moved.crossed == ("b", "c")


def test_removed_things_stand_where_they_were() -> None:
    assert pairs(["x", "a", "y", "b"], ["a", "n", "b"]) == [
        ("x", None, False),
        ("a", "a", False),
        ("y", None, False),
        (None, "n", False),
        ("b", "b", False),
    ]


def test_later_keys_pair_what_earlier_ones_left() -> None:
    found = align(["a1", "b1"], ["b2", "a1"], (lambda item, newer: item, lambda item, newer: item[0]))
    assert [(match.old, match.new) for match in found] == [("b1", "b2"), ("a1", "a1")]


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
def test_every_thing_appears_exactly_once(old: list[str], new: list[str]) -> None:
    found = align(old, new, (lambda item, newer: item,))
    assert sorted(match.old for match in found if match.old is not None) == sorted(old)
    assert [match.new for match in found if match.new is not None] == new
    still = [match.old for match in found if match.old is not None and match.new is not None and not match.moved]
    assert still == [match.new for match in found if match.old is not None and match.new is not None and not match.moved]
