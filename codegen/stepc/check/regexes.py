"""Regular expressions: checked against google-re2, which is what runs them."""

from __future__ import annotations

import re
from typing import Final

import re2  # type: ignore[import-untyped]

from stepc import ir
from stepc.check import types
from stepc.check.report import replace
from stepc.check.world import Here
from stepc.source_text import Span
from stepc.syntax import tree

_FLAGS: Final = "ims"
_LOOK: Final = re.compile(r"\(\?(?:=|!|<=|<!)")
_BACK: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]|\(\?P=")
_ATOMIC: Final = re.compile(r"\(\?>|[*+?}]\+")
_LARGEST: Final = 4_000


def regex(here: Here, written: tree.Regex) -> ir.Regex | None:
    """The checked pattern, or None with a diagnostic (SV214)."""
    flags = "".join(sorted(set(written.flags)))
    wrong = sorted(set(flags) - set(_FLAGS))
    if wrong or len(flags) != len(written.flags):
        kept = "".join(flag for flag in flags if flag in _FLAGS)
        here.report.error(
            "SV214",
            written.span,
            f"`{wrong[0]}` is no flag" if wrong else "a flag is written twice",
            here="the flags are i (any case), m (lines) and s (dot takes newlines)",
            fixes=(replace(f"keep the flags `{kept}`" if kept else "leave out the flag", _flags_span(written), kept),),
        )
        return None
    if not written.pattern:
        here.report.error(
            "SV214",
            written.span,
            "an empty regular expression matches everywhere",
            here="nothing to look for",
            advice="write what to look for",
        )
        return None
    if len(written.pattern) > _LARGEST:
        here.report.error(
            "SV214",
            written.span,
            f"a regular expression has at most {_LARGEST:,} characters",
            here=f"{len(written.pattern):,} characters",
            advice="split it: `matches` takes a list",
        )
        return None
    options = re2.Options()
    options.log_errors = False
    prefix = f"(?{flags})" if flags else ""
    try:
        compiled = re2.compile(prefix + written.pattern, options)
    except re2.error as error:
        _explain(here, written, _message(error))
        return None
    except (UnicodeEncodeError, ValueError):
        here.report.error(
            "SV214",
            written.span,
            "the pattern holds a character that is no Unicode text",
            here="not valid",
            advice="write it as an escape such as `\\x{FFFD}`",
        )
        return None
    groups = tuple(name for name, _ in sorted(compiled.groupindex.items(), key=lambda item: item[1]))
    return ir.Regex(types.REGEX, written.span, written.pattern, flags, groups)


def captures(pattern: ir.Regex) -> int:
    """How many groups the pattern has."""
    return int(re2.compile(pattern.pattern).groups)


def finds(pattern: ir.Regex, text: str) -> bool:
    """Whether a checked pattern is found in a text."""
    prefix = f"(?{pattern.flags})" if pattern.flags else ""
    return re2.search(prefix + pattern.pattern, text) is not None


def _flags_span(written: tree.Regex) -> Span:
    span, count = written.span, len(written.flags)
    return Span(span.end_line, span.end_column - count, span.end_line, span.end_column, span.end - count, span.end)


def _explain(here: Here, written: tree.Regex, error: str) -> None:
    advice = "the dialect is RE2: regular expressions that run in linear time"
    if _LOOK.search(written.pattern):
        what, advice = (
            "look-ahead and look-behind are not supported",
            "match the surroundings too and take the part with `capture(…)`, or ask twice: `matches(a) and not matches(b)`",
        )
    elif _BACK.search(written.pattern):
        what, advice = (
            "back-references are not supported",
            "a repeated part cannot be matched in linear time: match the first and check the rest with another rule",
        )
    elif _ATOMIC.search(written.pattern) and "repetition" in error:
        what = "possessive repetition is not supported (and not needed: matching is linear)"
    else:
        what = f"this is no valid regular expression: {error}"
    here.report.error("SV214", written.span, what, here="not valid", advice=advice)


def _message(error: Exception) -> str:
    """The engine's words, which come as bytes."""
    words = error.args[0] if error.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
