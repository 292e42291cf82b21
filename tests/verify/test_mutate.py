"""A mutation changes nothing in place, and what it gives may be changed: the samples of one example are those of the next."""

from __future__ import annotations

import copy
import json
import random

import pytest
from verify.test_laws_can_fail import ROOT

from stepc.verify.mutate import KINDS, Mutation, corrupted, mutated, places, value_at, with_unknown_keys

REAL = json.loads((ROOT / "specs/samples/tau2/flagged_error.json").read_text(encoding="utf-8"))
SAMPLE = {"run": REAL["simulations"][0]["messages"][:2], "lists": [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_document_is_never_changed_in_place(kind: str) -> None:
    before = copy.deepcopy(SAMPLE)
    chance = random.Random(kind)
    changed = 0
    for _ in range(60):
        changed += mutated(SAMPLE, (Mutation(kind, chance.randrange(1 << 16), chance.randrange(1 << 16)),)) != before
        assert before == SAMPLE
    assert changed > 10 or kind == "reorder keys"


def test_odd_values_are_new_ones() -> None:
    for how in range(40):
        first = mutated([1], (Mutation("retype", 0, how),))
        wanted = copy.deepcopy(first)
        if isinstance(first, list):
            first.append("more")
        if isinstance(first, dict):
            first["more"] = 1
        assert mutated([1], (Mutation("retype", 0, how),)) == wanted


def test_unknown_keys_come_where_they_may() -> None:
    document = {"a": {"b": [{"c": 1}]}, "d": {}}
    found = with_unknown_keys(document, (0, 1, 2, 3), "new", may=lambda place: place[:1] != ("d",))
    assert [place for place in places(found) if place and place[-1] == "new"] == [("a", "b", 0, "new"), ("a", "new"), ("new",)]
    assert found["d"] == {}


def test_places_name_every_value() -> None:
    document = {"a": [1, {"b": None}], "": {}}
    assert places(document) == [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("",)]
    assert value_at(document, ("a", 1, "b")) is None
    assert len(places([0] * 100, most=10)) == 10


def test_damaged_bytes() -> None:
    assert {corrupted(b"abc", 1, how) for how in range(4)} == {b"a\x00c", b"ac", b"a\x02bc", b"a"}
    assert corrupted(b"", 5, 7) == b"\x07"


def test_an_aimed_mutation_changes_what_stands_at_the_keys_looked_for() -> None:
    document = [{"wide": {str(index): "x" for index in range(100)}, "read": {"inner": "y"}} for _ in range(3)]
    for where in range(50):
        changed = mutated(document, (Mutation("lengthen", where, 0, aimed=True),), ("inner", "absent"))
        assert [one["wide"] for one in changed] == [one["wide"] for one in document]
        assert changed != document
    assert mutated(document, (Mutation("lengthen", 1, 0, aimed=True),), ("absent",)) != document
