"""Which endpoint is asked, from options and the environment. Nothing here asks, and no variable alone makes anybody ask.

STEPC_LLM_MODEL      the model, where `--model` names none
STEPC_LLM_BASE_URL   the endpoint, where `--base-url` names none; else OPENAI_BASE_URL; else the client's own
STEPC_LLM_API_KEY    the key for it; OPENAI_API_KEY is sent to OPENAI_BASE_URL or the client's own endpoint only
STEPC_LLM_PRICE      dollars for a million tokens of prompts and of replies, such as `2.5,10`
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MODEL, BASE_URL, KEY, PRICE = "STEPC_LLM_MODEL", "STEPC_LLM_BASE_URL", "STEPC_LLM_API_KEY", "STEPC_LLM_PRICE"
NO_KEY = "none"
"""What is sent where an endpoint wants no key; the client does not go without one."""


class SettingsError(Exception):
    """The settings cannot be used. The text is one sentence for the user, `advice` says what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    prompt: float
    reply: float

    def of(self, prompt_tokens: int, reply_tokens: int) -> float:
        """What so many tokens cost, in dollars."""
        return (prompt_tokens * self.prompt + reply_tokens * self.reply) / 1e6


@dataclass(frozen=True, slots=True)
class Settings:
    """An endpoint. `base_url` is empty for the client's own; `timeout` is in seconds, for one try."""

    model: str
    base_url: str = ""
    key: str = NO_KEY
    timeout: float = 180.0
    retries: int = 2
    constrained: bool = True

    @property
    def host(self) -> str:
        """Where it is, without what may be secret in an address."""
        return shown_host(self.base_url) if self.base_url else "the client's own endpoint"


def shown_host(address: str) -> str:
    """Host and port of an address."""
    parts = urlsplit(address)
    return (parts.hostname or "") + (f":{parts.port}" if parts.port else "")


def settings(
    environment: Mapping[str, str],
    *,
    model: str = "",
    base_url: str = "",
    timeout: float = 180.0,
    retries: int = 2,
    constrained: bool = True,
) -> Settings:
    """The endpoint that options and the environment describe.

    Raises:
        SettingsError: no model is named, or an address or a key cannot be used.
    """
    model = model or environment.get(MODEL, "")
    if not model:
        raise SettingsError("no model is named", f"--model NAME, or {MODEL}")
    own = base_url or environment.get(BASE_URL, "")
    address = own or environment.get("OPENAI_BASE_URL", "")
    if address:
        _known_address(address)
    key = environment.get(KEY, "") or ("" if own else environment.get("OPENAI_API_KEY", ""))
    if not key and not address:
        raise SettingsError(
            f"there is no key for {model}", f"set {KEY} or OPENAI_API_KEY, or name an endpoint that needs none: --base-url URL"
        )
    if any(not "!" <= character <= "~" for character in key):
        raise SettingsError("the key holds a blank, a line end or a character beyond ASCII", f"look at {KEY} or OPENAI_API_KEY")
    return Settings(model, address, key or NO_KEY, timeout, retries, constrained)


def _known_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError("the address of the endpoint is no http or https address", "such as http://localhost:8000/v1")


def known_price(environment: Mapping[str, str], text: str = "") -> Price | None:
    """The price that `--price` gives, else the environment; None where neither does.

    Raises:
        SettingsError: it is no price.
    """
    text = text or environment.get(PRICE, "")
    if not text:
        return None
    try:
        parts = [float(part) for part in text.split(",")]
    except ValueError:
        parts = []
    if len(parts) != 2 or not all(math.isfinite(part) and part >= 0 for part in parts):
        raise SettingsError(f"'{text}' is no price", "dollars for a million tokens of prompts and of replies, such as 2.5,10")
    return Price(*parts)
