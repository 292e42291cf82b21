"""A diagnostic as a value: what every stage reports and every rendering prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from stepc.source_text import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that explains the first, such as "declared here"."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `span` by `text`. An empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that a reader can paste or a tool can apply; `title` says what it means for the steps."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in one spec.

    `code` stands in the registry, `message` is one sentence saying what is wrong, `here` what the caret points at, `advice` one sentence
    saying what to do when no fix can be pasted. `path` is the spec's path as the user named it.
    """

    code: str
    message: str
    span: Span
    severity: Severity = "error"
    here: str = ""
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()
    advice: str = ""
    path: str = field(default="", compare=False)
