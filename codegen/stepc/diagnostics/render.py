"""Renderings of diagnostics: text with a caret for people, JSON for programs, annotations for GitHub.

All three print the same objects in the same order: by path, then place, then code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stepc.diagnostics.model import Diagnostic, Edit, Fix
from stepc.source_text import Span
from stepc.terminal import ELLIPSIS, PLAIN, Paint, cut, escape, fold, pad, width

FIX_LINES = 6
FIX_COLUMN = 48
WIDEST_LINE = 200
"""Cells of a spec's line that are shown where the width is not known."""


def ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics by path, place and code."""
    return sorted(diagnostics, key=lambda item: (item.path, item.span, item.code, item.message))


def apply_fix(text: str, fix: Fix) -> str:
    """The spec with a fix applied. Edits do not overlap, so the order in which a rule lists them does not matter."""
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `1,024 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or nothing when there is neither."""
    severities = [item.severity for item in diagnostics]
    parts = [counted(severities.count(severity), severity) for severity in ("error", "warning") if severity in severities]
    return ", ".join(parts)


# ---- text ------------------------------------------------------------------------------------------------------------


def as_text(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], *, paint: Paint = PLAIN, columns: int | None = None) -> str:
    """All diagnostics for a terminal of `columns` cells, each ending in a blank line.

    Without `columns` nothing is folded, and of a spec's line at most `WIDEST_LINE` cells are shown.

    `texts` maps the paths that the diagnostics name to the texts of those specs; without its text a diagnostic has no excerpt.
    """
    blocks = [_Block(item, texts.get(item.path, ""), paint, columns).lines() for item in ordered(diagnostics)]
    return "".join("\n".join(block) + "\n\n" for block in blocks)


