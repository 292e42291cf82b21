"""What a terminal shows while somebody waits, and that nobody else sees anything of it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from stepc.cli.progress import Progress
from stepc.cli.session import Session

WAITING = [
    (["run", "shop", "traces.json", "-o", "out"], "1 file  2 episodes  7 events"),
    (["coverage", "shop", "traces.json"], "1 file  2 episodes  7 events"),
    (["drift", "shop", "traces.json", "traces.json"], "1 file  2 episodes  7 events"),
    (["detect", "traces.json", "--spec", "shop"], "shop on traces.json"),
    (["compile", "shop"], "shop.stepview"),
    (["test", "shop"], "shop.stepview"),
    (["verify", "shop", "traces.json", "--examples", "1"], "0 of 9  total, accounted, bounded"),
    (["audit", "shop", "traces.json"], "reading runs"),
]


def on_a_terminal(*arguments: str, **environment: str) -> tuple[str, str]:
    """Standard output, which is a pipe, and what a terminal at standard error is sent."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "stepc", *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**kept, "TERM": "xterm", "COLUMNS": "100", **environment},
    )
    os.close(theirs)
    assert process.stdout is not None
    shown = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        shown += part
    out = process.stdout.read()
    process.stdout.close()
    process.wait(60)
    os.close(ours)
    return out.decode(), shown.decode()


@pytest.mark.parametrize(("arguments", "words"), WAITING, ids=[arguments[0] for arguments, _ in WAITING])
def test_a_terminal_shows_how_far_it_is(shop: Path, arguments: list[str], words: str) -> None:
    out, shown = on_a_terminal(*arguments)
    assert words in shown
    assert "\x1b[?25h" in shown  # the cursor is back
    assert "\x1b" not in out


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_colours_where_none_are_wanted(shop: Path, environment: dict[str, str]) -> None:
    _, shown = on_a_terminal("run", "shop", "traces.json", "-o", "out", **environment)
    assert "\x1b[3" not in shown
    assert "7 events = 5 mapped" in shown


def test_no_progress_where_none_is_wanted(shop: Path) -> None:
    assert "\x1b[?25l" not in on_a_terminal("run", "shop", "traces.json", "-o", "out", "--no-progress")[1]


def test_names_from_archives_are_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = Progress(Session())
    progress.file("\x1b]0;owned\x07[bold]" + "x" * 500)
    assert "\x1b" not in progress.line()
    assert len(progress.line()) < 100
    assert "[bold]" in progress.line()


def test_a_pipe_needs_no_rich(shop: Path) -> None:
    code = "import sys\nfrom stepc.cli.progress import Progress\nfrom stepc.cli.session import Session\n"
    code += "with Progress(Session()) as progress:\n    progress.tell('x', 1, 2)\nassert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=True, timeout=60)
