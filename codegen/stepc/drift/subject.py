"""The value that a spec's `match` tells events apart by, as far as it can be read without the adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stepc.check.paths import covers
from stepc.ir import (
    Cast,
    ConstantPattern,
    EventLines,
    IndexSegment,
    KeySegment,
    Path,
    Program,
    Read,
    RegexPattern,
    Root,
    Unknown,
)

ABSENT = "(absent)"
OTHER = "(other)"
MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a match that is a raw path.

    `known` are the values that arms name. Where every other value is unknown (`closed`), those are told apart too; where other values
    are mapped they may be free text, and are `(other)`.
    """

    line: int
    segments: tuple[str | int, ...]
    known: frozenset[str]
    closed: bool

    @classmethod
    def of(cls, program: Program) -> Subject | None:
        """The subject of a spec; None where it is no path, has no values to name, or is secret."""
        expression = program.match.subject
        while isinstance(expression, Cast | Read):
            expression = expression.value
        if not isinstance(expression, Path) or not isinstance(expression.base, Root) or expression.base.root != "event":
            return None
        segments: list[str | int] = []
        for segment in expression.segments:
            if isinstance(segment, KeySegment):
                segments.append(segment.key)
            elif isinstance(segment, IndexSegment):
                segments.append(segment.index)
            else:
                return None
        reads = [fact.path for fact in program.reads if fact.span == program.match.subject.span]
        if any(covers(secret, path) for rule in program.secret for secret in rule.paths for path in reads):
            return None
        patterns = [pattern for arm in program.match.arms for pattern in arm.patterns]
        known = {shown(pattern.value) for pattern in patterns if isinstance(pattern, ConstantPattern)}
        if isinstance(program.source.event, EventLines):
            known |= {kind.name for kind in program.source.event.kinds}
        *arms, last = program.match.arms
        named = all(arm.patterns and not any(isinstance(pattern, RegexPattern) for pattern in arm.patterns) for arm in arms)
        closed = named and isinstance(last.body, Unknown)
        return cls(program.match.span.line, tuple(segments), frozenset(known), closed) if known else None

    def value(self, event: Any) -> str:
        """The value of an event, in a few words."""
        for segment in self.segments:
            if isinstance(segment, str):
                event = event.get(segment) if isinstance(event, dict) else None
            else:
                event = event[segment] if isinstance(event, list) and -len(event) <= segment < len(event) else None
        text = shown(event)
        return text if self.closed or text in self.known or text == ABSENT else OTHER


def shown(value: object) -> str:
    """A discriminant in a few words."""
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        return "(an object)"
    if isinstance(value, list):
        return "(a list)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 256:
        return "(a large number)"
    return str(value)[:MOST_SHOWN].encode("utf-8", "replace").decode()
