"""A review as one page that stands alone: no scripts, nothing loaded from anywhere."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from stepc.review.gather import Review
from stepc.review.words import fate, heading, raw, step
from stepc.terminal import escape


def as_page(found: Review, *, title: str, spec: str, account: str, audit: str) -> str:
    """The page. `account` and `audit` are texts as the terminal shows them; `spec` is the spec's text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("stepc.review").joinpath("page.html").read_text(encoding="utf-8"))
    lines = spec.split("\n")
    rows = [
        {
            "place": _shown(f"{row.episode}, event {row.event}"),
            "fate": row.fate,
            "words": _shown(fate(row)),
            "arm": row.arm,
            "raw": _shown(raw(row)),
            "steps": [_shown(step(fields)) for fields in row.steps],
        }
        for row in found.rows
    ]
    doubts = [{"line": doubt.line, "text": _shown(doubt.text)} for doubt in found.doubts]
    return template.render(
        title=_shown(title),
        heading=heading(found),
        doubts=doubts,
        doubtful={doubt.line for doubt in found.doubts},
        account=_shown(account),
        audit=_shown(audit),
        unread=[(_shown(path), f"{count:,}") for path, count in found.unread],
        rows=rows,
        spec=[(number, _shown(line)) for number, line in enumerate(lines, 1)],
    )


def _shown(text: str) -> str:
    """A text of a trace without what a browser or an editor would obey."""
    return escape(text, lines=True)
