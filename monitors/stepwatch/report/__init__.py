"""Reports of an evaluation: a page for people, Markdown for pull requests, JSON for programs. `stepwatch.evaluation` makes the figures."""

from stepwatch.report.page import as_html, as_json, as_markdown
from stepwatch.report.words import summary

__all__ = ["as_html", "as_json", "as_markdown", "summary"]
