"""What was asked and answered, kept as JSON Lines beside what came of it: for the reader, and so that nothing is asked and paid for twice.

The file only grows, by whole lines, and holds no clock: the same questions with the same replies give the same bytes. Keys to endpoints
never reach it, because no prompt holds one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from stepc.llm.model import AskError, Prompt, Reply, Usage, key_of

_LARGEST = 512 << 20


class _Line(msgspec.Struct):
    """An exchange as the log has it. Lines that say something else are kept and passed over."""

    key: str
    reply: str
    model: str
    prompt_tokens: int
    reply_tokens: int
    told: bool = True
    cost: float | None = None
    cut: bool = False
    constrained: bool = False


@dataclass(slots=True)
class Ledger:
    """The exchanges of one file, read when it is first looked into. Without a path they are kept for the process alone."""

    path: Path | None = None
    _replies: dict[str, Reply] = field(default_factory=dict, init=False)
    _notes: set[str] = field(default_factory=set, init=False)
    _ready: bool = field(default=False, init=False)
    _whole: bool = field(default=True, init=False)

    def find(self, identity: str, prompt: Prompt) -> Reply | None:
        """What this one replied to this prompt before.

        Raises:
            AskError: the file cannot be read.
        """
        self._load()
        return self._replies.get(key_of(identity, prompt))

    def add(self, identity: str, prompt: Prompt, reply: Reply) -> None:
        """Keep an exchange.

        Raises:
            AskError: the file cannot be written.
        """
        self._load()
        key = key_of(identity, prompt)
        kept = replace(reply, logged=True)
        if self._replies.get(key) == kept:
            return
        self._replies[key] = kept
        self._append(
            {
                "key": key,
                "asked": identity,
                "prompt": [{"role": message.role, "text": message.text} for message in prompt.messages],
                "grammar": bool(prompt.grammar),
                "reply": reply.text,
                "model": reply.model,
                "prompt_tokens": reply.usage.prompt_tokens,
                "reply_tokens": reply.usage.reply_tokens,
                "told": reply.usage.told,
                "cost": reply.cost,
                "cut": reply.cut,
                "constrained": reply.constrained,
            }
        )

    def note(self, **facts: Any) -> None:
        """Keep a line about what came of an exchange, once.

        Raises:
            AskError: the file cannot be written.
        """
        self._load()
        self._append({"note": facts})

    def _load(self) -> None:
        if self._ready:
            return
        self._ready = True
        if self.path is None or not self.path.exists():
            return
        try:
            if self.path.stat().st_size > _LARGEST:
                raise AskError("failed", f"{self.path} is larger than a log of stepc gets", "name another place for it, or remove it")
            data = self.path.read_bytes()
        except OSError as error:
            raise AskError("failed", f"{self.path} cannot be read: {error.strerror or 'unknown reason'}") from None
        # A line without its end was cut off: the next one begins below it.
        self._whole = data.endswith(b"\n") or not data
        for line in data.splitlines():
            self._remember(line)

    def _remember(self, data: bytes) -> None:
        try:
            line = msgspec.json.decode(data, type=_Line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._notes.add(data.decode("utf-8", "replace"))
            return
        usage = Usage(max(line.prompt_tokens, 0), max(line.reply_tokens, 0), line.told)
        cost = max(line.cost, 0.0) if line.cost is not None else None
        self._replies[line.key] = Reply(line.reply, line.model, usage, cost, line.cut, line.constrained, logged=True)

    def _append(self, content: dict[str, Any]) -> None:
        line = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        data = (line + "\n").encode("utf-8", "backslashreplace")
        if "note" in content:
            if line in self._notes:
                return
            self._notes.add(line)
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(data if self._whole else b"\n" + data)
        except OSError as error:
            raise AskError("failed", f"{self.path} cannot be written: {error.strerror or 'unknown reason'}") from None
        self._whole = True
