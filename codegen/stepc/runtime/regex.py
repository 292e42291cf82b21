"""Regular expressions in linear time: the RE2 dialect, wrapped so that nothing raises, whatever the text.

How the dialect differs from Python's `re`: no look-around and no back-references; `$` without the flag `m` is the very end of the text
(not before a final newline); `\\s`, `\\w`, `\\d` and `\\b` know ASCII only; repetition counts end at 1,000. The flags are `i` (ignore
case), `m` (`^` and `$` at every line) and `s` (`.` also matches a newline). A search finds the first match from the left.

Matching sees at most the first `within` code points of a text, 16 Ki unless told otherwise. A lone surrogate is one character that `.`
matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import re2  # type: ignore[import-untyped]

WITHIN: Final = 16_384
"""Code points of a text that a pattern sees by default."""

MOST_CAPTURES: Final = 100
"""Texts that `captures` gives at most."""

MOST_CUTS: Final = 100
"""Matches that are cut out of a line at most: a search that fails late may read the whole line again for each."""

MOST_CROSSINGS: Final = 1_000
"""Searches over line ends in one masked text at most; what lies behind is masked as a whole."""

_MEMORY: Final = 64 << 20
_MAY_CROSS: Final = ("\n", "\\n", "\\s", "\\W", "\\D", "\\S", "\\C", "\\x", "\\0", "\\p", "\\P", "\\v", "[^", "[:", "(?")


def _options(*, capture: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.never_capture = not capture
    return options


def _compile(source: str, *, capture: bool) -> Any:
    """The engine's own search: `(anchor, data, from, to) -> spans`, -1 where nothing matched.

    The library's public `search` recounts offsets in code points and builds a match object: 2.5 times the cost of a search in a line.
    """
    try:
        return re2.compile(source, _options(capture=capture))._regexp
    except re2.error as problem:
        reason = problem.args[0] if problem.args else problem
        raise ValueError(f"not a regular expression: {reason.decode() if isinstance(reason, bytes) else reason}") from None


_UNANCHORED: Final = re2._Anchor.UNANCHORED


def encoded(text: str, within: int) -> bytes:
    """The first `within` code points as UTF-8; lone surrogates pass as the three bytes they would have."""
    if len(text) > within:
        text = text[: max(within, 0)]
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """The text of what `encoded` gave, or of a piece of it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data.decode("utf-8", "replace")


class Pattern:
    """One regular expression. Raises ValueError where it is none; its methods never raise."""

    __slots__ = ("_captures", "_names", "_search", "expression", "flags", "source")

    def __init__(self, expression: str, flags: str = "") -> None:
        self.expression = expression
        self.flags = flags
        self.source = f"(?{flags}:{expression})" if flags else f"(?:{expression})"
        self._search = _compile(self.source, capture=False).Match
        self._captures: Any = None
        self._names: tuple[tuple[str, int], ...] | None = None

    def __repr__(self) -> str:
        return f"Pattern({self.expression!r}, {self.flags!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __reduce__(self) -> tuple[type[Pattern], tuple[str, str]]:
        return Pattern, (self.expression, self.flags)

    def _capturing(self) -> Any:
        """The engine with groups: slower, so only compiled where a group is asked for."""
        if self._captures is None:
            engine = _compile(self.source, capture=True)
            self._names = tuple(sorted((name.decode(), index) for name, index in engine.NamedCapturingGroups()))
            self._captures = engine.Match
        return self._captures

    def matches(self, text: str, within: int = WITHIN) -> bool:
        """Whether the pattern occurs.

        >>> Pattern("^Error: (.*)").matches("Error: no such file")
        True
        """
        data = encoded(text, within)
        found: bool = self._search(_UNANCHORED, data, 0, len(data))[0][0] >= 0
        return found

    def capture(self, text: str, within: int = WITHIN) -> str | None:
        """The first group of the first match (the whole match where the pattern has no group); None: no match, or the group took no part.

        >>> Pattern("^Error: (.*)").capture("Error: no such file")
        'no such file'
        """
        data = encoded(text, within)
        spans = self._capturing()(_UNANCHORED, data, 0, len(data))
        start, end = spans[1] if len(spans) > 1 else spans[0]
        return decoded(data[start:end]) if start >= 0 else None

    def captures(self, text: str, within: int = WITHIN) -> list[str]:
        """As `capture`, for all matches from the left that do not overlap, 100 at most.

        >>> Pattern("#([0-9]+)").captures("see #12 and #7")
        ['12', '7']
        """
        data = encoded(text, within)
        search, found, position, end = self._capturing(), list[str](), 0, len(data)
        while len(found) < MOST_CAPTURES and position <= end:
            spans = search(_UNANCHORED, data, position, end)
            match = spans[0]
            if match[0] < 0:
                break
            start, stop = spans[1] if len(spans) > 1 else match
            if start >= 0:
                found.append(decoded(data[start:stop]))
            position = match[1] if match[1] > match[0] else _next_character(data, match[1])
        return found

    def groups(self, text: str, within: int = WITHIN) -> dict[str, str | None] | None:
        """The named groups of the first match; None: no match.

        >>> Pattern("^to (?<name>[a-z]+)").groups("to bob")
        {'name': 'bob'}
        """
        return self.groups_in(encoded(text, within))

    def groups_in(self, data: bytes) -> dict[str, str | None] | None:
        """As `groups`, for UTF-8."""
        spans = self._capturing()(_UNANCHORED, data, 0, len(data))
        if spans[0][0] < 0:
            return None
        names = self._names or ()
        return {name: decoded(data[spans[index][0] : spans[index][1]]) if spans[index][0] >= 0 else None for name, index in names}

    def found_in(self, data: bytes) -> bool:
        """As `matches`, for the whole of some UTF-8."""
        found: bool = self._search(_UNANCHORED, data, 0, len(data))[0][0] >= 0
        return found

    def cut_first(self, data: bytes) -> bytes:
        """UTF-8 without what the first match covers."""
        start, end = self._search(_UNANCHORED, data, 0, len(data))[0]
        return data[:start] + data[end:] if start >= 0 else data

    def cut_all(self, data: bytes) -> bytes:
        """UTF-8 without what the first 100 matches cover."""
        search, size = self._search, len(data)
        start, end = search(_UNANCHORED, data, 0, size)[0]
        if start < 0:
            return data
        kept = [data[:start]]
        for _ in range(MOST_CUTS):
            if end == size:  # what could still match there is empty
                break
            position = end if end > start else _next_character(data, end)
            start, stop = search(_UNANCHORED, data, position, size)[0]
            if start < 0:
                break
            kept.append(data[end:start])
            end = stop
        kept.append(data[end:])
        return b"".join(kept)

    def crosses_lines(self) -> bool:
        """Whether a match may hold a line end. Errs towards yes."""
        return "s" in self.flags or any(mark in self.expression for mark in _MAY_CROSS)

    def touched_lines(self, data: bytes) -> Iterable[tuple[int, int]]:
        """For masking: stretches of `data` that matches over line ends cover, at most one that begins in each line."""
        position, end = 0, len(data)
        for _ in range(MOST_CROSSINGS):
            start, stop = self._search(_UNANCHORED, data, position, end)[0]
            if start < 0:
                return
            yield start, stop
            line_end = data.find(b"\n", stop)
            if line_end < 0:
                return
            position = line_end + 1
        yield position, end

    def mask(self, text: str, label: str) -> str:
        """The whole text, every line that a match touches replaced by the label; neighbouring lines become one label.

        A match is looked for in the whole text and in each line by itself: what the pattern can find in either way is gone.

        >>> Pattern("test case").mask("ran\\n2 test cases failed\\ndone", "(withheld)")
        'ran\\n(withheld)\\ndone'
        """
        return _mask((self,), text, label)


