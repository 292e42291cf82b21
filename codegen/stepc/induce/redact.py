"""Samples without what they say: structure, markers and short words stay, everything else becomes a stand-in of the same shape.

What is told apart stays told apart: the same id has the same stand-in everywhere, so that calls still pair with their results.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from stepc.induce.nodes import MOST_KEYS, Json
from stepc.induce.samples import SampleFile, Samples
from stepc.induce.shapes import shape
from stepc.induce.words import kind

HIDDEN: Final = "(withheld)"
_NAMED: Final = re.compile(
    r"(?:api|access|private|secret)[-_]?key|passw(?:or)?d|secret|credential|authorization|(?:auth|access|refresh|bearer)[-_]?token", re.I
)
_KEYS: Final = re.compile(
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{12,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bAIza[0-9A-Za-z_-]{30,}|\bhf_[A-Za-z0-9]{20,}|\bey[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^-]|-(?!----END)){0,8192}(?:-----END [A-Z ]*PRIVATE KEY-----)?"
)
_MOST_WORDS: Final = 24
_OFTEN: Final = 4
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}\Z")
_MARK: Final = re.compile(r"(?:^[A-Za-z]{2,20} ?\d{0,4}:(?= |$)|</?[A-Za-z_]{1,30}>|[=#*-]{3,})", re.MULTILINE)
_STAND_IN: Final = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_LONGEST: Final = 400
_DEPTH: Final = 64


def without_keys(value: Json) -> Json:
    """A JSON value in which whatever looks like a key to a service is withheld. No prompt is made without it."""
    return _mapped(value, lambda text, secret: HIDDEN if secret else _KEYS.sub(HIDDEN, text))


def redacted(samples: Samples) -> Samples:
    """Samples without what they say.

    Kept are keys that are names, the kinds and shapes of values, booleans, the numbers 0 and 1, and words of which a place has few: they
    tell events apart. Of texts the marks at the beginning of lines are kept, and how long they are.
    """
    words = _Words()
    for file in samples.files:
        for document in file.documents:
            words.count(document)
    masking = _Masking(words)
    files = tuple(
        replace(file, documents=tuple(masking.value(document, ()) for document in file.documents), text=masking.lines(file.text))
        for file in samples.files
    )
    return replace(samples, files=files)


def clean(samples: Samples) -> Samples:
    """Samples in which keys to services are withheld."""
    return replace(samples, files=tuple(_clean(file) for file in samples.files))


def _clean(file: SampleFile) -> SampleFile:
    return replace(file, documents=tuple(without_keys(document) for document in file.documents), text=_KEYS.sub(HIDDEN, file.text))


def _mapped(value: Json, change: Any) -> Json:
    """A value with every text changed. `change` is told whether the text stands under a key that names a secret."""
    if isinstance(value, str):
        return change(value, False)
    out: list[Json] = [None]
    pending: list[tuple[Any, Any, Json, bool]] = [(out, 0, value, False)]
    while pending:
        into, at, item, secret = pending.pop()
        if isinstance(item, dict):
            made: dict[str, Json] = dict.fromkeys(item)
            into[at] = made
            pending += [(made, name, entry, secret or bool(_NAMED.search(name[:80]))) for name, entry in item.items()]
        elif isinstance(item, list):
            elements: list[Json] = [None] * len(item)
            into[at] = elements
            pending += [(elements, index, entry, secret) for index, entry in enumerate(item)]
        else:
            into[at] = change(item, secret) if isinstance(item, str) else item
    return out[0]


Place = tuple[str, ...]


@dataclass(slots=True)
class _Words:
    """The texts of each place, as long as they are few and words."""

    seen: dict[Place, dict[str, int]] = field(default_factory=dict)
    data: set[Place] = field(default_factory=set)
    """Objects whose keys are data."""

    def count(self, document: Json) -> None:
        pending: list[tuple[Json, Place]] = [(document, ())]
        while pending:
            item, place = pending.pop()
            if len(place) > _DEPTH:
                continue
            if isinstance(item, dict):
                if len(item) > MOST_KEYS or not all(_KEY.match(name) for name in item):
                    self.data.add(place)
                pending += [(entry, (*place, name)) for name, entry in item.items()]
            elif isinstance(item, list):
                pending += [(entry, (*place, "[]")) for entry in item]
            elif isinstance(item, str):
                words = self.seen.setdefault(place, {})
                if len(words) <= _MOST_WORDS:
                    words[item] = words.get(item, 0) + 1

    def keeps(self, text: str, place: Place) -> bool:
        """Whether a text tells events apart: one of few words of its place, which come back often or are words of traces anyway."""
        words = self.seen.get(place, {})
        if len(words) > _MOST_WORDS or words.get(text, 0) < 2 or shape(text) not in ("word", "empty"):
            return False
        return kind(text) is not None or _OFTEN * len(words) <= sum(words.values())


@dataclass(slots=True)
class _Masking:
    words: _Words
    ids: dict[str, str] = field(default_factory=dict)

    def value(self, value: Json, place: Place) -> Json:
        """A document with stand-ins."""
        if len(place) > _DEPTH:
            return HIDDEN
        if isinstance(value, dict):
            named = place not in self.words.data
            return {(name if named else self.id(name)): self.value(entry, (*place, name)) for name, entry in value.items()}
        if isinstance(value, list):
            return [self.value(entry, (*place, "[]")) for entry in value]
        if isinstance(value, str):
            return self.text(value, place)
        if isinstance(value, bool) or value is None or value in (0, 1):
            return value
        return int("9" * len(str(abs(value)))) if isinstance(value, int) else round(0.5 + len(str(int(min(abs(value), 1e15)))), 1)

    def text(self, text: str, place: Place) -> str:
        if place and _NAMED.search(place[-1][:80]):
            return HIDDEN
        if self.words.keeps(text, place):
            return text
        looks = shape(text)
        if looks in ("id", "uuid", "number", "word"):
            return self.id(text)
        if looks == "time":
            return re.sub(r"\d", "0", text[:4]) + re.sub(r"\d", "1", text[4:])
        return self.lines(text)

    def id(self, text: str) -> str:
        """A stand-in that is the same for the same id."""
        if text not in self.ids:
            self.ids[text] = f"{'9' if text.isdigit() else 'id'}{len(self.ids) + 1000}"
        return self.ids[text]

    def lines(self, text: str) -> str:
        """A text with its marks, line ends and lengths, and nothing it says."""
        cut = text[:_LONGEST] if len(text) > 4 * _LONGEST and "\n" not in text else text
        out, end = [], 0
        for mark in _MARK.finditer(cut):
            out += [_STAND_IN.sub(_masked, cut[end : mark.start()]), mark[0]]
            end = mark.end()
        return "".join([*out, _STAND_IN.sub(_masked, cut[end:])])


def _masked(found: re.Match[str]) -> str:
    text = found[0]
    return "9" * len(text) if text[0].isdigit() else ("X" if text[0].isupper() else "x") + "x" * (len(text) - 1)
