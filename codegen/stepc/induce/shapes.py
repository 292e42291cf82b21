"""What a text looks like: one word for each value, so that a path's values can be counted by kind."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Shape = Literal["empty", "json", "time", "number", "uuid", "url", "path", "id", "word", "line", "text"]

LONG = 200
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?\Z")
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,4})?\Z")
_UUID = re.compile(r"(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64})\Z")
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,10}://\S+\Z")
_PATH = re.compile(r"(?:~?/|\.{1,2}/|[A-Za-z]:\\)?[\w.@ -]+(?:[/\\][\w.@ -]+)+/?\Z")
_ID = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9_.:#-]{4,80}\Z")
_WORD = re.compile(r"[\w.:-]{1,40}\Z")


def shape(text: str) -> Shape:
    """The kind of a text, from its first characters."""
    if not text:
        return "empty"
    if len(text) > LONG:
        return "json" if _is_json(text) else "text"
    return _short(text)


@lru_cache(maxsize=1 << 16)
def _short(text: str) -> Shape:
    for name, pattern in (("number", _NUMBER), ("time", _TIME), ("uuid", _UUID), ("url", _URL)):
        if pattern.match(text):
            return name  # type: ignore[return-value]
    if _is_json(text):
        return "json"
    if _ID.match(text):
        return "id"
    if _WORD.match(text):
        return "word"
    if _PATH.match(text):
        return "path"
    return "text" if "\n" in text else "line"


def _is_json(text: str) -> bool:
    """Whether a text is written like a JSON object or list; the ends are looked at, not what is between them."""
    bare = text.strip() if len(text) < 4_096 else text
    return (bare[:1] == "{" and bare[-1:] == "}" and (bare[1:].lstrip()[:1] in ('"', "}"))) or (
        bare[:1] == "[" and bare[-1:] == "]" and bare[1:].lstrip()[:1] in ('"', "{", "[", "]")
    )
