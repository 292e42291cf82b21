"""Examples for a spec out of the samples themselves, where these lie below the folder of the spec: `stepc test` can then run them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from stepc.induce.score import Compiled, compiled
from stepc.induce.writing import Lines, block, sentence, string
from stepc.runtime.problems import Problems
from stepc.verify.examples import run_examples
from stepc.verify.play import episodes, play

_MOST_BYTES: Final = 1 << 20
"""A sample is read whole each time that examples are run."""
_MOST_EPISODES: Final = 200
_MOST_STEPS: Final = 6
_LONGEST: Final = 40


def with_example(text: str, paths: Sequence[str | Path], beside: Path | None) -> str:
    """The text of a spec with an example behind it; as it was where no sample lies below the folder `beside`, or none is small enough."""
    ready = compiled(text, beside=beside)
    for path in paths if beside is not None and ready.module is not None else ():
        given = _relative(Path(path), beside or Path())
        lines = _example(ready, Path(path), given) if given and _size(Path(path)) <= _MOST_BYTES else []
        if not lines:
            continue
        longer = text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
        tried = compiled(longer, beside=beside)
        if tried.program is not None and tried.module is not None and not any(one.severity == "error" for one in tried.diagnostics):
            results = run_examples(tried.program, tried.module, beside or Path())
            if results and all(result.holds for result in results):
                return longer
    return text


def _relative(path: Path, beside: Path) -> str:
    try:
        found = path.resolve().relative_to(beside.resolve()).as_posix()
    except (ValueError, OSError):
        return ""
    return found if found != "." else ""


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum((Path(folder) / name).stat().st_size for folder, _, names in os.walk(path) for name in names)


def _example(ready: Compiled, path: Path, given: str) -> Lines:
    """The shortest run with the most kinds of steps."""
    if ready.module is None:
        return []
    played = []
    for number, episode in enumerate(episodes(ready.module, [str(path)], root=None, problems=Problems())):
        if number >= _MOST_EPISODES:
            return []
        played.append(play(ready.module, episode))
    told = [one for one in played if one.labels is not None and len(one.steps) > 1]
    if not told:
        return []
    best = max(told, key=lambda one: (len({step["type"] for step in one.steps}), -len(one.steps)))
    which = f" id {string(best.labels.id)}" if best.labels is not None and len(played) > 1 else ""
    expected = [_step(step) for step in best.steps[:_MOST_STEPS]]
    more = ["..."] if len(best.steps) > _MOST_STEPS else []
    return block('example "a run of the samples"', [f"given {string(given)}{which}", f"expect [{', '.join([*expected, *more])}]"])


def _step(step: dict[str, Any]) -> str:
    """A step by what is short and telling in it."""
    kind = str(step["type"])
    fields = {
        "Said": ("by", "name"),
        "ToolCall": ("tool",),
        "ToolResult": ("tool", "error"),
        "Observed": ("channel",),
    }.get(kind, ())
    said = []
    for name in fields:
        value = step.get(name)
        if isinstance(value, bool):
            said.append(f"{name}: {'true' if value else 'false'}")
        elif isinstance(value, str) and value and len(value) <= _LONGEST and sentence(value) == value:
            said.append(f"{name}: {value}" if name == "by" else f"{name}: {string(value)}")
    return kind + (f"{{{', '.join(said)}}}" if said else "")
