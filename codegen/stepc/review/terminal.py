"""A review on a terminal: the doubts, then raw events beside their steps."""

from __future__ import annotations

from rich.text import Text

from stepc.review.gather import Review, Row
from stepc.review.words import fate, heading, raw, step
from stepc.terminal import Paint, cut, drawn, escape, fold, table

_STYLES = {"unknown": "error", "silent": "warning", "ignored": "dim", "sealed": "dim", "mapped": "good"}


def as_text(found: Review, paint: Paint, columns: int, *, lines: int | None) -> list[str]:
    """The lines of a review; `lines` bounds those of one event (None: all)."""
    out: list[str] = []
    if found.doubts:
        out.append(paint("bold", "check"))
        for doubt in found.doubts:
            first, *rest = fold(escape(doubt.text), max(columns - 9, 24))
            out += [f"{paint('place', str(doubt.line).rjust(5))}  {first}", *(" " * 7 + line for line in rest)]
        out.append("")
    if found.unread:
        out.append(paint("bold", "neither read nor left out"))
        listed = ", ".join(f"{escape(path)} ({count:,})" for path, count in found.unread)
        out += ["  " + line for line in fold(listed, columns - 2, most=6)]
        out.append("")
    out.append(paint("bold", heading(found)))
    for row in found.rows:
        out += ["", paint(_STYLES.get(row.fate, ""), cut(escape(f"{row.episode}, event {row.event}: {fate(row)}"), columns))]
        out += _side_by_side(row, paint, columns, lines)
    return out


def _side_by_side(row: Row, paint: Paint, columns: int, lines: int | None) -> list[str]:
    half = max((columns - 3) // 2, 30)
    rows = table(header=False)
    rows.add_column(width=half, overflow="fold")
    rows.add_column(overflow="fold")
    left = _folded(raw(row), half, lines)
    right = _folded("\n".join(step(fields) for fields in row.steps) or "nothing", half, lines)
    rows.add_row(Text("\n".join(left), style="dim"), Text("\n".join(right)))
    return drawn(rows, columns, paint)


def _folded(text: str, width: int, most: int | None) -> list[str]:
    found = [part for line in text.split("\n") for part in fold(escape(line.replace("\t", "  ")), width)]
    return found if most is None or len(found) <= most else [*found[: most - 1], f"… {len(found) - most + 1:,} more lines"]
