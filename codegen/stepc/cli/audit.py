"""`stepc audit`: which fields of typed steps tell the outcome in a way that honest fields do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepc.cli.outcomes import outcomes_in, outcomes_option
from stepc.cli.session import BAD_SPEC, FINDINGS, FINE, SEEDS, UNREADABLE, Session, StopError, format_option, pass_session, write

if TYPE_CHECKING:
    from stepc.runtime.run import RanEpisode
    from stepwatch.audit import Report, Run, Settings

Tell = Callable[[str, int, int], None]


@click.command("audit")
@click.argument("spec", required=False, metavar="[SPEC]")
@click.argument("traces", nargs=-1, metavar="[TRACES]...")
@click.option("--steps", metavar="FILE", help="Audit steps that are already converted: JSON lines or Parquet, by stepc or anybody.")
@click.option("--episodes", metavar="FILE", help="Labels and groups of those runs; default: episodes.jsonl or .parquet beside --steps.")
@click.option("--label", default="", metavar="NAME", help="The outcome to protect; default: `failed`, else the first that is found.")
@click.option("--root", metavar="FOLDER", help="The root of the traces, which inputs of the spec are relative to.")
@outcomes_option
@click.option("--accept", multiple=True, metavar="FIELD", help="A field whose leak is known: reported, not counted. Several times.")
@click.option("--seed", type=SEEDS, default=7, show_default=True, help="Seed of the shuffles and the bootstrap.")
@click.option("--most-steps", default=250_000, show_default=True, metavar="N", help="Above, runs are sampled by the hash of their id.")
@click.option("--all", "everything", is_flag=True, help="Show every field with its reasons.")
@click.option("--episode-column", default="", metavar="NAME", help="With --steps: the column that names the run.")
@click.option("--group-column", default="", metavar="NAME", help="With --steps: the column of the task.")
@click.option("--type-column", default="", metavar="NAME", help="With --steps: the column of the step's type.")
@click.option("--order-column", default="", metavar="NAME", help="With --steps: the column that numbers the steps.")
@click.option("--time-column", default="", metavar="NAME", help="With --steps: the column of the step's time.")
@click.option("--steps-column", default="", metavar="NAME", help="With --steps: the column that holds a run's list of steps.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    /,
    spec: str | None,
    traces: tuple[str, ...],
    steps: str | None,
    episodes: str | None,
    label: str,
    root: str | None,
    outcomes: str | None,
    accept: tuple[str, ...],
    seed: int,
    most_steps: int,
    everything: bool,
    form: str,
    **columns: str,
) -> int:
    """Look for leaks that types cannot see: in steps that a SPEC reads from TRACES, or in converted steps (--steps).

    For every field, and each of its values, how well it alone tells the outcome along the run and at its end. Exit code 1 when a field
    is a leak; suspicious fields do not count.
    """
    if (spec is None) == (steps is None):
        raise StopError(BAD_SPEC, "name a spec and its traces, or --steps FILE", "`stepc audit --help` shows both")
    if spec is not None and (episodes or any(columns.values())):
        raise StopError(BAD_SPEC, "--episodes and the columns go with --steps only")
    if steps is not None and outcomes is not None:
        raise StopError(BAD_SPEC, "--outcomes goes with a spec", "labels of converted steps stand in --episodes FILE")
    if most_steps < 1 or seed < 0:
        raise StopError(BAD_SPEC, "--most-steps wants a number above 0, --seed one from 0 on")
    from stepc.cli.progress import Progress

    try:
        from stepwatch.audit import Settings
    except ImportError:
        raise StopError(BAD_SPEC, "the audit needs numpy", "install stepc[audit]") from None
    settings = Settings(label=label, seed=seed, steps=most_steps, accepted=frozenset(accept))
    with Progress(session) as progress:
        if steps is not None:
            report = of_steps(Path(steps), Path(episodes) if episodes else None, columns, settings, progress.tell)
        else:
            report = of_spec(session, spec or "", traces, root, settings, progress.tell, outcomes)
    if form == "json":
        import orjson

        from stepwatch.audit.report import as_values

        write(orjson.dumps(as_values(report), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        from stepc.cli.audit_page import page

        write(page(report, steps or spec or "", session.out, session.columns(), everything=everything))
    return FINDINGS if report.leaks else FINE


def of_steps(steps: Path, episodes: Path | None, columns: dict[str, str], settings: Settings, tell: Tell) -> Report:
    """Audit converted steps."""
    from dataclasses import replace

    from stepwatch.audit import audit_runs
    from stepwatch.audit.foreign import Names, read_foreign
    from stepwatch.audit.rows import TableError

    if not steps.is_file():
        raise StopError(UNREADABLE, f"there is no file {steps}")
    if episodes is None:
        beside = [steps.with_name(f"episodes{ending}") for ending in (".jsonl", ".parquet")]
        episodes = next((path for path in beside if path.is_file() and path != steps), None)
    elif not episodes.is_file():
        raise StopError(UNREADABLE, f"there is no file {episodes}")
    told = Names(label=settings.label, **{name.removesuffix("_column"): column for name, column in columns.items()})
    tell("reading steps", 0, 0)
    try:
        foreign = read_foreign(steps, episodes, told, settings)
    except TableError as error:
        raise StopError(UNREADABLE, str(error), error.advice) from None
    report = audit_runs(
        foreign.runs,
        replace(settings, label=foreign.names.label),
        tell,
        passed_over=foreign.offered - len(foreign.runs),
    )
    return replace(report, notes=(*foreign.notes, *report.notes))


def of_spec(
    session: Session, name: str, traces: tuple[str, ...], root: str | None, settings: Settings, tell: Tell, outcomes: str | None = None
) -> Report:
    """Audit what a spec makes of traces, with labels of the traces and of the file `outcomes`."""
    from dataclasses import replace

    from stepc.cli.loading import load, module_of
    from stepc.cli.trouble import readable, sentence
    from stepc.runtime.run import run
    from stepwatch.audit import audit_runs

    if not traces:
        raise StopError(BAD_SPEC, "name the traces to read with the spec")
    project, spec, program = load(session, name)
    labels = outcomes_in(outcomes)
    known = [field.name for field in program.outcome]
    known += [label for label in (labels.labels if labels is not None else ()) if label not in known]
    label = settings.label or program.label or (labels.labels[0] if labels is not None else "")
    if label not in known:
        what = f"the outcome has no field {label}" if label else "the outcome declares no label"
        raise StopError(BAD_SPEC, what, f"it has {', '.join(known)}" if known else "name a file of labels with --outcomes")
    module = module_of(session, project, spec, program)
    readable(traces)
    ran = run(module, list(traces), root=root, outcomes=labels)
    report = audit_runs((audited(one, label) for one in ran if not one.dropped), replace(settings, label=label), tell)
    account = ran.account
    if not account.episodes:
        raise StopError(UNREADABLE, "no episode of this source was found", "; ".join(sentence(defect) for defect in account.defects[:3]))
    dropped = sum(account.dropped.values())
    notes = (f"{dropped:,} dropped episodes are left out",) if dropped else ()
    bad = [defect for defect in account.defects if defect.kind not in ("no_match", "not_accepted")]
    return replace(report, notes=(*notes, *(sentence(defect) for defect in bad[:3]), *report.notes))


def audited(one: RanEpisode, label: str) -> Run:
    """An episode as the audit takes it. What `meta` knows in few words (model, domain) may explain a relation."""
    from stepwatch.audit import Run, StepRow
    from stepwatch.audit.foreign import as_label

    rows = []
    for event, _, step in one.placed():
        fields = {name: getattr(step, name) for name in step.__struct_fields__}
        at = fields.pop("at", None)
        rows.append(StepRow(str(step.__struct_config__.tag), fields, event, at if isinstance(at, float) else None))
    strata = {name: str(value)[:60] for name, value in one.meta.items() if isinstance(value, (str, bool, int))}
    return Run(one.id, as_label(one.labels.get(label)), one.group, rows, strata)
