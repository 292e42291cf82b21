"""Runs out of already converted data, stepc's own or anybody's: which column is which is guessed from its name, or told."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from stepwatch.audit.collect import sample_key
from stepwatch.audit.model import Run, Settings, StepRow
from stepwatch.audit.rows import Table, TableError
from stepwatch.audit.words import window

EPISODE = (
    *("episode", "episode_id", "trajectory_id", "traj_id", "trace_id", "run_id", "rollout_id", "session_id", "conversation_id"),
    *("dialogue_id", "sample_id", "simulation_id", "instance_id", "id"),
)
LABEL = (
    *("failed", "failure", "is_failure", "fail", "success", "succeeded", "is_success", "successful", "passed", "resolved", "solved"),
    *("correct", "is_correct", "reward", "final_reward", "score", "outcome", "label", "y", "target"),
)
GROUP = ("group", "group_id", "task", "task_id", "instance_id", "problem_id", "question_id", "intent_id", "question", "instruction")
TYPE = ("type", "step_type", "event_type", "kind", "action_type", "role")
ORDER = ("step", "step_index", "step_idx", "step_id", "index", "idx", "turn", "turn_idx", "position", "seq", "t")
TIME = ("at", "time", "timestamp", "ts", "created_at")
STEPS = ("steps", "trajectory", "traj", "messages", "events", "history", "turns", "trace")
TRUE = frozenset(["true", "yes", "1", "pass", "passed", "success", "successful", "succeeded", "resolved", "solved", "correct", "win", "ok"])
FALSE = frozenset(["false", "no", "0", "fail", "failed", "failure", "unresolved", "unsolved", "incorrect", "wrong", "error", "lose"])
LOOKED_AT = 300


@dataclass(frozen=True, slots=True)
class Names:
    """Which columns are meant; empty: guess. A dot leads into an object (`labels.failed`)."""

    episode: str = ""
    label: str = ""
    group: str = ""
    type: str = ""
    order: str = ""
    time: str = ""
    steps: str = ""


@dataclass(slots=True)
class Foreign:
    """Runs of a table, with what was understood of its columns. `offered` counts the runs outside the sample as well."""

    names: Names
    runs: list[Run]
    offered: int
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _About:
    """What the episodes table says of one run."""

    label: bool | None
    group: str | None
    strata: dict[str, str]


def read_foreign(steps: Path, episodes: Path | None, told: Names, settings: Settings) -> Foreign:
    """Read steps (one row a step, or one row a run with its list of steps) and, where given, the labels and groups of their runs.

    Raises:
        TableError: a file cannot be read, or it cannot be told which column is which.
    """
    table = Table(steps)
    head = list(islice(table.rows(), LOOKED_AT))
    if not head:
        raise TableError(f"{steps} holds no rows")
    about_head = list(islice(Table(episodes).rows(), LOOKED_AT)) if episodes is not None else []
    names = understood(told, head, about_head, steps)
    notes = [explained(names)]
    about: dict[str, _About] = {}
    if episodes is not None:
        about = read_about(Table(episodes), names, notes)
    foreign = nested_runs(table, names, about) if names.steps else row_runs(table, names, about, settings)
    if table.bad:
        notes.append(f"{table.bad:,} lines of {steps.name} are no JSON object and are left out")
    foreign.notes = notes
    if episodes is not None and not any(run.id in about for run in foreign.runs):
        raise TableError(f"no run of {steps.name} is named in {episodes}", "name the columns with --episode-column")
    if not any(run.label is not None for run in foreign.runs):
        raise TableError(f"no run has a label: `{names.label}` is nowhere true or false", "name another column with --label")
    return foreign


def understood(told: Names, head: list[dict[str, Any]], about: list[dict[str, Any]], path: Path) -> Names:
    """The columns by the user's word, else by their names.

    Raises:
        TableError: there is no column for the runs or for the label.
    """
    columns = names_of(head)
    steps = told.steps or next((name for name in STEPS if listed(head, name)), "")
    label = told.label or guess(LABEL, names_of(about) | columns, about + head)
    label = qualified(label, about + head)
    if not label:
        raise TableError(f"no column of {path.name} is known for a label; there are {some(columns)}", "name it with --label")
    if steps:
        inner = names_of([row for outer in head for row in outer[steps][:50] if isinstance(row, dict)])
        return Names(
            episode=told.episode or first(EPISODE, columns),
            label=label,
            group=told.group or first(GROUP, columns),
            type=told.type or first(TYPE, inner),
            order=told.order,
            time=told.time or first(TIME, inner),
            steps=steps,
        )
    episode = told.episode or first(EPISODE, columns)
    if not episode:
        raise TableError(f"no column of {path.name} is known to name the run; there are {some(columns)}", "name it with --episode-column")
    return Names(
        episode=episode,
        label=label,
        group=told.group or first([name for name in GROUP if name != episode], columns | names_of(about)),
        type=told.type or first(TYPE, columns),
        order=told.order or first([name for name in ORDER if name != episode], columns),
        time=told.time or first(TIME, columns),
    )


def names_of(rows: list[dict[str, Any]]) -> set[str]:
    """Every column name of some rows."""
    return {name for row in rows for name in row}


def first(candidates: list[str] | tuple[str, ...], columns: set[str]) -> str:
    """The first candidate that is a column."""
    return next((name for name in candidates if name in columns), "")


def guess(candidates: tuple[str, ...], columns: set[str], rows: list[dict[str, Any]]) -> str:
    """The first candidate that is a column or stands in the object `labels`."""
    inside = {str(name) for row in rows if isinstance(row.get("labels"), dict) for name in row["labels"]}
    return first(candidates, inside) or next(iter(sorted(inside)), "") or first(candidates, columns)


def qualified(label: str, rows: list[dict[str, Any]]) -> str:
    """A label's path: `failed` is `labels.failed` where only that exists."""
    if not label or any(look(row, label) is not None for row in rows):
        return label
    inside = f"labels.{label}"
    return inside if any(look(row, inside) is not None for row in rows) else label


