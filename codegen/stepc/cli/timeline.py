"""One episode as a timeline: a line a step, aligned, folded, and safe for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepc.terminal import Paint, cut, escape, fold, pad, width

ACTOR_STYLES = {"agent": "cyan", "user": "green"}
TYPE_STYLES = {"Said": "bold", "Thought": "italic", "ToolCall": "magenta", "ToolResult": "blue", "Observed": "yellow"}
SUBJECTS = ("tool", "channel")
LONGEST_SUBJECT = 24
PLAIN_WIDTH = 120
LINES = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: a step of an event, or a note on an event without a step (`step` is -1 then)."""

    event: int
    step: int = -1
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How a timeline is drawn. `lines` bounds the lines of one step (None: all of its text); `everything` shows call ids too."""

    paint: Paint
    columns: int = PLAIN_WIDTH
    lines: int | None = LINES
    everything: bool = False


def timeline(entries: Sequence[Entry], actors: Mapping[str, str], look: Look) -> list[str]:
    """The lines of a timeline. `actors` names the field of each step type that says who is meant."""
    steps = [entry for entry in entries if entry.step >= 0]
    who = {id(entry): escape(str(entry.fields.get(actors.get(str(entry.fields.get("type")), ""), "") or "")) for entry in steps}
    first = next((entry.fields["at"] for entry in steps if isinstance(entry.fields.get("at"), int | float)), None)
    sizes = _Sizes(
        event=max([width(str(entry.event)) for entry in entries] + [5]),
        step=max([width(str(entry.step)) for entry in steps] + [4]),
        at=max([width(_offset(entry.fields.get("at"), first)) for entry in steps] + [0]) if first is not None else 0,
        actor=min(max([width(name) for name in who.values()] + [0]), 16),
        type=max([width(str(entry.fields.get("type"))) for entry in steps] + [4]),
        subject=min(max([width(_subject(entry.fields)) for entry in steps] + [0]), LONGEST_SUBJECT),
    )
    out = [look.paint("dim", sizes.head(first is not None).rstrip())]
    before = -1
    for entry in entries:
        number = "" if entry.event == before else str(entry.event)
        before = entry.event
        lead = [
            look.paint("dim", pad(number, sizes.event, right=True)),
            pad(str(entry.step) if entry.step >= 0 else "", sizes.step, right=True),
        ]
        if first is not None:
            lead.append(look.paint("dim", pad(_offset(entry.fields.get("at"), first), sizes.at, right=True)))
        if entry.step < 0:
            room = look.columns - sizes.content_at() + sizes.actor + sizes.type + 4
            style = "warning" if entry.alarming else "dim"
            out.append("  ".join([*lead, look.paint(style, cut(escape(entry.note), max(room, 20)))]).rstrip())
            continue
        actor, kind = who[id(entry)], escape(str(entry.fields.get("type")))
        if sizes.actor:
            lead.append(look.paint(ACTOR_STYLES.get(actor, ""), pad(cut(actor, sizes.actor), sizes.actor)))
        lead.append(look.paint(TYPE_STYLES.get(kind, "bold"), pad(kind, sizes.type)))
        out += _with_content("  ".join(lead), entry.fields, actors.get(kind, ""), sizes, look)
    return out


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Widths of the columns in cells; 0: the column is left out."""

    event: int
    step: int
    at: int
    actor: int
    type: int
    subject: int

    def content_at(self) -> int:
        """Where the last column begins."""
        return sum(size + 2 for size in (self.event, self.step, self.at, self.actor, self.type) if size)

    def head(self, timed: bool) -> str:
        """The line above the table."""
        names = [pad("event", self.event, right=True), pad("step", self.step, right=True)]
        names += [pad("at", self.at, right=True)] if timed else []
        names += [pad("actor", self.actor)] if self.actor >= 5 else [" " * self.actor] if self.actor else []
        return "  ".join([*names, pad("type", self.type)])


def _offset(at: Any, first: float | None) -> str:
    if first is None or not isinstance(at, int | float):
        return ""
    seconds = at - first
    if abs(seconds) < 100:
        return f"{seconds:+.1f}s"
    return f"{seconds / 60:+.1f}m" if abs(seconds) < 6000 else f"{seconds / 3600:+.1f}h"


def _subject(fields: Mapping[str, Any]) -> str:
    return next((escape(str(fields[name])) for name in SUBJECTS if fields.get(name)), "")


def _with_content(lead: str, fields: Mapping[str, Any], actor: str, sizes: _Sizes, look: Look) -> list[str]:
    """The lead of a step with its content: subject, status, other fields, then the text, folded beside the columns."""
    paint = look.paint
    begin, room = sizes.content_at(), look.columns - sizes.content_at()
    subject, status = _subject(fields), _status(fields)
    column = sizes.subject if subject else 0
    plain = (pad(cut(subject, column), column) + "  " if subject else "") + (status + "  " if status else "")
    drawn = (paint("magenta", pad(cut(subject, column), column)) + "  " if subject else "") + (
        _painted(status, paint) + "  " if status else ""
    )
    extras = _extras(fields, actor, look.everything)
    text = "  ".join(part for part in (extras, *_texts(fields, look.everything)) if part)
    used = width(plain)
    if room - used < 24:
        # Too narrow for text beside the subject: the text goes below it.
        lines = _folded(text, max(room, 24), look) if text else []
        return [(lead + "  " + drawn).rstrip(), *(" " * begin + line for line in lines)]
    lines = _folded(text, room - used, look)
    return [(lead + "  " + drawn + lines[0]).rstrip(), *(" " * (begin + used) + line for line in lines[1:])]


def _status(fields: Mapping[str, Any]) -> str:
    if "error" not in fields or (fields["error"] is None and "channel" in fields):
        return ""
    return "error" if fields["error"] is True else "ok   " if fields["error"] is False else "?    "


def _painted(status: str, paint: Paint) -> str:
    return paint({"error": "error", "ok   ": "green"}.get(status, "dim"), status)


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


def _folded(text: str, cells: int, look: Look) -> list[str]:
    return [line for part in text.split("\n") for line in fold(part, cells, most=look.lines)]


def _value(value: Any) -> str:
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def facts(title: str, values: Sequence[tuple[str, Any]], look: Look, indent: int = 10) -> list[str]:
    """`title  name value · name value`, folded under the first value."""
    shown = [f"{escape(name)} {look.paint('bold', cut(_value(value), 200)) if value is not None else '?'}" for name, value in values]
    plain = [f"{escape(name)} {cut(_value(value), 200) if value is not None else '?'}" for name, value in values]
    if not shown:
        return []
    out, line, used = [], "", indent
    for coloured, text in zip(shown, plain, strict=True):
        if line and used + 3 + width(text) > look.columns:
            out.append(line)
            line, used = "", indent
        line += (" · " if line else "") + coloured
        used += width(text) + (3 if used > indent else 0)
    out.append(line)
    head = look.paint("note", pad(title, indent))
    return [head + out[0], *(" " * indent + rest for rest in out[1:])]
