"""Values as atoms: bounded, total, and what is looked for is found."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwatch.audit.atoms import MOST_LEAVES, facts, leaves
from stepwatch.audit.words import told, words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_total_and_bounded(value: Any) -> None:
    found = [(path, facts(leaf)) for path, leaf in leaves("field", value)]
    assert len(found) <= MOST_LEAVES
    for path, said in found:
        assert path.startswith("field")
        assert all(number == number for _, number in said.numbers)
        assert len(said.atoms) < 400
    assert found == [(path, facts(leaf)) for path, leaf in leaves("field", value)]


@pytest.mark.parametrize(
    ("text", "phrase", "number"),
    [
        ("final reward: 1.0", "reward 1.0", ("reward", 1.0)),
        ('{"score": 0.25}', "score 0.25", ("score", 0.25)),
        ("Failed 2/3 Test Cases", "failed 2/3", ("failed", 2 / 3)),
        ('"success": false', "success false", None),
        ("the verdict is pass", "verdict pass", None),
    ],
)
def test_what_verdict_words_are_said_to_be(text: str, phrase: str, number: tuple[str, float] | None) -> None:
    phrases, numbers = told(text)
    assert phrase in phrases
    assert numbers == ([number] if number else [])


def test_words_are_distinct_and_bounded() -> None:
    verdict, others = words("Score " + " ".join(f"{a}{b}" for a in "abcdefghijklmnopqrst" for b in "abcdefghijklmnopqrst"))
    assert verdict == ["score"]
    assert len(others) <= 160


def test_nested_values_become_paths() -> None:
    found = dict(leaves("call.args", {"a": {"b": [1, 2]}, "c": None}))
    assert set(found) == {"call.args", "call.args.a", "call.args.a.b", "call.args.a.b[]", "call.args.c"}
    assert ("key", "a") in facts(found["call.args"]).atoms
    assert facts(found["call.args.c"]).atoms == (("value", "null"),)
    assert ("shape", "empty") in facts("  ").atoms
