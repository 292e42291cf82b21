"""Artefacts made by hand for the monitors of a project: the numbers of a small table instead of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stepc import ir
from stepc.cli.trained import trained
from stepc.emit.monitor import plan_of
from stepc.emit.project import Build, build
from stepc.front import read_spec
from stepc.project import Project
from stepwatch import artefact as artefacts
from stepwatch import plan as plans


def built(project: Project, specs: list[Path] | None = None) -> Build:
    """A build that looks at the artefacts, as the command's does."""
    return build(project, specs, read_artefact=trained)


def train(project: Project, spec: Path, *, risk: float = 0.5, **header: Any) -> str:
    """Write the artefact of the first monitor of a spec, and give its digest. Every point adds `risk` to the logit."""
    program = read_spec(spec, project=project.root).program
    assert program is not None
    (monitor, *_) = program.monitors
    plan = plans.from_json(plan_of(program, monitor))
    scorer = {"kind": "belief", "name": "belief", "symbols": "typed", "params": {"prior": -1.0, "decay": 1.0}}
    written = {
        "plan": plans.to_json(plan),
        "plan_sha256": plans.digest(plan),
        "spec": {"file": program.file, "identity": ir.identity(program), "source": program.source.name},
        "data": {"files": [], "episodes": 0},
        "seed": 0,
        "libraries": {},
        "parts": {
            "symbols": {"typed": {"kind": "typed", "params": {"keys": []}, "blocks": {}}},
            "scorers": [{**scorer, "blocks": {"start": "belief.start", "table": "belief.table"}}],
            "risk": "belief",
            "calibration": {"kind": "identity", "params": {}, "blocks": {}},
            "zones": [
                {
                    **{name: getattr(zone, name) for name in ("name", "budget", "confidence", "hits", "window")},
                    "threshold": 0.0,
                    "certificate": {},
                }
                for zone in plan.zones
            ],
        },
        "report": {},
        **header,
    }
    return artefacts.write(project.artefact_path(monitor.name), written, {"belief.start": [risk], "belief.table": [risk]})
