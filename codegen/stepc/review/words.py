"""The texts that the terminal and the page share."""

from __future__ import annotations

import json
from typing import Any

from stepc.review.gather import Review, Row


def fate(row: Row) -> str:
    """What became of an event, in words."""
    where = f", line {row.arm}" if row.arm else ""
    alike = f", {row.alike:,} like it" if row.alike > 1 else ""
    note = f": {row.note}" if row.note else ""
    return f"{row.fate}{where}{alike}{note}"


def raw(row: Row) -> str:
    """A raw event as people read it: text of a log as it stands, other events as JSON."""
    event = row.raw
    if isinstance(event, dict) and event.keys() == {"kind", "text", "line"}:
        return f"{event['kind']}:\n{event['text']}"
    return json.dumps(event, indent=1, ensure_ascii=False, default=str)


def step(fields: dict[str, Any]) -> str:
    """A step with the fields that have a value; texts stand on lines of their own."""
    lines = [str(fields["type"])]
    for name, value in fields.items():
        if name == "type" or value is None:
            continue
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        shown = shown if len(shown) <= 600 else f"{shown[:600]}… ({len(shown):,} characters)"
        lines.append(f"  {name}: {shown}")
    return "\n".join(lines)


def heading(found: Review) -> str:
    """How much of the samples is shown."""
    left = f"; {found.ways - len(found.rows):,} further ways are not shown" if found.ways > len(found.rows) else ""
    return f"{found.episodes:,} episodes, {found.ways:,} ways that events go, one event each{left}"
