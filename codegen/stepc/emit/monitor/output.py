"""A monitor, compiled: its module, its map, and what the lock is to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper

from stepc import ir
from stepc.emit.errors import EmitError
from stepc.emit.monitor.pins import Reader, Trouble, pin
from stepc.emit.monitor.plan import plan_hash, plan_of
from stepc.emit.monitor.purity import prove_monitor
from stepc.emit.monitor.wrapper import render_monitor
from stepc.emit.sourcemap import build_map, encode
from stepc.project import Project


@dataclass(frozen=True, slots=True)
class MonitorOutput:
    """One compiled monitor. `text` is the module, `map_text` its source map; `spec` is relative to the project, with `/`.

    `digest` is the artefact that it pins, "" without one; `before` is the module with the pin that the lock has, and `trouble` is what is
    wrong with the artefact that lies in its place.
    """

    name: str
    source: str
    spec: str
    text: str
    map_text: str
    body_hash: str
    spec_hash: str
    adapter_hash: str
    plan_hash: str
    digest: str
    before: str = ""
    trouble: Trouble | None = None

    def entry(self) -> dict[str, Any]:
        """What the lock says of it."""
        return {
            "adapter_sha256": self.adapter_hash,
            "artefact_sha256": self.digest,
            "body_sha256": self.body_hash,
            "plan_sha256": self.plan_hash,
            "source": self.source,
            "spec": self.spec,
            "spec_sha256": self.spec_hash,
        }


def compile_monitor(
    program: ir.Program, monitor: ir.Monitor, project: Project, locked: Mapping[str, Any], read: Reader | None
) -> MonitorOutput:
    """One monitor as a proven module. `locked` is what the lock says of it, `read` reads an artefact.

    Raises:
        EmitError: an internal error of the emitter.
    """
    plan = plan_of(program, monitor)
    path = project.artefact_path(monitor.name)
    shown = project.relative(path)
    chosen = pin(program, monitor, plan, path=path, shown=shown, locked=locked, read=read)
    rendered = render_monitor(program, monitor, digest=chosen.digest, artefact=shown)
    try:
        module = cst.parse_module(rendered.text)
    except cst.ParserSyntaxError as error:
        raise EmitError(f"the emitted module does not parse: {error.message}", monitor.span) from error
    prove_monitor(module, program.source.name)
    source_map = build_map(MetadataWrapper(module, unsafe_skip_copy=True), program.file, PurePosixPath(program.file).name, rendered.places)
    before = str(locked.get("artefact_sha256", ""))
    return MonitorOutput(
        name=monitor.name,
        source=program.source.name,
        spec=program.file,
        text=rendered.text,
        map_text=encode(source_map),
        body_hash=rendered.body_hash,
        spec_hash=rendered.spec_hash,
        adapter_hash=ir.identity(program),
        plan_hash=plan_hash(plan),
        digest=chosen.digest,
        before="" if before == chosen.digest else render_monitor(program, monitor, digest=before, artefact=shown).text,
        trouble=chosen.trouble,
    )
