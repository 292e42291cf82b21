"""The four renderings of one report."""

from __future__ import annotations

import json

from stepc.diff.model import Change, Effect, EpisodeEffect, Place, Replay, Report, Sighting, Target
from stepc.diff.render import as_github, as_json, as_markdown, as_text, headline
from stepc.source_text import Span


def place(file: str, line: int, text: str) -> Place:
    return Place(file, Span(line, 1, line, 9, 0, 8), text)


ERROR = Target("ToolResult", "error")
EFFECT = Effect(ERROR, 17, changed=4, first=Sighting("samples/one.json", 0, 6))
VALUE = Change(
    "STEP_VALUE",
    "update",
    "ToolResult.error",
    'its value changed in arm "tool"',
    place("main:specs/a.stepview", 67, "error = .error else false"),
    place("specs/a.stepview", 68, "error = .error"),
    (ERROR,),
    "assign_value",
    (EFFECT,),
)
LABEL = Change(
    "OUTCOME",
    "remove",
    "outcome.failed",
    "the label is gone",
    place("main:specs/a.stepview", 9, "failed: bool? = `a`*b*"),
    rule="outcome_field",
    episode_effects=(EpisodeEffect("outcome.failed", 5, 2, Sighting("samples/one.json", 1, 0)),),
)
DOCS = Change("COMPATIBLE", "update", "Said", "its documentation changed", rule="docs")
SEEN = Replay(("samples/one.json",), 5, 88, (EFFECT, Effect(Target("Said"), 3)), (), ("samples/two.json does not exist",))
REPORT = Report("main:specs/a.stepview", "specs/a.stepview", (LABEL, VALUE, DOCS), SEEN)
NOTHING = Report("a.stepview", "b.stepview", (), None, "The text differs in comments or layout only.")


def test_the_headline_counts_promises() -> None:
    assert headline(REPORT) == "2 breaking changes (OUTCOME 1, STEP_VALUE 1), 1 compatible"
    assert headline(Report("a", "b", (DOCS,))) == "1 compatible change, nothing breaks"
    assert headline(NOTHING) == "No difference in meaning."


def test_text() -> None:
    assert as_text(REPORT) == (
        """\
main:specs/a.stepview → specs/a.stepview
2 breaking changes (OUTCOME 1, STEP_VALUE 1), 1 compatible

OUTCOME: what counts as failed, how runs are grouped and joined, or what is sealed: labels and splits of old data may differ
  remove outcome.failed: the label is gone
    main:specs/a.stepview:9
    - failed: bool? = `a`*b*
      outcome.failed: 2 of 5 sampled episodes differ, first samples/one.json, episode 1

STEP_VALUE: the types stay, the values on existing data change
  update ToolResult.error: its value changed in arm "tool"
    main:specs/a.stepview:67
    - error = .error else false
    specs/a.stepview:68
    + error = .error
      ToolResult.error: 4 of 17 sampled steps change, first samples/one.json, episode 0, event 6

COMPATIBLE: no reader has to change anything
  update Said: its documentation changed

replayed 1 sample: 5 episodes, 88 steps
  ToolResult.error: 4 of 17 sampled steps change, first samples/one.json, episode 0, event 6
  cannot be replayed: samples/two.json does not exist
"""
    )


def test_nothing_to_say() -> None:
    assert as_text(NOTHING) == "a.stepview → b.stepview\nNo difference in meaning.\nThe text differs in comments or layout only.\n"


def test_markdown_quotes_what_others_wrote() -> None:
    text = as_markdown(REPORT)
    assert "#### STEP_VALUE: " in text
    assert "  ```diff\n  - error = .error else false\n  + error = .error\n  ```\n" in text
    assert "<details><summary>COMPATIBLE" in text
    assert "ToolResult.error: 4 of 17 sampled steps change" in text


def test_markdown_cannot_be_broken_out_of() -> None:
    hostile = place("a.stepview", 1, 'text = "```"\n# a heading\n@everyone <script>')
    change = Change("ORDER", "insert", "`a` <b>", 'in arm "<img src=x> @someone ![x](y)"', None, hostile)
    text = as_markdown(Report("a", "b", (change,)))
    assert '  ````diff\n  + text = "```"\n  + # a heading\n' in text
    assert "<img" not in text.replace("\\<img", "")
    assert "\\@someone" in text


def test_json_has_every_key() -> None:
    document = json.loads(as_json(REPORT, ("OUTCOME", "ACCEPT")))
    assert document["categories"] == {"OUTCOME": 1, "STEP_VALUE": 1, "COMPATIBLE": 1}
    assert document["failed"] == ["OUTCOME"]
    assert [change["rule"] for change in document["changes"]] == ["outcome_field", "assign_value", "docs"]
    assert document["changes"][1]["effects"][0]["first"] == {"sample": "samples/one.json", "episode": 0, "event": 6}
    assert {frozenset(change) for change in document["changes"]} == {frozenset(document["changes"][0])}
    assert document["replay"]["missing"] == ["samples/two.json does not exist"]


def test_github_annotates_the_new_lines() -> None:
    lines = as_github(REPORT, ("OUTCOME",)).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert lines[1].startswith("::warning file=specs/a.stepview,line=68,title=stepc diff%3A STEP_VALUE::update ToolResult.error: ")
    assert "%0A" in lines[1]


def test_a_terminal_obeys_nothing_of_a_spec() -> None:
    change = Change("ORDER", "insert", "a", "in arm \x1b[2J", None, place("a", 1, "x\x1b]0;y\x07"))
    assert "\x1b" not in as_text(Report("a", "b", (change,)))
