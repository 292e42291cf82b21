"""A command that reads a prompt and prints a reply."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from stepc.llm.command import Command, words
from stepc.llm.model import AskError, Message, Prompt
from stepc.llm.settings import SettingsError

ASKED = Prompt((Message("user", "ünï"),), reply_tokens=300)


def python(code: str, timeout: float = 20.0) -> Command:
    return Command((sys.executable, "-c", code), timeout)


def test_the_prompt_goes_in_and_the_reply_comes_out() -> None:
    reply = python("import sys; sys.stdout.write(sys.stdin.read().upper())").ask(ASKED)
    assert reply.text == "ÜNÏ\n"
    assert not reply.usage.told


def test_a_conversation_is_one_document() -> None:
    prompt = Prompt((Message("system", "A"), Message("user", "B"), Message("assistant", "C"), Message("user", "D")))
    reply = python("import sys; print(sys.stdin.read())").ask(prompt)
    assert (
        reply.text
        == "===== Instructions =====\n\nA\n\n===== Request =====\n\nB\n\n===== Your reply before =====\n\nC\n\n===== Request =====\n\nD\n\n"
    )


def test_a_command_that_does_not_read_the_prompt() -> None:
    big = Prompt((Message("user", "x" * 1_000_000),), reply_tokens=300)
    assert python("print('done')").ask(big).text == "done\n"


def test_bytes_that_are_no_text_are_read_as_well_as_they_can_be() -> None:
    assert python("import os; os.write(1, b'a\\xff')").ask(ASKED).text == "a\ufffd"


@pytest.mark.parametrize(
    ("code", "words"), [("import sys; sys.exit('no \\x1b[1m luck')", "exit code 1: no"), ("import os; os.kill(os.getpid(), 9)", "signal 9")]
)
def test_a_command_that_fails(code: str, words: str) -> None:
    with pytest.raises(AskError, match=words) as raised:
        python(code).ask(ASKED)
    assert raised.value.why == "failed" and "\x1b" not in str(raised.value)


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(AskError, match="cannot be started"):
        Command(("/nonexistent/program",)).ask(ASKED)


def test_a_command_that_never_stops_printing() -> None:
    with pytest.raises(AskError, match="printed more than") as raised:
        python("while True: print('x' * 10000)").ask(ASKED)
    assert raised.value.why == "bad reply"


def test_a_command_that_takes_too_long_ends_with_what_it_started(tmp_path: Path) -> None:
    kept = tmp_path / "pid"
    code = (
        "import subprocess, sys, time; sleep = 'import time; time.sleep(60)'; p = subprocess.Popen([sys.executable, '-c', sleep]);"
        f" open({str(kept)!r}, 'w').write(str(p.pid)); time.sleep(60)"
    )
    with pytest.raises(AskError) as raised:
        python(code, 1.5).ask(ASKED)
    assert raised.value.why == "timeout"
    pid = int(kept.read_text())
    for _ in range(100):
        if not _runs(pid):
            break
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_no_shell_reads_the_line() -> None:
    assert words("a 'b c' $HOME;") == ("a", "b c", "$HOME;")
    for line in ("", "  ", "a 'b"):
        with pytest.raises(SettingsError):
            words(line)
