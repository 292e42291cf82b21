"""Rules over the last steps of one type: no training, constant work a step, a few numbers of memory.

A rule holds from the step that makes it hold until a step of the same type ends it. With several step types each is looked at on its own,
and the rule holds while it holds of any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from stepwatch import facts
from stepwatch.dense import written
from stepwatch.encode import fits
from stepwatch.memory import restored, saved
from stepwatch.plan import Plan, Rule

MOST_MARK: Final = 256
"""Characters of what a rule remembers of a step."""

NESTED: Final = frozenset([dict, list])

Watch = Callable[[list[Any], Any], bool]
"""Takes a step in, and says whether the rule holds then."""
Fitting = Callable[[Any], bool]


class Rules:
    """The rules of a plan. The state is a list of [mark, length of the row or bits, holds] for each rule and step type."""

    def __init__(self, plan: Plan) -> None:
        self.rules = plan.rules
        self._owner: list[int] = []
        """Of each place of the state, the number of its rule."""
        self._types: dict[str, list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(plan.rules):
            for name in dict.fromkeys(rule.steps):
                self._types.setdefault(name, []).append((len(self._owner), rule))
                self._owner.append(number)
        self._watched: dict[type[Any], list[tuple[int, Watch]]] = {}
        """By class what looks at its steps, for classes that came before."""

    def begin(self) -> list[list[Any]]:
        """A new episode."""
        return [["", 0, 0] for _ in self._owner]

    def step(self, state: list[list[Any]], step: Any) -> bool:
        """Take in a step; whether a rule began or ceased to hold."""
        return self.take(state, (step,))

    def take(self, state: list[list[Any]], steps: Iterable[Any]) -> bool:
        """Take in some steps; whether a rule began or ceased to hold at any of them."""
        changed = False
        watched = self._watched
        for step in steps:
            try:
                watches = watched[type(step)]
            except KeyError:
                watches = self._watching(step)
            for place, watch in watches:
                one = state[place]
                holds = watch(one, step)
                if holds != one[2]:
                    one[2] = int(holds)
                    changed = True
        return changed

    def holding(self, state: Sequence[Sequence[Any]]) -> list[Rule]:
        """The rules that hold, in the order of the plan."""
        numbers = {number for number, one in zip(self._owner, state, strict=True) if one[2]}
        return [rule for number, rule in enumerate(self.rules) if number in numbers]

    def save(self, state: list[list[Any]]) -> Any:
        """The state as JSON."""
        return saved(state)

    def load(self, value: Any) -> list[list[Any]]:
        """The state that `save` gave.

        Raises:
            StateError: It is none.
        """
        state: list[list[Any]] = restored(value, self.begin(), "rules")
        return state

    def _watching(self, step: Any) -> list[tuple[int, Watch]]:
        """What looks at the steps of a class; kept by the class, unless it is a mapping: those are of any type."""
        made = type(step)
        found = [(place, _watch(rule, made)) for place, rule in self._types.get(facts.type_of(step), ())]
        if not isinstance(step, Mapping) and len(self._watched) < facts.MOST_CLASSES:
            self._watched[made] = found
        return found


def _watch(rule: Rule, made: type[Any]) -> Watch:
    if rule.pattern is None:
        return _same(rule, facts.reader(made, rule.fields))
    fitting = _fitting(made, rule.pattern.fields)
    return _run(rule.window, fitting) if rule.test == "run" else _count(rule.window, rule.least, fitting)


def _same(rule: Rule, read: facts.Reader) -> Watch:
    window = rule.window

    def watch(one: list[Any], step: Any) -> bool:
        now = mark(read(step))
        if now != one[0]:
            one[0] = now
            one[1] = 1 if now else 0
        elif now and one[1] < window:
            one[1] += 1
        return bool(one[1] >= window)

    return watch


def _run(window: int, fitting: Fitting) -> Watch:
    def watch(one: list[Any], step: Any) -> bool:
        row = one[1] = (one[1] + 1 if one[1] < window else window) if fitting(step) else 0
        return bool(row >= window)

    return watch


def _count(window: int, least: int, fitting: Fitting) -> Watch:
    mask = (1 << window) - 1

    def watch(one: list[Any], step: Any) -> bool:
        bits = one[1] = (one[1] << 1 | fitting(step)) & mask
        return bool(bits.bit_count() >= least)

    return watch


def _fitting(made: type[Any], pattern: Mapping[str, Any]) -> Fitting:
    """Whether a step of a class has the values that a pattern wants."""
    if len(pattern) != 1:
        read, wanted = facts.reader(made, tuple(pattern)), tuple(pattern.values())
        return lambda step: all(map(fits, read(step), wanted))
    ((name, one),) = pattern.items()
    value = facts.value_reader(made, name)
    if one is True or one is False:
        return lambda step: value(step) is one
    return lambda step: fits(value(step), one)


def mark(values: Sequence[Any]) -> str:
    """A text that tells these values from others, the same for every order of keys; "" where all are None. Long ones are digested."""
    if values.count(None) == len(values):
        return ""
    text = repr([_sorted(value) if type(value) is dict or type(value) is list else value for value in values])
    return text if len(text) <= MOST_MARK else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _sorted(value: Any) -> Any:
    """An object or a list as something whose spelling does not depend on the order of keys. No plain value is a tuple or an object."""
    if type(value) is dict and NESTED.isdisjoint(map(type, value.values())):
        if len(value) < 2:
            return value
        try:
            return tuple(sorted(value.items()))  # keys are unique: items are never compared further
        except TypeError:
            pass
    return type(value).__name__, written(value)
