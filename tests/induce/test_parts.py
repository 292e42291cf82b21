"""The parts that the rules are made of: what they take a text, a key or a line for, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from stepc.induce import words
from stepc.induce.actions import action_text
from stepc.induce.attributes import attributes_of
from stepc.induce.errors import error_sign
from stepc.induce.families import glob_of
from stepc.induce.identity import time_of
from stepc.induce.leftovers import choices
from stepc.induce.linekinds import headings, line_kinds
from stepc.induce.mending import mended
from stepc.induce.nodes import node_of, without, written
from stepc.induce.outcomes import candidates
from stepc.induce.sampling import spread
from stepc.induce.workbench import safe


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("assistant", "agent"),
        ("user_message", "user"),
        ("function_call_output", "result"),
        ("tool_call", "call"),
        ("agent_thought_chunk", "thought"),
        ("execute_tool", "tool"),
        ("invoke_agent", "noise"),
        ("session_start", "noise"),
        ("evaluation", "outcome"),
        ("banana", None),
    ],
)
def test_what_a_discriminant_says(value: str, kind: str | None) -> None:
    assert words.kind(value) == kind


def test_actions_written_as_text() -> None:
    assert "capture" in action_text(".a", ["search[x]", "click[y]", "think[z]"]).tool
    assert action_text(".a", ["search[x]", "think[z]"]).thinks == "think["
    assert action_text(".a", ["ls -la", "cat a.py", "grep x b"]).tool == '"bash"'
    assert "sql" in action_text(".a", ["SELECT 1 FROM t", "SHOW TABLES", "ls"]).tool


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ([{"is_error": True}, {"is_error": False}], ".is_error"),
        ([{"error": None}, {"error": "no"}], "present .error"),
        ([{"exit_code": 0}, {"exit_code": 2}], ".exit_code != 0"),
        ([{"status": "ok"}, {"status": "error"}], '.status in ["error"]'),
        ([{"status": {"code": 2}}, {"status": {"code": 1}}], ".status.code == 2"),
        ([{"success": True}, {"success": False}], "not .success"),
    ],
)
def test_signs_of_an_error(values: list[dict[str, object]], condition: str) -> None:
    found = error_sign("", node_of(values), values, "", [])
    assert found is not None
    assert found.condition == condition


def test_nothing_is_an_error_without_a_sign() -> None:
    assert error_sign("", node_of([{"text": "fine"}]), [{"text": "fine"}], ".text", ["fine", "good"]) is None


def test_kinds_of_lines_and_headings() -> None:
    lines = [
        [
            "=== RUN 1 ===",
            "Task: a",
            "Thought 1: b",
            "Action 1: c[d]",
            "Answer is CORRECT",
            "=== RUN 2 ===",
            "Task: e",
            "Thought 2: f",
            "Answer is INCORRECT",
        ]
    ]
    kinds = {kind.name: kind.means for kind in line_kinds([*lines, *lines])}
    assert kinds == {"verdict": "outcome", "task": "user", "thought": "thought", "action": "call"}
    assert [head.regex for head in headings(lines)] == [r"^[-=#*~]{3,} *RUN \d+[ -=#*~]*$"]
    assert headings([["--- BEGIN CORRECT ---", "--- BEGIN FAILED ---"]])[0].told == ("CORRECT", "FAILED")
    assert not line_kinds([["just", "some", "words: here"]])


def test_candidates_for_the_outcome_come_with_counts() -> None:
    runs = [{"reward": 1.0, "steps": 3, "note": "x"}, {"reward": 0.0, "steps": 9, "note": "y"}]
    found = candidates(runs, [])
    assert [item.shown for item in found] == [".reward"]
    assert found[0].label == ".reward < 1.0"
    assert "1.0 1" in found[0].counts
    assert candidates([{"status": "failed"}, {"status": "done"}], [])[0].label == '.status in ["failed"]'
    assert not candidates([{"colour": "red"}, {"colour": "blue"}], [])


def test_paths_globs_and_samples() -> None:
    assert written(("a", None, "b c", "d")) == '.a[]["b c"].d'
    assert choices([".a.b", ".a.c", ".d"]) == [".a.{b, c}", ".d"]
    assert glob_of(["x/a.traj", "y/b.traj"], ["x/r.json"]) == "**/*.traj"
    assert spread(list(range(10)), 3) == [0, 3, 6]
    assert without([{"a": 1, "events": [1]}], [("events", None)]) == [{"a": 1}]
    assert safe("a/../b") is None
    assert safe("/a") is None
    assert str(safe("a/b.json")) == "a/b.json"


def test_attributes_are_opened_by_short_names() -> None:
    event = {"attributes": [{"key": "gen.tool.name", "value": {"stringValue": "ls"}}, {"key": "n", "value": {"intValue": "3"}}]}
    found = attributes_of([event, event])
    assert found is not None
    assert found.opened(event) == {"attributes": {"tool_name": "ls", "n": 3}}
    assert attributes_of([{"attributes": {"a": 1}}]) is None


def test_what_the_checker_offers_is_mended() -> None:
    text = """stepview 1
use agent

source x {
  format jsonl
  episode .
  event .m[]
}

meta {
  id: str = file.path
}

match .role {
  "user" => emit Said {
    by = Actor.user
    text = .text
  }
  otherwise => unknown
}
"""
    better, left = mended(text)
    assert "text = .text else " in better
    assert not [one for one in left if one.severity == "error"]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["2024-05-01T10:00:00Z", "2024-05-01T10:00:01Z"], ".started"),
        ([1714557600, 1714557601.5], ".started"),
        (["1714557600000000000", "1714557601000000000"], ".started"),
        ([1714557600000], ".started"),
        ([12, 13], ""),
        (["12", "1714557600"], ""),
        (["x" * 500, "y" * 600], ""),
        ([None], ""),
    ],
)
def test_times_are_known_by_how_they_look(values: list[Any], found: str) -> None:
    assert time_of([{"started": value} for value in values]) == found
