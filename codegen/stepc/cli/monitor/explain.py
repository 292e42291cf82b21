"""`stepc monitor explain`: why a monitor said what it said of one run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, format_option, pass_session, write

if TYPE_CHECKING:
    from stepc.runtime.run import RanEpisode
    from stepwatch.model import Model, Reading

MOST_WIDTH = 120


class Explained(NamedTuple):
    """A decision point: what was read there, the index of its last step, and what changed the logit as (step, what, change)."""

    reading: Reading
    step: int
    changes: list[tuple[int, str, float]]


@click.command("explain")
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("traces", nargs=-1, required=True, metavar="TRACES...")
@click.option("--id", "name", metavar="ID", help="The run with this id. A run that is alone needs no name.")
@click.option("--episode", "number", type=int, metavar="N", help="The run with this number, from 0, among those of the traces.")
@click.option("--top", default=5, show_default=True, metavar="N", help="Contributions to name at each point; the others are summed up.")
@click.option("--all", "everything", is_flag=True, help="Name every contribution.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    artefact: str,
    traces: tuple[str, ...],
    name: str | None,
    number: int | None,
    top: int,
    everything: bool,
    spec: str | None,
    root: str | None,
    form: str,
) -> int:
    """Tell why a monitor gave one run its risk: at every decision point, which steps and features changed the logit, and by how much.

    The contributions are additive: those of a point sum to the change of the logit there, and all of them, with the logit before the
    first point, to the logit of the last.
    """
    from stepc.cli.monitor.artefacts import learned, model_of

    if name is not None and number is not None:
        raise StopError(BAD_SPEC, "--id and --episode both name the run", "leave one of them out")
    if top < 1:
        raise StopError(BAD_SPEC, "--top is at least 1")
    model = learned(model_of(artefact))
    ran = _chosen(session, model, traces, name, number, spec, root)
    points = list(explained(model, ran))
    if form == "json":
        write(json.dumps(_as_json(model, ran, points), ensure_ascii=False, indent=2).encode("utf-8", "replace").decode() + "\n")
    else:
        write("\n".join(_page(session, model, ran, points, len(points) and 1_000_000 if everything else top)) + "\n")
    return FINE


def explained(model: Model, ran: RanEpisode) -> Iterator[Explained]:
    """The decision points of a run with what changed the logit at each."""
    run = model.begin()
    first = at = 0
    for end in (*ran.ends, len(ran.steps)):
        ends = False
        for step in ran.steps[at:end]:
            ends |= model.step(run, step)
        at = end
        if ends:
            reading = model.point(run)
            changes = model.contributions(run, ran.steps[first:end])
            yield Explained(reading, end - 1, [(first + step if step >= 0 else end - 1, what, change) for step, what, change in changes])
            first = end


def _chosen(
    session: Session, model: Model, traces: tuple[str, ...], name: str | None, number: int | None, spec: str | None, root: str | None
) -> RanEpisode:
    from stepc.cli.monitor.artefacts import adapter_of, episodes_of
    from stepc.cli.progress import Progress

    module = adapter_of(session, model, spec)
    seen = 0
    only: RanEpisode | None = None
    with Progress(session) as progress:
        for ran in episodes_of(module, traces, root=root, tell=progress.tell):
            if ran.id == name or seen == number:
                return ran
            seen += 1
            if name is None and number is None:
                if only is not None:
                    raise StopError(
                        BAD_SPEC,
                        f"these traces hold several runs, {only.id!r} and {ran.id!r} among them, and one is explained",
                        "name it with --id ID, or by its place with --episode N",
                    )
                only = ran
    if only is not None:
        return only
    which = f" {name!r}" if name is not None else f" number {number}" if number is not None else ""
    among = f" among {seen:,}" if which else " in these traces"
    raise StopError(BAD_SPEC, f"there is no run{which}{among}", "`stepc show` lists the runs of traces")


def _as_json(model: Model, ran: RanEpisode, points: list[Explained]) -> dict[str, Any]:
    return {
        "run": ran.id,
        "monitor": model.plan.monitor,
        "artefact": model.artefact.digest,
        "origin": model.origin,
        "points": [
            {
                "point": point.reading.index,
                "step": point.step,
                "key": point.reading.key,
                "logit": point.reading.logit,
                "risk": point.reading.risk,
                "low": point.reading.low,
                "high": point.reading.high,
                "contributions": [{"step": step, "what": what, "change": change} for step, what, change in point.changes],
            }
            for point in points
        ],
    }


def _page(session: Session, model: Model, ran: RanEpisode, points: list[Explained], top: int) -> list[str]:
    from stepc.diagnostics.render import counted
    from stepc.terminal import cut, escape

    paint = session.out
    width = min(session.columns() or MOST_WIDTH, MOST_WIDTH)
    lines = [paint("note", escape(f"run {ran.id} under {model.plan.monitor}")), ""]
    lines.append(f"{'point':>5}  {'step':>4}  {'change':>7}  {'logit':>7}  {'risk':>5}")
    lines.append(f"{'':>5}  {'':>4}  {'':>7}  {model.origin:>7.2f}         before the first point")
    before = model.origin
    for point in points:
        reading = point.reading
        head = f"{reading.index:>5}  {point.step:>4}  {reading.logit - before:>+7.2f}  {reading.logit:>7.2f}  {reading.risk:>5.2f}  "
        lines.append(head + paint("place", cut(escape(reading.key), max(width - len(head), 20))))
        before = reading.logit
        named = sorted(point.changes, key=lambda item: (-abs(item[2]), item[0], item[1]))
        for step, what, change in named[:top]:
            lines.append(f"{'':>5}  {step:>4}  {change:>+7.2f}  {cut(escape(what), max(width - 23, 20))}")
        rest = named[top:]
        if rest:
            told = f"{counted(len(rest), 'further contribution')}"
            lines.append(f"{'':>5}  {'':>4}  {sum(change for _, _, change in rest):>+7.2f}  {paint('dim', told)}")
    if not points:
        lines.append("the run has no decision point")
    return lines
