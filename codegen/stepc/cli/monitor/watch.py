"""`stepc monitor watch`: a monitor over traces that still grow."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, INTERRUPTED, UNREADABLE, Session, StopError, format_option, note, pass_session

if TYPE_CHECKING:
    from stepc.cli.monitor.following import Runs, Source
    from stepc.cli.monitor.telling import Teller
    from stepwatch.live import Verdict


@click.command("watch")
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("traces", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--once", is_flag=True, help="Read what is there, to its end, and do not wait for more.")
@click.option("--interval", default=1.0, show_default=True, metavar="SECONDS", help="How long to wait before looking again.")
@click.option("--alerts", metavar="FILE", help="Also write every alert to FILE, anew, as a line of JSON.")
@click.option("--fail-on", type=click.Choice(["yellow", "red"]), help="Exit with 1 when there was an alert of this zone or a worse one.")
@click.option("--most", default=10_000, show_default=True, metavar="N", help="Open runs at most: of more, those that wait are put out.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@click.option("--id", "piped", metavar="NAME", default="-", help="The name that standard input goes by where ids come from names of files.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    artefact: str,
    traces: tuple[str, ...],
    once: bool,
    interval: float,
    alerts: str | None,
    fail_on: str | None,
    most: int,
    spec: str | None,
    root: str | None,
    piped: str,
    form: str,
) -> int:
    """Follow traces that grow, score every decision point, and tell alerts as they come, each once.

    On a terminal the runs that go on are shown with their risk over time. `--format json` writes every verdict as a line. Ctrl-C ends it.

    A log may be renamed and begun anew, or copied and cut: what has its name is followed, what was written to the old one is read to its
    end, and nothing is read again in a copy, compressed or not.
    """
    from stepc.cli.monitor.artefacts import model_of, watched
    from stepc.cli.monitor.following import Runs, Source
    from stepc.cli.monitor.telling import Teller, outside, summary
    from stepc.cli.trouble import no_episode, readable
    from stepwatch.live import Monitor

    if interval <= 0 or most < 1:
        raise StopError(BAD_SPEC, "--interval is more than 0, and --most at least 1")
    if "-" in traces and len(traces) > 1:
        raise StopError(BAD_SPEC, "standard input is watched alone", "name `-`, or files and folders")
    model = model_of(artefact)
    module, plan = watched(session, model, spec)
    readable(traces)
    outside(alerts, (artefact, *traces))
    monitor = Monitor(model.artefact, adapter=module.Adapter, plan=plan, most_episodes=most)
    runs, source = Runs(monitor, module), Source(module, traces, root=root, piped=piped)
    interrupted = halfway = False
    with Teller(session, form, alerts, live=not once) as teller:
        try:
            if once:
                told(teller, source.whole(runs))
            elif traces == ("-",):
                told(teller, source.piped(runs, sys.stdin.fileno()), runs)
            else:
                follow(teller, source, runs, interval)
                interrupted = True
                told(teller, source.changed(runs, last=True))
            told(teller, runs.end())
        except KeyboardInterrupt:
            interrupted = True
            if traces == ("-",):
                told(teller, runs.end())
            else:
                halfway = True
        if runs.count:
            teller.finish()
    if once and not runs.count:
        raise StopError(UNREADABLE, "no episode of this source was found", no_episode(source.problems))
    summary(session, teller, runs, source.problems)
    if halfway:
        note("interrupted while there was more to read: runs were left where they stood")
    if interrupted:
        return INTERRUPTED
    return FINDINGS if fail_on is not None and (teller.alerts.get("red") or teller.alerts.get(fail_on)) else FINE


def told(teller: Teller, verdicts: Iterator[Verdict], runs: Runs | None = None) -> None:
    """Hand verdicts on; with `runs` the screen follows."""
    for verdict in verdicts:
        teller.add(verdict)
        if runs is not None:
            teller.show({episode.id for episode in runs.monitor.episodes}, "standard input")


def follow(teller: Teller, source: Source, runs: Runs, interval: float) -> None:
    """Look again and again, until somebody interrupts the waiting."""
    while True:
        told(teller, source.changed(runs))
        teller.show({episode.id for episode in runs.monitor.episodes}, "waiting for more; Ctrl-C ends")
        try:
            time.sleep(interval)
        except KeyboardInterrupt:
            return
