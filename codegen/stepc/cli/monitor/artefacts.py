"""From an artefact that a user names to the model in it, to the adapter of its source, and to the episodes in traces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from stepc.cli.session import BAD_SPEC, UNREADABLE, Session, StopError

if TYPE_CHECKING:
    from stepc.cli.loading import Spec
    from stepc.ir import Program
    from stepc.project import Project
    from stepc.runtime.outcomes import Outcomes
    from stepc.runtime.run import AdapterModule, RanEpisode
    from stepwatch.model import Model
    from stepwatch.plan import Plan

Tell = Callable[[str, int, int], None]


def model_of(path: str) -> Model:
    """The model of an artefact."""
    from stepwatch.artefact import ArtefactError, read
    from stepwatch.model import Model

    try:
        return Model(read(path))
    except ArtefactError as error:
        raise StopError(UNREADABLE, error.message, _meant(path) or error.advice) from None


def learned(model: Model) -> Model:
    """The model, which must have learned something to be looked into."""
    if not model.learned:
        raise StopError(
            BAD_SPEC,
            f"{model.plan.monitor} has rules alone: nothing was learned that could be looked into",
            "`stepc monitor replay` tells when its rules hold; `stepc monitor train` with labelled traces makes it learn",
        )
    return model


def _meant(name: str) -> str:
    """The artefact of the project that is named where a file does not exist, as what to do next; "" where there is none."""
    from stepc.project import ProjectError, find_project

    if os.sep in name or os.path.lexists(name):
        return ""
    try:
        project = find_project()
    except ProjectError:
        return ""
    here = [path for path in map(project.artefact_path, (name, f"{name}_watch")) if path.is_file()]
    return f"name its file: {os.path.relpath(here[0])}" if here else ""


def adapter_of(session: Session, model: Model, spec: str | None = None) -> AdapterModule:
    """The adapter of the source that a monitor watches: of `spec` where that is named, else of the spec that the artefact names."""
    from stepc.cli.loading import module_of

    return module_of(session, *_spec_of(session, model, spec))


def watched(session: Session, model: Model, spec: str | None = None) -> tuple[AdapterModule, Plan]:
    """The adapter, and the plan to obey: that of the spec as it is now where training reads the same of it, so that its rules and its
    cool-down hold; else that of the artefact."""
    from stepc.cli.loading import module_of
    from stepc.emit.monitor import plan_of
    from stepwatch.plan import digest, from_json

    project, loaded, program = _spec_of(session, model, spec)
    module = module_of(session, project, loaded, program)
    for monitor in program.monitors:
        plan = from_json(plan_of(program, monitor))
        if plan.monitor == model.plan.monitor and digest(plan) == digest(model.plan):
            return module, plan
    return module, model.plan


def _spec_of(session: Session, model: Model, spec: str | None) -> tuple[Project, Spec, Program]:
    from stepc.cli.loading import load
    from stepc.ir import identity

    known = model.artefact.header["spec"]
    named = str(known.get("file", ""))
    place = session.project().root / named
    if spec is None and not (named and place.is_file()):
        what = f"the spec {named} that the monitor was trained with is not here" if named else "the artefact names no spec"
        raise StopError(BAD_SPEC, what, "name it with --spec")
    project, loaded, program = load(session, spec if spec is not None else str(place))
    if program.source.name != model.plan.source:
        raise StopError(BAD_SPEC, f"the monitor watches {model.plan.source}, and the spec describes {program.source.name}")
    if identity(program) != known.get("identity"):
        raise StopError(
            BAD_SPEC,
            f"{loaded.shown} has changed since the monitor was trained: its steps may say other things",
            "train the monitor again with `stepc monitor train`, or name the spec of that time with --spec",
        )
    return project, loaded, program


def episodes_of(
    module: AdapterModule, traces: Sequence[str], *, root: str | None = None, outcomes: Outcomes | None = None, tell: Tell | None = None
) -> Iterator[RanEpisode]:
    """The episodes in traces that were not dropped, as they come. Nothing readable at all ends the command."""
    from stepc.cli.trouble import no_episode, readable
    from stepc.runtime.run import run

    if not traces:
        raise StopError(BAD_SPEC, "name the traces to read")
    readable(traces)
    ran = run(module, list(traces), root=root, outcomes=outcomes, on_file=(lambda path: tell(path, 0, 0)) if tell else None)
    for one in ran:
        if not one.dropped:
            yield one
    if not ran.account.episodes:
        raise StopError(UNREADABLE, "no episode of this source was found", no_episode(ran.account.defects))
