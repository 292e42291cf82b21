"""A person carries the prompt to a model of their choice and brings the reply back, both as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from stepc.llm.model import AskError, Prompt, Reply, estimated


class WaitingError(AskError):
    """No reply is at hand; the prompt that wants one is `prompt`."""

    def __init__(self, prompt: Prompt, asked: int) -> None:
        super().__init__("waiting", f"prompt {asked} waits for a reply", "give the reply with --reply FILE, after those given before")
        self.prompt = prompt


@dataclass(slots=True)
class Files:
    """Replies in the order in which prompts are made: the first file answers the first prompt."""

    replies: tuple[Path, ...]
    _asked: int = field(default=0, init=False)

    @property
    def identity(self) -> str:
        """A person; replies come from files, so none is ever looked up in a log."""
        return "files"

    def ask(self, prompt: Prompt) -> Reply:
        """The next file's text; see `Transport`.

        Raises:
            WaitingError: there is no further file.
        """
        self._asked += 1
        if self._asked > len(self.replies):
            raise WaitingError(prompt, self._asked)
        path = self.replies[self._asked - 1]
        most = prompt.most_reply_bytes
        try:
            with path.open("rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            raise AskError("failed", f"{path} cannot be read: {error.strerror or 'unknown reason'}") from None
        if len(data) > most:
            raise AskError("bad reply", f"{path} holds more than {most:,} bytes", "give the reply alone")
        text = data.decode("utf-8-sig", "replace")
        return Reply(text, "by hand", estimated(prompt, text))
