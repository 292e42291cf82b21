"""A comparison for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepc.cli.monitor.evaluate_page import MARKS, PLAIN_WIDTH, STYLES, folded
from stepc.terminal import Paint, cut, drawn, escape, table


def page(report: Mapping[str, Any], paint: Paint, columns: int | None) -> str:
    """What differs, in sentences, and the figures."""
    from stepwatch.report.comparison import summary, tables

    wide = columns or PLAIN_WIDTH
    base = report["base"]
    lines = [paint("bold", f"{base['runs']:,} runs of {base['groups']:,} groups, {base['prefixes']:,} decision points"), ""]
    for warning in report["warnings"]:
        lines += folded("!", warning, wide, paint, "warning")
    for one in summary(report):
        lines += folded(MARKS[one.mood], one.text, wide, paint, STYLES[one.mood])
    for found in tables(report):
        shown = table()
        for place, name in enumerate(found.head):
            shown.add_column(escape(name), justify="left" if place < found.words else "right", no_wrap=True)
        for row in found.rows:
            shown.add_row(*(cut(escape(cell), 40) for cell in row))
        lines += ["", *drawn(shown, columns, paint)]
    return "\n".join(lines) + "\n"
