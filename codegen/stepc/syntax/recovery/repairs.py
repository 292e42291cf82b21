"""The repair of a mistake: the first of all that lets the parser go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from stepc.syntax.machine import END_OF_TEXT, NEWLINE
from stepc.syntax.recovery import blocks, lexical, marks, monitors
from stepc.syntax.recovery.trouble import Finder, Repair, Trouble, attempt
from stepc.syntax.recovery.words import in_words, wants_value

_FINDERS: tuple[Finder, ...] = (
    blocks.header,
    blocks.documentation,
    blocks.subject,
    blocks.resorts,
    lexical.quotes,
    lexical.texts,
    lexical.patterns,
    lexical.glued,
    lexical.spaces,
    monitors.headless,
    monitors.phrases,
    monitors.replaced,
    monitors.bounds,
    monitors.shares,
    monitors.names,
    monitors.conditions,
    lexical.numbers,
    marks.arrows,
    marks.assignments,
    marks.comparisons,
    marks.operators,
    marks.shapes,
    blocks.reserved,
    blocks.keywords,
    blocks.missing_else,
    blocks.braces,
    marks.commas,
    marks.brackets,
    lexical.stray,
    blocks.unquoted,
    blocks.lines,
)
_MOST_TRIALS = 60
_FINISH = "write what is expected, or remove what was begun"


def repair(trouble: Trouble) -> Repair | None:
    """The first repair with which the line parses to its end; else the certain one that gets farthest; else None."""
    passing: Repair | None = None
    farthest = -1
    for candidate in islice(_candidates(trouble), _MOST_TRIALS):
        if not candidate.changes:
            continue
        trial = attempt(trouble, candidate.changes)
        if trial.reaches_line_end:
            return candidate
        if candidate.certain and trial.passes and trial.reached > farthest:
            passing, farthest = candidate, trial.reached
    if passing is not None:
        return passing
    for candidate in blocks.stopgaps(trouble):
        if attempt(trouble, candidate.changes).reaches_line_end:
            told = unrepaired(trouble)
            return replace(candidate, code=told.code, message=told.message, shown=told.shown, here=told.here, advice=told.advice)
    return None


def _candidates(trouble: Trouble) -> Iterator[Repair]:
    for finder in _FINDERS:
        yield from finder(trouble)


def unrepaired(trouble: Trouble) -> Repair:
    """What to tell about a mistake that nothing repairs."""
    for finder in (blocks.misplaced, *_FINDERS):
        for candidate in finder(trouble):
            if candidate.certain:
                return replace(candidate, changes=(), title="")
    token = trouble.token
    shown = (token.start, token.end)
    behind = (trouble.behind, trouble.behind)
    here = in_words(trouble.place)
    if token.type == END_OF_TEXT:
        return Repair("SV103", "the file ends in the middle of something", behind, here, (), advice=_FINISH)
    if token.type == NEWLINE and trouble.fits("STRING") and not wants_value(trouble.place) and trouble.previous is not None:
        return Repair("SV103", "the line ends without its text", behind, "a text in quotes belongs here", (), advice="say it in quotes")
    if token.type == NEWLINE:
        return Repair("SV103", "the line ends too early", behind, here, (), advice=_FINISH)
    if token.type == "":
        return Repair("SV124", f"`{token.text}` means nothing here", shown, here, (), advice="remove it, or write what was meant in words")
    word = token.text if len(token.text) <= 40 else token.text[:39] + "…"
    if (trouble.begins_statement and token.type in ("NAME", "")) or (token.text.isalpha() and trouble.begins_statement):
        return Repair("SV120", f"`{word}` begins no statement of this block", shown, here, (), advice="begin the line with one of these")
    return Repair("SV103", f"`{word}` is not expected here", shown, here, (), advice="write what is expected here, or remove it")
