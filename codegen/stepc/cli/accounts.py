"""Accounts as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepc.diagnostics.render import counted
from stepc.terminal import Paint, drawn, escape, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stepc.runtime import EpisodeAccount
    from stepc.runtime.problems import RunDefect
    from stepc.runtime.run import LabelCount, RunAccount


def events_line(account: EpisodeAccount) -> str:
    """`24 events = 23 mapped (1 of them silent) + 1 ignored + 0 sealed + 0 unknown`."""
    silent = f" ({account.silent:,} of them silent)" if account.silent else ""
    parts = f"{account.mapped:,} mapped{silent} + {account.ignored:,} ignored + {account.sealed:,} sealed + {account.unknown:,} unknown"
    return f"{counted(account.events, 'event')} = {parts}"


def pairs_line(account: EpisodeAccount) -> str:
    """`calls: 7 of 7 answered, 0 left open`, for every pair that was used."""
    lines = []
    for name, pair in sorted(account.pairs.items()):
        if not pair.opened and not pair.unanswered:
            continue
        odd = [
            f"{count:,} {what}"
            for count, what in (
                (pair.left_open, "left open"),
                (pair.superseded, "superseded"),
                (pair.unanswered, "answers without a call"),
                (pair.over_bound, "over the bound"),
            )
            if count
        ]
        lines.append(f"{name}: {pair.answered:,} of {pair.opened:,} answered" + (f", {', '.join(odd)}" if odd else ""))
    return "; ".join(lines)


def account_lines(account: RunAccount, paint: Paint, columns: int | None) -> list[str]:
    """What became of everything that a run read, a line a topic."""
    inner = account.account
    head = f"{paint('bold', account.source)}  {counted(account.files, 'file')}, {counted(account.kept, 'episode')}"
    dropped = sum(account.dropped.values())
    if dropped:
        head += f" and {dropped:,} dropped"
    rows = [("events", events_line(inner))]
    steps = ", ".join(f"{count:,} {name}" for name, count in inner.steps.items() if count)
    rows.append(("steps", steps or "none"))
    rows += [("pairs", pairs_line(inner))] if pairs_line(inner) else []
    for name, count in account.labels.items():
        rows.append((_LABEL, f"{name}: {_label(count)}"))
    rows += [("dropped", f"{count:,} without {field}") for field, count in account.dropped.items()]
    rows += [("skipped", f"{item.count:,} {item.step} without {item.field} (line {item.line})") for item in inner.skipped if item.count]
    rows += [("no group", f"{counted(account.without_group, 'episode')}, left out of training")] if account.without_group else []
    rows += [("ids", f"{counted(account.duplicates, 'episode')} with an id that came before")] if account.duplicates else []
    outside = ", ".join(f"{count:,} {kind}" for kind, count in account.outside.items() if count)
    rows += [("outside", f"{outside} (records of no episode)")] if outside else []
    if inner.unknown_values:
        rows.append(("unknown", ", ".join(f"{escape(value)} ({count:,})" for value, count in inner.unknown_values.items())))
    if account.overridden or account.unused_outcomes or account.conflicts:
        conflicts = ", ".join(f"{count:,} × {name}" for name, count in account.conflicts.items())
        text = f"labels of {counted(account.overridden, 'episode')} from the file, {account.unused_outcomes:,} ids met no episode"
        rows.append(("outcomes", text + (f"; the traces said otherwise: {conflicts}" if conflicts else "")))
    out = [head, *drawn(_rows(_untwinned(rows), account.defects), columns, paint)]
    if not account.adds_up:
        out.append(f"  {paint('error', 'the account does not add up: please report this')}")
    return out


_LABEL = "labels"


def _label(count: LabelCount) -> str:
    """What is known of a label: true and false where it is a truth, else how often anything is known."""
    if not count.true and not count.false:
        return f"{count.other:,} known, {count.unknown:,} unknown"
    other = f"{count.other:,} other, " if count.other else ""
    return f"{count.true:,} true, {count.false:,} false, {other}{count.unknown:,} unknown"


def _untwinned(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows with each title only once."""
    return [("" if index and rows[index - 1][0] == title else title, text) for index, (title, text) in enumerate(rows)]


def _rows(rows: list[tuple[str, str]], defects: Sequence[RunDefect]) -> RenderableType:
    """Topics and what there is to say of each; defects last, or that there are none."""
    from rich.padding import Padding
    from rich.text import Text

    topics = table(header=False)
    topics.add_column(min_width=8, no_wrap=True, style="note")
    topics.add_column()
    for title, text in rows:
        topics.add_row(title, text)
    for defect in defects:
        topics.add_row(Text(defect.kind, style="warning"), Text(_defect(defect), no_wrap=True, overflow="ellipsis"))
    if not defects:
        topics.add_row("defects", Text("none", style="good"))
    return Padding(topics, (0, 0, 0, 2))


def _defect(defect: RunDefect) -> str:
    where = f" × {escape(defect.site)}" if defect.site else " ×"
    line = f" (line {defect.line})" if defect.line else ""
    place = f": {escape(str(defect.places[0]))}" if defect.places else ""
    detail = f", {escape(defect.detail)}" if defect.detail else ""
    return f"{defect.count:,}{where}{line}{place}{detail}"
