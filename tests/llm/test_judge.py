"""A model as a judge: what it is shown, what is read from its replies, and where it ends."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm.protocol import Answer, completion, error, serving

from stepc.llm.judge import MOST_UNREADABLE, Judged, Prefix, Question, Sampler, judge, probability, prompt_of
from stepc.llm.ledger import Ledger
from stepc.llm.meter import Budget, Meter
from stepc.llm.model import AskError, Prompt, Reply, Usage, estimated_tokens
from stepc.llm.settings import Price


def prefix(episode: str = "a", point: int = 1, steps: int = 3, text: str = "hello") -> Prefix:
    made = [{"type": "Said", "by": "agent", "text": f"{text} {number}", "to": None} for number in range(steps)]
    return Prefix(episode, point, {"task": "book a flight", "hint": None}, made)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("probability: 0.25", 0.25),
        ("**Probability:** 0.25", 0.25),
        ("**Probability: 0.25**", 0.25),
        ("First I thought probability: 0.9, but in the end\nprobability = .4", 0.4),
        ('{"probability": 0.75}', 0.75),
        ("The probability is 35%", 0.35),
        ("Looks fine.\n\n0.05\n", 0.05),
        ("`1`", 1.0),
        ("100 %", 1.0),
        ("probability: 7", None),
        ("probability: 1.5", None),
        ("7 of 10 steps failed.", None),
        ("", None),
        ("I cannot tell.", None),
        ("probability: nan", None),
        ("probability: " + "9" * 100_000, None),
        ("x" * 100_000 + "\nprobability: 0.5", 0.5),
    ],
)
def test_a_probability_is_read(text: str, wanted: float | None) -> None:
    assert probability(text) == wanted


@given(st.text(max_size=60))
def test_no_reply_gives_anything_but_a_probability(text: str) -> None:
    found = probability(text)
    assert found is None or (math.isfinite(found) and 0 <= found <= 1)


@given(st.floats(0, 1, allow_nan=False), st.sampled_from(["probability: {:.6f}", "So: \n{:.6f}", "Probability is {:.6f}."]))
def test_what_is_written_is_read(value: float, form: str) -> None:
    assert probability(form.format(value)) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("steps", [0, 1, 30, 3_000, 20_000])
def test_a_prompt_has_a_bound_and_shows_both_ends(steps: int) -> None:
    prompt = prompt_of(prefix(steps=steps, text="word " * 200), Question(), tokens=2_000)
    assert prompt.tokens < 3_000
    assert "book a flight" in prompt.text and "hint" not in prompt.text
    if steps:
        assert "\n0 Said" in prompt.text and f"\n{steps - 1} Said" in prompt.text
    if steps > 1_000:
        assert "steps are left out" in prompt.text


def test_the_question() -> None:
    assert "the run fails?" in Question().words
    assert "within the next 3 decision points" in Question(horizon=3).words
    assert "`unsafe` turns out to be true" in Question("unsafe").words


@dataclass
class Says:
    replies: tuple[str | AskError, ...]
    asked: list[Prompt] = field(default_factory=list)
    identity: str = "says"

    def ask(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        if isinstance(reply, AskError):
            raise reply
        return Reply(reply, "says-1", Usage(100, 10))


def test_every_prefix_is_judged_or_counted() -> None:
    found = judge([prefix(point=n) for n in range(4)], Says(("probability: 0.1", "no", AskError("bad reply", "x"), "0.4")))
    assert found == Judged((0.1, None, None, 0.4), 2, None)


def test_it_ends_where_nobody_answers() -> None:
    gone = AskError("unreachable", "gone")
    found = judge([prefix(point=n) for n in range(4)], Says(("0.5", gone)))
    assert found.scores == (0.5, None, None, None) and found.error is gone


def test_it_ends_where_replies_say_nothing() -> None:
    says = Says(("I would rather not.",))
    found = judge([prefix(point=n) for n in range(100)], says)
    assert len(says.asked) == MOST_UNREADABLE and found.error is not None and len(found.scores) == 100


def test_a_cap_on_the_cost_and_a_log(tmp_path: Path) -> None:
    prefixes = [prefix(point=n, steps=n) for n in range(30)]
    budget = Budget(cost=0.02, price=Price(10.0, 20.0))

    def asked() -> tuple[Judged, Meter]:
        meter = Meter(Says(("0.5",)), Ledger(tmp_path / "log.jsonl"), budget)
        return judge(prefixes, meter), meter

    first, meter = asked()
    assert first.error is not None and first.error.why == "budget"
    assert 0 < sum(score is not None for score in first.scores) < 30
    assert meter.cost is not None and meter.cost <= 0.02
    again, meter = asked()
    assert again.scores == first.scores and meter.asked == 0


def test_a_server_judges(tmp_path: Path) -> None:
    def answer(request: dict[str, object], number: int) -> Answer:
        return error(503, "busy") if number == 1 else completion(f"Hm.\nprobability: 0.{number}", usage=(50, 5))

    with serving(answer) as server:
        found = judge([prefix(point=n, steps=n + 1) for n in range(3)], Meter(server.endpoint(), Ledger(tmp_path / "log")))
    assert found.scores == (0.0, 0.2, 0.3) and len(server.requests) == 4


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(1, 50)), unique=True, max_size=60), st.integers(0, 20), st.randoms())
def test_a_sample_is_the_same_whatever_comes_first(names: list[tuple[str, int]], most: int, random: object) -> None:
    def sampled(offered: list[tuple[str, int]]) -> list[tuple[str, int]]:
        sampler = Sampler(most)
        for episode, point in offered:
            sampler.offer(episode, point, lambda episode=episode, point=point: prefix(episode, point, 0))  # type: ignore[misc]
        return [(found.episode, found.point) for found in sampler.prefixes()]

    found = sampled(names)
    assert len(found) == min(most, len(names)) and all(one <= other for one, other in pairwise(found))
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sampled(shuffled) == found
    # What is left out of the offer does not move the rest: a larger sample holds the smaller one.
    assert set(found) <= set(names)


def test_estimates_are_on_the_high_side() -> None:
    assert estimated_tokens("word " * 100) >= 100
