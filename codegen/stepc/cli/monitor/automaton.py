"""`stepc monitor automaton`: what a monitor has learned, as a small machine for an audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.session import BAD_SPEC, FINE, Session, StopError, format_option, note, pass_session, write

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
@click.option("--symbols", default="", metavar="NAME", help="The symbols of the monitor to use; default: the most telling ones.")
@click.option("--most-states", default=64, show_default=True, metavar="N", help="The budget of states.")
@click.option("--support", default=5, show_default=True, metavar="N", help="Points that a state or an edge needs; rarer ones are unknown.")
@click.option(
    "--alpha", default=0.2, show_default=True, help="How sure a difference of risks must be to keep states apart; larger keeps more."
)
@click.option("--resamples", default=50, show_default=True, metavar="N", help="Resamples of groups that tell how steady the machine is.")
@click.option("--seed", default=7, show_default=True, help="Seed of the split and of the resamples.")
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
    alpha: float,
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
    with Progress(session) as progress:
        if Path(subject).is_file() and not subject.endswith(".stepview"):
            name, extraction, files = of_artefact(session, subject, traces, symbols, settings, spec, root, progress)
        else:
            if symbols or spec:
                raise StopError(BAD_SPEC, "--symbols and --spec go with an artefact", "a spec has its typed keys as symbols")
            name, extraction, files = of_spec(session, subject, traces, settings, root, progress)
    if out is not None:
        save(Path(out), name, extraction, files)
    write(shown(session, extraction, name, form))
    if out is not None:
        note(f"wrote {out}/{name}_automaton.{{{', '.join(sorted(ENDINGS + (('monitor',) if files else ())))}}}")
    return FINE


def of_artefact(
    session: Session,
    path: str,
    traces: tuple[str, ...],
    symbols: str,
    settings: Settings,
    spec: str | None,
    root: str | None,
    progress: Progress,
) -> tuple[str, Extraction, dict[str, bytes]]:
    """The machine of a trained monitor, and the bytes of its own artefact."""
    from stepc.cli.monitor.artefacts import adapter_of, episodes_of, model_of
    from stepwatch import artefact as artefacts
    from stepwatch.automata import extract, gather, table
    from stepwatch.automata.extract import SHARES
    from stepwatch.automata.traces import split
    from stepwatch.training.data import collect

    model = model_of(path)
    module = adapter_of(session, model, spec)
    runs, _ = collect(model.plan, episodes_of(module, traces, root=root, tell=progress.tell))
    try:
        chosen = gather.symbols_of(model, symbols)
        progress.tell("scoring runs")
        words = gather.traces(model, runs, chosen)
        alphabet = model.symbols[chosen].rules()
        found = extract(words, alphabet, settings, risk_of=lambda logit: model.calibration.risk(logit)[0], tell=progress.tell)
    except ValueError as error:
        raise StopError(BAD_SPEC, str(error)) from None
    data, _ = artefacts.encode(*table.monitor(model.artefact, chosen, found, split(words, SHARES, settings.seed)[2]))
    return model.plan.monitor, found, {f"{model.plan.monitor}_automaton.monitor": data}


def of_spec(
    session: Session, named: str, traces: tuple[str, ...], settings: Settings, root: str | None, progress: Progress
) -> tuple[str, Extraction, dict[str, bytes]]:
    """The machine over the typed keys of a spec's monitor, nothing trained."""
    from stepc.cli.loading import load, module_of
    from stepc.cli.monitor.artefacts import episodes_of
    from stepc.cli.monitor.plans import monitor_of
    from stepwatch.automata import extract, typed
    from stepwatch.training.data import collect

    name, _, monitor = named.partition(":")
    project, spec, program = load(session, name)
    plan = monitor_of(program, monitor, spec.shown)
    module = module_of(session, project, spec, program)
    runs, _ = collect(plan, episodes_of(module, traces, root=root, tell=progress.tell))
    try:
        words, alphabet = typed.traces(plan, runs)
        return plan.monitor, extract(words, alphabet, settings, tell=progress.tell), {}
    except ValueError as error:
        raise StopError(BAD_SPEC, str(error)) from None


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
