"""What is kept of exchanges, what is not asked twice, and where a budget ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepc.llm.files import Files, WaitingError
from stepc.llm.ledger import Ledger
from stepc.llm.meter import Budget, Meter
from stepc.llm.model import AskError, Message, Prompt, Reply, Usage, key_of
from stepc.llm.settings import Price


def prompt(text: str, **more: int) -> Prompt:
    return Prompt((Message("user", text),), **{"reply_tokens": 1_000, **more})


@dataclass
class Echo:
    """Says what it is asked; texts that begin with `!` it fails to answer."""

    identity: str = "echo"
    asked: list[Prompt] = field(default_factory=list)

    def ask(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt)
        text = prompt.messages[-1].text
        if text.startswith("!"):
            raise AskError("timeout" if text == "!slow" else "unreachable", "no")
        return Reply(text, "echo-1", Usage(100, 50))


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    first = Meter(Echo(), Ledger(path))
    again = Meter(Echo(), Ledger(path))
    assert first.ask(prompt("a")).text == again.ask(prompt("a")).text == "a"
    assert (first.asked, first.logged, again.asked, again.logged) == (1, 0, 0, 1)
    assert again.tokens == first.tokens == 150
    assert Meter(Echo("other"), Ledger(path)).ask(prompt("a")).logged is False
    fresh = Meter(Echo(), Ledger(path), fresh=True)
    assert fresh.ask(prompt("a")).logged is False and fresh.asked == 1


def test_the_log_says_what_was_asked_answered_and_paid(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    meter = Meter(Echo(), Ledger(path), Budget(price=Price(1.0, 2.0)))
    meter.ask(prompt("ä"))
    meter.ledger.note(result="compiles")
    meter.ledger.note(result="compiles")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["asked"] == "echo" and lines[0]["prompt"] == [{"role": "user", "text": "ä"}] and lines[0]["reply"] == "ä"
    assert lines[0]["model"] == "echo-1" and lines[0]["cost"] == pytest.approx(0.0002)
    assert lines[1:] == [{"note": {"result": "compiles"}}]


def test_a_log_that_was_cut_off_or_that_holds_other_lines_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    Meter(Echo(), Ledger(path)).ask(prompt("a"))
    path.write_bytes(path.read_bytes() + b'{"what": 1}\n[[[\n\xff\n{"key": "cut o')
    meter = Meter(Echo(), Ledger(path))
    meter.ask(prompt("a"))
    meter.ask(prompt("b"))
    assert (meter.asked, meter.logged) == (1, 1)
    assert json.loads(path.read_bytes().splitlines()[-1])["reply"] == "b"


def test_a_log_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(AskError, match="cannot be read"):
        Ledger(tmp_path).find("echo", prompt("a"))
    (tmp_path / "file").write_text("")
    with pytest.raises(AskError, match="cannot be written"):
        Meter(Echo(), Ledger(tmp_path / "file" / "log")).ask(prompt("a"))
    Meter(Echo(), Ledger(tmp_path / "new" / "log")).ask(prompt("a"))
    assert (tmp_path / "new" / "log").is_file()


def test_a_budget_of_tokens_ends_a_conversation() -> None:
    echo = Echo()
    meter = Meter(echo, Ledger(), Budget(tokens=1_000))
    for number in range(5):
        meter.ask(prompt(f"{number}"))
    with pytest.raises(AskError, match="750 tokens are used") as raised:
        meter.ask(prompt("6"))
    assert raised.value.why == "budget"
    # The last replies were capped by what was left.
    assert [asked.reply_tokens for asked in echo.asked][-1] < 1_000
    assert len(echo.asked) == 5


def test_a_budget_of_money_ends_a_conversation() -> None:
    meter = Meter(Echo(), Ledger(), Budget(cost=0.005, price=Price(1.0, 10.0)))
    meter.ask(prompt("a"))
    assert meter.cost == pytest.approx(0.0006)
    with pytest.raises(AskError) as raised:
        for number in range(9):
            meter.ask(prompt(f"{number}"))
    assert raised.value.why == "budget"
    assert meter.cost is not None and meter.cost <= 0.005


def test_an_exchange_that_fails_after_the_prompt_was_sent_is_counted() -> None:
    meter = Meter(Echo(), Ledger())
    for text in ("!slow", "!gone"):
        with pytest.raises(AskError):
            meter.ask(prompt(text))
    assert meter.tokens == prompt("!slow").tokens


def test_a_person_carries_prompts_and_replies(tmp_path: Path) -> None:
    one = tmp_path / "one.txt"
    one.write_bytes("\ufeffanswer".encode())
    files = Files((one,))
    assert files.ask(prompt("a")).text == "answer"
    with pytest.raises(WaitingError) as raised:
        files.ask(prompt("b"))
    assert raised.value.prompt == prompt("b") and raised.value.why == "waiting"
    with pytest.raises(AskError, match="cannot be read"):
        Files((tmp_path / "none",)).ask(prompt("a"))
    one.write_bytes(b"x" * 400_000)
    with pytest.raises(AskError, match="holds more than"):
        Files((one,)).ask(prompt("a"))


texts = st.text(max_size=8)
prompts = st.builds(
    Prompt,
    st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts), min_size=1, max_size=3).map(tuple),
    st.integers(1, 3),
    texts,
)


@given(prompts, prompts)
def test_different_prompts_are_filed_apart(one: Prompt, other: Prompt) -> None:
    assert (key_of("a", one) == key_of("a", other)) == (one == other)
    assert key_of("a", one) != key_of("b", one)
