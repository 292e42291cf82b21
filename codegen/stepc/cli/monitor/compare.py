"""`stepc monitor compare`: monitors, and somebody else's scores, on the very same decision points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.outcomes import labels_of, outcomes_option
from stepc.cli.session import BAD_SPEC, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.cli.progress import Progress
    from stepwatch.evaluation import Cases
    from stepwatch.evaluation.compare import Rival
    from stepwatch.model import Model


@click.command("compare")
@click.argument("scores", nargs=-1, required=True, metavar="A B...")
@click.option(
    "--on", "traces", multiple=True, required=True, metavar="TRACES", help="Traces whose outcome is known: a file or folder. Several times."
)
@click.option("-o", "--out", metavar="FOLDER", help="Write compare.html, compare.md and compare.json there.")
@outcomes_option
@click.option("--unseen", is_flag=True, help="Judge only runs of groups that were no part of the training of any artefact.")
@click.option("--cost", "costs", multiple=True, metavar="NAME=N", help="A cost of the utility, as in `evaluate`. Several times.")
@click.option("--resamples", default=1000, show_default=True, metavar="N", help="Bootstrap samples of groups behind the intervals.")
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of the bootstrap and the folds.")
@click.option(
    "--spec", metavar="SPEC", help="The spec of the source, where it is not where it was; with files of scores alone, SPEC[:MONITOR]."
)
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    scores: tuple[str, ...],
    traces: tuple[str, ...],
    out: str | None,
    outcomes: str | None,
    unseen: bool,
    costs: tuple[str, ...],
    resamples: int,
    seed: int,
    spec: str | None,
    root: str | None,
    form: str,
) -> int:
    """Compare A with each further B: artefacts, or files of scores (`episode, step, score` as CSV or JSON lines; higher is riskier), on the
    same decision points of traces whose outcome is known. Every difference has a paired interval.

    What is predicted, and where decision points are, says the first artefact, or with files of scores alone the monitor of --spec.
    """
    from stepc.cli.monitor.evaluate import folder_of, settings_of
    from stepc.cli.progress import Progress

    if len(scores) < 2:
        raise StopError(BAD_SPEC, "name two artefacts or files of scores at least")
    chosen = settings_of(resamples, seed, costs)
    folder = folder_of(out)
    from stepwatch.evaluation import EvaluationError
    from stepwatch.evaluation.compare import compare

    with Progress(session) as progress:
        cases, rivals, notes = gathered(session, scores, traces, spec, root, outcomes, unseen, progress)
        try:
            values = compare(cases, rivals, chosen, progress.tell)
        except EvaluationError as error:
            raise StopError(BAD_SPEC, str(error), error.advice) from None
    values |= {"label": cases.label, "horizon": cases.horizon, "prefixes": cases.fingerprint(), "warnings": notes}
    if folder is not None:
        written(folder, values)
    if form == "json":
        from stepwatch.report.page import as_json

        write(as_json(values))
    else:
        from stepc.cli.monitor.compare_page import page

        write(page(values, session.out, session.columns()))
    if folder is not None:
        note(f"wrote {folder / 'compare.html'}, compare.md and compare.json")
    return FINE


def gathered(
    session: Session,
    names: tuple[str, ...],
    traces: tuple[str, ...],
    spec: str | None,
    root: str | None,
    outcomes: str | None,
    unseen: bool,
    progress: Progress,
) -> tuple[Cases, dict[str, Rival], list[str]]:
    """The decision points, and the scores of each on them, by short names; what to warn of."""
    import numpy as np

    from stepc.cli.monitor.artefacts import model_of
    from stepc.cli.monitor.censoring import adapter_of
    from stepc.cli.monitor.evaluate import cases_of, overlapping, without
    from stepc.cli.monitor.plans import predicting
    from stepwatch.evaluation.compare import Rival
    from stepwatch.evaluation.overlap import file_marks, overlap
    from stepwatch.evaluation.scores import ScoresError, align, read_scores

    models: dict[str, Model] = {name: model_of(name) for name in names if is_artefact(name)}
    if models:
        first = next(iter(models.values()))
        module, plan, censored = adapter_of(session, first, spec)
    else:
        plan, module, censored = planned(session, spec)
    labels = labels_of(outcomes, predicting(plan).label)
    rivals: dict[str, Rival] = {}
    notes: list[str] = []
    cases: Cases | None = None
    trained: set[str] = set()
    files = file_marks(traces) if models else []
    for name, model in models.items():
        same = (model.plan.source, model.plan.label, model.plan.horizon, model.plan.points)
        if same != (plan.source, plan.label, plan.horizon, plan.points):
            raise StopError(
                BAD_SPEC, f"{name} predicts something else, or at other points, than {next(iter(models))}", "compare like with like"
            )
        mine, _ = cases_of(plan, module, traces, root, progress, model=model, censored=censored, outcomes=labels, words=False)
        if cases is None:
            cases = mine
        rivals[name] = Rival(mine.score, mine.risk)
        seen = overlap(model.artefact.header["data"], files, {one.group for one in mine.runs})
        if unseen and seen.groups is None:
            raise StopError(BAD_SPEC, f"{name} does not say which groups it was trained on", "leave --unseen out, or train it again")
        trained |= seen.groups or set()
        notes += [f"{name}: {said}" for said in overlapping(seen, len({one.group for one in mine.runs}))] if not unseen else []
    if cases is None:
        cases, _ = cases_of(plan, module, traces, root, progress, censored=censored, outcomes=labels, words=False)
    if unseen:
        kept = np.array([one.group not in trained for one in cases.runs], dtype=np.bool_)[cases.run]
        cases, left_out = without(cases, frozenset(trained))
        notes += left_out
        rivals = {name: Rival(one.score[kept], None if one.risk is None else one.risk[kept]) for name, one in rivals.items()}
    for name in names:
        if name in models:
            continue
        try:
            found = align(cases, read_scores(name))
        except ScoresError as error:
            raise StopError(UNREADABLE, str(error), error.advice) from None
        rivals[name] = Rival(found.score, found.risk)
        if found.unused:
            notes.append(f"{name}: {found.unused:,} rows are of no decision point and are not used.")
    return cases, {label: rivals[name] for name, label in shortened(names).items()}, notes


def planned(session: Session, spec: str | None) -> tuple[Any, Any, Any]:
    """The plan and the adapter of the monitor that --spec names, and whether an episode was cut off."""
    from stepc.cli.loading import load, module_of
    from stepc.cli.monitor.censoring import is_censored, with_censoring
    from stepc.cli.monitor.plans import monitor_of

    if spec is None:
        raise StopError(
            BAD_SPEC, "files of scores do not say what is predicted", "name an artefact too, or the monitor with --spec SPEC[:MONITOR]"
        )
    place, _, name = spec.rpartition(":") if ":" in spec and not Path(spec).exists() else (spec, "", "")
    project, loaded, program = load(session, place)
    plan = monitor_of(program, name, loaded.shown)
    if plan.censored:
        return plan, with_censoring(project, loaded.shown, program, plan.monitor), is_censored
    return plan, module_of(session, project, loaded, program), None


def is_artefact(path: str) -> bool:
    """Whether a file begins as an artefact does."""
    from stepwatch.artefact import KIND

    try:
        with Path(path).open("rb") as file:
            return file.read(len(KIND)) == KIND
    except OSError as error:
        raise StopError(UNREADABLE, f"{path} cannot be read: {error.strerror}") from None


def shortened(names: tuple[str, ...]) -> dict[str, str]:
    """What to call each file: its name without folder and ending, where that tells them apart."""
    if len(set(names)) < len(names):
        raise StopError(BAD_SPEC, "the same file is named twice")
    stems = [Path(name).stem for name in names]
    return {name: stem if stems.count(stem) == 1 else name for name, stem in zip(names, stems, strict=True)}


def written(folder: Path, values: dict[str, Any]) -> None:
    """Write the comparison, each file whole or not at all."""
    from stepc.files import write_changed
    from stepwatch.report.comparison import as_html, as_markdown
    from stepwatch.report.page import as_json

    for name, text in (("html", as_html(values)), ("md", as_markdown(values)), ("json", as_json(values))):
        write_changed(folder / f"compare.{name}", text.encode("utf-8", "replace"))
