"""Facts of `start` in `meta`: read again, with those that they read, and none of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from check.small import program

from stepc.emit.project import compile_program
from stepc.project import Project
from stepc.runtime import Defects, Dropped, Episode, File, Labels
from stepc.verify.load import from_text

START = """start {
  task: str = .task else drop
  size: int? = .size
  name: str = "{task}!"
  other: str? = .other
}"""
META = "meta {\n  id: str = start.name\n  task: int? = start.size\n}"
OUTCOME = "outcome {\n  failed: bool? = .failed\n}"


def asked(**element: Any) -> tuple[Any, Labels, str]:
    """What `start` and `labels` say of an episode, and the text of the module."""
    text = compile_program(program(start=START, meta=META, outcome=OUTCOME), Project(Path("/"))).text
    module = from_text("demo", text, "<demo>")
    episode = Episode(File.at("a.jsonl"), "", 0, element, element, iter(()))
    return module.start(episode, Defects()), module.labels(episode, Defects()), text


def test_labels_know_facts() -> None:
    facts, labels, text = asked(task="t", size=3, failed=True)
    assert facts == {"task": "t", "size": 3, "name": "t!", "other": None}
    assert labels == Labels("t!", None, {"task": 3}, {"failed": True})
    assert "other" not in text[text.index("def labels") : text.index("class Adapter")]


def test_a_dropped_episode_has_no_labels() -> None:
    facts, labels, _ = asked(size=3)
    assert isinstance(facts, Dropped)
    assert labels == Labels("", None, {}, {})
