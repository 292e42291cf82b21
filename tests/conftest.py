"""Hypothesis for all tests: no deadlines, because machines are noisy and benchmarks measure time; in CI the same examples each time."""

import os

from hypothesis import settings

settings.register_profile("stepc", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("stepc")
