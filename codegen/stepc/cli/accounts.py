"""Accounts as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepc.diagnostics.render import counted
from stepc.terminal import Paint, cut, escape, fold, pad

if TYPE_CHECKING:
    from stepc.runtime import EpisodeAccount
    from stepc.runtime.problems import RunDefect
    from stepc.runtime.run import RunAccount


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
        if count.other and not count.true and not count.false:
            rows.append((_LABEL, f"{name}: {count.other:,} known, {count.unknown:,} unknown"))
        else:
            rows.append((_LABEL, f"{name}: {count.true:,} true, {count.false:,} false, {count.unknown:,} unknown"))
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
    out = [head]
    for title, text in _untwinned(rows):
        lines = [text] if columns is None else fold(text, max(columns - 12, 24))
        out.append(f"  {paint('note', pad(title, 8))}  {lines[0]}")
        out += [" " * 12 + line for line in lines[1:]]
    for defect in account.defects:
        out += _defect(defect, paint, columns)
    if not account.defects:
        out.append(f"  {paint('note', pad('defects', 8))}  {paint('good', 'none')}")
    if not account.adds_up:
        out.append(f"  {paint('error', 'the account does not add up: please report this')}")
    return out


_LABEL = "labels"


def _untwinned(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows with each title only once."""
    return [("" if index and rows[index - 1][0] == title else title, text) for index, (title, text) in enumerate(rows)]


def _defect(defect: RunDefect, paint: Paint, columns: int | None) -> list[str]:
    where = f" × {escape(defect.site)}" if defect.site else " ×"
    line = f" (line {defect.line})" if defect.line else ""
    place = f": {escape(str(defect.places[0]))}" if defect.places else ""
    detail = f", {escape(defect.detail)}" if defect.detail else ""
    text = f"{defect.count:,}{where}{line}{place}{detail}"
    return [f"  {paint('warning', pad(defect.kind, 8))}  {cut(text, max(columns - 4 - max(len(defect.kind), 8), 24)) if columns else text}"]
