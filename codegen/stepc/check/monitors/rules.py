"""Decision points, and rules over the last steps of a type."""

from __future__ import annotations

from typing import Final, Literal, cast

from stepc import ir
from stepc.check import examples
from stepc.check.monitors import bounds
from stepc.check.monitors.fields import Fields
from stepc.check.report import replace_by
from stepc.check.world import World
from stepc.diagnostics.model import Label
from stepc.source_text import Span
from stepc.syntax import tree

ZONES: Final = ("yellow", "red")
Zone = Literal["yellow", "red"]


def zone(world: World, written: tree.Name) -> Zone:
    """The name of an alert zone."""
    return cast(Zone, bounds.word(world, written, "zone", ZONES) or "yellow")


def pattern(world: World, fields: Fields, written: tree.StepPattern) -> ir.PointPattern:
    """A step type and plain values of some of its fields."""
    if not fields.is_step(written.step):
        return ir.PointPattern(written.step.text)
    expected = examples.step_pattern(world, written)
    fields.pattern(written)
    for pair in written.fields.pairs if written.fields is not None else ():
        if isinstance(pair.value, tree.ObjectPattern):
            world.report.error(
                "SV515",
                pair.value.span,
                f"a monitor compares plain values, and `{pair.key.text}` is compared with an object",
                here="an object",
                advice="give the step a field with the value in question, and compare that",
            )
    plain = {name: value for name, value in expected.fields.items() if not isinstance(value, dict)}
    return ir.PointPattern(expected.step, tuple(sorted(plain.items())))


def points(world: World, fields: Fields, written: tuple[tree.StepPattern, ...]) -> tuple[ir.PointPattern, ...]:
    """The steps whose event is a decision point."""
    found: dict[ir.PointPattern, Span] = {}
    for one in written:
        lowered = pattern(world, fields, one)
        first = found.setdefault(lowered, one.span)
        if first is not one.span:
            world.report.error(
                "SV131",
                one.span,
                f"`{one.step.text}` is a decision point twice",
                here="again",
                labels=(Label(first, "first here"),),
                advice="keep one of them",
            )
    return tuple(found)


def rules(world: World, fields: Fields, written: tuple[tree.Rule, ...]) -> tuple[ir.Rule, ...]:
    """The rules of a block; their names are unique, because alerts name rules by them."""
    names: dict[str, Span] = {}
    lowered: list[ir.Rule] = []
    for one in written:
        first = names.setdefault(one.name.text, one.name.span)
        if first is not one.name.span:
            world.report.error(
                "SV131",
                one.name.span,
                f"two rules are called `{one.name.text}`",
                here="again",
                labels=(Label(first, "first here"),),
                advice="give each its own name",
            )
        lowered.append(_rule(world, fields, one))
    return tuple(lowered)


def _rule(world: World, fields: Fields, one: tree.Rule) -> ir.Rule:
    into = zone(world, one.zone)
    name, told, docs, span = one.name.text, one.message, one.docs, one.span
    match one.test:
        case tree.Same(window=window):
            steps, names = _same(world, fields, one.test)
            most = bounds.whole(world, window, "the number of equal steps", 2, bounds.LONGEST_WINDOW)
            return ir.Rule(name, "same", steps, most, into, told, docs, span, fields=names)
        case tree.Run(pattern=written, window=window):
            fitting = pattern(world, fields, written)
            most = bounds.whole(world, window, "the number of steps in a row", 1, bounds.LONGEST_WINDOW)
            return ir.Rule(name, "run", (fitting.step,), most, into, told, docs, span, pattern=fitting)
        case tree.Count(pattern=written, window=window):
            fitting = pattern(world, fields, written)
            most = bounds.whole(world, window, "the number of steps to look back", 1, bounds.LONGEST_WINDOW)
            least = _least(world, one.test, most)
            return ir.Rule(name, "count", (fitting.step,), most, into, told, docs, span, pattern=fitting, least=least)


def _same(world: World, fields: Fields, test: tree.Same) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The steps that have all the fields, and the fields."""
    having: list[dict[str, ir.Type]] = []
    names: dict[str, Span] = {}
    for field in test.fields:
        first = names.setdefault(field.field.text, field.span)
        if first is not field.span:
            world.report.error(
                "SV131",
                field.span,
                f"`{field.field.text}` is compared twice",
                here="again",
                labels=(Label(first, "first here"),),
                advice="keep one of them",
            )
        found = fields.of(field)
        if found is None:
            return (), tuple(names)
        having.append(found)
    steps = tuple(step for step in having[0] if all(step in found for found in having))
    if not steps:
        listed = " and ".join(f"`{name}`" for name in names)
        world.report.error(
            "SV503", test.span, f"no step has all of {listed}", here="of different steps", advice="compare fields of one step type"
        )
    return steps, tuple(names)


def _least(world: World, test: tree.Count, window: int) -> int:
    written, operator = test.least, test.operator
    value = written.value
    assert isinstance(value, int)
    if operator.text != ">=":
        span = operator.span.to(written.span)
        world.report.error(
            "SV512",
            span,
            "a rule asks whether something came often: `>=`",
            here=f"asks for `{operator.text}`",
            fixes=(replace_by(span, f">= {value + 1}" if operator.text == ">" else f">= {value}" if operator.text == "==" else None),),
            advice="an alert that comes because little happened would come at the first step: ask for what came often",
        )
        return 1
    if value > window:
        world.report.error(
            "SV512",
            written.span,
            f"of the last {window} steps never {value} can fit",
            here="more than are looked at",
            labels=(Label(test.window.span, "looks back so far"),),
            advice="look back further, or ask for fewer",
        )
        return window
    return bounds.whole(world, written, "the number of steps that fit", 1, bounds.LONGEST_WINDOW)
