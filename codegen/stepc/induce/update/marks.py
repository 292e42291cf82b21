"""Changes of a spec for texts: the words that lines begin with are others now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from stepc.induce import words
from stepc.induce.update.moves import Change
from stepc.induce.update.places import Edit, walk
from stepc.induce.writing import literal
from stepc.syntax import tree

_WORD: Final = re.compile(r"(?:^\^?|[(|])(?:\?:)?([A-Z][A-Za-z]{2,19})(?![A-Za-z])")
_MARK: Final = re.compile(r"^([A-Z][A-Za-z]{1,19}(?: [A-Za-z]{1,12})?)(?: \d{1,4})?:", re.MULTILINE)
_HEAD: Final = 1 << 20
_MOST: Final = 10
_LIKELY: Final = 0.5


def marks(text: str, file: tree.File, texts: Sequence[str], old: Sequence[str] | None) -> Iterator[Change]:
    """Changes that put a word which many lines of the new texts begin with in the place of one that none begins with.

    old   texts as they were, where some are at hand: only what lines began with there is missed
    """
    source = next((item for item in file.items if isinstance(item, tree.Source)), None)
    if source is None or not isinstance(source.event, tree.EventLines):
        return
    patterns: list[tree.Regex] = sorted(walk(source, tree.Regex), key=lambda one: one.span.start)
    known = {found[1] for pattern in patterns for found in _WORD.finditer(pattern.pattern)}
    # What is sealed stays so: a word of a verdict is nothing to be guessed.
    sealed = {
        found[1]
        for kind in source.event.kinds
        if kind.mode == "sealed" and kind.pattern is not None
        for found in _WORD.finditer(kind.pattern.pattern)
    }
    seen = Counter(found[1] for one in texts for found in _MARK.finditer(one[:_HEAD]))
    new = [mark for mark, count in sorted(seen.items(), key=lambda item: (-item[1], item[0])) if count > 1 and mark.split()[0] not in known]
    for word in sorted(known - sealed):
        if _begins(word, texts) or (old is not None and not _begins(word, old)):
            continue
        for mark in new[:_MOST]:
            like = _likeness(word, mark)
            edits = tuple(edit for pattern in patterns for edit in _written(text, pattern, word, literal(mark)))
            if edits and (old is not None or like >= _LIKELY):
                yield Change(f"lines that began with `{word}` begin with `{mark}`", edits, like)


def _begins(word: str, texts: Sequence[str]) -> bool:
    pattern = re.compile(rf"^{word}\b", re.MULTILINE)
    return any(pattern.search(one, 0, _HEAD) for one in texts)


def _written(text: str, pattern: tree.Regex, word: str, new: str) -> Iterator[Edit]:
    begin = pattern.span.start
    for found in re.finditer(rf"(?<![A-Za-z]){word}(?![A-Za-z])", text[begin : pattern.span.end]):
        yield Edit(begin + found.start(), begin + found.end(), new)


def _likeness(word: str, mark: str) -> float:
    meaning = words.kind(word), words.kind(mark)
    alike = 1.0 if meaning[0] == meaning[1] is not None else 0.4 if None in meaning else 0.0
    return 0.2 + 0.5 * alike + 0.3 * SequenceMatcher(None, word.casefold(), mark.casefold(), autojunk=False).ratio()
