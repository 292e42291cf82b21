"""A label that names an event must name one that the episode has."""

from __future__ import annotations

import json
from pathlib import Path

from stepc.emit.render import Renderer
from stepc.front import check_text
from stepc.runtime.run import run
from stepc.verify.load import from_text

SPEC = """stepview 1
use agent

source demo {
  format jsonl
  episode .
  event .messages[]
}

meta {
  id: str = .id
}

outcome {
  failed: bool? = .failed
  decisive: event? = .mistake
}

match .role {
  "user" => emit Said {
    by = Actor.user
    text = .content else ""
  }
  otherwise => unknown
}
"""


def test_a_place_beyond_the_run_is_unknown_and_counted(tmp_path: Path) -> None:
    program = check_text(SPEC, file="demo.stepview").program
    assert program is not None
    module = from_text("demo", Renderer(program).rendered().text, "<demo>")
    messages = [{"role": "user", "content": "hello"}] * 3
    lines = [{"id": str(place), "failed": True, "mistake": place, "messages": messages} for place in (0, 2, 3, -1)]
    path = tmp_path / "runs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    running = run(module, [path])
    assert [ran.labels["decisive"] for ran in running] == [0, 2, None, None]
    assert [(defect.kind, defect.site) for defect in running.account.defects] == [("bad_value", "outcome.decisive")] * 2
