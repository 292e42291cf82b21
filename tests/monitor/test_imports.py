"""A monitor at run time needs the standard library alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = [
    "artefact",
    "calibration",
    "dense",
    "encode",
    "episode",
    "facts",
    "forest",
    "live",
    "memory",
    "model",
    "nodes",
    "parts",
    "passages",
    "plan",
    "rules",
    "saving",
    "scorers",
    "symbols",
    "tokens",
    "untrained",
    "verdict",
    "zones",
]

PROGRAM = """
import sys
sys.path[:0] = [{monitors!r}]
for name in {modules!r}:
    __import__("stepwatch." + name)
found = sorted(name for name in sys.modules if "." not in name and name not in sys.stdlib_module_names and name != "__main__")
print(" ".join(found))
"""


def test_nothing_but_the_standard_library_is_imported() -> None:
    program = PROGRAM.format(monitors=str(ROOT / "monitors"), modules=MODULES)
    # Without site packages: what is not there cannot have been imported before, or be fallen back to.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["stepwatch"]
