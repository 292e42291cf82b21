"""`stepc monitor automaton`: what a monitor has learned, as a small machine for an audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepwatch.automata import Extraction, Settings

ENDINGS = ("json", "dot", "svg", "mmd", "md", "py")
METHODS = ("risk", "rpni", "follows", "suffix")


@click.command("automaton")
@click.argument("subject", metavar="ARTEFACT|SPEC[:NAME]")
@click.argument("traces", nargs=-1, required=True, metavar="TRACES...")
@click.option(
    "-o", "--out", metavar="FOLDER", help="Write the machine there: JSON, DOT, SVG, Mermaid, an audit page, a Python module, a monitor."
)
@click.option("--method", type=click.Choice(METHODS), default="risk", show_default=True, help="How states are found.")
@click.option(
    "--symbols", default="leaves", show_default=True, metavar="NAME", help="`leaves` are learned, `typed` are not; or a monitor's own."
)
@click.option("--most-states", default=64, show_default=True, metavar="N", help="The budget of states.")
@click.option("--support", default=5, show_default=True, metavar="N", help="Points that a state or an edge needs; rarer ones are unknown.")
@click.option(
    "--alpha", default=0.2, show_default=True, help="How sure a difference of risks must be to keep states apart; larger keeps more."
)
@click.option("--resamples", default=50, show_default=True, metavar="N", help="Resamples of groups that tell how steady the machine is.")
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of the split and of the resamples.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@format_option("text", "json", "markdown", "dot", "mermaid")
@pass_session
def command(
    session: Session,
    /,
    subject: str,
    traces: tuple[str, ...],
    out: str | None,
    method: str,
    symbols: str,
    most_states: int,
    support: int,
    alpha: float | None,
    resamples: int,
    seed: int,
    spec: str | None,
    root: str | None,
    form: str,
) -> int:
    """Extract an automaton from a trained monitor (ARTEFACT) or from the typed steps of a spec (SPEC:NAME names its monitor).

    Half of the groups of runs give the machine's shape, a quarter the risks of its states, and the last quarter says what it is worth:
    how much of the monitor's ranking it keeps, and how steady it is. Without -o the audit is only printed.
    """
    try:
        from stepwatch.automata import Settings
    except ImportError:
        raise StopError(BAD_SPEC, "automata need numpy, scipy and scikit-learn", "install stepc[report]") from None
    from stepc.cli.progress import Progress

    try:
        settings = Settings(method=method, alpha=alpha, support=support, most=most_states, resamples=resamples, seed=seed)
    except ValueError as error:
        raise StopError(BAD_SPEC, str(error)) from None
    trained = Path(subject).is_file() and not subject.endswith(".stepview")
    if spec is not None and not trained:
        raise StopError(BAD_SPEC, "--spec goes with an artefact")
    with Progress(session) as progress:
        name, extraction, files = extracted(session, subject, traces, symbols, settings, spec, root, progress, trained=trained)
    if out is not None:
        save(Path(out), name, extraction, files)
    write(shown(session, extraction, name, form))
    if out is not None:
        note(f"wrote {out}/{name}_automaton.{{{', '.join(sorted(ENDINGS + (('monitor',) if files else ())))}}}")
    return FINE


def extracted(
    session: Session,
    subject: str,
    traces: tuple[str, ...],
    symbols: str,
    settings: Settings,
    spec: str | None,
    root: str | None,
    progress: Progress,
    *,
    trained: bool,
) -> tuple[str, Extraction, dict[str, bytes]]:
    """The name of the monitor, its machine, and what more is to be written: the machine as a monitor, where there is a trained one."""
    from stepc.cli.loading import load, module_of
    from stepc.cli.monitor.artefacts import adapter_of, episodes_of, learned, model_of
    from stepc.cli.monitor.origin import files_of, hashed
    from stepc.cli.monitor.plans import monitor_of, predicting
    from stepwatch import artefact as artefacts
    from stepwatch.automata import extract, gather, table
    from stepwatch.evaluation.overlap import joined, overlap
    from stepwatch.training.data import collect

    model = None
    if trained:
        model = learned(model_of(subject))
        plan, module = model.plan, adapter_of(session, model, spec)
    else:
        named, _, monitor = subject.partition(":")
        project, loaded, program = load(session, named)
        plan, module = predicting(monitor_of(program, monitor, loaded.shown)), module_of(session, project, loaded, program)
    runs, counts = collect(plan, episodes_of(module, traces, root=root, tell=progress.tell))
    if all(run.label is None for run in runs):
        lacking = (
            (counts.without_label, f"without `{plan.label}`"),
            (counts.without_group, "without a group"),
            (counts.without_points, "without a decision point"),
        )
        why = ", ".join(f"{count:,} {what}" for count, what in lacking if count)
        raise StopError(
            UNREADABLE,
            f"no run can be used: of {counts.offered:,}, {why or 'none is finished'}",
            "name traces whose outcome, group and decision points are known",
        )
    parts = gather.parts(runs, settings.seed)
    try:
        progress.tell("learning symbols")
        if symbols in gather.KINDS or model is None:
            if symbols not in gather.KINDS:
                raise ValueError(f"there are no symbols `{symbols}`; there are {', '.join(gather.KINDS)}")
            alphabet = gather.alphabet(plan, parts[0], symbols, seed=settings.seed)
        else:
            alphabet = gather.alphabet_of(model, symbols)
        shape, risks, kept_back = (
            gather.traces(plan, part, alphabet, model, lambda done, of: progress.tell("scoring runs", done, of)) for part in parts
        )
        risk_of = None if model is None else (lambda logit: model.calibration.risk(logit)[0])
        found = extract((shape, risks, kept_back), alphabet.meanings, settings, risk_of=risk_of, tell=progress.tell)
    except ValueError as error:
        raise StopError(BAD_SPEC, str(error)) from None
    if model is None:
        return plan.monitor, found, {}
    seen = overlap(model.artefact.header["data"], [], {run.group for run in parts[2]}).groups
    if seen:
        of = len({run.group for run in parts[2]})
        note(
            f"warning: {len(seen):,} of the {of:,} groups to judge by were part of the monitor's training: its own figures are flattered,"
            " and the machine keeps less of its lift than on new runs"
        )
    progress.tell("hashing files")
    origin = joined(model.artefact.header["data"], hashed(files_of(traces)), {run.group for part in parts for run in part})
    data, _ = artefacts.encode(*table.monitor(model.artefact, origin, alphabet, found, kept_back))
    return plan.monitor, found, {f"{plan.monitor}_automaton.monitor": data}


def save(folder: Path, name: str, extraction: Extraction, files: dict[str, bytes]) -> None:
    """Write everything about a machine into a folder."""
    import json

    from stepc.files import write_changed
    from stepwatch.automata import audit, drawing, graphs, machine, module

    title = f"{name}_automaton"
    values = {"machine": machine.to_json(extraction.machine), **extraction.as_values()}
    texts = {
        "json": json.dumps(values, indent=1, ensure_ascii=False) + "\n",
        "dot": graphs.dot(extraction.machine, title),
        "svg": drawing.svg(extraction),
        "mmd": graphs.mermaid(extraction.machine),
        "md": audit.markdown(extraction, title),
        "py": module.python(extraction.machine, title),
    }
    for ending, text in texts.items():
        write_changed(folder / f"{title}.{ending}", text)
    for file, data in files.items():
        write_changed(folder / file, data)


def shown(session: Session, extraction: Extraction, name: str, form: str) -> str:
    """What is printed."""
    import json

    from stepwatch.automata import audit, graphs, machine

    title = f"{name}_automaton"
    if form == "json":
        return json.dumps({"machine": machine.to_json(extraction.machine), **extraction.as_values()}, indent=1, ensure_ascii=False) + "\n"
    if form == "markdown":
        return audit.markdown(extraction, title)
    if form == "dot":
        return graphs.dot(extraction.machine, title)
    if form == "mermaid":
        return graphs.mermaid(extraction.machine)
    from stepc.cli.monitor.automaton_page import page

    return page(extraction, title, session.out, session.columns())


__all__ = ["command"]
