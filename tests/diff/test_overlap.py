"""Which arms and guards can fire on one event."""

from __future__ import annotations

import pytest

from stepc import ir
from stepc.diff.overlap import can_both_match, exclusive
from stepc.source_text import NOWHERE

JSON, BOOL, STR = ir.Type("json", optional=True), ir.Type("bool"), ir.Type("str")


def regex(pattern: str, flags: str = "") -> ir.RegexPattern:
    return ir.RegexPattern(ir.Regex(ir.Type("regex"), NOWHERE, pattern, flags))


def constant(value: str | int | float | bool) -> ir.ConstantPattern:
    return ir.ConstantPattern(value)


def arm(*patterns: ir.ConstantPattern | ir.RegexPattern | ir.AbsentPattern, guard: ir.AnyExpression | None = None) -> ir.Arm:
    return ir.Arm(patterns, guard, ir.Unknown(), "", NOWHERE)


def path(key: str) -> ir.Path:
    return ir.Path(JSON, NOWHERE, ir.Root(JSON, NOWHERE, "event"), (ir.KeySegment(key),), f".{key}")


def present(key: str) -> ir.Present:
    return ir.Present(BOOL, NOWHERE, path(key))


def is_(key: str, value: str) -> ir.Compare:
    return ir.Compare(BOOL, NOWHERE, "==", path(key), ir.Constant(STR, NOWHERE, value))


def not_(operand: ir.AnyExpression) -> ir.Not:
    return ir.Not(BOOL, NOWHERE, operand)


def both(left: ir.AnyExpression, right: ir.AnyExpression) -> ir.And:
    return ir.And(BOOL, NOWHERE, left, right)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (arm(constant("a")), arm(constant("b")), False),
        (arm(constant("a"), constant("b")), arm(constant("b")), True),
        (arm(constant(1)), arm(constant(1.0)), True),
        (arm(constant(1)), arm(constant(True)), False),
        (arm(constant("1")), arm(constant(1)), False),
        (arm(ir.AbsentPattern()), arm(constant("a")), False),
        (arm(ir.AbsentPattern()), arm(ir.AbsentPattern()), True),
        (arm(ir.AbsentPattern()), arm(regex("a")), False),
        (arm(regex("^a")), arm(constant("ab")), True),
        (arm(regex("^A", "i")), arm(constant("ab")), True),
        (arm(regex("^b")), arm(constant("ab")), False),
        (arm(regex("1")), arm(constant(1)), False),
        (arm(regex("^a")), arm(regex("^b")), True),
        (arm(), arm(constant("a")), True),
        (arm(constant("a"), guard=present("x")), arm(constant("a"), guard=not_(present("x"))), False),
        (arm(constant("a"), guard=present("x")), arm(constant("a")), True),
    ],
)
def test_arms(one: ir.Arm, other: ir.Arm, meet: bool) -> None:
    assert can_both_match(one, other) is meet
    assert can_both_match(other, one) is meet


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (present("x"), present("y"), False),
        (present("x"), not_(present("x")), True),
        (both(present("y"), present("x")), both(is_("z", "1"), not_(present("x"))), True),
        (is_("x", "a"), is_("x", "b"), True),
        (is_("x", "a"), is_("y", "b"), False),
        (is_("x", "a"), is_("x", "a"), False),
        (ir.Local(BOOL, NOWHERE, "l"), not_(ir.Local(BOOL, NOWHERE, "l")), False),
    ],
)
def test_guards(one: ir.AnyExpression, other: ir.AnyExpression, apart: bool) -> None:
    assert exclusive(one, other) is apart
    assert exclusive(other, one) is apart
