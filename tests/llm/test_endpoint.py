"""An endpoint that answers well, badly, late or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from llm.protocol import SOON, Answer, always, completion, error, in_turn, serving

from stepc.llm.model import AskError, Message, Prompt

ASKED = Prompt((Message("system", "Be brief."), Message("user", "What is 2 + 2?")), reply_tokens=300)
HELD = Prompt(ASKED.messages, reply_tokens=300, grammar='start: "4"')


def test_a_reply_comes_with_its_model_and_usage() -> None:
    with serving(always(completion("4"))) as server:
        reply = server.endpoint(key="sk-secret").ask(ASKED)
    assert (reply.text, reply.model, reply.usage.prompt_tokens, reply.usage.reply_tokens) == ("4", "small-1", 11, 7)
    assert reply.usage.told and not reply.cut and not reply.constrained
    request = server.requests[0]
    assert request["model"] == "small"
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2 + 2?"}]
    assert request["max_completion_tokens"] == 300
    assert "tools" not in request
    assert server.keys == ["Bearer sk-secret"]
    assert server.encodings == ["identity"]


def test_a_model_is_held_to_a_grammar() -> None:
    with serving(always(completion(None, written="4"))) as server:
        reply = server.endpoint().ask(HELD)
    assert reply.text == "4" and reply.constrained
    tool = server.requests[0]["tools"][0]
    assert tool["custom"]["format"]["grammar"] == {"syntax": "lark", "definition": 'start: "4"'}
    assert server.requests[0]["tool_choice"]["custom"]["name"] == tool["custom"]["name"]


def test_a_server_without_grammars_is_asked_without_from_then_on() -> None:
    with serving(lambda request, _: error(400, "unknown tool type: custom") if "tools" in request else completion("4")) as server:
        endpoint = server.endpoint()
        assert endpoint.ask(HELD).text == "4"
        assert not endpoint.ask(HELD).constrained
    assert ["tools" in request for request in server.requests] == [True, False, False]


def test_a_server_that_fails_on_grammars_is_asked_without() -> None:
    with serving(lambda request, _: error(500, "grammar backend") if "tools" in request else completion("4")) as server:
        assert server.endpoint(retries=0).ask(HELD).text == "4"


def test_a_server_that_knows_the_older_name_of_the_cap() -> None:
    def answer(request: dict[str, object], _: int) -> Answer:
        return error(400, "unsupported parameter: max_completion_tokens") if "max_completion_tokens" in request else completion("4")

    with serving(answer) as server:
        assert server.endpoint().ask(ASKED).text == "4"
    assert server.requests[-1]["max_tokens"] == 300


def test_what_may_pass_is_tried_again() -> None:
    with serving(in_turn(error(503, "starting"), completion("4"))) as server:
        assert server.endpoint().ask(ASKED).text == "4"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "why", "words"),
    [
        (400, "refused", "no such thing"),
        (401, "refused", "does not take the key"),
        (403, "refused", "does not take the key"),
        (404, "refused", "knows no model small"),
        (429, "failed", "no room after 2 tries"),
        (500, "failed", "no such thing"),
    ],
)
def test_a_server_that_refuses(status: int, why: str, words: str) -> None:
    with serving(always(error(status, "no such thing"))) as server, pytest.raises(AskError, match=words) as raised:
        server.endpoint().ask(ASKED)
    assert raised.value.why == why


def test_a_key_that_a_server_repeats_is_not_shown() -> None:
    with serving(always(error(401, "bad key sk-secret-17 \x1b[31m"))) as server, pytest.raises(AskError) as raised:
        server.endpoint(key="sk-secret-17").ask(ASKED)
    assert "sk-secret-17" not in str(raised.value) and "\x1b" not in str(raised.value)
    assert "<key>" in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>It works!</html>",
        b"\xff\xfe",
        b'{"choices": [',
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 4}}]}',
        b'{"error": {"message": "out of order"}}',
        b"[" * 100_000,
        b"null",
    ],
)
def test_what_is_no_completion_is_a_bad_reply(body: bytes) -> None:
    with serving(always(Answer(body))) as server, pytest.raises(AskError) as raised:
        server.endpoint().ask(ASKED)
    assert raised.value.why == "bad reply"
    assert len(str(raised.value)) < 500


def test_a_reply_that_is_cut_says_so() -> None:
    with serving(always(completion("4, bec", finish="length"))) as server:
        assert server.endpoint().ask(ASKED).cut


def test_contents_in_parts_and_refusals_are_texts() -> None:
    parts = completion("")
    body = json.loads(parts.body)
    body["choices"][0]["message"]["content"] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    refusal = json.loads(parts.body)
    refusal["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I would rather not."}
    with serving(in_turn(Answer(json.dumps(body).encode()), Answer(json.dumps(refusal).encode()))) as server:
        endpoint = server.endpoint()
        assert endpoint.ask(ASKED).text == "a\nb"
        assert endpoint.ask(ASKED).text == "I would rather not."


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": -5, "completion_tokens": 3}, (0, 0), {"prompt_tokens": 1 << 60}])
def test_usage_that_cannot_be_is_estimated(usage: object) -> None:
    with serving(always(completion("4", usage=usage))) as server:
        reply = server.endpoint().ask(ASKED)
    assert not reply.usage.told
    assert reply.usage.prompt_tokens == ASKED.tokens


def test_a_cost_that_the_server_tells_is_kept() -> None:
    with serving(always(completion("4", usage={"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}))) as server:
        assert server.endpoint().ask(ASKED).cost == 0.5


def test_a_model_cannot_call_itself_something_that_moves_a_terminal() -> None:
    with serving(always(completion("4", model="\x1b[2Jx" + "y" * 10_000))) as server:
        reply = server.endpoint().ask(ASKED)
    assert "\x1b" not in reply.model and len(reply.model) <= 100


def test_a_reply_without_end_is_cut_off() -> None:
    def pieces(done: threading.Event) -> Iterator[bytes]:
        while not done.is_set():
            yield b" " * 65_536

    with serving(always(Answer(pieces=pieces))) as server, pytest.raises(AskError, match="more than") as raised:
        server.endpoint().ask(ASKED)
    assert raised.value.why == "bad reply"


def test_a_reply_that_drips_ends_with_the_time() -> None:
    def pieces(done: threading.Event) -> Iterator[bytes]:
        while not done.wait(0.05):
            yield b" "

    with serving(always(Answer(pieces=pieces))) as server, pytest.raises(AskError) as raised:
        server.endpoint(timeout=0.3).ask(ASKED)
    assert raised.value.why == "timeout"


def test_a_server_that_says_nothing_ends_with_the_time() -> None:
    def answer(_request: object, _number: int) -> Answer:
        threading.Event().wait(0.6)
        return completion("4")

    with serving(answer) as server, pytest.raises(AskError, match=r"within 0\.2 seconds") as raised:
        server.endpoint(timeout=0.2, retries=0).ask(ASKED)
    assert raised.value.why == "timeout"


def test_a_connection_that_breaks_in_a_reply_is_tried_again() -> None:
    whole = completion("4")
    broken = Answer(whole.body[:20], length=len(whole.body), headers=dict(SOON))
    with serving(in_turn(broken, whole)) as server:
        assert server.endpoint().ask(ASKED).text == "4"
    with serving(always(broken)) as server, pytest.raises(AskError, match="broke off") as raised:
        server.endpoint().ask(ASKED)
    assert raised.value.why == "unreachable"


def test_nobody_there() -> None:
    with serving(always(completion("4"))) as server:
        endpoint = server.endpoint(retries=0)
    with pytest.raises(AskError, match="cannot be reached") as raised:
        endpoint.ask(ASKED)
    assert raised.value.why == "unreachable"