class PatternSet:
    """Several patterns at once: found when one of them is."""

    __slots__ = ("_search", "patterns")

    def __init__(self, *patterns: Pattern | Iterable[Pattern]) -> None:
        flat: list[Pattern] = []
        for given in patterns:
            if isinstance(given, Pattern):
                flat.append(given)
            else:
                flat.extend(given)
        self.patterns = tuple(flat)
        self._search = _compile("|".join(pattern.source for pattern in flat) or r"[^\x00-\x{10FFFF}]", capture=False).Match

    def __repr__(self) -> str:
        return f"PatternSet({', '.join(map(repr, self.patterns))})"

    def matches(self, text: str, within: int = WITHIN) -> bool:
        """Whether one of the patterns occurs.

        >>> PatternSet(Pattern("^Error"), Pattern("not found$")).matches("file not found")
        True
        """
        data = encoded(text, within)
        found: bool = self._search(_UNANCHORED, data, 0, len(data))[0][0] >= 0
        return found

    def capture(self, text: str, within: int = WITHIN) -> str | None:
        """The capture of the first pattern of the list that has one."""
        for pattern in self.patterns:
            found = pattern.capture(text, within)
            if found is not None:
                return found
        return None

    def captures(self, text: str, within: int = WITHIN) -> list[str]:
        """The captures of all patterns, one pattern after the other, 100 at most."""
        found: list[str] = []
        for pattern in self.patterns:
            found += pattern.captures(text, within)
            if len(found) >= MOST_CAPTURES:
                break
        return found[:MOST_CAPTURES]

    def mask(self, text: str, label: str) -> str:
        """As `Pattern.mask`, for what any of the patterns finds."""
        return _mask(self.patterns, text, label)


class LineClassifier:
    """Tells which of several patterns are found in a line: one pass over the line for all of them."""

    __slots__ = ("_match",)

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        sources = [pattern.source for pattern in patterns]
        self._match: Any = None
        if sources:
            engine = re2.Set.SearchSet(_options(capture=False))
            for source in sources:
                engine.Add(source)
            engine.Compile()
            self._match = engine._set.Match

    def all(self, line: bytes) -> list[int]:
        """The indices of the patterns that are found, in order."""
        if self._match is None:
            return []
        found: list[int] = self._match(line)
        if len(found) > 1:
            found.sort()
        return found


def _next_character(data: bytes, position: int) -> int:
    """The position behind the character at `position` in UTF-8."""
    position += 1
    while position < len(data) and data[position] & 0xC0 == 0x80:
        position += 1
    return position


def _mask(patterns: tuple[Pattern, ...], text: str, label: str) -> str:
    data = encoded(text, len(text))
    lines = data.split(b"\n")
    hidden = [any(pattern.found_in(line) for pattern in patterns) for line in lines]
    for pattern in patterns:
        if not pattern.crosses_lines():
            continue
        index, begin = 0, 0  # of the line that the next match may touch
        for start, end in pattern.touched_lines(data):
            while start > begin + len(lines[index]):
                begin += len(lines[index]) + 1
                index += 1
            hidden[index] = True
            while end > begin + len(lines[index]) + 1:
                begin += len(lines[index]) + 1
                index += 1
                hidden[index] = True
    if True not in hidden:
        return text
    kept: list[str] = []
    before = False
    for line, gone in zip(lines, hidden, strict=True):
        if not gone:
            kept.append(decoded(line))
        elif not before:
            kept.append(label)
        before = gone
    return "\n".join(kept)
