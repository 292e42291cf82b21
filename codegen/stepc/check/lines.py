"""The kinds of lines of a text source: patterns, and the clauses that go with them."""

from __future__ import annotations

from stepc import ir
from stepc.check import regexes
from stepc.check.report import replace_by
from stepc.check.suggest import nearest
from stepc.check.world import Here, World
from stepc.diagnostics.model import Label
from stepc.source_text import NOWHERE
from stepc.syntax import tree


def lower(world: World, kinds: tuple[tree.LineKind, ...]) -> ir.EventLines | None:
    """The checked kinds, or None with a diagnostic."""
    here = Here(world, "state")
    lowered: list[ir.LineKind] = []
    other: tree.LineKind | None = None
    good = True
    for kind in kinds:
        if world.kinds.get(kind.name.text) is not kind:
            continue
        if kind.mode != "skip" and kind.pattern is None:
            if other is not None:
                world.report.error(
                    "SV307",
                    kind.name.span,
                    "only one kind can take the lines that no other takes",
                    here="a second `otherwise`",
                    labels=(Label(other.name.span, "the first"),),
                    advice="give one of them a pattern",
                )
                good = False
            other = kind
        pattern = regexes.regex(here, kind.pattern) if kind.pattern is not None else None
        strip = regexes.regex(here, kind.strip) if kind.strip is not None else None
        until = regexes.regex(here, kind.until) if kind.until is not None else None
        if (
            (kind.pattern is not None and pattern is None)
            or (kind.strip is not None and strip is None)
            or (kind.until is not None and until is None)
        ):
            good = False
        if kind.after is not None and not _after(world, kind, kind.after):
            good = False
        if kind.strip_match and pattern is None and strip is None and kind.mode != "skip" and kind.pattern is None:
            world.report.error(
                "SV307",
                kind.name.span,
                "`strip` cuts what the pattern matched, and `otherwise` has no pattern",
                here="nothing to cut",
                advice="write `strip /…/`",
            )
            good = False
        lowered.append(
            ir.LineKind(
                kind.name.text, kind.mode, pattern, kind.strip_match, strip, until, kind.after.text if kind.after is not None else ""
            )
        )
    if good and not any(kind.mode in ("record", "run") for kind in lowered):
        world.report.error(
            "SV307",
            kinds[0].name.span if kinds else NOWHERE,
            "no kind of line reaches `match`: all are sealed or skipped",
            here="no `record` and no `run`",
            advice="add a kind such as `line record /…/`",
        )
        return None
    return ir.EventLines(tuple(lowered)) if good else None


def _after(world: World, kind: tree.LineKind, name: tree.Name) -> bool:
    known = world.kinds.get(name.text)
    if known is not None and known.mode != "skip" and known is not kind:
        if known.mode != "sealed" or kind.mode == "sealed":
            return True
        world.report.error(
            "SV401",
            name.span,
            f"`{kind.name.text}` lines would exist only behind `{name.text}` lines, which are sealed",
            here="steps would know the outcome",
            labels=(Label(known.name.span, "sealed here"),),
            advice=f"declare `{kind.name.text}` as sealed too, or let it follow a kind that steps may see",
        )
        return False
    near = nearest(name.text, [one for one, other in world.kinds.items() if other.mode != "skip" and other is not kind])
    message = (
        f"`{name.text}` is the kind itself"
        if known is kind
        else f"lines of `{name.text}` are skipped"
        if known is not None
        else f"there is no kind `{name.text}`"
    )
    world.report.error(
        "SV140",
        name.span,
        message,
        here="not another kind of line",
        fixes=(replace_by(name.span, near),),
        advice="" if near else "name a kind that is declared here",
    )
    return False
