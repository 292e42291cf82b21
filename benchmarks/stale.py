"""Whether the figures in documentation are those that their commands would write now.

    python benchmarks/stale.py                                   compares; exit code 1 when something is stale
    python benchmarks/stale.py --accept docs/x.md "the reason"   figures of a page still hold although what they come from has changed

A table between two marks (`<!-- NAME: written by `COMMAND` -->`) is written by a benchmark that takes minutes or hours, so it is not
computed again: docs/figures.json holds a hash of what it was computed from (the benchmark with what it imports, the generated adapters,
the plans of monitors where they are trained, the parts of the library that are measured) and of the table itself. Comments, docstrings
and formatting of Python files do not count. What is cheap is computed again by tests: the output in README, the pictures, the reference.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
RECORD: Final = "docs/figures.json"
PAGES: Final = ("README.md", "docs", "grammar")
MARK: Final = re.compile(r"^<!-- ([\w -]+): written by `([^`\n]+)`[^\n]* -->\n(.*?)^<!-- end of \1 -->$", re.MULTILINE | re.DOTALL)
PROGRAM: Final = re.compile(r"\bbenchmarks/(\w+)\.py\b")
CHEAP: Final = ("reference",)
"""Benchmarks that tests run."""
RUNTIME: Final = "codegen/stepc/runtime/**/*.py"
READING: Final = (
    "monitors/stepwatch/encode.py",
    "monitors/stepwatch/dense.py",
    "monitors/stepwatch/tokens.py",
    "monitors/stepwatch/metrics/*.py",
)
MEASURED: Final = {
    "decisive": ("monitors/stepwatch/training/*.py", "monitors/stepwatch/scorers/*.py", *READING),
    "footprint": (RUNTIME,),
    "induction": ("codegen/stepc/induce/*.py", "codegen/stepc/induce/*.md"),
    "interval_coverage": ("monitors/stepwatch/metrics/*.py",),
    "machines": ("monitors/stepwatch/automata/*.py", "monitors/stepwatch/training/*.py", *READING),
    "monitor_speed": ("monitors/stepwatch/*.py", "monitors/stepwatch/scorers/*.py", RUNTIME),
    "monitors": ("monitors/stepwatch/training/*.py", "monitors/stepwatch/scorers/*.py", *READING),
    "rules": ("monitors/stepwatch/rules.py", "monitors/stepwatch/evaluation/*.py", "monitors/stepwatch/metrics/*.py"),
    "speed": (RUNTIME,),
}
"""By benchmark the parts of the library whose change may change its figures, beside the generated adapters."""
WATCHING: Final = ("decisive", "machines", "monitor_speed", "monitors", "rules")
"""Benchmarks that train or run the monitors of the specs: what their plans say counts too. Which artefact is pinned does not."""


class Table(NamedTuple):
    """A table that a command writes: the page (a path below the root), its name, the command and what stands there."""

    page: str
    name: str
    command: str
    content: str


def tables(root: Path) -> Iterator[Table]:
    """All such tables, page by page."""
    for place in PAGES:
        path = root / place
        for page in sorted(path.glob("*.md")) if path.is_dir() else [path]:
            if page.is_file():
                for found in MARK.finditer(page.read_text(encoding="utf-8")):
                    yield Table(page.relative_to(root).as_posix(), found[1], found[2], found[3])


def inputs(root: Path, command: str) -> str:
    """A hash of what the command computes from. Traces are no part of it: they lie outside of the repository and do not change."""
    program = PROGRAM.search(command)
    if program is None:
        raise SystemExit(f"`{command}` names no benchmark")
    paths = set(imported(root, program[1]))
    paths |= {path for path in (root / "generated").glob("*/*.py") if "\nSOURCE" in path.read_text(encoding="utf-8")}
    for pattern in MEASURED.get(program[1], ()):
        paths |= set(root.glob(pattern))
    told = hashlib.sha256()
    for path in sorted(paths):
        told.update(f"{path.relative_to(root).as_posix()}\0{said(path)}\0".encode())
    if program[1] in WATCHING:
        for path in sorted((root / "generated").glob("*/*_watch.py")):
            told.update(f"{path.relative_to(root).as_posix()}\0{planned(path)}\0".encode())
    return told.hexdigest()[:16]


def imported(root: Path, name: str) -> Iterator[Path]:
    """A benchmark and the benchmarks that it imports. Pages only say how figures look: this module is none of them."""
    seen = {"stale", "pages"}
    pending = [name]
    while pending:
        one = pending.pop()
        path = root / "benchmarks" / f"{one}.py"
        if one in seen or not path.is_file():
            continue
        seen.add(one)
        yield path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                pending.append(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                pending += [alias.name.partition(".")[0] for alias in node.names]


def said(path: Path) -> str:
    """What a file says: of Python the code without comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept  # type: ignore[attr-defined]
    return ast.dump(tree)


