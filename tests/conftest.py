"""For all tests: Hypothesis without deadlines, because machines are noisy and benchmarks measure time, and in CI with the same examples
each time; and no terminal of the caller that would change what is printed."""

import os

import pytest
from hypothesis import settings

settings.register_profile("stepc", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("stepc")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "STEPC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
