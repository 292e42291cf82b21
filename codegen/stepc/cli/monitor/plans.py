"""The plan of a monitor that a user names within a spec, and what it must have to be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepc.cli.session import BAD_SPEC, StopError

if TYPE_CHECKING:
    from stepc.ir import Program
    from stepwatch.plan import Plan


def monitor_of(program: Program, name: str, spec: str) -> Plan:
    """The plan of the monitor of that name; without a name the only one. `spec` is the spec's path as messages name it."""
    from stepc.emit.monitor.plan import plan_of
    from stepwatch.plan import from_json

    known = {monitor.name: monitor for monitor in program.monitors}
    if not known:
        raise StopError(BAD_SPEC, f"{spec} has no monitor", "write a `monitor` block; grammar/LANGUAGE.md describes it")
    if not name and len(known) > 1:
        raise StopError(BAD_SPEC, f"{spec} has {len(known)} monitors", f"name one: {', '.join(f'{spec}:{one}' for one in known)}")
    chosen = name or next(iter(known))
    if chosen not in known:
        import difflib

        near = difflib.get_close_matches(chosen, known, n=1)
        raise StopError(BAD_SPEC, f"{spec} has no monitor {chosen}", f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}")
    return from_json(plan_of(program, known[chosen]))


def predicting(plan: Plan) -> Plan:
    """The plan, which has to predict something: what only an outcome can judge or teach is asked of it."""
    if not plan.label:
        raise StopError(
            BAD_SPEC,
            f"{plan.monitor} predicts nothing: it has rules alone, and no outcome can tell how good they are",
            "write `predict failed eventually` in its block and train it; `stepc monitor replay` tells when its rules hold",
        )
    return plan
