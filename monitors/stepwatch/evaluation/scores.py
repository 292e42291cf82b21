"""Somebody else's scores: a file of `episode, step, score`, one row a prefix, as CSV with a header or as JSON lines.

`step` is the number of the last step that the score knows, as `stepc run` numbers steps; `point`, the number of the decision point from 1
on, will do in its place. Higher is riskier. A column `risk` between 0 and 1 is a probability. Other columns are passed over.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stepwatch.evaluation.cases import Cases
from stepwatch.metrics.levels import Floats

MOST_ROWS: Final = 20_000_000
MOST_LINE: Final = 1 << 20
SHOWN: Final = 3


class ScoresError(ValueError):
    """A file of scores that does not say what it should, or not of these prefixes: where, and what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by episode and step (or point). `risks` has the same keys, or none."""

    name: str
    by: str
    scores: Mapping[tuple[str, int], float]
    risks: Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Scores as a column of cases; `unused` rows of the file are of no decision point here."""

    score: Floats
    risk: Floats | None
    unused: int


def read_scores(path: str | Path) -> Scores:
    """The scores in a file.

    Raises:
        ScoresError: a row is not as it should be; the message has its line.
        OSError: the file cannot be read.
    """
    scores: dict[tuple[str, int], float] = {}
    risks: dict[tuple[str, int], float] = {}
    by = ""
    for line, row in _rows(Path(path)):
        at = f"{path}, line {line}"
        if not by:
            by = "step" if "step" in row else "point"
            missing = [name for name in ("episode", by, "score") if name not in row]
            if missing:
                told = ", ".join(sorted(map(str, row))[:12])
                raise ScoresError(f"{at}: there is no column {missing[0]}; it has {told}", "name the columns episode, step, score")
        if len(scores) >= MOST_ROWS:
            raise ScoresError(f"{path} has more than {MOST_ROWS:,} rows")
        key = str(row.get("episode")), _whole(row.get(by), by, at)
        if key in scores:
            raise ScoresError(f"{at}: {by} {key[1]} of episode {key[0][:80]} comes a second time", "write one row a prefix")
        scores[key] = _number(row.get("score"), "score", at)
        if row.get("risk") not in (None, ""):
            risks[key] = _number(row["risk"], "risk", at)
            if not 0.0 <= risks[key] <= 1.0:
                raise ScoresError(f"{at}: a risk lies between 0 and 1, not at {risks[key]:g}")
    if not scores:
        raise ScoresError(f"{path} has no rows", "write one row a prefix: episode, step, score")
    if risks and len(risks) < len(scores):
        raise ScoresError(f"{path}: {len(scores) - len(risks):,} of {len(scores):,} rows have no risk", "give all rows one, or none")
    return Scores(Path(path).stem, by, scores, risks)


def align(cases: Cases, scores: Scores) -> Aligned:
    """The scores of the cases' prefixes.

    Raises:
        ScoresError: Prefixes have no score, or several episodes share an id.
    """
    ids = [one.id for one in cases.runs]
    if len(set(ids)) < len(ids):
        twice = next(one for place, one in enumerate(ids) if one in ids[:place])
        raise ScoresError(f"episode {twice[:80]} is there more than once, so that scores of it cannot be told apart")
    places = cases.step if scores.by == "step" else cases.index
    keys = [(ids[run], place) for run, place in zip(cases.run.tolist(), places.tolist(), strict=True)]
    missing = [key for key in keys if key not in scores.scores]
    if missing:
        known = {episode for episode, _ in scores.scores}
        absent = sorted({episode for episode, _ in missing} - known)
        shown = ", ".join(f"{scores.by} {place} of {episode[:60]}" for episode, place in missing[:SHOWN])
        what = f"{scores.name} has no score for {len(missing):,} of {len(keys):,} prefixes ({shown}{', …' if len(missing) > SHOWN else ''})"
        if len(absent) == len(ids):
            what += "; none of its episodes is among the traces"
        elif absent:
            what += f"; {len(absent):,} of {len(ids):,} episodes are not in it at all"
        raise ScoresError(what, "score every decision point: `stepc monitor evaluate` writes them, with their steps, into scores.csv")
    return Aligned(
        np.array([scores.scores[key] for key in keys]),
        np.array([scores.risks[key] for key in keys]) if scores.risks else None,
        len(scores.scores) - len(keys),
    )


def table(cases: Cases) -> Iterator[list[Any]]:
    """The rows of scores.csv, header first: every judged prefix with its label, for rivals to score and for `compare`."""
    yield ["episode", "group", "point", "step", "label", "score", "risk"]
    known, truth = cases.known, cases.truth
    for row in range(len(cases)):
        run = cases.runs[int(cases.run[row])]
        label = int(truth[row]) if known[row] else ""
        scored = [repr(float(cases.score[row])), repr(float(cases.risk[row]))] if len(cases.score) else ["", ""]
        yield [run.id, run.group, int(cases.index[row]), int(cases.step[row]), label, *scored]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows with their lines. What begins with `{` is JSON lines."""
    with path.open(encoding="utf-8-sig", errors="strict", newline="") as file:
        try:
            first = file.read(1)
            file.seek(0)
            if first == "{":
                yield from _json(path, file)
                return
            reader = csv.DictReader(file)
            for row in reader:
                yield reader.line_num, row
        except UnicodeDecodeError:
            raise ScoresError(f"{path} is not UTF-8 text", "name a CSV file or JSON lines") from None
        except csv.Error as error:
            raise ScoresError(f"{path} is no CSV: {error}", "name a CSV file or JSON lines") from None


def _json(path: Path, lines: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(iter(lambda: lines.readline(MOST_LINE), ""), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise ScoresError(f"{path}, line {number}: what stands there is not JSON") from None
        if not isinstance(row, dict):
            raise ScoresError(f"{path}, line {number}: an object is needed")
        yield number, row


def _number(value: Any, name: str, at: str) -> float:
    try:
        found = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise ScoresError(f"{at}: {name} is {_shown(value)}, and a finite number is needed")
    return found


def _whole(value: Any, name: str, at: str) -> int:
    found = _number(value, name, at)
    if not found.is_integer() or abs(found) > 1e15:
        raise ScoresError(f"{at}: {name} is {_shown(value)}, and a whole number is needed")
    return int(found)


def _shown(value: Any) -> str:
    return "missing" if value in (None, "") else repr(value)[:40]
