"""Runs that were cut off: what `censored when` of a monitor says of an episode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stepc.cli.session import BAD_SPEC, Session, StopError

if TYPE_CHECKING:
    from stepc.ir import Program
    from stepc.runtime.run import AdapterModule, RanEpisode
    from stepwatch.model import Model
    from stepwatch.plan import Plan

CENSORED = "censored_when"
"""The name under which the condition is asked for with the labels."""


def with_censoring(project: Any, shown: str, program: Program, monitor: str) -> Any:
    """The adapter with one label more: whether `censored when` holds."""
    import msgspec

    from stepc import ir
    from stepc.emit.project import compile_program
    from stepc.verify.load import from_text

    condition = next(one.censored for one in program.monitors if one.name == monitor)
    assert condition is not None
    asked = ir.Field(CENSORED, condition.type, (), condition.span, condition)
    widened = msgspec.structs.replace(program, outcome=(*program.outcome, asked))
    return from_text(program.source.name, compile_program(widened, project).text, f"<compiled from {shown}>")


def is_censored(ran: RanEpisode) -> bool:
    """Whether an episode of that adapter was cut off."""
    return ran.labels.get(CENSORED) is True


def adapter_of(session: Session, model: Model, spec: str | None) -> tuple[AdapterModule, Plan, Callable[[RanEpisode], bool] | None]:
    """The adapter of the source that a monitor watches, and the plan to obey, which has the rules of the spec as it is now; and where it
    has a condition for runs that were cut off, whether one was."""
    from stepc.cli.loading import load
    from stepc.cli.monitor import artefacts
    from stepc.cli.monitor.plans import monitor_of

    module, plan = artefacts.watched(session, model, spec)
    if not model.plan.censored:
        return module, plan, None
    named = spec if spec is not None else str(session.project().root / str(model.artefact.header["spec"]["file"]))
    project, loaded, program = load(session, named)
    if monitor_of(program, model.plan.monitor, loaded.shown).censored != model.plan.censored:
        what = f"{loaded.shown} says otherwise than the artefact which runs were cut off"
        raise StopError(BAD_SPEC, what, "train the monitor again, or name the spec of that time with --spec")
    return with_censoring(project, loaded.shown, program, model.plan.monitor), plan, is_censored
