"""Rules over the last steps of one type: no training, constant work a step, a few numbers of memory.

A rule holds from the step that makes it hold until a step of the same type ends it. With several step types each is looked at on its own,
and the rule holds while it holds of any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from stepwatch import facts
from stepwatch.dense import written
from stepwatch.encode import fits
from stepwatch.memory import restored, saved
from stepwatch.plan import Plan, Rule

ABSENT: Final = -1
"""The mark of a step that has none of the compared fields: it equals nothing, not even itself."""

Watch = Callable[[list[int], Any], bool]


class Rules:
    """The rules of a plan. The state is a list of [mark or bits, length of the row, holds] for each rule and step type."""

    def __init__(self, plan: Plan) -> None:
        self.rules = plan.rules
        self._owner: list[int] = []
        """Of each place of the state, the number of its rule."""
        self._types: dict[str, list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(plan.rules):
            for name in dict.fromkeys(rule.steps):
                self._types.setdefault(name, []).append((len(self._owner), rule))
                self._owner.append(number)
        self._watches: dict[type[Any], list[tuple[int, Watch]]] = {}

    def begin(self) -> list[list[int]]:
        """A new episode."""
        return [[ABSENT if self.rules[number].test == "same" else 0, 0, 0] for number in self._owner]

    def step(self, state: list[list[int]], step: Any) -> bool:
        """Take in a step; whether a rule began or ceased to hold."""
        made = type(step)
        try:
            watches = self._watches[made]
        except KeyError:
            watches = self._watching(step)
        if not watches:
            return False
        changed = False
        for place, watch in watches:
            one = state[place]
            holds = int(watch(one, step))
            if holds != one[2]:
                one[2] = holds
                changed = True
        return changed

    def holding(self, state: Sequence[Sequence[int]]) -> list[Rule]:
        """The rules that hold, in the order of the plan."""
        numbers = {number for number, one in zip(self._owner, state, strict=True) if one[2]}
        return [rule for number, rule in enumerate(self.rules) if number in numbers]

    def save(self, state: list[list[int]]) -> Any:
        """The state as JSON."""
        return saved(state)

    def load(self, value: Any) -> list[list[int]]:
        """The state that `save` gave.

        Raises:
            StateError: It is none.
        """
        state: list[list[int]] = restored(value, self.begin(), "rules")
        return state

    def _watching(self, step: Any) -> list[tuple[int, Watch]]:
        """What looks at the steps of a class; kept by the class, unless it is a mapping: those are of any type."""
        made = type(step)
        found = [(place, _watch(rule, made)) for place, rule in self._types.get(facts.type_of(step), ())]
        if not isinstance(step, Mapping) and len(self._watches) < facts.MOST_CLASSES:
            self._watches[made] = found
        return found


def _watch(rule: Rule, made: type[Any]) -> Watch:
    if rule.pattern is None:
        return _same(rule, facts.reader(made, rule.fields))
    wanted = tuple(rule.pattern.fields.values())
    read = facts.reader(made, tuple(rule.pattern.fields))
    return _run(rule.window, read, wanted) if rule.test == "run" else _count(rule, read, wanted)


def _same(rule: Rule, read: facts.Reader) -> Watch:
    window = rule.window

    def watch(one: list[int], step: Any) -> bool:
        now = mark(read(step))
        one[1] = min(one[1] + 1, window) if now == one[0] else 1
        one[0] = now
        if now == ABSENT:
            one[1] = 0
        return one[1] >= window

    return watch


def _run(window: int, read: facts.Reader, wanted: tuple[Any, ...]) -> Watch:
    def watch(one: list[int], step: Any) -> bool:
        one[1] = min(one[1] + 1, window) if all(map(fits, read(step), wanted)) else 0
        return one[1] >= window

    return watch


def _count(rule: Rule, read: facts.Reader, wanted: tuple[Any, ...]) -> Watch:
    mask, least = (1 << rule.window) - 1, rule.least

    def watch(one: list[int], step: Any) -> bool:
        bits = one[0] = (one[0] << 1 | all(map(fits, read(step), wanted))) & mask
        return bits.bit_count() >= least

    return watch


def mark(values: Sequence[Any]) -> int:
    """56 bits of some values; `ABSENT` where all are None. Objects that differ in the order of their keys have the same mark."""
    if all(value is None for value in values):
        return ABSENT
    # The kind stands in front, so that the text "1" is not the number 1.
    parts = [f"{type(value).__name__}:{written(value)}" for value in values]
    # Lengths keep ("ab", "c") and ("a", "bc") apart.
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "little")
