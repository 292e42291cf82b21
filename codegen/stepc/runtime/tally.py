"""The accounts of many adapters of one class as one, added up without building an account for each."""

from __future__ import annotations

from operator import add

from stepc.runtime.account import EpisodeAccount, count_value
from stepc.runtime.adapter import AdapterBase
from stepc.runtime.pairing import Pairing


class Tally:
    """Sums of what adapters counted."""

    __slots__ = ("_left_open", "_pairs", "_sum")

    def __init__(self, adapter: type[AdapterBase]) -> None:
        self._sum = adapter({})
        self._sum.dropped = ""
        self._pairs: dict[str, Pairing] = {pair.name: pair for pair in self._sum.pairs}
        self._left_open: dict[str, int] = dict.fromkeys(self._pairs, 0)

    def add(self, adapter: AdapterBase) -> None:
        """Add the counts of an adapter that is done."""
        total = self._sum
        total.arms = list(map(add, total.arms, adapter.arms))
        total.steps = list(map(add, total.steps, adapter.steps))
        if any(adapter.silent):
            total.silent = list(map(add, total.silent, adapter.silent))
        if any(adapter.ignored):
            total.ignored = list(map(add, total.ignored, adapter.ignored))
        if any(adapter.unknown):
            total.unknown = list(map(add, total.unknown, adapter.unknown))
        if any(adapter.skipped):
            total.skipped = list(map(add, total.skipped, adapter.skipped))
        total.sealed += adapter.sealed
        for pair in adapter.pairs:
            mine = self._pairs[pair.name]
            mine.opened += pair.opened
            mine.answered += pair.answered
            mine.unanswered += pair.unanswered
            mine.superseded += pair.superseded
            mine.over_bound += pair.over_bound
            self._left_open[pair.name] += pair.left_open
        if adapter._unknown_values:
            for value, count in adapter._unknown_values.items():
                count_value(total._unknown_values, value, count)

    def account(self) -> EpisodeAccount:
        """The sum. Its defects are empty: they are kept with their places by the run."""
        account = self._sum.account
        account.defects = []
        for name, pair in account.pairs.items():
            pair.left_open = self._left_open[name]
        return account