def listed(rows: list[dict[str, Any]], name: str) -> bool:
    """Whether a column holds lists of objects throughout."""
    values = [row.get(name) for row in rows]
    return (
        bool(values)
        and all(isinstance(value, list) for value in values)
        and any(value and isinstance(value[0], dict) for value in values if value)
    )


def some(columns: set[str]) -> str:
    """Column names for a message."""
    shown = [f"`{name[:40]}`" for name in sorted(columns)[:12]]
    return ", ".join(shown) + (" and more" if len(columns) > 12 else "")


def explained(names: Names) -> str:
    """What was understood, for the report."""
    parts = [("runs", names.episode), ("label", names.label), ("group", names.group), ("step type", names.type), ("order", names.order)]
    said = ", ".join(f"{what} by `{name}`" for what, name in parts if name)
    missing = ", ".join(what for what, name in parts if not name and what in ("group", "step type"))
    return f"read as: {said}" + (f"; no column for {missing}" if missing else "")


def look(row: Mapping[str, Any], path: str) -> Any:
    """The value at a column or a dotted path, else None."""
    if not path:
        return None
    if path in row:
        return row[path]
    value: Any = row
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def as_label(value: object) -> bool | None:
    """A label's truth: booleans, 0 and 1, words; of other numbers whether they reach 1."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value >= 1 if value == value else None
    if isinstance(value, str):
        text = value.strip().lower()
        return True if text in TRUE else False if text in FALSE else None
    return None


def as_name(value: object) -> str | None:
    """An id or a group as text; None for what is none."""
    if value is None or value == "" or isinstance(value, (dict, list)):
        return None
    return str(value)[:1_000]


def as_time(value: object) -> float | None:
    """Seconds of a number or an ISO 8601 text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < 1e18 else None
    if isinstance(value, str) and 10 <= len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    return None


def strata_of(row: Mapping[str, Any], names: Names) -> dict[str, str]:
    """Facts of a run that may explain a relation: what `meta` holds, else the model."""
    meta = row.get("meta")
    source = meta if isinstance(meta, Mapping) else {key: row[key] for key in ("model", "agent", "domain", "suite") if key in row}
    taken = {names.label.rpartition(".")[2], names.group, names.episode}
    return {str(key)[:60]: str(value)[:60] for key, value in source.items() if isinstance(value, (str, bool, int)) and key not in taken}


