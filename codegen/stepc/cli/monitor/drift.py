"""`stepc monitor drift`: whether later runs are still of the kind that a monitor was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepc.runtime.run import AdapterModule, RanEpisode
    from stepwatch.drift import Observation
    from stepwatch.model import Model

SEVERITIES = ("none", "slight", "moderate", "high", "severe")


@click.command("drift")
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("old", metavar="OLD")
@click.argument("new", nargs=-1, metavar="[NEW]...")
@click.option(
    "--write-profile", metavar="FILE", help="Write what OLD shows as a profile, which may stand for OLD later; NEW is then optional."
)
@click.option("--with-labels", is_flag=True, help="Also test the outcomes of NEW against the false-alarm budget.")
@click.option("--budget", default=0.05, show_default=True, help="With --with-labels: the share of passing runs that may be alerted.")
@click.option("--level", default=0.05, show_default=True, help="The chance of a false alarm, over all checks and bets together.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES[1:]), default="slight", show_default=True, help="The least severity for exit code 1."
)
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of the rearrangements.")
@click.option("--in-order", is_flag=True, help="NEW is in the order in which runs came: tell from which of them on scores changed.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@click.option("--all", "everything", is_flag=True, help="Show every check, also those that chance explains.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    artefact: str,
    old: str,
    new: tuple[str, ...],
    write_profile: str | None,
    with_labels: bool,
    budget: float,
    level: float,
    fail_on: str,
    seed: int,
    in_order: bool,
    spec: str | None,
    root: str | None,
    everything: bool,
    form: str,
) -> int:
    """Compare NEW runs with OLD ones (traces, or a profile) by what they show to the monitor of ARTEFACT: steps, symbols, scores, lengths,
    and how well the adapter understood them. Labels are read with --with-labels alone.

    Exit code 1 when something changed that chance does not explain.
    """
    try:
        from stepwatch.drift import report, to_json
    except ImportError:
        raise StopError(BAD_SPEC, "drift needs numpy and scipy", "install stepc[report]") from None
    from stepc.cli.monitor.artefacts import adapter_of, model_of
    from stepc.cli.progress import Progress

    if not new and write_profile is None:
        raise StopError(BAD_SPEC, "name the new traces behind the old ones", "or write a profile of the old ones with --write-profile FILE")
    if not 0 < level < 1 or not 0 < budget < 1:
        raise StopError(BAD_SPEC, "--level and --budget lie between 0 and 1")
    model = model_of(artefact)
    module = adapter_of(session, model, spec)
    with Progress(session) as progress:
        before = (
            profiled(old, model.artefact.digest)
            if old.endswith(".json") and _is_profile(old)
            else observed(model, module, (old,), root, progress)
        )
        if write_profile is not None:
            import json

            from stepc.files import write_changed

            write_changed(Path(write_profile), json.dumps(to_json(before, model.artefact.digest), indent=1, ensure_ascii=False) + "\n")
        if not new:
            note(f"wrote {write_profile}: {len(before):,} runs")
            return FINE
        after = observed(model, module, new, root, progress)
        try:
            told = report(
                before, after, level=level, budget=budget, with_labels=with_labels, in_order=in_order, seed=seed, tell=progress.tell
            )
        except ValueError as error:
            raise StopError(BAD_SPEC, str(error)) from None
    if form == "json":
        import orjson

        write(orjson.dumps(told.as_values(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        from stepc.cli.monitor.drift_page import page

        write(page(told, model.plan.monitor, session.out, session.columns(), everything=everything))
    # Evidence that grows run by run is no matter of degree: it counts by itself.
    worth = SEVERITIES.index(told.severity) >= SEVERITIES.index(fail_on)
    return FINDINGS if worth or told.evidence.alarm or (told.labelled or {}).get("false_alarms", {}).get("alarm") else FINE


def observed(model: Model, module: AdapterModule, traces: tuple[str, ...], root: str | None, progress: Progress) -> list[Observation]:
    """The runs in traces, in the order in which they come."""
    from stepc.cli.monitor.artefacts import episodes_of
    from stepwatch.drift.gather import observe
    from stepwatch.training.data import run_of

    found = []
    for one in episodes_of(module, traces, root=root, tell=progress.tell):
        run = run_of(model.plan, one)
        found.append(observe(model, one.id, run.group, run.points, health(one), run.label))
    return found


def health(one: RanEpisode) -> dict[str, float]:
    """How well the adapter understood a run: shares of its events."""
    account = one.account
    events = max(account.events, 1)
    defects = sum(defect.count for defect in account.defects)
    return {"unknown events": account.unknown / events, "silent events": account.silent / events, "defects": defects / events}


def profiled(path: str, digest: str) -> list[Observation]:
    """The runs in a profile of the artefact with this digest."""
    import json

    from stepwatch.drift import from_json

    try:
        return from_json(json.loads(Path(path).read_text(encoding="utf-8")), digest)
    except (ValueError, RecursionError) as error:
        raise StopError(UNREADABLE, f"{path} is no profile of runs for this monitor: {error}", "write one with --write-profile") from None


def _is_profile(path: str) -> bool:
    """Whether a JSON file begins like a profile: traces are JSON too."""
    try:
        with Path(path).open("rb") as file:
            return b'"schema"' in file.read(64)
    except OSError as error:
        raise StopError(UNREADABLE, f"{path} cannot be read: {error.strerror}") from None
