"""What a reviewer is shown: one event of every way, the doubts, and nothing that is secret or harmful."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stepc.cli.app import run
from stepc.front import check_text
from stepc.induce.doubts import doubts
from stepc.induce.score import compiled
from stepc.review import Review, review
from stepc.review.page import as_page
from stepc.review.terminal import as_text
from stepc.terminal import PLAIN

SPECS = Path(__file__).parents[2] / "specs"

SPEC = """stepview 1
use agent

// check: is `.won` the outcome?
// nothing else looks like one
source talk {
  format jsonl
  episode .
  event .log[]
}

meta {
  id: str = .run
}

outcome {
  failed: bool? = not .won
}

match .who {
  // check: bots are agents
  "bot" => emit Said {
    by = Actor.agent
    text = .text else ""
  }
  "note" => ignore "// check: no doubt, but a reason"
  otherwise => unknown
}

secret {
  .log[].key "a password"
}
"""

RUN = {
    "run": "<script>alert(1)</script>\x1b[31m",
    "won": True,
    "extra": 7,
    "log": [
        {"who": "bot", "text": "</pre><img src=x onerror=alert(1)>\x1b[2J\u202e", "key": "hunter2", "token": "sk-abcdefghijklmnop0123"},
        {"who": "bot", "text": "again"},
        {"who": "note"},
        {"who": "stranger", "text": "?"},
    ],
}


@pytest.fixture
def seen(tmp_path: Path) -> Review:
    (tmp_path / "a.jsonl").write_text(json.dumps(RUN) + "\n")
    ready = compiled(SPEC)
    assert ready.program is not None and ready.module is not None
    return review(SPEC, ready.program, ready.module, [str(tmp_path / "a.jsonl")])


def test_one_event_of_every_way_the_doubtful_first(seen: Review) -> None:
    assert [(row.fate, row.event, row.alike) for row in seen.rows] == [("unknown", 3, 1), ("mapped", 0, 2), ("ignored", 2, 1)]
    assert seen.rows[1].steps[0]["type"] == "Said" and seen.rows[2].note == "// check: no doubt, but a reason"
    assert seen.unread == ((".extra", 1), (".log[].key", 1), (".log[].token", 1))
    assert [(doubt.line, doubt.text) for doubt in seen.doubts] == [
        (4, "is `.won` the outcome? nothing else looks like one"),
        (21, "bots are agents"),
    ]


def test_secrets_are_not_shown(seen: Review) -> None:
    page = as_page(seen, title="Review", spec=SPEC, account="", audit="")
    text = "\n".join(as_text(seen, PLAIN, 100, lines=None))
    for shown in (page, text):
        assert "hunter2" not in shown and "sk-abcdefghijklmnop" not in shown and "(withheld)" in shown


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_page_stands_alone_and_runs_nothing(seen: Review) -> None:
    page = as_page(seen, title="</title><script>", spec=SPEC, account="<b>", audit="<i>")
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "link", "iframe", "object", "i"}
    assert not {name for name in tags.attributes if name.startswith("on") or name == "src"}
    assert "http://" not in page and "https://" not in page
    assert "\x1b" not in page and "\u202e" not in page
    assert page == as_page(seen, title="</title><script>", spec=SPEC, account="<b>", audit="<i>")
    assert 'href="#line-4"' in page and 'id="line-4" class="doubt"' in page


def test_a_terminal_is_not_moved(seen: Review) -> None:
    for columns in (40, 80, 200):
        text = "\n".join(as_text(seen, PLAIN, columns, lines=6))
        assert "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.stepview")), ids=lambda path: path.stem)
def test_shipped_specs_are_reviewed_within_a_bound(path: Path) -> None:
    text = path.read_text()
    ready = compiled(text, beside=SPECS)
    assert ready.program is not None and ready.module is not None and check_text(text, file="x", beside=SPECS).program is not None
    seen = review(text, ready.program, ready.module, [str(SPECS / "samples" / path.stem)], events=6)
    assert seen.episodes and 0 < len(seen.rows) <= 6 <= max(seen.ways, 6)
    assert as_text(seen, PLAIN, 100, lines=10)
    assert doubts(text) == ()


def test_the_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.stepview").write_text(SPEC)
    (tmp_path / "a.jsonl").write_text(json.dumps(RUN) + "\n")
    assert run(["review", "talk.stepview", "a.jsonl"]) == 1
    out, err = capfd.readouterr()
    assert "is `.won` the outcome?" in out and "1 unknown" in out and "only 1 labelled run" in out and "Traceback" not in err
    assert run(["review", "talk.stepview", "a.jsonl", "-o", "review.html", "--no-audit"]) == 1
    assert "<!doctype html>" in (tmp_path / "review.html").read_text()
    (tmp_path / "empty.jsonl").write_text("")
    assert run(["review", "talk.stepview", "empty.jsonl"]) == 3
    assert run(["review", "talk.stepview", "none.jsonl"]) == 3
