"""Accounts as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepc.diagnostics.render import counted

if TYPE_CHECKING:
    from stepc.runtime import EpisodeAccount


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
