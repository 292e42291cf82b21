"""Verdicts for people and programs: alerts once, risks over time of the runs that go on, a summary at the end."""

from __future__ import annotations

import sys
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self, TextIO

from stepc.cli.session import BAD_SPEC, UNREADABLE, Session, StopError, note, write
from stepc.diagnostics.render import counted
from stepc.terminal import cut, escape, pad

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from stepc.cli.monitor.following import Runs
    from stepc.runtime.problems import RunDefect
    from stepwatch.live import Verdict

BARS: Final = "▁▂▃▄▅▆▇█"
MOST_RISKS: Final = 24
"""Points of a run that its line shows."""
MOST_RUNS: Final = 200
"""Runs of which the screen remembers the risks: those with the latest points."""
FEWEST_LINES: Final = 3
MOST_PROBLEMS: Final = 3
"""Kinds of trouble with the traces that are told."""
STYLES: Final = {"red": "error", "yellow": "warning", "": ""}


def risk_of(verdict: Verdict) -> str:
    """The risk of a verdict for people; "" where it may be anything, because nothing was learned."""
    return f"{verdict.risk:.2f}" if verdict.high - verdict.low < 1.0 else ""


def curve(risks: deque[float]) -> str:
    """Risks over time, one character a point."""
    return "".join(BARS[min(int(risk * len(BARS)), len(BARS) - 1)] for risk in risks)


class Teller:
    """Takes verdicts. `alerts` counts those that were alerts, by zone, and `rules` those at which a rule held, by its name.

    Args:
        form: `json` writes every verdict as a line; `text` says the alerts, and on a terminal shows the runs that go on.
        file: where alerts go as lines of JSON, anew.
        live: whether runs go on, so that a terminal is worth a screen.
    """

    def __init__(self, session: Session, form: str, file: str | None, *, live: bool = False) -> None:
        self.alerts: dict[str, int] = {}
        self.rules: dict[str, int] = {}
        self._session = session
        self._json = form == "json"
        self._path = file
        self._file: TextIO | None = None
        self._wanted = live and not self._json and sys.stdout.isatty()
        self._screen: Live | None = None
        self._risks: OrderedDict[str, tuple[deque[float], Verdict]] = OrderedDict()

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                # What is in it is kept until there is something to take its place.
                Path(self._path).open("a", encoding="utf-8").close()
            except OSError as error:
                raise StopError(UNREADABLE, f"{self._path} cannot be written: {error.strerror}") from None
        if self._wanted:
            from rich.console import Console
            from rich.live import Live

            self._screen = Live(console=Console(highlight=False, markup=False, emoji=False), transient=True, refresh_per_second=4)
            self._screen.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._screen is not None:
            self._screen.__exit__(kind, value, trace)
            self._screen = None
        if self._file is not None:
            self._file.close()

    def add(self, verdict: Verdict) -> None:
        """Take a verdict."""
        if verdict.alert:
            self.alerts[verdict.zone] = self.alerts.get(verdict.zone, 0) + 1
            for name in verdict.rules:
                self.rules[name] = self.rules.get(name, 0) + 1
            if (file := self._opened()) is not None:
                file.write(verdict.line() + "\n")
                file.flush()
        if self._json:
            write(verdict.line() + "\n")
        elif verdict.alert:
            self._say(alert_lines(verdict, self._session))
        if self._wanted:
            self._keep(verdict)

    def finish(self) -> None:
        """There were runs, and no more comes: of no alert there is an empty file."""
        self._opened()

    def _opened(self) -> TextIO | None:
        if self._file is None and self._path is not None:
            self._file = Path(self._path).open("w", encoding="utf-8")  # noqa: SIM115  # closed when telling ends
        return self._file

    def show(self, open_runs: set[str], waiting: str) -> None:
        """Draw the runs that go on."""
        if self._screen is not None:
            self._screen.update(self._table(open_runs, waiting))
        else:
            sys.stdout.flush()

    def _say(self, lines: list[str]) -> None:
        if self._screen is None:
            write("\n".join(lines) + "\n")
        else:
            from rich.text import Text

            for line in lines:
                self._screen.console.print(Text.from_ansi(line), soft_wrap=True)

    def _keep(self, verdict: Verdict) -> None:
        risks, _ = self._risks.get(verdict.episode, (deque(maxlen=MOST_RISKS), verdict))
        if risk_of(verdict):
            risks.append(verdict.risk)
        self._risks[verdict.episode] = risks, verdict
        self._risks.move_to_end(verdict.episode)
        while len(self._risks) > MOST_RUNS:
            self._risks.popitem(last=False)

    def _table(self, open_runs: set[str], waiting: str) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        assert self._screen is not None
        shown = [(name, *self._risks[name]) for name in reversed(self._risks) if name in open_runs]
        # The most serious first; within a zone those with the latest points.
        shown.sort(key=lambda item: ("red", "yellow", "").index(item[2].zone))
        room = max(self._screen.console.size.height - 5, FEWEST_LINES)
        table = Table(box=None, pad_edge=False, expand=True)
        columns = (("run", 0, 2), ("points", 6, 0), ("risk", 4, 0), ("over time", MOST_RISKS, 0), ("zone", 6, 0), ("why", 0, 3))
        for heading, least, share in columns:
            justify: Literal["left", "right"] = "right" if heading in ("points", "risk") else "left"
            table.add_column(heading, justify=justify, min_width=least or 8, ratio=share or None, no_wrap=True, overflow="ellipsis")
        for name, risks, verdict in shown[:room]:
            style = {"red": "bold red", "yellow": "bold yellow", "": ""}[verdict.zone]
            cells = [escape(name), str(verdict.point), risk_of(verdict), curve(risks), verdict.zone, escape(verdict.why)]
            table.add_row(*[Text(cell, style=style) for cell in cells])
        more = f"; {counted(len(shown) - room, 'further run')}" if len(shown) > room else ""
        return Group(table, Text(f"{counted(len(open_runs), 'open run')}{more}; {waiting}", style="dim"))


