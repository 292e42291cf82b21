"""Which arm or statement of the old spec is which of the new one, and which of them moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from stepc import ir
from stepc.diff.scope import Scopes
from stepc.diff.shape import shape

T = TypeVar("T")
Key = Callable[[T, bool], Hashable]


@dataclass(frozen=True, slots=True)
class Matched(Generic[T]):
    """One thing on one or both sides. `moved` tells that it changed places with others; then `crossed` are the new sides of those."""

    old: T | None
    new: T | None
    moved: bool = False
    crossed: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement of paired blocks: the label of its arm, the locals in force on both sides, and the blocks themselves."""

    arm: str
    match: Matched[ir.AnyStatement]
    before: Scopes
    after: Scopes
    blocks: tuple[Sequence[ir.AnyStatement], Sequence[ir.AnyStatement]]


def align(old: Sequence[T], new: Sequence[T], keys: Sequence[Key[T]]) -> list[Matched[T]]:
    """Pair things by the first key on which they agree, strictest key first; equal keys pair in order.

    A key is asked with the thing and whether it is of the new side; None pairs nothing. The result follows the new order, removed
    things after what preceded them.
    """
    partner: dict[int, int] = {}
    for key in keys:
        waiting: dict[Hashable, list[int]] = {}
        taken = set(partner.values())
        for index, item in enumerate(new):
            if index not in taken and (value := key(item, True)) is not None:
                waiting.setdefault(value, []).append(index)
        for index, item in enumerate(old):
            if index in partner or (value := key(item, False)) is None:
                continue
            if places := waiting.get(value):
                partner[index] = places.pop(0)
    return _ordered(old, new, partner)


def _ordered(old: Sequence[T], new: Sequence[T], partner: dict[int, int]) -> list[Matched[T]]:
    pairs = sorted(partner.items())
    still = _longest_rising([place for _, place in pairs])
    back = {place: index for index, place in pairs}
    result: list[Matched[T]] = []
    for place, item in enumerate(new):
        if place not in back:
            result.append(Matched(None, item))
            continue
        index = back[place]
        moved = place not in still
        crossed = tuple(new[there] for other, there in pairs if (other < index) != (there < place)) if moved else ()
        result.append(Matched(old[index], item, moved, tuple(item for item in crossed)))
    for index, item in enumerate(old):
        if index not in partner:
            after = partner_before(index, partner)
            result.insert(_position(result, new, after), Matched(item, None))
    return result


def partner_before(index: int, partner: dict[int, int]) -> int | None:
    """The new place of the nearest paired thing before `index`."""
    return next((partner[other] for other in range(index - 1, -1, -1) if other in partner), None)


def _position(result: list[Matched[T]], new: Sequence[T], after: int | None) -> int:
    """Where a removed thing goes: behind the thing at new place `after` and the removed ones that already follow it."""
    start = 0
    if after is not None:
        start = next(place for place, match in enumerate(result) if match.new is new[after]) + 1
    while start < len(result) and result[start].new is None:
        start += 1
    return start


def _longest_rising(places: list[int]) -> set[int]:
    """The values of a longest rising subsequence: what need not be said to have moved."""
    tails: list[int] = []
    tail_at: list[int] = []
    previous: list[int] = []
    for at, value in enumerate(places):
        slot = bisect_left(tails, value)
        previous.append(tail_at[slot - 1] if slot else -1)
        if slot == len(tails):
            tails.append(value)
            tail_at.append(at)
        else:
            tails[slot], tail_at[slot] = value, at
    kept: set[int] = set()
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        kept.add(places[at])
        at = previous[at]
    return kept


# ---- arms ------------------------------------------------------------------------------------------------------------


