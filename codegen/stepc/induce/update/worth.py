"""What a spec makes of traces, as one number: quick enough to try many changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepc.induce.score import Compiled, compiled, summary
from stepc.runtime.run import RunAccount, run
from stepc.runtime.step import Step

_UNIT = 100
"""Bytes of traces with one value in steps, at which half of what can be gained by more values is gained."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What became of the traces.

    score   larger is better: episodes read, events understood, calls answered, labels known, values in steps, few defects
    """

    score: float
    account: RunAccount

    @property
    def summary(self) -> str:
        """The account in a few lines."""
        return summary(self.account)


class Scale:
    """Weighs specs on the files of one folder."""

    def __init__(self, folder: Path, beside: Path | None) -> None:
        self._folder = folder
        self._beside = beside
        self._known: dict[str, Worth | None] = {}
        self._compiled: dict[str, Compiled] = {}
        self._full = max(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _UNIT, 1.0)

    def compiled(self, text: str) -> Compiled:
        """The spec checked and compiled, once for the same text."""
        if text not in self._compiled:
            self._compiled[text] = compiled(text, beside=self._beside)
        return self._compiled[text]

    def worth(self, text: str) -> Worth | None:
        """What a spec is worth; None where it does not compile."""
        if text not in self._known:
            ready = self.compiled(text)
            self._known[text] = None if ready.module is None else _weighed(ready.module, self._folder, self._full)
        return self._known[text]

    def steps(self, text: str) -> list[tuple[str, tuple[Step, ...]]]:
        """The steps of every episode under the episode's id."""
        ready = self.compiled(text)
        return [] if ready.module is None else [(ran.id, tuple(ran.steps)) for ran in run(ready.module, [self._folder], root=self._folder)]


def _weighed(module: Any, folder: Path, full: float) -> Worth:
    running = run(module, [folder], root=folder)
    values = labelled = groups = 0
    names: dict[type, tuple[str, ...]] = {}
    for ran in running:
        for step in ran.steps:
            kind = type(step)
            if kind not in names:
                names[kind] = tuple(step.__struct_fields__)
            values += sum(getattr(step, name) not in (None, "", {}, []) for name in names[kind])
        labelled += any(value is not None for value in (ran.labels or {}).values())
        groups += ran.group is not None
    account = running.account
    found = account.account
    events = max(found.events, 1)
    episodes = account.kept + sum(account.dropped.values()) + account.refused
    opened = sum(pair.opened for pair in found.pairs.values())
    unanswered = sum(pair.unanswered for pair in found.pairs.values())
    answered = sum(pair.answered for pair in found.pairs.values())
    defects = sum(item.count for item in account.defects)
    parts: tuple[tuple[float, Callable[[], float]], ...] = (
        (4.0, lambda: account.kept / episodes if episodes else 0.0),
        (4.0, lambda: (found.mapped - found.silent + found.ignored + found.sealed) / events if found.events else 0.0),
        (1.0, lambda: answered / (opened + unanswered) if opened + unanswered else 0.0),
        (1.0, lambda: labelled / account.kept if account.kept else 0.0),
        (0.5, lambda: groups / account.kept if account.kept else 0.0),
        (4.0, lambda: values / (values + full)),
        (-2.0, lambda: min(defects / events, 1.0)),
    )
    return Worth(sum(weight * part() for weight, part in parts), account)
