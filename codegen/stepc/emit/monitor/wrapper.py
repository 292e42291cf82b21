"""The generated module of a monitor: its plan as a literal, the artefact it pins, and a class that puts both together with the adapter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from stepc import ir
from stepc.emit.body import Place
from stepc.emit.code import INDENT, WIDTH, Code, bracketed, lay_out, literal, long_string, prefixed
from stepc.emit.literals import docstring, scalar, string
from stepc.emit.models import Header, MonitorFragment
from stepc.emit.monitor.plan import plan_of
from stepc.emit.render import HEADER_LINES, Rendered, body_hash
from stepc.source_text import Span

_MARK: Final = re.compile("\x1f(\\d+)\x1f")


def render_monitor(program: ir.Program, monitor: ir.Monitor, *, digest: str, artefact: str) -> Rendered:
    """The module of a monitor beside the module of its adapter.

    Args:
        digest: of the artefact that it is to accept; "" where there is none yet.
        artefact: where the artefact stands, relative to the project, with `/`.
    """
    return _Wrapper(program, monitor).rendered(digest, artefact)


class _Wrapper:
    """Renders one monitor."""

    def __init__(self, program: ir.Program, monitor: ir.Monitor) -> None:
        self.program = program
        self.monitor = monitor
        self.file = PurePosixPath(program.file).name
        self.places: list[Place] = []

    def rendered(self, digest: str, artefact: str) -> Rendered:
        program, monitor = self.program, self.monitor
        docs = list(monitor.docs) or [f"A monitor of {program.source.name}: {_question(monitor)}"]
        marked = MonitorFragment(
            doc=tuple(docstring(docs, 0, WIDTH)),
            adapter=program.source.name,
            spec_hash=ir.identity(program),
            digest=digest,
            digest_doc=tuple(docstring([_pinning(digest, artefact)], 0, WIDTH)),
            plan=tuple(self._plan()),
            mark=f"  # :{monitor.span.line}{self._mark(monitor.span, f'monitor {monitor.name}')}",
            class_doc=tuple(docstring(_documentation(program, monitor, artefact), 4, WIDTH)),
        ).render()
        body, places = self._unmark(marked)
        hashed = body_hash(body)
        identity = ir.monitor_identity(program, monitor)
        header = Header(spec=program.file, language=program.language, spec_hash=identity, body_hash=hashed).render()
        return Rendered(f"{header}\n{body}", hashed, identity, places)

    def _mark(self, span: Span, rule: str) -> str:
        self.places.append(Place(span, rule, self.file))
        return f"\x1f{len(self.places) - 1}\x1f"

    def _unmark(self, text: str) -> tuple[str, dict[int, Place]]:
        places: dict[int, Place] = {}
        lines = text.split("\n")
        for index, line in enumerate(lines):
            found = _MARK.search(line)
            if found is not None:
                lines[index] = line[: found.start()] + line[found.end() :]
                places[index + 1 + HEADER_LINES] = self.places[int(found[1])]
        return "\n".join(lines) + "\n", places

    def _plan(self) -> Iterator[str]:
        """The plan, one part a line, and in its lists one item a line, each with the line of the spec that says it."""
        monitor = self.monitor
        spans = {
            "features": [(one.span, f"{one.field}: {one.form}") for one in monitor.features],
            "zones": [(one.span, f"alert {one.name}") for one in monitor.zones],
            "rules": [(one.span, f"rule {one.name}") for one in monitor.rules],
        }
        yield "PLAN: Final[dict[str, Any]] = {"
        for key, value in plan_of(self.program, monitor).items():
            if key not in spans:
                yield from lay_out(f"{string(key)}: ", _code(value), ",", 1)
            elif not value:
                yield f"{INDENT}{string(key)}: [],"
            else:
                yield f"{INDENT}{string(key)}: ["
                for item, (span, rule) in zip(value, spans[key], strict=True):
                    yield from self._item(item, span, rule)
                yield f"{INDENT}],"
        yield "}"

    def _item(self, value: Any, span: Span, rule: str) -> list[str]:
        lines = lay_out("", _code(value), ",", 2)
        shown = f"{lines[0]}  # :{span.line}"
        if len(lines) == 1 and len(shown) <= WIDTH:
            lines[0] = shown
        lines[0] += self._mark(span, rule)
        return lines


def _code(value: Any) -> Code:
    """A literal of nested lists and objects."""
    if isinstance(value, list):
        return bracketed("[", [_code(item) for item in value], "]")
    if isinstance(value, dict):
        return bracketed("{", [prefixed(f"{string(key)}: ", _code(item)) for key, item in value.items()], "}")
    return long_string(value) if isinstance(value, str) else literal(scalar(value))


def _pinning(digest: str, artefact: str) -> str:
    untrained = "" if digest else " Empty: the monitor is not trained yet."
    return f"The digest of {artefact}: any other artefact is refused.{untrained}"


def _question(monitor: ir.Monitor) -> str:
    if not monitor.label:
        return "does one of its rules hold?"
    within = "eventually" if monitor.horizon is None else f"within {monitor.horizon} decision points"
    return f"will the run be `{monitor.label}` {within}?"


def _documentation(program: ir.Program, monitor: ir.Monitor, artefact: str) -> list[str]:
    points = ", ".join(_shown(pattern.step, pattern.fields) for pattern in monitor.points)
    question = _question(monitor)
    return [
        f"{question[0].upper()}{question[1:]} Asked at the end of each event that made {points}.",
        "",
        f'`Monitor.load("{artefact}")` gives one; `open` begins an episode of {program.source.name}, and `Episode.push` takes its events.',
    ]


def _shown(step: str, fields: Sequence[tuple[str, str | int | float | bool | None]]) -> str:
    listed = ", ".join(f"{name}: {value if isinstance(value, str) else _json(value)}" for name, value in fields)
    return f"{step}{{{listed}}}" if listed else step


def _json(value: float | bool | None) -> str:
    return {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
