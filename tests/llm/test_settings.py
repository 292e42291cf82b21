"""Which endpoint is asked, with which key."""

from __future__ import annotations

import pytest

from stepc.llm.settings import NO_KEY, SettingsError, known_price, settings


def test_a_key_goes_only_where_it_belongs() -> None:
    theirs = {"OPENAI_API_KEY": "sk-theirs"}
    assert settings(theirs, model="m").key == "sk-theirs"
    assert settings({**theirs, "OPENAI_BASE_URL": "https://here.example/v1"}, model="m").key == "sk-theirs"
    # An endpoint that the user names is not given a key that was meant for another.
    assert settings(theirs, model="m", base_url="https://there.example/v1").key == NO_KEY
    assert settings({**theirs, "STEPC_LLM_BASE_URL": "https://there.example/v1"}, model="m").key == NO_KEY
    assert settings({**theirs, "STEPC_LLM_API_KEY": "own"}, model="m", base_url="https://there.example/v1").key == "own"


def test_the_environment_stands_in_for_options() -> None:
    found = settings({"STEPC_LLM_MODEL": "m", "STEPC_LLM_BASE_URL": "http://localhost:80/v1"})
    assert (found.model, found.base_url, found.host) == ("m", "http://localhost:80/v1", "localhost:80")
    assert settings({"STEPC_LLM_MODEL": "m"}, model="n", base_url="http://localhost/v1").model == "n"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"STEPC_LLM_MODEL": "m"},
        {"STEPC_LLM_MODEL": "m", "OPENAI_API_KEY": "a\nb"},
        {"STEPC_LLM_MODEL": "m", "STEPC_LLM_BASE_URL": "file:///etc/passwd"},
        {"STEPC_LLM_MODEL": "m", "STEPC_LLM_BASE_URL": "http://"},
        {"STEPC_LLM_MODEL": "m", "STEPC_LLM_BASE_URL": "http://x:99999/"},
    ],
)
def test_settings_that_cannot_be_used(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(environment)
    assert raised.value.advice
    assert "a\nb" not in str(raised.value)


def test_an_address_with_a_password_is_shown_without() -> None:
    assert settings({}, model="m", base_url="https://me:secret@here.example:8000/v1").host == "here.example:8000"


def test_prices() -> None:
    price = known_price({"STEPC_LLM_PRICE": "2.5,10"})
    assert price is not None and price.of(1_000_000, 100_000) == pytest.approx(3.5)
    assert known_price({}) is None
    for text in ("1", "1,2,3", "a,b", "-1,2", "nan,1", "inf,1"):
        with pytest.raises(SettingsError):
            known_price({}, text)