def planned(path: Path) -> str:
    """The plan in a generated monitor."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id == "PLAN" for one in targets):
                return ast.dump(node.value)
    return ""


def digest(text: str) -> str:
    """A short hash of a table."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check(root: Path = ROOT) -> list[str]:
    """What is stale, one sentence a table."""
    known = recorded(root)
    wrong = []
    for table in tables(root):
        program = PROGRAM.search(table.command)
        if program is not None and program[1] in CHEAP:
            continue
        entry = known.get(table.page, {}).get(table.name)
        where = f"{table.page}, {table.name}"
        if entry is None:
            wrong.append(f"{where}: nobody recorded what it was computed from; run `{table.command}`")
        elif entry["content"] != digest(table.content):
            wrong.append(f"{where}: it was edited by hand; run `{table.command}`")
        elif entry["inputs"] != inputs(root, table.command):
            wrong.append(f"{where}: what it was computed from has changed; run `{table.command}`")
    there = {(table.page, table.name) for table in tables(root)}
    wrong += [
        f"{page}, {name}: the table is gone; run `python benchmarks/stale.py --accept`"
        for page in known
        for name in known[page]
        if (page, name) not in there
    ]
    return wrong


def record(page: str | Path, command: str, root: Path = ROOT, *, computed: bool = True) -> None:
    """Remember what the tables that `command` has just written into a page were computed from. `computed` False: they were only written
    anew, from figures that were there already."""
    _write(root, Path(page).resolve().relative_to(root).as_posix(), command, "", computed)


def accept(page: str, reason: str, root: Path = ROOT) -> None:
    """Say that all tables of a page still hold, and why."""
    _write(root, page, "", reason)


def recorded(root: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What is remembered: page, table, hashes."""
    path = root / RECORD
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _write(root: Path, page: str, command: str, reason: str, computed: bool = True) -> None:
    known = recorded(root)
    of_page = known.setdefault(page, {})
    before = {name: entry["inputs"] for name, entry in of_page.items()}
    there = [table for table in tables(root) if table.page == page]
    for table in there:
        if not command or table.command == command:
            now = inputs(root, table.command) if computed else before.get(table.name, "")
            of_page[table.name] = {"command": table.command, "inputs": now, "content": digest(table.content)}
            if reason:
                of_page[table.name]["accepted"] = reason
    for name in of_page.keys() - {table.name for table in there}:
        del of_page[name]
    known = {name: known[name] for name in sorted(known) if known[name]}
    (root / RECORD).write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Compare, or accept."""
    if arguments[:1] == ["--accept"]:
        if len(arguments) != 3 or not arguments[2].strip():
            print('name a page and the reason: --accept docs/x.md "why its figures still hold"', file=sys.stderr)
            return 2
        accept(arguments[1], arguments[2])
        return 0
    wrong = check()
    print("\n".join(wrong) if wrong else "all figures are of what is here now")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