class _Block:
    """One diagnostic as lines."""

    def __init__(self, diagnostic: Diagnostic, text: str, paint: Paint, columns: int | None) -> None:
        self.diagnostic = diagnostic
        self.text = text
        self.source = [line.removesuffix("\r") for line in text.split("\n")]
        self.paint = paint
        self.columns = columns
        changes = [changed_lines(text, fix) for fix in diagnostic.fixes] if text else []
        sizes = [width(_pasteable(*change)) for change in changes if len(change[1]) == 1]
        self.fix_column = max((size for size in sizes if size <= FIX_COLUMN), default=0) + 2
        shown = [span.line for span in (diagnostic.span, *(label.span for label in diagnostic.labels)) if span.line <= len(self.source)]
        self.gutter = max((len(str(line)) for line in shown), default=1) if text else 1

    def lines(self) -> list[str]:
        item = self.diagnostic
        place = f"{item.path}:{item.span.line}:{item.span.column}"
        head = f"{item.severity}[{item.code}]"
        message = self._folded(escape(item.message), len(head) + 2)
        out = [self.paint(item.severity, head) + ": " + self.paint("bold", message[0])]
        out += [" " * (len(head) + 2) + self.paint("bold", line) for line in message[1:]]
        out.append(" " * self.gutter + self.paint("place", "--> ") + escape(place))
        if self.text:
            out.append(self._bar())
            out += self._excerpts()
        notes = [line for number, fix in enumerate(item.fixes, 1) for line in self._fix(number, fix)]
        if item.advice:
            notes += self._note("help", escape(item.advice))
        if notes and self.text:
            out.append(self._bar())
        return out + notes

    def _folded(self, text: str, indent: int) -> list[str]:
        return [text] if self.columns is None else fold(text, max(self.columns - indent, 24))

    def _bar(self, text: str = "") -> str:
        return (" " * (self.gutter + 1) + self.paint("place", "|") + text).rstrip()

    # -- excerpts

    def _excerpts(self) -> list[str]:
        item = self.diagnostic
        marks = [(item.span, item.here, "^", item.severity), *((label.span, label.text, "-", "place") for label in item.labels)]
        out: list[str] = []
        shown: dict[int, list[tuple[Span, str, str, str]]] = {}
        for mark in marks:
            if mark[0].line <= len(self.source):
                shown.setdefault(mark[0].line, []).append(mark)
        for line, here in shown.items():
            out += self._excerpt(line, here)
        return out

    def _excerpt(self, line: int, marks: list[tuple[Span, str, str, str]]) -> list[str]:
        raw = self.source[line - 1]
        first = self._cells(raw, marks[0][0].column - 1)
        room = self._room(3)
        # A caret far to the right moves the window, so that the place itself is always seen.
        begin = max(first - room // 2, 0) if first > room - 16 else 0
        number = self.paint("place", str(line).rjust(self.gutter) + " | ")
        out = [(number + window(escape(raw), begin, room)).rstrip()]
        beyond = []
        for span, text, symbol, style in marks:
            start = self._cells(raw, span.column - 1) - begin
            stop = self._cells(raw, span.end_column - 1 if span.end_line == span.line else len(raw)) - begin
            if start >= room or stop < 0:
                beyond.append((span, text, symbol, style))
                continue
            start = max(start, 0)
            length = max(min(stop - start, room - start), 1)
            out += self._mark(start, symbol * length, escape(text), style)
        return out + (self._excerpt(line, beyond) if beyond else [])

    def _mark(self, start: int, carets: str, text: str, style: str) -> list[str]:
        before = " " * (start + 1)
        used = self.gutter + 3 + start + len(carets) + 1
        if not text or self.columns is None or used + width(text) <= self.columns:
            return [self._bar(before + self.paint(style, f"{carets} {text}".rstrip()))]
        # The text does not fit beside the carets: below them, further left where that is too narrow.
        indent = start if self.columns - self.gutter - 3 - start >= 40 else 2
        folded = self._folded(text, self.gutter + 3 + indent)
        below = [self._bar(" " * (indent + 1) + self.paint(style, line)) for line in folded]
        return [self._bar(before + self.paint(style, carets)), *below]

    def _cells(self, raw: str, column: int) -> int:
        return width(escape(raw[: max(column, 0)]))

    def _room(self, taken: int) -> int:
        """Cells for a spec's line beside the gutter and `taken` cells more."""
        return WIDEST_LINE if self.columns is None else max(self.columns - self.gutter - taken, 24)

    # -- fixes and advice

    def _note(self, word: str, text: str) -> list[str]:
        indent = self.gutter + 3 + len(word) + 2
        first, *rest = self._folded(text, indent)
        return [self._lead(word) + first, *(" " * indent + line for line in rest)]

    def _lead(self, word: str) -> str:
        return " " * (self.gutter + 1) + self.paint("place", "= ") + self.paint("note", f"{word}: ")

    def _fix(self, number: int, fix: Fix) -> list[str]:
        word = "fix" if len(self.diagnostic.fixes) == 1 else f"fix {number}"
        title = escape(fix.title)
        removed, added = changed_lines(self.text, fix) if self.text else ([], [])
        if len(added) == 1:
            code = _pasteable(removed, added)
            column = max(self.fix_column, width(code) + 2)
            used = self.gutter + 3 + len(word) + 2 + column + width(title)
            if used <= (self.columns or WIDEST_LINE):
                return [(self._lead(word) + self.paint("good", pad(code, column)) + title).rstrip()]
        marked = [("+", "good", line) for line in added] or [("-", "red", line) for line in removed]
        out = self._note(word, title)
        for index, (mark, style, line) in enumerate(marked[:FIX_LINES]):
            # Of a long line the part that changes is shown.
            same = _same(line, removed[index]) if added and len(removed) == len(added) else 0
            room = self._room(8)
            changes, all_of_it = width(escape(line[:same])), escape(line)
            begin = max(changes - room // 2, 0) if changes > room - 16 and width(all_of_it) > room else 0
            out.append(self._bar("   " + self.paint(style, f"{mark} {window(all_of_it, begin, room)}".rstrip())))
        if len(marked) > FIX_LINES:
            out.append(self._bar(f"     {ELLIPSIS} {counted(len(marked) - FIX_LINES, 'further line')}"))
        return out


def _same(new: str, old: str) -> int:
    """How many characters two lines begin with together."""
    return next((index for index, (one, other) in enumerate(zip(new, old, strict=False)) if one != other), min(len(new), len(old)))


def window(text: str, begin: int, room: int) -> str:
    """The part of an escaped line from cell `begin` on, in at most `room` cells, with ellipses where something was cut."""
    if begin:
        skipped = cut(text, begin + 2).removesuffix(ELLIPSIS)
        text = ELLIPSIS + " " * (begin - width(skipped)) + text[len(skipped) :]
    return cut(text, room)


def changed_lines(text: str, fix: Fix) -> tuple[list[str], list[str]]:
    """The lines that a fix takes away and those it puts there, without the lines around that stay as they are."""
    before, after = ([line.removesuffix("\r") for line in one.split("\n")] for one in (text, apply_fix(text, fix)))
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    tail = 0
    while tail < min(len(before), len(after)) - same and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return before[same : len(before) - tail], after[same : len(after) - tail]


def _pasteable(removed: list[str], added: list[str]) -> str:
    """The one line that a fix puts there, without the indentation, and without a comment that was there before."""
    line = added[0]
    comment = removed[0].rfind(" // ") if len(removed) == 1 else -1
    if comment > 0 and line.endswith(removed[0][comment:]):
        line = line[: len(line) - len(removed[0]) + comment]
    return escape(line.strip())


# ---- JSON ------------------------------------------------------------------------------------------------------------


def _span(span: Span) -> dict[str, int]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "start": span.start,
        "end": span.end,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {"span": _span(edit.span), "text": edit.text}


def as_objects(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostics as JSON objects; every key is always there."""
    return [
        {
            "code": item.code,
            "severity": item.severity,
            "path": item.path,
            "span": _span(item.span),
            "message": item.message,
            "here": item.here,
            "labels": [{"span": _span(label.span), "text": label.text} for label in item.labels],
            "fixes": [{"title": fix.title, "edits": [_edit(edit) for edit in fix.edits]} for fix in item.fixes],
            "advice": item.advice,
        }
        for item in ordered(diagnostics)
    ]


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """One JSON document: `{"diagnostics": […], "errors": n, "warnings": n}`."""
    found = ordered(diagnostics)
    severities = [item.severity for item in found]
    document = {"diagnostics": as_objects(found), "errors": severities.count("error"), "warnings": severities.count("warning")}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# ---- GitHub ----------------------------------------------------------------------------------------------------------


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command a diagnostic, which GitHub shows beside the line in a pull request."""
    lines = []
    for item in ordered(diagnostics):
        place = f"file={_property(item.path)},line={item.span.line},endLine={item.span.end_line},col={item.span.column}"
        if item.span.end_line == item.span.line:
            place += f",endColumn={item.span.end_column}"
        body = [item.message, *([item.here] if item.here else []), *([item.advice] if item.advice else [])]
        body += [f"fix: {fix.title}" for fix in item.fixes]
        lines.append(f"::{item.severity} {place},title={_property(item.code)}::{_data(escape(chr(10).join(body), lines=True))}\n")
    return "".join(lines)
