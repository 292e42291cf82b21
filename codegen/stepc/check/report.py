"""Where the rules put their diagnostics: one for a place and a code, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from stepc.diagnostics.model import Diagnostic, Edit, Fix, Label, Severity
from stepc.source_text import Span

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Report:
    """Collects the diagnostics of one file. A second report of one code at one place is dropped."""

    path: str
    found: dict[tuple[str, Span], Diagnostic] = field(default_factory=dict)

    def error(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        here: str = "",
        labels: Iterable[Label | None] = (),
        fixes: Iterable[Fix | None] = (),
        advice: str = "",
    ) -> None:
        """Report a mistake that keeps the spec from compiling. Labels and fixes that are None are left out."""
        self._add("error", code, span, message, here, _given(labels), _given(fixes), advice)

    def warning(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        here: str = "",
        labels: Iterable[Label | None] = (),
        fixes: Iterable[Fix | None] = (),
        advice: str = "",
    ) -> None:
        """Report something that compiles and is probably not meant."""
        self._add("warning", code, span, message, here, _given(labels), _given(fixes), advice)

    def _add(
        self,
        severity: Severity,
        code: str,
        span: Span,
        message: str,
        here: str,
        labels: tuple[Label, ...],
        fixes: tuple[Fix, ...],
        advice: str,
    ) -> None:
        """Advice is for mistakes without a fix: beside a fix it would say the same thing twice."""
        diagnostic = Diagnostic(code, message, span, severity, here, labels, fixes, "" if fixes else advice, self.path)
        self.found.setdefault((code, span), diagnostic)

    def failed(self) -> bool:
        """Whether there is an error among the diagnostics."""
        return any(diagnostic.severity == "error" for diagnostic in self.found.values())

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics by place, then code."""
        return tuple(sorted(self.found.values(), key=lambda diagnostic: (diagnostic.span.start, diagnostic.span.end, diagnostic.code)))


def _given(items: Iterable[_Item | None]) -> tuple[_Item, ...]:
    return tuple(item for item in items if item is not None)


def choose(names: Iterable[str], limit: int = 8) -> str:
    """The advice to take one of the declared names."""
    known = [f"`{name}`" for name in names]
    return f"choose one of {', '.join(known[:limit])}{', …' if len(known) > limit else ''}" if known else "declare it first"


def after(span: Span) -> Span:
    """The empty span behind `span`."""
    return Span(span.end_line, span.end_column, span.end_line, span.end_column, span.end, span.end)


def before(span: Span) -> Span:
    """The empty span in front of `span`."""
    return Span(span.line, span.column, span.line, span.column, span.start, span.start)


def replace(title: str, span: Span, text: str) -> Fix:
    """The fix that puts `text` in the place of `span`."""
    return Fix(title, (Edit(span, text),))


def replace_by(span: Span, text: str | None, title: str = "") -> Fix | None:
    """The fix of a slip: `text` instead of what stands at `span`; None when there is no suggestion."""
    return None if text is None else Fix(title or f"write `{text}`", (Edit(span, text),))


def keyword(span: Span, word: str) -> Span:
    """The first word of an item, where messages about the whole item point."""
    return Span(span.line, span.column, span.line, span.column + len(word), span.start, span.start + len(word))