def alert_lines(verdict: Verdict, session: Session) -> list[str]:
    """An alert: the run, the risk and why; below, what raised it."""
    paint = session.out
    name = pad(verdict.zone, len("yellow"))
    head = f"{paint(STYLES[verdict.zone], name)} {escape(verdict.episode)} point {verdict.point}, step {verdict.step}: "
    risk = risk_of(verdict)
    head += f"{f'risk {risk}; ' if risk else ''}{escape(verdict.why)}"
    width = max((session.columns() or 200) - 24, 40)
    lines = [
        f"       {item.weight:+7.2f}  step {item.step:<4}  {cut(escape(item.what), width)}" for item in verdict.evidence if item.weight
    ]
    return [head, *lines]


def outside(alerts: str | None, traces: Sequence[str]) -> None:
    """Stop where the file of alerts would be read as a trace, or take the place of one."""
    if alerts is None:
        return
    place = Path(alerts).resolve()
    for name in traces:
        folder = Path(name).resolve()
        if name != "-" and (place == folder or (folder.is_dir() and place.is_relative_to(folder))):
            raise StopError(BAD_SPEC, f"{alerts} lies among what is read", "write the alerts elsewhere")


def summary(session: Session, teller: Teller, runs: Runs, problems: Iterable[RunDefect]) -> None:
    """What became of the runs, and what could not be read, on standard error."""
    from stepc.cli.trouble import sentence

    account = runs.monitor.account
    alerts = ", ".join(f"{teller.alerts[zone]} {zone}" for zone in ("red", "yellow") if zone in teller.alerts) or "none"
    rules = [f"by rule: {', '.join(f'{teller.rules[name]} {escape(name)}' for name in sorted(teller.rules))}"] if teller.rules else []
    more = [
        f"{counted(count, noun)} {what}"
        for count, noun, what in (
            (runs.dropped, "run", "without start facts"),
            (account.failures, "event", "lost to a failure"),
            (account.evicted, "run", "put out to make room"),
        )
        if count
    ]
    note("; ".join([f"{counted(runs.count, 'run')}, alerts: {alerts}", *rules, *more]))
    told = [f"{sentence(problem)}, {counted(problem.count, 'time')}" for problem in problems]
    for words in [*told[:MOST_PROBLEMS], *([f"{counted(len(told) - MOST_PROBLEMS, 'further kind')}"] if len(told) > MOST_PROBLEMS else [])]:
        note(f"{session.err('warning', 'warning')}: {words}")
