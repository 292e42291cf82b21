"""Any command that reads a prompt on standard input and answers on standard output.

No shell reads the command line: it is split into words, and the first is the program. Whoever wants a shell names one (`sh -c '…'`).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stepc.llm.model import AskError, Prompt, Reply, estimated
from stepc.llm.settings import SettingsError
from stepc.terminal import cut, escape

_CHUNK = 1 << 16
_LAST_WORDS = 4_096
"""Bytes of standard error that are kept for a message."""
_LOOK = 0.2
"""Seconds between two looks at whether the command has ended although others keep its output open."""


def words(line: str) -> tuple[str, ...]:
    """A command line as the words of a program's arguments.

    Raises:
        SettingsError: it is empty, or a quote is not closed.
    """
    try:
        found = tuple(shlex.split(line))
    except ValueError as error:
        raise SettingsError(f"--command: {str(error).lower()}", "quote it as for a shell; no shell reads it") from None
    if not found:
        raise SettingsError("--command is empty", "name a program that reads a prompt and prints a reply")
    return found


@dataclass(frozen=True, slots=True)
class Command:
    """Runs a program once for every prompt. `timeout` is in seconds."""

    arguments: tuple[str, ...]
    timeout: float = 600.0

    @property
    def identity(self) -> str:
        """The program with its arguments."""
        return f"command {shlex.join(self.arguments)}"

    @property
    def name(self) -> str:
        """What the program is called in messages and in the log."""
        return cut(escape(Path(self.arguments[0]).name), 60)

    def ask(self, prompt: Prompt) -> Reply:
        """What the program prints; see `Transport`."""
        most = prompt.most_reply_bytes
        with tempfile.TemporaryFile() as given:
            given.write(prompt.text.encode("utf-8", "replace"))
            given.seek(0)
            process = self._started(given)
            with process:
                try:
                    data, words_of_error, whole = self._heard(process, most)
                finally:
                    _end(process)
        if not whole:
            raise AskError("bad reply", f"{self.name} printed more than {most:,} bytes", "--reply-tokens raises the cap")
        if process.returncode:
            said = cut(escape(words_of_error.decode("utf-8", "replace").strip()[-600:]), 300)
            how = f"exit code {process.returncode}" if process.returncode > 0 else f"signal {-process.returncode}"
            raise AskError("failed", f"{self.name} failed with {how}" + (f": {said}" if said else ""))
        text = data.decode("utf-8", "replace")
        return Reply(text, self.name, estimated(prompt, text))

    def _started(self, given: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            # A session of its own, so that what the program starts ends with it.
            return subprocess.Popen(
                self.arguments, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise AskError(
                "failed", f"{self.name} cannot be started: {why}", "no shell reads --command; for one, name it: sh -c '…'"
            ) from None

    def _heard(self, process: subprocess.Popen[bytes], most: int) -> tuple[bytes, bytes, bool]:
        """Standard output, the end of standard error, and whether the output is all there was."""
        until = time.monotonic() + self.timeout
        data, last = bytearray(), bytearray()
        with selectors.DefaultSelector() as selector:
            for stream, into in ((process.stdout, data), (process.stderr, last)):
                if stream is not None:
                    selector.register(stream, selectors.EVENT_READ, into)
            while selector.get_map():
                left = until - time.monotonic()
                if left <= 0:
                    raise AskError("timeout", f"{self.name} did not answer within {self.timeout:g} seconds", "--timeout SECONDS")
                ready = selector.select(min(left, _LOOK))
                if not ready and process.poll() is not None:
                    # Something that it left running keeps the output open.
                    break
                for key, _ in ready:
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                        continue
                    key.data.extend(chunk)
                    del last[:-_LAST_WORDS]
                    if len(data) > most:
                        return bytes(data), bytes(last), False
        self._awaited(process, until)
        return bytes(data), bytes(last), True

    def _awaited(self, process: subprocess.Popen[bytes], until: float) -> None:
        try:
            process.wait(max(until - time.monotonic(), _LOOK))
        except subprocess.TimeoutExpired:
            raise AskError("timeout", f"{self.name} did not end within {self.timeout:g} seconds", "--timeout SECONDS") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a program and of what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
