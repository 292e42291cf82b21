"""Rules against a slow reading of what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.small import PLAN
from monitor.steps import steps

from stepwatch.encode import fits
from stepwatch.plan import PointPattern, Rule
from stepwatch.rules import MOST_MARK, Rules, mark


def rule(test: str, window: int, least: int = 0, kinds: tuple[str, ...] = ("ToolCall", "ToolResult"), **more: Any) -> Rule:
    return Rule("r", test, kinds, more.get("fields", ()), more.get("pattern"), window, least, "red", "")


def holds(one: Rule, given: list[dict[str, Any]]) -> bool:
    """Whether a rule holds, looking at all steps again."""
    for kind in one.steps:
        own = [step for step in given if step.get("type") == kind]
        last = own[-one.window :]
        if one.test == "same":
            seen = [json.dumps([step.get(name) for name in one.fields], sort_keys=True) for step in last]
            absent = not last or all(last[-1].get(name) is None for name in one.fields)
            if len(last) == one.window and len(set(seen)) == 1 and not absent:
                return True
            continue
        assert one.pattern is not None
        fitting = [all(fits(step.get(name), value) for name, value in one.pattern.fields.items()) for step in last]
        if one.test == "run" and len(last) == one.window and all(fitting):
            return True
        if one.test == "count" and sum(fitting) >= one.least:
            return True
    return False


RULES = st.one_of(
    st.builds(
        lambda window, names: rule("same", window, fields=names),
        st.integers(2, 4),
        st.sampled_from([("tool",), ("tool", "args"), ("error",)]),
    ),
    st.builds(
        lambda window: rule("run", window, kinds=("ToolResult",), pattern=PointPattern("ToolResult", {"error": True})), st.integers(1, 4)
    ),
    st.builds(
        lambda window: rule("count", window, 1 + window // 2, ("Said",), pattern=PointPattern("Said", {"by": "user", "name": None})),
        st.integers(1, 5),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=3), st.lists(steps, max_size=25), st.booleans())
def test_a_rule_holds_when_the_last_steps_say_so(given_rules: list[Rule], given: list[dict[str, Any]], save: bool) -> None:
    rules = Rules(replace(PLAN, rules=tuple(replace(one, name=f"r{i}") for i, one in enumerate(given_rules))))
    state, before = rules.begin(), [False] * len(given_rules)
    for at, step in enumerate(given, 1):
        changed = rules.step(state, step)
        if save:
            state = rules.load(json.loads(json.dumps(rules.save(state))))
        now = [holds(one, given[:at]) for one in given_rules]
        assert [one.name for one in rules.holding(state)] == [f"r{i}" for i, yes in enumerate(now) if yes]
        assert changed or now == before
        before = now


PLAIN = st.none() | st.booleans() | st.integers(-2, 300) | st.sampled_from([0.0, -0.0, 1.0, 2.5]) | st.text("ab1\ud800é", max_size=3)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
ARGS = st.dictionaries(st.sampled_from(["a", "b", "long" * 100]), VALUES, max_size=3) | VALUES


def turned(value: Any) -> Any:
    """A JSON value with the keys of its objects the other way round, in objects of its own."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=300, deadline=None)
@given(st.lists(ARGS, min_size=1, max_size=4), st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=12))
def test_the_same_call_is_the_same_in_any_order_of_keys_saved_or_not(given: list[Any], order: list[tuple[int, bool, bool]]) -> None:
    rules = Rules(replace(PLAN, rules=(rule("same", 2, kinds=("ToolCall",), fields=("tool", "args")),)))
    state, before = rules.begin(), ""
    for number, turn, save in order:
        value = given[number % len(given)]
        rules.step(state, {"type": "ToolCall", "tool": "t", "args": turned(value) if turn else value})
        now = json.dumps(value, sort_keys=True)
        assert bool(rules.holding(state)) == (now == before)
        before = now
        if save:
            state = rules.load(json.loads(json.dumps(rules.save(state))))


def test_a_call_is_remembered_as_it_was() -> None:
    rules = Rules(replace(PLAN, rules=(rule("same", 2, kinds=("ToolCall",), fields=("tool", "args")),)))
    state, args = rules.begin(), {"a": 1, "b": [1]}
    step = {"type": "ToolCall", "tool": "t", "args": args}
    assert not rules.step(state, step)
    args["a"] = 2
    assert not rules.step(state, step)
    args["b"].append(2)  # type: ignore[attr-defined]
    assert not rules.step(state, step)
    assert rules.step(state, step)
    assert rules.holding(state)


def test_what_is_no_plain_value_is_compared_by_how_it_is_spelled() -> None:
    rules = Rules(replace(PLAN, rules=(rule("same", 2, kinds=("ToolCall",), fields=("args",)),)))
    state = rules.begin()
    held = []
    for args in (Path("a"), Path("a"), Path("b"), {"a": Path("b")}, "a", None, None):
        rules.step(state, {"type": "ToolCall", "args": args})
        held.append(bool(rules.holding(state)))
    assert held == [False, True, False, False, False, False, False]


def test_marks_tell_values_apart_and_are_short() -> None:
    assert mark(("t", {"a": 1, "b": 2})) == mark(("t", {"b": 2, "a": 1}))
    assert mark(("t", {"a": {"x": 1, "y": 2}})) == mark(("t", {"a": {"y": 2, "x": 1}}))
    different = [
        ("1",),
        (1,),
        (True,),
        (1.0,),
        ("t", None),
        (None, "t"),
        ({},),
        ([],),
        ("{}",),
        ({"a": 1},),
        ([["a", 1]],),
        ("[('a', 1)]",),
    ]
    assert len({mark(one) for one in different}) == len(different)
    assert mark((None, None)) == ""
    assert mark(("x" * 10_000,)) != mark(("x" * 9_999,))
    assert len(mark(("x" * 10_000, {"k": ["y" * 5_000]}))) <= MOST_MARK
