"""Memory and start-up, measured in processes of their own.

    python benchmarks/footprint.py            prints the table
    python benchmarks/footprint.py --write    writes it into docs/speed.md

Memory is the largest resident size that the system counted for the process, of which the bare interpreter with the runtime imported is
shown too. Seconds are those of one core, the smallest of several calls, and are given as multiples of a bare `python -c pass` beside.
Nothing here is a test.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import synthetic_files as synthetic
from pages import renewed
from stale import record

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "speed.md"
COMMAND = "python benchmarks/footprint.py --write"
STEPC = (sys.executable, "-m", "stepc")


def peak(arguments: Sequence[str]) -> int:
    """The largest resident size in bytes of a process that runs `arguments`, its output thrown away.

    Raises:
        SystemExit: the process failed.
    """
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(arguments)}\n{message.decode(errors='replace')}")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def spent() -> float:
    """Seconds of a core that all children so far took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(arguments: Sequence[str], folder: Path, calls: int) -> float:
    """The smallest time of one core of `calls` calls: whatever else the machine does, this is the wait on a quiet one."""
    best = float("inf")
    for _ in range(calls):
        begin = spent()
        subprocess.run(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        best = min(best, spent() - begin)
    return best


def memory(folder: Path, gigabytes: float) -> str:
    """The table of memory."""
    runs, container = folder / "runs.jsonl", folder / "container.json"
    rows = ["| what | input, MB | peak, MB |", "|---|---:|---:|"]
    bare = peak((sys.executable, "-c", "import stepc.runtime.run"))
    rows.append(f"| the runtime, imported | 0 | {bare / 1e6:.0f} |")
    for size in (gigabytes / 20, gigabytes):
        synthetic.write_jsonl(runs, int(size * 1e9))
        used = peak((*STEPC, "run", "taubench_v1", str(runs), "-o", str(folder / "out")))
        rows.append(f"| `stepc run`, JSONL to JSONL | {runs.stat().st_size / 1e6:,.0f} | {used / 1e6:.0f} |")
    runs.unlink()
    for size in (gigabytes / 20, gigabytes / 3):
        synthetic.write_container(container, int(size * 1e9))
        used = peak((*STEPC, "run", "tau2", str(container), "-o", str(folder / "out")))
        rows.append(f"| `stepc run`, one JSON document, split by episode | {container.stat().st_size / 1e6:,.0f} | {used / 1e6:.0f} |")
    container.unlink()
    return "\n".join(rows) + "\n"


def start_up(folder: Path) -> str:
    """The table of start-up times."""
    for name in ("specs", "stepc.toml"):
        (folder / name).symlink_to(ROOT / name)
    base = seconds((sys.executable, "-c", "pass"), folder, 9)
    rows = ["| command | seconds | times a bare interpreter |", "|---|---:|---:|"]
    for words in (("--help",), ("explain", "SV203"), ("fmt", "--help"), ("check", "tau2"), ("check",), ("compile",)):
        if words == ("compile",):
            best = float("inf")
            for attempt in range(3):
                place = folder / f"cold{attempt}"
                place.mkdir()
                for name in ("specs", "stepc.toml"):
                    (place / name).symlink_to(ROOT / name)
                best = min(best, seconds((*STEPC, *words), place, 1))
        else:
            best = seconds((*STEPC, *words), folder, 5)
        shown = "compile` (all specs, nothing there yet)" if words == ("compile",) else f"{' '.join(words)}`"
        rows.append(f"| `stepc {shown} | {best:.2f} | {best / base:.1f} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Measure and print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the JSONL file; the document is a third of it")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = {"memory": memory(Path(folder), options.gigabytes), "start-up": start_up(Path(folder))}
    if not options.write:
        print("\n".join(tables.values()), end="")
        return
    text = PAGE.read_text(encoding="utf-8")
    for mark, table in tables.items():
        text = renewed(text, COMMAND, mark, table)
    PAGE.write_text(text, encoding="utf-8")
    record(PAGE, COMMAND)


if __name__ == "__main__":
    main()
