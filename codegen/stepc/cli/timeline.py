"""One episode as a timeline: a row a step, aligned, folded, and safe for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.measure import Measurement
from rich.padding import Padding
from rich.text import Text

from stepc.terminal import Paint, cut, drawn, escape, fold, table, width

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

ACTOR_STYLES = {"agent": "cyan", "user": "green"}
TYPE_STYLES = {"Said": "bold", "Thought": "italic", "ToolCall": "magenta", "ToolResult": "blue", "Observed": "yellow"}
STATUS_STYLES = {"error": "error", "ok": "green"}
SUBJECTS = ("tool", "channel")
LONGEST_SUBJECT = 24
LONGEST_ACTOR = 16
PLAIN_WIDTH = 120
NARROWEST = 60
"""Columns that a timeline takes at least: below, a row would be longer than it is wide."""
ROOM = 24
"""Cells that text needs to stand beside the tool that it comes from; with fewer it stands below."""
LINES = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the timeline: a step of an event, or an event without a step (`step` is -1 then) with its `fate` and the reason."""

    event: int
    step: int = -1
    fields: Mapping[str, Any] = field(default_factory=dict)
    fate: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a timeline is drawn. `lines` bounds the lines of one step (None: all of its text); `everything` shows call ids too."""

    paint: Paint
    columns: int = PLAIN_WIDTH
    lines: int | None = LINES
    everything: bool = False


@dataclass(frozen=True, slots=True)
class _Content:
    """What a step says: the lead (tool and status), and the text folded beside it, or below where that is too narrow."""

    lead: Text
    text: str
    most: int | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - self.lead.cell_len
        beside = room >= min(ROOM, self._widest())
        lines = [Text(line) for part in self.text.split("\n") for line in fold(part, room if beside else options.max_width, most=self.most)]
        if beside:
            yield self.lead + lines[0]
            yield from (Padding(line, (0, 0, 0, self.lead.cell_len)) for line in lines[1:])
        else:
            yield self.lead
            yield from lines if self.text else []

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest = self.lead.cell_len + self._widest()
        return Measurement(min(ROOM, widest), widest).with_maximum(options.max_width)

    def _widest(self) -> int:
        return max(map(width, self.text.split("\n")))


def timeline(entries: Sequence[Entry], actors: Mapping[str, str], look: Look) -> list[str]:
    """The lines of a timeline. `actors` names the field of each step type that says who is meant."""
    steps = [entry for entry in entries if entry.step >= 0]
    timed = [entry.fields["at"] for entry in steps if isinstance(entry.fields.get("at"), int | float)]
    subject = min(max([width(_subject(entry.fields)) for entry in steps] + [0]), LONGEST_SUBJECT)
    rows = table()
    rows.add_column("event", justify="right", style="dim", no_wrap=True)
    rows.add_column("step", justify="right", no_wrap=True)
    if timed:
        rows.add_column("at", justify="right", style="dim", no_wrap=True)
    rows.add_column("actor", max_width=LONGEST_ACTOR, no_wrap=True)
    rows.add_column("type", no_wrap=True)
    rows.add_column()
    before = -1
    for entry in entries:
        kind = escape(str(entry.fields.get("type", "")))
        who = escape(str(entry.fields.get(actors.get(kind, "")) or ""))
        cells: list[Text | _Content] = [Text("" if entry.event == before else str(entry.event))]
        cells.append(Text(str(entry.step) if entry.step >= 0 else ""))
        cells += [Text(_offset(entry.fields.get("at"), timed[0]))] if timed else []
        cells.append(Text(who, style=ACTOR_STYLES.get(who, "")))
        if entry.step >= 0:
            cells += [Text(kind, style=TYPE_STYLES.get(kind, "bold")), _content(entry.fields, actors.get(kind, ""), subject, look)]
        else:
            cells += [Text(entry.fate), _Content(Text(), escape(entry.note), look.lines)]
        rows.add_row(*cells, style=None if entry.step >= 0 else "warning" if entry.fate == "unknown" else "dim")
        before = entry.event
    return drawn(rows, max(look.columns, NARROWEST), look.paint)


def _offset(at: Any, first: float) -> str:
    if not isinstance(at, int | float):
        return ""
    seconds = at - first
    if abs(seconds) < 100:
        return f"{seconds:+.1f}s"
    return f"{seconds / 60:+.1f}m" if abs(seconds) < 6000 else f"{seconds / 3600:+.1f}h"


def _subject(fields: Mapping[str, Any]) -> str:
    return next((escape(str(fields[name])) for name in SUBJECTS if fields.get(name)), "")


def _content(fields: Mapping[str, Any], actor: str, column: int, look: Look) -> _Content:
    """Subject and status of a step, then its other fields and its text."""
    lead = Text()
    if subject := _subject(fields):
        lead.append(cut(subject, column), "magenta").pad_right(column + 2 - width(cut(subject, column)))
    if status := _status(fields):
        lead.append(f"{status:<5}  ", STATUS_STYLES.get(status, "dim"))
    extras = _extras(fields, actor, look.everything)
    return _Content(lead, "  ".join(part for part in (extras, *_texts(fields, look.everything)) if part), look.lines)


def _status(fields: Mapping[str, Any]) -> str:
    if "error" not in fields or (fields["error"] is None and "channel" in fields):
        return ""
    return "error" if fields["error"] is True else "ok" if fields["error"] is False else "?"


def _extras(fields: Mapping[str, Any], actor: str, everything: bool) -> str:
    hidden = {"type", "at", "text", "args", "error", actor, *SUBJECTS, *(() if everything else ("call_id",))}
    return "  ".join(f"{name}={_value(value)}" for name, value in fields.items() if name not in hidden and value is not None)


def _texts(fields: Mapping[str, Any], everything: bool) -> list[str]:
    """What the step says. Its own line ends stay where all of it is shown; otherwise one mark stands for any number of them."""
    parts = []
    if "args" in fields:
        args = fields["args"]
        # An action that is one text reads best as that text.
        only = next(iter(args.values())) if isinstance(args, dict) and len(args) == 1 else None
        parts.append(only if isinstance(only, str) else json.dumps(args, ensure_ascii=False, default=str))
    if fields.get("text") is not None:
        parts.append(str(fields["text"]))
    if everything:
        return [escape(part.strip(), lines=True) for part in parts]
    return [escape(re.sub(r"\s*\n\s*", "\n", part.strip())) for part in parts]


def _value(value: Any) -> str:
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def facts(topics: Sequence[tuple[str, Sequence[tuple[str, Any]] | str]], look: Look, indent: int = 0) -> list[str]:
    """`topic  name value · name value` for every topic, folded under the first value; what is a text stands as it is."""
    rows = table(header=False)
    rows.add_column(style="note", no_wrap=True)
    rows.add_column()
    for topic, values in topics:
        rows.add_row(topic, values if isinstance(values, str) else Text(" · ").join(Text.assemble(*_fact(*value)) for value in values))
    return drawn(Padding(rows, (0, 0, 0, indent)), max(look.columns, NARROWEST), look.paint)


def _fact(name: str, value: Any) -> tuple[str, tuple[str, str]]:
    return f"{escape(name)} ", ("?", "") if value is None else (cut(_value(value), 200), "bold")
