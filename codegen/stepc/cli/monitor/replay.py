"""`stepc monitor replay`: what a monitor would have said over history."""

from __future__ import annotations

import click

from stepc.cli.session import FINDINGS, FINE, UNREADABLE, Session, StopError, format_option, pass_session


@click.command("replay")
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("traces", nargs=-1, required=True, metavar="TRACES...")
@click.option("--alerts", metavar="FILE", help="Also write every alert to FILE, anew, as a line of JSON.")
@click.option("--fail-on", type=click.Choice(["yellow", "red"]), help="Exit with 1 when there was an alert of this zone or a worse one.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    artefact: str,
    traces: tuple[str, ...],
    alerts: str | None,
    fail_on: str | None,
    spec: str | None,
    root: str | None,
    form: str,
) -> int:
    """Run a monitor over finished traces: the same verdicts, byte for byte, as `stepc monitor watch` gave while they grew."""
    from stepc.cli.monitor.artefacts import model_of, watched
    from stepc.cli.monitor.following import Runs, Source
    from stepc.cli.monitor.telling import Teller, outside, summary
    from stepc.cli.trouble import no_episode, readable
    from stepwatch.live import Monitor

    model = model_of(artefact)
    module, plan = watched(session, model, spec)
    readable(traces)
    outside(alerts, (artefact, *traces))
    monitor = Monitor(model.artefact, adapter=module.Adapter, plan=plan)
    runs, source = Runs(monitor, module), Source(module, traces, root=root)
    with Teller(session, form, alerts) as teller:
        for verdict in source.whole(runs):
            teller.add(verdict)
        if runs.count:
            teller.finish()
    if not runs.count:
        raise StopError(UNREADABLE, "no episode of this source was found", no_episode(source.problems))
    summary(session, teller, runs, source.problems)
    return FINDINGS if fail_on is not None and (teller.alerts.get("red") or teller.alerts.get(fail_on)) else FINE
