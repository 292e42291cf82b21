"""Rules against a slow reading of what they say."""

from __future__ import annotations

import json
from dataclasses import replace
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
