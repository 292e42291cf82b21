"""Runs the commands in a page's `console` blocks and puts their real output below them; with `--check` it compares.

The blocks of a page are one session in one empty folder. A fenced block right below a line that ends in "`name`:" is a file of that folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w./]+)`:\n\n\Z")
WIDTH = 100


def session(page: str) -> str:
    """The page with the output that its commands give now."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        return "".join(_parts(page, where))


def _parts(page: str, folder: Path) -> list[str]:
    parts: list[str] = []
    end = 0
    for block in BLOCK.finditer(page):
        before = page[end : block.start()]
        end = block.end()
        parts.append(before)
        named = FILE.search(before)
        if named:
            path = folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block[2], encoding="utf-8")
        parts.append(f"```console\n{_run(block[2], folder)}```" if block[1] == "console" else block[0])
    return [*parts, page[end:]]


def _run(text: str, folder: Path) -> str:
    out = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            out.append(f"{line}\n{_output(line[2:], folder)}")
    return "".join(out)


def _output(command: str, folder: Path) -> str:
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "COLUMNS": str(WIDTH), "PATH": f"{scripts}:{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8"}
    environment = {name: value for name, value in environment.items() if name not in ("FORCE_COLOR", "STEPC_DEBUG")}
    done = subprocess.run(["/bin/sh", "-c", f"exec 2>&1; {command}"], cwd=folder, env=environment, stdout=subprocess.PIPE, check=False)
    text = "\n".join(line.rstrip() for line in done.stdout.decode().split("\n"))
    return text if not text or text.endswith("\n") else text + "\n"


def main() -> int:
    """Rewrite the pages that are named, or compare them."""
    check = "--check" in sys.argv
    stale = []
    for name in sys.argv[1:]:
        if name == "--check":
            continue
        path = Path(name)
        page = path.read_text(encoding="utf-8")
        made = session(page)
        if made != page:
            stale.append(name)
            if not check:
                path.write_text(made, encoding="utf-8")
    if stale:
        print("\n".join(f"{name} {'shows other output than the commands give: run `make docs`' if check else 'written'}" for name in stale))
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
