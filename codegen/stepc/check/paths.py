"""Document paths: building them, printing them, and asking whether one lies above, below or on another.

A segment known only at run time matches any key or element, so the answers err on the side of "may".
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from stepc.check import printer
from stepc.ir import (
    AnyElement,
    AnySegment,
    DocumentPath,
    DynamicSegment,
    EverySegment,
    IndexSegment,
    KeyPattern,
    KeySegment,
)
from stepc.syntax import tree

ROOT = DocumentPath("", ())
ELEMENT = AnyElement()


def key(name: str) -> KeyPattern:
    """One exact key."""
    return KeyPattern((name,), False)


def from_segments(segments: Iterable[AnySegment]) -> tuple[KeyPattern | AnyElement, ...]:
    """The segments of an expression as those of a document path."""
    out: list[KeyPattern | AnyElement] = []
    for segment in segments:
        match segment:
            case KeySegment(key=name):
                out.append(key(name))
            case IndexSegment() | EverySegment():
                out.append(ELEMENT)
            case DynamicSegment():
                out.append(AnyElement(keys_too=True))
    return tuple(out)


def below(path: DocumentPath, segments: Iterable[AnySegment]) -> DocumentPath:
    """The path that `segments` lead to from `path`."""
    return DocumentPath(path.side, (*path.segments, *from_segments(segments)))


def from_pattern(pattern: tree.PathPattern) -> DocumentPath:
    """A path of `ignore`, `sealed`, `secret` or `before`."""
    segments: list[KeyPattern | AnyElement] = []
    for segment in pattern.segments:
        if isinstance(segment, tree.PatternEvery):
            segments.append(ELEMENT)
        else:
            glob = not segment.literal and any("*" in alternative for alternative in segment.alternatives)
            segments.append(KeyPattern(segment.alternatives, glob))
    return DocumentPath("" if pattern.base is None else pattern.base.text, tuple(segments))


def show(path: DocumentPath) -> str:
    """The path as text, as sites and coverage name it: `.messages[].role`, `result.resolved`; the document itself is `.`."""
    text = path.side
    for segment in path.segments:
        if isinstance(segment, AnyElement):
            text += "[*]" if segment.keys_too else ("[]" if text else ".[]")
        elif len(segment.alternatives) > 1:
            text += f".{{{', '.join(segment.alternatives)}}}"
        elif segment.glob:
            text += f".{segment.alternatives[0]}"
        else:
            text += printer.key(segment.alternatives[0], first=not text)
    return text or "."


def starts(prefix: DocumentPath, path: DocumentPath) -> bool:
    """Whether `path` may lie on or below `prefix`."""
    if prefix.side != path.side or len(prefix.segments) > len(path.segments):
        return False
    return all(_meets(one, other) for one, other in zip(prefix.segments, path.segments, strict=False))


def covers(wide: DocumentPath, narrow: DocumentPath) -> bool:
    """Whether everything at `narrow` certainly lies on or below `wide`."""
    if wide.side != narrow.side or len(wide.segments) > len(narrow.segments):
        return False
    return all(_includes(one, other) for one, other in zip(wide.segments, narrow.segments, strict=False))


def _meets(left: KeyPattern | AnyElement, right: KeyPattern | AnyElement) -> bool:
    if isinstance(left, AnyElement):
        return left.keys_too or isinstance(right, AnyElement)
    if isinstance(right, AnyElement):
        return right.keys_too
    return any(_keys_meet(one, left.glob, other, right.glob) for one in left.alternatives for other in right.alternatives)


def _keys_meet(left: str, left_glob: bool, right: str, right_glob: bool) -> bool:
    if left_glob and right_glob:
        return _globs_meet(left, right)
    if left_glob:
        return _fits(right, left)
    return _fits(left, right) if right_glob else left == right


def _globs_meet(left: str, right: str) -> bool:
    """Whether some text fits both globs: a table over their prefixes, quadratic in short names."""
    row = [True] + [False] * len(right)
    for column, character in enumerate(right, 1):
        row[column] = row[column - 1] and character == "*"
    for one in left:
        above, row = row, [row[0] and one == "*"] + [False] * len(right)
        for column, other in enumerate(right, 1):
            if one == "*" or other == "*":
                row[column] = above[column] or row[column - 1] or (above[column - 1] and one == other)
            else:
                row[column] = above[column - 1] and one == other
    return row[-1]


def _fits(name: str, glob: str) -> bool:
    return fnmatchcase(name, glob.replace("[", "[[]").replace("?", "[?]"))


def _includes(wide: KeyPattern | AnyElement, narrow: KeyPattern | AnyElement) -> bool:
    if isinstance(wide, AnyElement):
        return wide.keys_too or (isinstance(narrow, AnyElement) and not narrow.keys_too)
    if isinstance(narrow, AnyElement):
        return False
    return all(any(one == other or (wide.glob and _fits(other, one)) for one in wide.alternatives) for other in narrow.alternatives)
