"""What the documentation shows is what the command prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("arguments", [["docs/console.py", "README.md"], ["docs/pictures.py"]], ids=["readme", "pictures"])
def test_shown_output_is_real(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments, "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
