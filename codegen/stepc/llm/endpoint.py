"""Any endpoint that speaks the chat completions protocol, through the official client.

The client retries what may pass (429, 5xx, lost connections). What is done here: the reply is read up to a bound of bytes and of time, so
that no server can fill the memory or keep the command waiting; and what a server does not know (a grammar, the newer name of the cap) is
left out, once, for the rest of the conversation.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any, cast

import msgspec

from stepc.llm.model import AskError, Prompt, Reply, Usage, estimated
from stepc.llm.settings import KEY, NO_KEY, Settings
from stepc.terminal import cut, escape

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

TOOL = "write_spec"
_MOST_COUNTED = 1 << 40
_CAPS = ("max_completion_tokens", "max_tokens")


class _Custom(msgspec.Struct):
    input: str = ""


class _Call(msgspec.Struct):
    custom: _Custom | None = None


class _Part(msgspec.Struct):
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Counts(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None


class _Problem(msgspec.Struct):
    message: str = ""


class _Body(msgspec.Struct):
    choices: list[_Choice] = []
    model: str | None = None
    usage: _Counts | None = None
    error: _Problem | None = None


class _LostError(Exception):
    """The connection broke while a reply was read."""


class Endpoint:
    """Asks one model at one endpoint."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: OpenAI | None = None
        self._constrained = settings.constrained
        self._caps = list(_CAPS)

    @property
    def identity(self) -> str:
        """The endpoint and the model."""
        return f"endpoint {self._settings.host} {self._settings.model}"

    def ask(self, prompt: Prompt) -> Reply:
        """The model's reply; see `Transport`."""
        client = self._connected()
        import openai

        while True:
            constrained = self._constrained and bool(prompt.grammar)
            try:
                return self._read(prompt, self._sent(client, prompt, constrained))
            except (openai.BadRequestError, openai.NotFoundError, openai.UnprocessableEntityError, openai.InternalServerError) as refused:
                if not self._yielded(refused, constrained):
                    raise self._refused(refused) from None
            except openai.APIStatusError as refused:
                raise self._refused(refused) from None
            except openai.APITimeoutError:
                raise self._slow() from None
            except openai.APIConnectionError:
                raise self._unreachable("cannot be reached") from None
            except _LostError:
                raise self._unreachable("broke off its reply") from None
            except openai.OpenAIError as error:
                raise AskError("failed", f"{self._settings.host}: {self._safe(str(error))}") from None

    def _connected(self) -> OpenAI:
        if self._client is None:
            try:
                from openai import OpenAI
            except ModuleNotFoundError as missing:
                raise AskError("failed", f"asking an endpoint needs {missing.name}", "pip install 'stepc[llm]'") from None
            given = self._settings
            self._client = OpenAI(
                api_key=given.key,
                base_url=given.base_url or None,
                timeout=given.timeout,
                max_retries=given.retries,
                # A compressed reply could be far larger than what was received.
                default_headers={"Accept-Encoding": "identity"},
            )
        return self._client

    def _sent(self, client: OpenAI, prompt: Prompt, constrained: bool) -> bytes:
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [{"role": message.role, "content": message.text} for message in prompt.messages],
        }
        if self._caps:
            request[self._caps[0]] = prompt.reply_tokens
        if constrained:
            grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": prompt.grammar}}
            tool = {"name": TOOL, "description": "Takes the whole text of the spec.", "format": grammar}
            request["tools"] = [{"type": "custom", "custom": tool}]
            request["tool_choice"] = {"type": "custom", "custom": {"name": TOOL}}
        most = prompt.most_reply_bytes
        for tried in range(self._settings.retries + 1):
            try:
                return self._received(client, request, most)
            except _LostError:
                if tried == self._settings.retries:
                    raise
        raise AssertionError("the last try returns or raises")

    def _received(self, client: OpenAI, request: dict[str, Any], most: int) -> bytes:
        until = time.monotonic() + self._settings.timeout
        data = bytearray()
        # The keywords depend on the server, which is more than the overloads of `create` can say.
        create: Any = client.chat.completions.with_streaming_response.create
        broken = _broken_connection()
        with create(**request) as response:
            try:
                # Pieces as they come: a size would wait for that many bytes, and a server that drips would never be late.
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > most:
                        raise AskError("bad reply", f"{self._settings.host} sent more than {most:,} bytes", "--reply-tokens raises the cap")
                    if time.monotonic() > until:
                        raise self._slow()
            except broken as error:
                if "Timeout" in type(error).__name__:
                    raise self._slow() from None
                raise _LostError from None
        return bytes(data)

    def _read(self, prompt: Prompt, data: bytes) -> Reply:
        try:
            body = msgspec.json.decode(data, type=_Body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            why = "what it sent is no chat completion"
            raise AskError(
                "bad reply", f"{self._settings.host}: {why} ({self._safe(str(error))})", "is the address that of an API?"
            ) from None
        if not body.choices:
            why = self._safe(body.error.message) if body.error is not None else "its reply holds no choice"
            raise AskError("bad reply", f"{self._settings.host}: {why}")
        choice = body.choices[0]
        message = choice.message
        written = [call.custom.input for call in message.tool_calls or () if call.custom is not None]
        content = message.content
        said = content if isinstance(content, str) else "\n".join(part.text for part in content or ())
        text = written[0] if written else said or message.refusal or ""
        usage, cost = _counted(body.usage, estimated(prompt, text))
        model = cut(escape((body.model or self._settings.model)[:400]), 100)
        return Reply(text, model, usage, cost, cut=choice.finish_reason == "length", constrained=bool(written))

    def _yielded(self, refused: APIStatusError, constrained: bool) -> bool:
        """Whether there is something that the server may not know, which is left out from now on."""
        server = refused.status_code >= 500
        if not server and len(self._caps) == len(_CAPS) and any(name in str(refused) for name in _CAPS):
            self._caps.pop(0)
            return True
        if constrained:
            self._constrained = False
            return True
        if not server and refused.status_code != 404 and len(self._caps) == len(_CAPS):
            self._caps.pop(0)
            return True
        return False

    def _refused(self, refused: APIStatusError) -> AskError:
        status, host = refused.status_code, self._settings.host
        said = self._safe(str(refused))
        if status in (401, 403):
            return AskError("refused", f"{host} does not take the key: {said}", f"set {KEY}")
        if status == 404:
            return AskError("refused", f"{host} knows no model {self._settings.model}, or the address is wrong: {said}")
        if status == 429:
            return AskError("failed", f"{host} has no room after {self._settings.retries + 1} tries: {said}", "try again later")
        return AskError("failed" if status >= 500 else "refused", f"{host}: {said}")

    def _slow(self) -> AskError:
        return AskError("timeout", f"{self._settings.host} did not answer within {self._settings.timeout:g} seconds", "--timeout SECONDS")

    def _unreachable(self, what: str) -> AskError:
        return AskError("unreachable", f"{self._settings.host} {what}", "is the address right, and does the server run?")

    def _safe(self, text: str) -> str:
        """What a server says, bounded, and without the key, which some servers repeat."""
        key = self._settings.key
        return cut(escape((text.replace(key, "<key>") if key != NO_KEY else text)[:2_000]), 300)


def _counted(told: _Counts | None, guess: Usage) -> tuple[Usage, float | None]:
    """What the exchange used, and what it cost where the server tells; impossible figures count as untold."""
    if told is None:
        return guess, None
    cost = told.cost if told.cost is not None and 0 <= told.cost < _MOST_COUNTED else None
    counts = (told.prompt_tokens, told.completion_tokens)
    if any(count is None or not 0 <= count < _MOST_COUNTED for count in counts) or not any(counts):
        return guess, cost
    return Usage(told.prompt_tokens or 0, told.completion_tokens or 0), cost


def _broken_connection() -> type[Exception]:
    """What the client's HTTP package raises while a body is read. Versions of the client use packages of different names."""
    from openai import DefaultHttpxClient

    package = DefaultHttpxClient.__mro__[1].__module__.split(".")[0]
    return cast(type[Exception], importlib.import_module(package).HTTPError)
