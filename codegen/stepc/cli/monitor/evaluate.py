"""`stepc monitor evaluate`: what a monitor can and cannot do, in a report for people and one for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepc.cli.asking import Asking, asking_options
from stepc.cli.outcomes import labels_of, outcomes_option
from stepc.cli.session import BAD_SPEC, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, note, pass_session, write

if TYPE_CHECKING:
    from stepc.cli.monitor.judging import Judging
    from stepc.cli.progress import Progress
    from stepc.runtime.outcomes import Outcomes
    from stepc.runtime.run import AdapterModule, RanEpisode
    from stepwatch.evaluation import Cases
    from stepwatch.metrics.alerts import Costs
    from stepwatch.model import Model
    from stepwatch.plan import Plan

FEW = 30
COSTS = ("failure", "intervention", "false_alarm", "effect", "least_lead", "step")


@click.command("evaluate")
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("traces", nargs=-1, metavar="TRACES...")
@click.option("-o", "--out", metavar="FOLDER", help="Write report.html, report.md, report.json and scores.csv there.")
@outcomes_option
@click.option("--unseen", is_flag=True, help="Judge only runs of groups that were no part of training.")
@click.option("--automaton", metavar="FILE", help="The monitor of an automaton (`stepc monitor automaton`): where its states lose what.")
@click.option("--cost", "costs", multiple=True, metavar="NAME=N", help=f"A cost of the utility, one of {', '.join(COSTS)}. Several times.")
@click.option("--resamples", default=1000, show_default=True, metavar="N", help="Bootstrap samples of groups behind the intervals.")
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of the bootstrap, the folds and the shuffles.")
@click.option("--spec", metavar="SPEC", help="The spec of the artefact's source, where it is not where it was.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@click.option("--judge", type=click.IntRange(1), metavar="N", help="As a control, let a language model judge N of the decision points.")
@asking_options
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    artefact: str,
    traces: tuple[str, ...],
    out: str | None,
    outcomes: str | None,
    unseen: bool,
    automaton: str | None,
    costs: tuple[str, ...],
    resamples: int,
    seed: int,
    spec: str | None,
    root: str | None,
    judge: int | None,
    form: str,
    asking: Asking,
) -> int:
    """Judge the monitor of ARTEFACT on TRACES whose outcome is known: how well it ranks, whether its risks mean what they say, what its
    first alerts find and when, and how good anything could be; beside controls that know next to nothing, every figure with its interval.
    """
    from stepc.cli.progress import Progress

    chosen = settings_of(resamples, seed, costs)
    folder = folder_of(out)
    from stepc.cli.monitor.artefacts import model_of
    from stepc.cli.monitor.censoring import adapter_of
    from stepc.cli.monitor.plans import predicting

    model = model_of(artefact)
    predicting(model.plan)
    module, plan, censored = adapter_of(session, model, spec)
    labels = labels_of(outcomes, plan.label)
    machine = None if automaton is None else machine_of(automaton, model)
    judging = judging_of(judge, asking, plan, folder, seed)
    with Progress(session) as progress:
        offer = judging.offer if judging is not None else None
        cases, counts = cases_of(
            plan, module, traces, root, progress, model=model, censored=censored, outcomes=labels, seed=seed, offer=offer
        )
        if machine is not None:
            states, _ = cases_of(
                model.plan, module, traces, root, progress, model=machine, censored=censored, outcomes=labels, words=False, shuffles=0
            )
            cases = with_states(cases, states)
        report = judged(model, plan, cases, counts, traces, chosen, unseen, progress)
        if judging is not None:
            report.values["judge"] = judging.figures(report.cases, chosen, progress)
    if folder is not None:
        written(folder, report.values, report.cases)
    if form == "json":
        from stepwatch.report.page import as_json

        write(as_json(report.values))
    else:
        from stepc.cli.monitor.evaluate_page import page

        write(page(report.values, session.out, session.columns()))
    if folder is not None:
        note(f"wrote {folder / 'report.html'}, report.md, report.json and scores.csv")
    return FINE


def machine_of(path: str, model: Model) -> Model:
    """The automaton in an artefact, which has to look at what the monitor looks at."""
    from stepc.cli.monitor.artefacts import model_of

    machine = model_of(path)
    if "automaton" not in machine.scorers:
        raise StopError(BAD_SPEC, f"{path} holds no automaton", "name the monitor that `stepc monitor automaton -o FOLDER` writes")
    if (machine.plan.source, machine.plan.points) != (model.plan.source, model.plan.points):
        raise StopError(BAD_SPEC, f"{path} watches another source, or other points", "name the automaton of this monitor")
    return machine


def with_states(cases: Cases, states: Cases) -> Cases:
    """Cases with the states and symbols of an automaton; states of equal risk are one."""
    from dataclasses import replace

    import numpy as np

    _, state = np.unique(states.score, return_inverse=True)
    return replace(cases, states=state.astype(np.int64), symbols={**cases.symbols, "automaton": next(iter(states.symbols.values()))})


def judging_of(judge: int | None, asking: Asking, plan: Plan, folder: Path | None, seed: int) -> Judging | None:
    """Who judges beside the controls, where anybody shall."""
    if judge is None:
        if asking.wanted:
            raise StopError(BAD_SPEC, "nobody is asked anything without --judge N", "say how many decision points a model shall judge")
        return None
    from stepc.cli.monitor.judging import Judging

    return Judging(asking, judge, plan, folder, seed)


class Judged:
    """A report, and the cases that it is about."""

    def __init__(self, values: dict[str, Any], cases: Cases) -> None:
        self.values = values
        self.cases = cases


def settings_of(resamples: int, seed: int, costs: tuple[str, ...]) -> Any:
    """The settings of an evaluation; the place where a lacking library is noticed."""
    if resamples < 100:
        raise StopError(BAD_SPEC, "--resamples wants a number from 100 on")
    try:
        import matplotlib  # noqa: F401

        from stepwatch.evaluation import Settings
    except ImportError:
        raise StopError(BAD_SPEC, "an evaluation needs numpy, scipy, scikit-learn and matplotlib", "install stepc[report]") from None
    return Settings(resamples=resamples, seed=seed, costs=costs_of(costs))


def folder_of(out: str | None) -> Path | None:
    """The folder that a report goes to, which may be new; looked at before anything is computed."""
    folder = None if out is None else Path(out)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise StopError(UNREADABLE, f"{folder} is a file", "name a folder with -o")
    return folder


def costs_of(given: tuple[str, ...]) -> Costs:
    """The costs that a user states."""
    from dataclasses import replace

    from stepwatch.metrics.alerts import Costs

    found = Costs()
    for one in given:
        name, _, value = one.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if name not in COSTS or not 0 <= number < 1e12 or (name == "effect" and number > 1):
            known = ", ".join(COSTS)
            raise StopError(BAD_SPEC, f"--cost {one} states no cost", f"write NAME=N with one of {known}; effect lies between 0 and 1")
        found = replace(found, least_lead=int(number)) if name == "least_lead" else replace(found, **{name: number})  # type: ignore[arg-type]
    return found


def cases_of(
    plan: Plan,
    module: AdapterModule,
    traces: tuple[str, ...],
    root: str | None,
    progress: Progress,
    *,
    model: Model | None = None,
    censored: Callable[[RanEpisode], bool] | None = None,
    outcomes: Outcomes | None = None,
    words: bool = True,
    shuffles: int = 2,
    seed: int = 7,
    offer: Callable[[RanEpisode], None] | None = None,
) -> tuple[Cases, dict[str, int]]:
    """The decision points of the labelled runs in traces, and how many runs were left out. `offer` is given every run that is judged."""
    from stepc.cli.monitor.artefacts import episodes_of
    from stepwatch.evaluation import Reader

    reader = Reader(plan, model, words=words, shuffles=shuffles, seed=seed)
    places = tuple(getattr(module, "EVENT_LABELS", ()))
    for one in episodes_of(module, traces, root=root, outcomes=outcomes, tell=progress.tell):
        event = next((one.labels[name] for name in places if isinstance(one.labels.get(name), int)), None)
        step = max(one.last_step(event), 0) if isinstance(event, int) else None
        kept = reader.add(one, censored=censored is not None and censored(one), decisive_step=step)
        if kept and offer is not None:
            offer(one)
        progress.tell("reading runs", reader.counts["offered"])
    if not reader.counts["kept"]:
        told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in reader.counts.items() if count and name != "offered")
        raise StopError(UNREADABLE, f"no run can be judged: of {reader.counts['offered']:,}, {told}", f"`{plan.label}` has to be known")
    return reader.cases(), reader.counts


def judged(
    model: Model,
    plan: Plan,
    cases: Cases,
    counts: dict[str, int],
    traces: tuple[str, ...],
    chosen: Any,
    unseen: bool,
    progress: Progress,
) -> Judged:
    """The report on a monitor, with who it is and what there is to warn of. `plan` is the one to obey."""
    from dataclasses import replace

    from stepwatch.evaluation import EvaluationError, evaluate
    from stepwatch.evaluation.overlap import file_marks, overlap

    header = model.artefact.header
    files = file_marks(traces)
    seen = overlap(header["data"], files, {one.group for one in cases.runs})
    warned: list[str] = []
    notes: list[str] = []
    if unseen:
        if seen.groups is None:
            raise StopError(BAD_SPEC, "the artefact does not say which groups it was trained on", "leave --unseen out, or train it again")
        cases, notes = without(cases, seen.groups)
    else:
        warned += overlapping(seen, len({one.group for one in cases.runs}))
    warned += doubtful(cases, counts)
    zones = header["parts"].get("zones", [])
    if not model.learned:
        zones, chosen = [], replace(chosen, budgets=())
    try:
        values = evaluate(cases, zones, chosen, progress.tell, plan.rules)
    except EvaluationError as error:
        raise StopError(BAD_SPEC, str(error), error.advice) from None
    values |= {
        "subject": {
            "monitor": plan.monitor,
            "source": plan.source,
            "label": plan.label,
            "horizon": plan.horizon,
            "scorer": header["parts"]["risk"],
            "learned": model.learned,
            "digest": model.artefact.digest,
            "spec": {name: str(header["spec"].get(name, "")) for name in ("file", "identity")},
        },
        "data": {"files": files, "counts": counts},
        "prefixes": cases.fingerprint(),
        "warnings": warned,
        "notes": notes,
    }
    return Judged(values, cases)


def without(cases: Cases, groups: frozenset[str]) -> tuple[Cases, list[str]]:
    """The runs of other groups than these, and what to say about it."""
    import numpy as np

    kept = np.array([one.group not in groups for one in cases.runs], dtype=np.bool_)
    if not kept.any():
        raise StopError(BAD_SPEC, f"all {len(cases.runs):,} runs are of groups that training saw", "name other traces")
    said = f"{int((~kept).sum()):,} of {len(kept):,} runs are left out: training saw their groups."
    return cases.take(kept), [] if kept.all() else [said]


def overlapping(seen: Any, groups: int) -> list[str]:
    """What to warn of when the judged traces were part of training."""
    said = []
    if seen.groups:
        said.append(
            f"{len(seen.groups):,} of {groups:,} groups were part of this monitor's training: the figures are optimistic. "
            "`--unseen` judges the others alone."
        )
    elif seen.files and seen.groups is None:
        said.append(f"{', '.join(seen.files[:3])} was part of this monitor's training: the figures are optimistic.")
    return said


def doubtful(cases: Cases, counts: dict[str, int]) -> list[str]:
    """What makes intervals doubtful."""
    said = []
    if counts["without_group"]:
        said.append(f"{counts['without_group']:,} runs have no group; each counts as one of its own, and intervals may be too narrow.")
    groups = len({one.group for one in cases.runs})
    failing = sum(one.label is True for one in cases.runs)
    if groups < FEW:
        said.append(f"There are only {groups:,} groups: intervals are rough.")
    for number, what in ((failing, "fail"), (len(cases.runs) - failing, "do not fail")):
        if number < FEW:
            said.append(f"Only {number:,} of {len(cases.runs):,} runs {what}: figures about them say little.")
    return said


def written(folder: Path, values: dict[str, Any], cases: Cases) -> None:
    """Write the report, each file whole or not at all."""
    from stepc.files import write_changed
    from stepwatch.evaluation.scores import table
    from stepwatch.report import as_html, as_json, as_markdown

    rows = io.StringIO(newline="")
    csv.writer(rows, lineterminator="\n").writerows(table(cases))
    texts = (("report.html", as_html(values)), ("report.md", as_markdown(values)), ("report.json", as_json(values)))
    for name, text in (*texts, ("scores.csv", rows.getvalue())):
        write_changed(folder / name, text.encode("utf-8", "replace"))
