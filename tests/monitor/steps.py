"""Steps of every kind as Hypothesis makes them: of known and unknown types, with fields that are missing, huge or of the wrong type."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WORDS = st.sampled_from(["error", "not found", "user 17", "Ünïcode", "", "x" * 600, "\ud800", "{}", "cancel_order"])
PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.just(10**30) | st.floats() | WORDS
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=5)

TYPES = st.sampled_from(["Said", "ToolCall", "ToolResult", "Observed", "Thought"])
ACTORS = st.sampled_from(["agent", "user"])
TOOLS = st.sampled_from(["get_user", "cancel_order", "get_order"])


@st.composite
def usual(draw: st.DrawFn) -> dict[str, Any]:
    """A step as an adapter makes it."""
    step: dict[str, Any] = {"type": draw(TYPES), "by": draw(ACTORS), "text": draw(WORDS)}
    if step["type"] in ("ToolCall", "ToolResult"):
        step |= {"tool": draw(TOOLS), "args": {"id": draw(st.integers(0, 2))}, "call_id": "c"}
    if step["type"] in ("ToolResult", "Observed"):
        step["error"] = draw(st.none() | st.booleans())
    return step


odd = st.fixed_dictionaries({"type": TYPES | JSON}, optional=dict.fromkeys(("by", "text", "tool", "args", "error"), JSON))
"""A step that no adapter makes."""

steps = usual() | odd
runs = st.lists(st.lists(steps, max_size=3), max_size=12)
"""Runs as the steps of their events."""
usual_runs = st.lists(st.lists(usual(), min_size=1, max_size=3), min_size=1, max_size=14)
