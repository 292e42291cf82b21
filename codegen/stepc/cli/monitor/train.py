"""`stepc monitor train`: a monitor of a spec learns from labelled traces, or has rules alone; what comes out is one file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from stepc.cli.outcomes import labels_of, outcomes_option, unmatched
from stepc.cli.session import BAD_SPEC, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, note, pass_session, write
from stepc.files import write_changed

if TYPE_CHECKING:
    from stepc.cli.loading import Spec
    from stepc.ir import Program
    from stepc.project import Project
    from stepc.runtime.outcomes import Outcomes
    from stepwatch.plan import Plan
    from stepwatch.training import Settings

SCORERS = ("table", "linear", "stack")
SYMBOLS = ("typed", "leaves", "bins")


@click.command("train")
@click.argument("monitor", metavar="SPEC[:NAME]")
@click.argument("traces", nargs=-1, metavar="[TRACES]...")
@click.option("-o", "--output", metavar="FILE", help="Where the artefact goes; default: artefacts/NAME.monitor of the project.")
@outcomes_option
@click.option("--rules-only", is_flag=True, help="Without traces: a monitor of its rules alone, for as long as no outcome is known.")
@click.option("--scorer", type=click.Choice(SCORERS), help="In place of the scorer that the spec says.")
@click.option(
    "--symbols",
    type=click.Choice(SYMBOLS),
    help="What tables count: typed keys (the default), leaves of a tree, bins of a score over words. A stack has tables only with this.",
)
@click.option("--folds", default=5, show_default=True, metavar="N", help="Folds of cross-fitting; groups stay whole.")
@click.option(
    "--out-of-fold",
    is_flag=True,
    help="Fit on all groups, and set calibration and thresholds on out-of-fold scores: for few runs, and without a guarantee.",
)
@click.option(
    "--leave-out",
    default=0.0,
    show_default=True,
    metavar="SHARE",
    help="Leave out this share of groups, drawn by the seed: `evaluate --unseen` on the same traces judges just those.",
)
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of splits and folds.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    monitor: str,
    traces: tuple[str, ...],
    output: str | None,
    outcomes: str | None,
    rules_only: bool,
    scorer: str | None,
    symbols: str | None,
    folds: int,
    out_of_fold: bool,
    leave_out: float,
    seed: int,
    root: str | None,
    form: str,
) -> int:
    """Train the monitor NAME of a spec on labelled TRACES. Without a name, the only one.

    Groups (the monitor's `group`) are split into three parts that share none: scorers are fitted on the first and chosen out of fold
    within it, calibration is fitted on the second, alert thresholds are set on the third, with the guarantee that the spec asks for. A
    zone without enough runs is left out, and the report says how many are missing.

    With --rules-only nothing is learned: no traces, no labels and no library are needed. So it is with a monitor that predicts nothing.

    The artefact holds the report. Equal traces, seed and libraries give an equal file.
    """
    if folds < 2 or not 0 <= leave_out < 1:
        raise StopError(BAD_SPEC, "--folds wants a number above 1, --leave-out a share below 1")
    asked = _asked(session, monitor)
    if rules_only or not asked.plan.label:
        given = {"TRACES": traces, "--outcomes": outcomes, "--scorer": scorer, "--symbols": symbols, "--out-of-fold": out_of_fold}
        return _rules_only(session, asked, output, [name for name, value in given.items() if value], form)
    if not traces:
        raise StopError(BAD_SPEC, "name the traces to train on", "or take the rules of the monitor alone, with --rules-only")
    try:
        from stepwatch.training import Settings
    except ImportError as error:
        raise StopError(BAD_SPEC, f"training needs {error.name or 'libraries'} that are not there", "install stepc[train]") from None
    if symbols and (scorer or asked.plan.scorer) == "linear":
        raise StopError(BAD_SPEC, "--symbols is about tables, and a linear scorer has none", "leave --symbols out, or take another scorer")
    settings = Settings(seed=seed, folds=folds, reuse=out_of_fold, scorer=scorer or "", symbols=symbols or "")
    return _train(session, asked, traces, output, outcomes, root, leave_out, settings, form)


class _Asked(NamedTuple):
    """The monitor that is asked for: where it stands, and its plan."""

    project: Project
    spec: Spec
    program: Program
    plan: Plan

    @property
    def origin(self) -> dict[str, str]:
        """What the header says of the spec."""
        from stepc.ir import identity

        name = _spec_name(self.project, self.spec.path)
        return {"file": name, "identity": identity(self.program), "source": self.program.source.name}


def _asked(session: Session, monitor: str) -> _Asked:
    from stepc.cli.loading import load
    from stepc.cli.monitor.plans import monitor_of

    named, _, name = monitor.rpartition(":") if not Path(monitor).is_file() else (monitor, "", "")
    project, spec, program = load(session, named or name)
    return _Asked(project, spec, program, monitor_of(program, name if named else "", spec.shown))


def _rules_only(session: Session, asked: _Asked, output: str | None, given: list[str], form: str) -> int:
    """Write a monitor of rules alone; `given` is what the user said that only training could use."""
    from stepc.cli.loading import shown
    from stepc.cli.monitor.train_page import rules_page
    from stepwatch import artefact, untrained

    plan = asked.plan
    if given:
        why = "with --rules-only nothing is learned" if plan.label else f"{plan.monitor} predicts nothing, so that nothing is learned"
        advice = f"leave {given[0]} out" if plan.label else f"leave {given[0]} out, or write what to predict"
        raise StopError(BAD_SPEC, f"{why}: {given[0]} has no meaning", advice)
    if not plan.rules:
        raise StopError(BAD_SPEC, f"{plan.monitor} has no rule", 'write one: `rule again when same(tool, args) for 3 => yellow "…"`')
    target = _target(asked, output)
    header = untrained.header(plan, asked.origin)
    data, digest = artefact.encode(header, {})
    write_changed(target, data)
    if form == "json":
        _tell_json(target, data, digest, plan, header["report"])
    else:
        write(rules_page(plan, shown(target), digest, session.out, session.columns()))
    return FINE


def _target(asked: _Asked, output: str | None) -> Path:
    """Where the artefact goes: over another artefact, and over nothing else."""
    from stepwatch.artefact import is_artefact

    if output is None:
        return asked.project.artefact_path(asked.plan.monitor)
    target = Path(output)
    if target.is_dir() or (target.is_file() and target.stat().st_size and not is_artefact(target)):
        raise StopError(BAD_SPEC, f"{output} is there, and no artefact", "name another file with -o")
    return target


def _tell_json(target: Path, data: bytes, digest: str, plan: Plan, report: dict[str, Any]) -> None:
    import orjson

    from stepc.cli.loading import shown

    told = {"artefact": shown(target), "bytes": len(data), "digest": digest, "monitor": plan.monitor, "report": report}
    write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")


def _train(
    session: Session,
    asked: _Asked,
    traces: tuple[str, ...],
    output: str | None,
    outcomes: str | None,
    root: str | None,
    leave_out: float,
    settings: Settings,
    form: str,
) -> int:
    from stepc.cli.loading import shown
    from stepc.cli.monitor.origin import hashed
    from stepc.cli.monitor.train_page import page
    from stepc.cli.progress import Progress
    from stepwatch import artefact
    from stepwatch.training import TrainingError, train
    from stepwatch.training.splits import kept

    project, spec, program, plan = asked
    labels = labels_of(outcomes, plan.label)
    target = _target(asked, output)
    with Progress(session) as progress:
        runs, counts, read = _read(session, project, spec, program, plan, traces, root, labels, progress)
        unmatched(labels, outcomes)
        runs, held_back = kept(runs, leave_out, settings.seed)
        try:
            trained = train(plan, runs, settings, progress.tell, counts)
        except TrainingError as error:
            advice = f"{held_back:,} runs were left out: give --leave-out a smaller share" if held_back else error.advice
            raise StopError(UNREADABLE, error.message, advice) from None
        progress.tell("hashing files")
        files = hashed(read)
    header = trained.header(asked.origin, files)
    data, digest = artefact.encode(header, {key: block.tolist() for key, block in trained.blocks.items()})
    write_changed(target, data)
    if form == "json":
        _tell_json(target, data, digest, plan, trained.report)
    else:
        if held_back:
            note(f"{held_back:,} runs were left out: `stepc monitor evaluate --unseen` judges them")
        write(page(plan, trained.report, shown(target), len(data), digest, session.out, session.columns()))
    return FINE


def _spec_name(project: Any, path: Path) -> str:
    """What the header calls a spec: its path from the root of its own project on, wherever the command was called."""
    from stepc.project import ProjectError, find_project

    try:
        project = find_project(path.parent)
    except ProjectError:
        if not path.absolute().is_relative_to(project.root):
            return path.name
    return str(project.relative(path)) if path.absolute().is_relative_to(project.root) else path.name


def _read(
    session: Session,
    project: Any,
    spec: Any,
    program: Program,
    plan: Any,
    traces: tuple[str, ...],
    root: str | None,
    labels: Outcomes | None,
    progress: Any,
) -> tuple[list[Any], Any, list[tuple[str, Path]]]:
    """The runs to learn from, what was left out, and the files that were read."""
    from stepc.cli.loading import module_of
    from stepc.cli.monitor.censoring import is_censored, with_censoring
    from stepc.cli.monitor.origin import files_of
    from stepc.cli.trouble import no_episode, readable
    from stepc.runtime.run import run
    from stepwatch.training import collect

    module = module_of(session, project, spec, program)
    censored: Callable[[Any], bool] | None = None
    if plan.censored:
        module, censored = with_censoring(project, spec.shown, program, plan.monitor), is_censored
    readable(traces)
    ran = run(module, list(traces), root=root, outcomes=labels, on_file=progress.file)

    def told() -> Any:
        for one in ran:
            progress.episode(one.events)
            yield one

    runs, counts = collect(plan, told(), censored)
    if not ran.account.episodes:
        raise StopError(UNREADABLE, "no episode of this source was found", no_episode(ran.account.defects))
    return runs, counts, files_of(traces)
