"""A project on disk whose traces are runs of known truth: one spec with a monitor, and runs as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import synthetic

SPEC: Final = """stepview 1

/// Runs of a known machine, one document a file of many runs.
source shop {
  format json
  episode .runs[]
  event .events[]
}

meta {
  id: str = .id
  group: str? = .task
}

outcome {
  failed: bool? = .failed
}

enum Actor {
  agent = "agent"
  user = "user"
}

step Said {
  by: Actor
  text: str
}

step ToolCall {
  tool: str
  args: json
}

step ToolResult {
  tool: str
  error: bool?
  text: str
}

match .kind {
  "said" => {
    emit Said {
      by = .by else Actor.agent
      text = .text else ""
    }
  }
  "call" => {
    emit ToolCall {
      tool = .tool else skip
      args = .args else {}
    }
    emit ToolResult {
      tool = .tool else skip
      error = .error
      text = .text else ""
    }
  }
  otherwise => unknown
}

monitor shop_watch {
  score after ToolResult, Said{by: user}
  predict failed eventually
  scorer SCORER
  alert yellow budget 0.20 confidence 0.80
  alert red budget 0.10 confidence 0.80
  rule repeats when same(tool, args) for 3 => yellow "the same call three times"
}
"""


def document(runs: Iterable[synthetic.SyntheticRun]) -> dict[str, Any]:
    """Runs as a trace file holds them; a run that was cut off has no outcome."""
    return {
        "runs": [
            {
                "id": run.id,
                "task": run.group,
                **({} if run.failed is None else {"failed": run.failed}),
                "events": [event for steps in run.events for event in _events(steps)],
            }
            for run in runs
        ]
    }


def _events(steps: list[Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    args: dict[str, Any] = {}
    for step in steps:
        if isinstance(step, synthetic.Said):
            made.append({"kind": "said", "by": step.by, "text": step.text})
        elif isinstance(step, synthetic.ToolCall):
            args = step.args
        else:
            made.append({"kind": "call", "tool": step.tool, "args": args, "error": step.error, "text": step.text})
    return made


def project(folder: Path, files: dict[str, Iterable[synthetic.SyntheticRun]], *, scorer: str = "table") -> Path:
    """Write the spec `shop.stepview` and a file of runs for each name; the folder."""
    (folder / "shop.stepview").write_text(SPEC.replace("SCORER", scorer), encoding="utf-8")
    for name, runs in files.items():
        (folder / name).write_text(json.dumps(document(runs)), encoding="utf-8")
    return folder