def align_arms(old: ir.Match, new: ir.Match) -> list[Matched[ir.Arm]]:
    """Pair arms by patterns, guard and body; then patterns and guard; then patterns; then any common pattern; then the body."""
    common = {shape(pattern) for arm in old.arms for pattern in arm.patterns} & {
        shape(pattern) for arm in new.arms for pattern in arm.patterns
    }
    return align(
        old.arms,
        new.arms,
        (
            lambda arm, newer: shape((arm.patterns, arm.guard, arm.body)),
            lambda arm, newer: shape((arm.patterns, arm.guard)),
            lambda arm, newer: shape(arm.patterns) if arm.patterns else None,
            lambda arm, newer: next((shape(pattern) for pattern in arm.patterns if shape(pattern) in common), None),
            lambda arm, newer: shape((arm.guard, arm.body)) if arm.patterns and isinstance(arm.body, ir.Block) else None,
        ),
    )


# ---- statements ------------------------------------------------------------------------------------------------------


def arm_scopes(arm: ir.Arm) -> Scopes:
    """The locals that an arm's patterns bind."""
    scopes = Scopes()
    for pattern in arm.patterns:
        if isinstance(pattern, ir.RegexPattern):
            for group in pattern.regex.groups:
                scopes.inlined[group] = scopes.named[group] = ("group", group)
    return scopes


def align_block(
    arm: str, old: Sequence[ir.AnyStatement], new: Sequence[ir.AnyStatement], before: Scopes, after: Scopes
) -> Iterator[MatchedStatement]:
    """Pair the statements of two blocks, loops entered. Emits and loops keep an order among themselves; the rest pairs by name."""
    before, after = before.with_lets(old), after.with_lets(new)

    def scopes(newer: bool) -> Scopes:
        return after if newer else before

    def content(statement: ir.AnyStatement, newer: bool) -> Hashable:
        if isinstance(statement, ir.Each):
            return (shape(statement.items, scopes(newer).inlined), emitted(statement.body))
        return shape(statement, scopes(newer).inlined)

    def head(statement: ir.AnyStatement, newer: bool) -> Hashable:
        if isinstance(statement, ir.Each):
            return shape(statement.items, scopes(newer).inlined)
        return (statement.step, shape(statement.guard, scopes(newer).inlined)) if isinstance(statement, ir.Emit) else None

    for kind in (_lets, _acting, _sets, _leftovers):
        for match in align(kind(old), kind(new), (content, head, lambda statement, newer: _name(statement))):
            yield MatchedStatement(arm, match, before, after, (old, new))
            if isinstance(match.old, ir.Each) and isinstance(match.new, ir.Each):
                yield from align_block(arm, match.old.body, match.new.body, before.inside(match.old), after.inside(match.new))


def emitted(statements: Sequence[ir.AnyStatement]) -> tuple[str, ...]:
    """The step types that statements emit, in order, loops entered."""
    names: list[str] = []
    for statement in statements:
        if isinstance(statement, ir.Emit):
            names.append(statement.step)
        elif isinstance(statement, ir.Each):
            names.extend(emitted(statement.body))
    return tuple(names)


def _lets(statements: Sequence[ir.AnyStatement]) -> list[ir.AnyStatement]:
    return [statement for statement in statements if isinstance(statement, ir.Let)]


def _acting(statements: Sequence[ir.AnyStatement]) -> list[ir.AnyStatement]:
    return [statement for statement in statements if isinstance(statement, ir.Emit | ir.Each)]


def _sets(statements: Sequence[ir.AnyStatement]) -> list[ir.AnyStatement]:
    return [statement for statement in statements if isinstance(statement, ir.Set)]


def _leftovers(statements: Sequence[ir.AnyStatement]) -> list[ir.AnyStatement]:
    return [statement for statement in statements if isinstance(statement, ir.Leftover)]


def _name(statement: ir.AnyStatement) -> Hashable:
    """What two statements share when one may be an edit of the other."""
    match statement:
        case ir.Emit(step=step):
            return step
        case ir.Each(body=body):
            return ("each", emitted(body))
        case ir.Let(name=name) | ir.Set(name=name):
            return name
        case ir.Leftover(action=action):
            return type(action).__name__
