"""The blocks `sealed`, `secret` and `ignore`: paths of documents that exist, no contradictions, nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from stepc import ir
from stepc.check import paths
from stepc.check.reading import Reading
from stepc.check.report import replace_by
from stepc.check.suggest import nearest
from stepc.check.world import World
from stepc.diagnostics.model import Label
from stepc.syntax import tree

Kind = Literal["sealed", "secret", "ignore"]
Ruled = list[tuple[ir.DocumentPath, tree.PathPattern, str]]


def lower(world: World, file: tree.File, kind: Kind) -> tuple[ir.PathRule, ...]:
    """The rules of one kind, with paths of unknown side documents reported."""
    rules: list[ir.PathRule] = []
    for rule in _rules(file, kind):
        for pattern in rule.paths:
            base = pattern.base
            if base is None:
                continue
            if base.text in world.sides:
                world.use("side", base.text)
                continue
            near = nearest(base.text, world.sides)
            world.report.error(
                "SV130",
                base.span,
                f"there is no side document `{base.text}`",
                here="no such document",
                fixes=(replace_by(base.span, near or (f".{base.text}" if world.format != "text" else None)),),
                advice="" if near else "a path of the document itself starts with a dot",
            )
        rules.append(ir.PathRule(tuple(paths.from_pattern(pattern) for pattern in rule.paths), rule.reason, rule.span))
    return tuple(rules)


def check(world: World, file: tree.File, readings: list[Reading]) -> None:
    """Report ignored paths that are read (SV321), and paths that a rule names again (SV322)."""
    ignored, sealed = _paths(file, "ignore"), _paths(file, "sealed")
    for path, pattern, _ in ignored:
        read = next((one for one in readings if one.context != "accept" and paths.covers(path, one.path)), None)
        if read is not None:
            world.report.error(
                "SV321",
                pattern.span,
                f"`{paths.show(path)}` is ignored here, and read as `{paths.show(read.path)}`",
                here="ignored",
                labels=(Label(read.span, "read here"),),
                advice="ignore only what no rule reads: name the paths below it that are left out",
            )
            continue
        hidden = next((other for other in sealed if paths.covers(other[0], path)), None)
        if hidden is not None:
            world.report.warning(
                "SV322",
                pattern.span,
                f"`{paths.show(path)}` is sealed already: nothing reads it",
                here="said twice",
                labels=(Label(hidden[1].span, "sealed here"),),
                advice="remove it from `ignore`",
            )
    for group in (ignored, sealed, _paths(file, "secret")):
        _repeats(world, group)


def _repeats(world: World, ruled: Ruled) -> None:
    for index, (path, pattern, _) in enumerate(ruled):
        first = next((other for other in ruled[:index] if paths.covers(other[0], path)), None)
        if first is not None:
            world.report.warning(
                "SV322",
                pattern.span,
                f"`{paths.show(path)}` is named already",
                here="said twice",
                labels=(Label(first[1].span, "first here"),),
                advice="keep one of them",
            )


def _rules(file: tree.File, kind: Kind) -> Iterable[tree.PathRule]:
    for item in file.items:
        if isinstance(item, tree.Paths) and item.kind == kind:
            yield from item.rules


def _paths(file: tree.File, kind: Kind) -> Ruled:
    return [(paths.from_pattern(pattern), pattern, rule.reason) for rule in _rules(file, kind) for pattern in rule.paths]
