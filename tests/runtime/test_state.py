"""An adapter saved at any moment goes on as if nothing had happened, and what is no state is refused."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepc.runtime import Defects
from stepc.runtime.pairing import MOST_OPEN
from stepc.runtime.problems import Problems
from stepc.runtime.readers import read
from stepc.runtime.run import AdapterModule
from stepc.runtime.state import StateError

SAMPLES = Path(__file__).parents[2] / "specs" / "samples"
SOURCES = ("tau2", "intercode", "webarena_infinity", "react_text_logs", "who_and_when")


def module_of(source: str) -> AdapterModule:
    return importlib.import_module(f"stepc_adapters.{source}")  # type: ignore[return-value]


def again(adapter: Any) -> Any:
    """The adapter through bytes."""
    return type(adapter).restore(json.loads(json.dumps(adapter.save())))


@pytest.mark.parametrize("source", SOURCES)
def test_saving_between_any_two_events_changes_nothing(source: str) -> None:
    module = module_of(source)
    walked = 0
    for episode in read(module, [SAMPLES / source], problems=Problems()):
        facts: Any = module.start(episode, Defects())
        straight, moved = module.Adapter(facts, "one"), module.Adapter(facts, "one")
        for event in [*episode.events, None, {"role": 7}, [], "text", {"role": "tool", "content": [1]}]:
            moved = again(moved)
            assert moved.push(event) == straight.push(event)
            walked += 1
        moved = again(moved)
        assert moved.close() == straight.close()
        assert again(moved).account == straight.account
        assert again(moved).id == "one"
    assert walked > 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            found += places(item, (*path, key))
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_state_that_somebody_changed_is_refused_or_still_bounded(data: st.DataObject) -> None:
    adapter: Any = module_of("tau2").Adapter(None, "one")
    for event in ({"role": "assistant", "tool_calls": [{"id": "c", "name": "t"}, {"id": "c", "name": "u"}]}, {"role": 3}, 7):
        adapter.push(event)
    state = json.loads(json.dumps(adapter.save()))
    path = data.draw(st.sampled_from(places(state)))
    value = data.draw(JSON)
    if path:
        inner = state
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
    else:
        state = value
    try:
        restored = type(adapter).restore(state)
    except StateError:
        return
    assert json.dumps(restored.save(), sort_keys=True) == json.dumps(state, sort_keys=True)
    calls = [{"id": str(number), "name": "t"} for number in range(MOST_OPEN + 1)]
    assert len(restored.push({"role": "user", "tool_calls": calls})) == len(calls)
    assert restored.pairs[0].left_open == MOST_OPEN
