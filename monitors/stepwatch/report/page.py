"""The report as files: one page that needs nothing else, Markdown, and the figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from stepwatch import texts
from stepwatch.report.blocks import Folded, Pair, Plot, Section, Table, Text
from stepwatch.report.sections import sections
from stepwatch.report.words import Saying, predicted, summary


def as_json(report: Mapping[str, Any]) -> str:
    """The figures, the same bytes for the same report."""
    return json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_html(report: Mapping[str, Any]) -> str:
    """The page. Everything out of traces is escaped; it loads nothing and runs nothing."""
    subject = report["subject"]
    return page(
        subject["monitor"],
        f"This monitor predicts {predicted(subject['label'], subject['horizon'])}.",
        report["warnings"],
        summary(report),
        sections(report),
    )


def as_markdown(report: Mapping[str, Any]) -> str:
    """The same without pictures."""
    subject = report["subject"]
    return markdown(
        subject["monitor"],
        f"This monitor predicts {predicted(subject['label'], subject['horizon'])}.",
        report["warnings"],
        summary(report),
        sections(report),
    )


def page(title: str, lead: str, warnings: Sequence[str], sayings: Sequence[Saying], parts: Sequence[Section]) -> str:
    """A page of sections."""
    kinds = {Table: "table", Plot: "plot", Text: "text", Folded: "folded", Pair: "pair"}
    return (
        _template().render(
            title=title,
            lead=lead,
            warnings=warnings,
            sayings=sayings,
            sections=parts,
            kind=lambda block: kinds[type(block)],
            style=_read("page.css"),
        )
        + "\n"
    )


def markdown(title: str, lead: str, warnings: Sequence[str], sayings: Sequence[Saying], parts: Sequence[Section]) -> str:
    """Sections as Markdown."""
    lines = [f"# {texts.markdown(title)}", "", texts.markdown(lead), ""]
    lines += [line for warning in warnings for line in (f"> **Warning.** {texts.markdown(warning)}", "")]
    lines += [f"- {texts.markdown(one.text)}" for one in sayings]
    for part in parts:
        lines += ["", f"## {texts.markdown(part.title)}"]
        for block in part.blocks:
            lines += _block(block)
    return "\n".join(lines) + "\n"


def _block(block: Any) -> list[str]:
    if isinstance(block, Text):
        return ["", texts.markdown(block.text)]
    if isinstance(block, Folded):
        return ["", f"### {texts.markdown(block.title)}", *(line for inner in block.blocks for line in _block(inner))]
    if isinstance(block, Pair):
        return [line for inner in block.blocks for line in _block(inner)]
    if not isinstance(block, Table):
        return []
    rows = [block.head, ["---" if place < block.words else "---:" for place in range(len(block.head))], *block.rows]
    lines = ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return ["", *lines, *(["", texts.markdown(block.caption)] if block.caption else [])]


def _cell(text: str) -> str:
    return text if set(text) <= {"-", ":"} and text else texts.markdown(text).replace("|", "\\|")


def _marked(text: str) -> Markup:
    """Text for HTML, escaped, with what stands between backticks as code."""
    parts = str(escape(texts.visible(text))).split("`")
    return Markup("".join(f"<code>{part}</code>" if place % 2 and place < len(parts) - 1 else part for place, part in enumerate(parts)))  # noqa: S704


def _shown(value: Any) -> Any:
    return texts.visible(value) if type(value) is str else value


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown)
    environment.filters["marked"] = _marked
    return environment.from_string(_read("page.html"))


def _read(name: str) -> str:
    return (files("stepwatch.report") / name).read_text(encoding="utf-8")
