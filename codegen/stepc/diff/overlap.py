"""Can one event fire two arms? When not, their order does not matter."""

from __future__ import annotations

from stepc import ir
from stepc.diff.shape import Shape, shape, walk
from stepc.runtime.regex import Pattern


def can_both_match(first: ir.Arm, second: ir.Arm) -> bool:
    """False only where patterns or guards exclude each other for certain."""
    if first.patterns and second.patterns and not any(_meet(one, other) for one in first.patterns for other in second.patterns):
        return False
    return not exclusive(first.guard, second.guard)


def emits(body: ir.Block | ir.Ignored | ir.Unknown) -> bool:
    """Whether a body can emit a step."""
    return isinstance(body, ir.Block) and any(_emits(statement) for statement in body.statements)


def acts(body: ir.Block | ir.Ignored | ir.Unknown) -> bool:
    """Whether a body can emit a step or change the state."""
    return isinstance(body, ir.Block) and any(isinstance(statement, ir.Set) or _emits(statement) for statement in body.statements)


def _emits(statement: ir.AnyStatement) -> bool:
    return isinstance(statement, ir.Emit) or (isinstance(statement, ir.Each) and any(_emits(inner) for inner in statement.body))


def exclusive(first: ir.AnyExpression | None, second: ir.AnyExpression | None) -> bool:
    """Whether two guards can never both be True: one demands what the other denies, or they want different constants of one value.

    Guards that use locals are never called exclusive: equal names may stand for different values.
    """
    if first is None or second is None:
        return False
    for one in _conjuncts(first):
        for other in _conjuncts(second):
            if _uses_locals(one) or _uses_locals(other):
                continue
            if _negation(one) == shape(other) or shape(one) == _negation(other):
                return True
            if _different_constants(one, other):
                return True
    return False


def _conjuncts(guard: ir.AnyExpression) -> list[ir.AnyExpression]:
    if isinstance(guard, ir.And):
        return _conjuncts(guard.left) + _conjuncts(guard.right)
    return [guard]


def _uses_locals(node: ir.AnyExpression) -> bool:
    return any(isinstance(inner, ir.Local) for inner in walk(node))


def _negation(node: ir.AnyExpression) -> Shape | None:
    """The shape of the operand of a `not`, which is what must not be True for `node` to be."""
    return shape(node.operand) if isinstance(node, ir.Not) else None


def _different_constants(one: ir.AnyExpression, other: ir.AnyExpression) -> bool:
    if not (isinstance(one, ir.Compare) and isinstance(other, ir.Compare) and one.operator == other.operator == "=="):
        return False
    left, right = one.right, other.right
    if not (isinstance(left, ir.Constant) and isinstance(right, ir.Constant)) or shape(one.left) != shape(other.left):
        return False
    return isinstance(left.value, str) and isinstance(right.value, str) and left.value != right.value


AnyPattern = ir.ConstantPattern | ir.RegexPattern | ir.AbsentPattern


def _meet(one: AnyPattern, other: AnyPattern) -> bool:
    if isinstance(one, ir.AbsentPattern) or isinstance(other, ir.AbsentPattern):
        return isinstance(one, ir.AbsentPattern) and isinstance(other, ir.AbsentPattern)
    if isinstance(one, ir.ConstantPattern) and isinstance(other, ir.ConstantPattern):
        return shape(one) == shape(other) or (_number(one.value) and _number(other.value) and one.value == other.value)
    if isinstance(one, ir.RegexPattern) and isinstance(other, ir.RegexPattern):
        return True
    constant, regex = (one, other) if isinstance(one, ir.ConstantPattern) else (other, one)
    if not isinstance(constant, ir.ConstantPattern) or not isinstance(regex, ir.RegexPattern):
        return True
    return isinstance(constant.value, str) and Pattern(regex.regex.pattern, regex.regex.flags).matches(constant.value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def takers(match: ir.Match, arm: ir.Arm) -> tuple[ir.Arm, ...]:
    """The arms below `arm` that could fire on its events, were it not there."""
    below = match.arms[match.arms.index(arm) + 1 :]
    return tuple(other for other in below if can_both_match(arm, other))
