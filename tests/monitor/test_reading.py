"""What a monitor leaves out, because none of its scorers reads it, changes nothing of what it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.small import PLAN, events, points, runs, small
from monitor.steps import WORDS
from monitor.steps import runs as any_runs

from stepwatch import encode, passages, tokens
from stepwatch.encode import Encoder
from stepwatch.memory import StateError
from stepwatch.model import Model
from stepwatch.passages import Passages, Wanted

KINDS = ("linear", "stack")


@cache
def model(kind: str) -> Model:
    return Model(small(kind))


@cache
def keeping(kind: str) -> Model:
    """The same monitor over an encoder that leaves nothing out: its tokens are the buckets themselves."""
    one = Model(small(kind))
    one.encoder = Encoder(PLAN, one.encoder.needs)
    one._close = one.encoder.point
    for reader in (*one.symbols.values(), *one.scorers.values()):
        reader.adopt(range(1, tokens.BUCKETS))
    return one


def logits(one: Model, given: list[list[Any]]) -> list[list[float]]:
    """Of all scorers at all points."""
    run, found = one.begin(), []
    for event in given:
        if sum(one.step(run, step) for step in event):  # every step is taken in
            one.advance(run)
            found.append(run.logits)
    return found


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), any_runs)
def test_logits_are_those_of_a_monitor_that_leaves_nothing_out(kind: str, given: list[list[Any]]) -> None:
    assert logits(model(kind), given) == logits(keeping(kind), given)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_real_runs_are_those_of_a_monitor_that_leaves_nothing_out(kind: str) -> None:
    for ran in runs():
        given = [list(steps) for steps in events(ran)]
        assert logits(model(kind), given) == logits(keeping(kind), given)


@settings(max_examples=60, deadline=None)
@given(any_runs, st.integers(1, 40), st.integers(2, 9))
def test_tokens_that_are_read_are_those_of_all_that_have_a_place(given: list[list[Any]], times: int, every: int) -> None:
    buckets = list(range(1, tokens.BUCKETS, every))
    text = " ".join(f"word{place}" for place in range(60))
    # Some points have more tokens than one may: what is not read takes up room as well.
    given = [[*event, *[{"type": "Said", "by": "agent", "text": f"{number} {text}"} for number in range(times)]] for event in given]
    for all_of_it, some in zip(points(given), points(given, Encoder(PLAN, buckets=buckets)), strict=True):
        assert [buckets[token - 1] for token in some.tokens] == [token for token in all_of_it.tokens if token % every == 1 % every]
        assert all_of_it[:3] == some[:3]
        assert len(all_of_it.tokens) <= encode.MOST_TOKENS + 2


@settings(max_examples=40, deadline=None)
@given(any_runs, st.data())
def test_summaries_that_are_read_are_those_of_all(given: list[list[Any]], data: st.DataObject) -> None:
    whole = Encoder(PLAN, {"dense"})
    places = data.draw(st.sets(st.integers(0, len(whole.names) - 1), max_size=4))
    part = Encoder(PLAN, {"dense"}, summaries=places)
    assert part.names == whole.names
    for one, other in zip(points(given, whole), points(given, part), strict=True):
        assert [one.dense[place] for place in places] == [other.dense[place] for place in places]


def test_summaries_that_nobody_reads_are_not_kept_up() -> None:
    state = Encoder(PLAN, {"dense"}, summaries=()).begin()
    assert not any(state.memories)


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS | st.text(max_size=30), max_size=24), st.booleans())
def test_a_text_at_hand_says_what_it_says_anew(texts: list[str], novelty: bool) -> None:
    wanted = Wanted(range(0, tokens.BUCKETS, 2))
    kept = Passages(7, 20, wanted, novelty)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "MOST_PASSAGES", 8)
        for text in texts:
            found = kept.read(text)
            assert found == Passages(7, 20, wanted, novelty).read(text)
            assert found[1] == len(kept.all(text))
    assert len(kept._kept) <= 8


def test_tokens_that_have_no_place_are_none_of_a_state() -> None:
    encoder = Encoder(PLAN, {"tokens"}, buckets=[3, 17])
    for token in (0, 3, -1):
        with pytest.raises(StateError):
            encoder.load({**encoder.begin().save(), "tokens": [token]})


@settings(max_examples=40, deadline=None)
@given(any_runs, st.integers(1, 5), st.sampled_from([-1.0, 0.0, 0.05]))
def test_the_largest_contributions_are_the_largest_of_all(given: list[list[Any]], most: int, least: float) -> None:
    one = model("stack")
    run = one.begin()
    for event in given:
        if sum(one.step(run, step) for step in event):  # every step is taken in
            one.advance(run)
            everything = [item for item in one.contributions(run, event) if item[2] >= least]
            some = one.contributions(run, event, least=least, most=most)
            assert set(some) <= set(everything)
            changes = sorted((change for _, _, change in everything), reverse=True)
            assert sorted((change for _, _, change in some), reverse=True)[:most] == changes[:most]