def read_about(table: Table, names: Names, notes: list[str]) -> dict[str, _About]:
    """The episodes table by run."""
    about: dict[str, _About] = {}
    dropped = 0
    for row in table.rows():
        found = look(row, names.episode)
        name = as_name(found if found is not None else next((row[key] for key in EPISODE if key in row), None))
        if name is None:
            continue
        if row.get("dropped"):
            dropped += 1
            continue
        about[name] = _About(as_label(look(row, names.label)), as_name(look(row, names.group)), strata_of(row, names))
    if dropped:
        notes.append(f"{dropped:,} dropped episodes are left out")
    return about


def nested_runs(table: Table, names: Names, about: dict[str, _About]) -> Foreign:
    """One row a run."""
    inner = replace(names, label="")
    runs: list[Run] = []
    for number, row in enumerate(table.rows()):
        name = as_name(look(row, names.episode)) or f"row {number}"
        steps = [step_row(step, inner) for step in row.get(names.steps) or [] if isinstance(step, dict)]
        known = about.get(name) or _About(as_label(look(row, names.label)), as_name(look(row, names.group)), strata_of(row, names))
        runs.append(Run(name, known.label, known.group, steps, known.strata))
    return Foreign(names, runs, len(runs))


def row_runs(table: Table, names: Names, about: dict[str, _About], settings: Settings) -> Foreign:
    """One row a step; the rows of a run may stand anywhere. Above the step budget the runs with the largest hashes are let go."""
    kept: dict[str, list[tuple[Any, StepRow]]] = {}
    labels: dict[str, _About] = {}
    seen: set[int] = set()
    queue: list[tuple[int, str]] = []
    refuse_from = 1 << 64
    held = 0
    for row in table.rows():
        name = as_name(look(row, names.episode))
        if name is None:
            continue
        key = sample_key(name)
        seen.add(key)
        if key >= refuse_from:
            continue
        if name not in kept:
            kept[name] = []
            heapq.heappush(queue, (-key, name))
            labels[name] = about.get(name) or _About(None, None, {})
        note_label(labels[name], row, names, about)
        kept[name].append((look(row, names.order), step_row(row, names)))
        held += 1
        while held > settings.steps and len(queue) > 1:
            largest, out = heapq.heappop(queue)
            refuse_from = min(refuse_from, -largest)
            held -= len(kept.pop(out))
            labels.pop(out)
    runs = [Run(name, labels[name].label, labels[name].group, ordered(rows), labels[name].strata) for name, rows in kept.items()]
    return Foreign(names, runs, len(seen))


def note_label(known: _About, row: Mapping[str, Any], names: Names, about: dict[str, _About]) -> None:
    """Take label and group from a step's row where the episodes table does not give them. The last label that is told counts."""
    if not about:
        value = as_label(look(row, names.label))
        known.label = known.label if value is None else value
        if not known.strata:
            known.strata = strata_of(row, names)
    if known.group is None:
        known.group = as_name(look(row, names.group))


def ordered(rows: list[tuple[Any, StepRow]]) -> list[StepRow]:
    """The steps in the order that their numbers say (within their events, where they have any), else as they stand."""
    if all(isinstance(place, (int, float)) for place, _ in rows):
        keys = [(step.event or 0, place) for place, step in rows]
        if any(a > b for a, b in pairwise(keys)):
            return [rows[index][1] for index in sorted(range(len(rows)), key=keys.__getitem__)]
    return [step for _, step in rows]


def step_row(row: Mapping[str, Any], names: Names) -> StepRow:
    """One step: its columns without those that say where it belongs."""
    kind = row.get(names.type) if names.type else None
    event = row.get("event")
    apart = {
        names.episode,
        names.label.partition(".")[0],
        names.group,
        names.type,
        names.order,
        names.time,
        "source",
        "event",
        "labels",
        "meta",
    }
    if isinstance(event, (dict, list, str)):
        apart.discard("event")
    fields = {str(name)[:80]: shortened(value) for name, value in row.items() if name not in apart}
    return StepRow(str(kind)[:60] if kind is not None else "", fields, event if type(event) is int else None, as_time(row.get(names.time)))


def shortened(value: object) -> object:
    """A long text without its middle, which nobody looks at."""
    return window(value) if isinstance(value, str) else value
