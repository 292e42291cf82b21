"""Which part of a result says that it failed: a flag, a message that is there or null, a code, a status word, or how its text begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stepc.induce.nodes import Json, Node, Path, at_path, written
from stepc.induce.words import CODE_KEYS, ERROR_FALSE, ERROR_TRUE, same, words
from stepc.induce.writing import string
from stepc.runtime.regex import Pattern

_OPENINGS = (
    r"(\w+\.)*\w*(Error|Exception)\b",
    r"error\b",
    r"ERROR\b",
    r"[Ff]ailed\b",
    r"FAILED\b",
    r"Traceback \(",
    r"[Ff]atal: ",
    r"[Ii]nvalid\b",
    r"[Cc](ould not|annot|an't|ouldn't)\b",
    r"[Uu]nable to\b",
    r"[Nn]o (such|results|matches|elements)\b",
    r"[Nn]ot found\b",
    r"[Uu]nknown\b",
    r"[Ee]xecution [Tt]imed out",
    r"[Pp]ermission denied",
    r"[Cc]ommand not found",
    r"[Rr]efused\b",
    r"[Ii]ll-formed\b",
)
"""How texts begin that report a failure, whatever wrote them."""
_BEFORE = r"^\s*[\"'(<{\[]*\s*"
_ANY = Pattern(f"{_BEFORE}({'|'.join(_OPENINGS)})")
_EACH = tuple(Pattern(_BEFORE + opening) for opening in _OPENINGS)
"""Matched as the spec will match them: in linear time, whatever a text begins with."""
_CODE = re.compile(r"(?i)(?:exit ?code|return ?code|exit status)[^\w\n]{0,6}(-?\d+)")
CODE = r"/(?:exit ?code|return ?code|exit status)[^\w\n]{0,6}(-?\d+)/i"
_FEW = 0.5
_STATUS = ("status", "state", "level", "code", "outcome")


@dataclass(frozen=True, slots=True)
class ErrorSign:
    """What tells that a result failed.

    text       an error's own message, to be shown in the place of the result; empty: none
    otherwise  a message to be shown where there is no result; empty: none
    """

    condition: str
    text: str = ""
    doubt: str = ""
    otherwise: str = ""


def error_sign(var: str, node: Node, values: Sequence[Json], text: str, texts: Sequence[str]) -> ErrorSign | None:
    """The sign of an error in an object at `var`; `text` is the expression of its text, `texts` are its texts."""
    fallback = _opening(text, texts)
    best: ErrorSign | None = None
    for path, child in node.below(lists=False):
        if len(path) > 2 or not child.present:
            continue
        name, shown = str(path[-1]), written(path, var)
        have = set(words(name))
        booleans = child.kinds.get("boolean", 0)
        if have & ERROR_TRUE and booleans and booleans == child.present:
            missing = child.presence < 1 and fallback is not None
            return ErrorSign(f"{shown} else {fallback.condition}" if missing and fallback else shown)
        if (same(name, "error") or same(name, "exception") or same(name, "error_message")) and child.mainly in ("text", "object"):
            message = shown if child.mainly == "text" else f"text_of({shown})"
            empty = child.values.get("", 0) > 0
            found = ErrorSign(f"nonempty {shown}" if empty else f"present {shown}", "" if empty else message)
            if child.presence < 1 or empty:
                return found
        if name in CODE_KEYS and child.kinds.get("number"):
            return ErrorSign(f"{shown} != 0")
        if len(path) == 2 and is_span_status(path, child):
            beside = (*path[:1], "message")
            said = node.at(beside)
            return ErrorSign(f"{shown} == 2", otherwise=written(beside, var) if said is not None and said.texts else "")
        if have & ERROR_FALSE and booleans and booleans == child.present and name != "is_done":
            best = best or ErrorSign(f"not {shown}")
        if _is_status(path) and child.texts and not child.more:
            bad = sorted(value for value in child.values if set(words(value)) & ERROR_TRUE)
            if bad or any(set(words(value)) & ERROR_FALSE for value in child.values):
                listed = ", ".join(string(value) for value in bad or ["error", "failed"])
                best = best or ErrorSign(f"{shown} in [{listed}]")
    return best or fallback


def is_span_status(path: Path, node: Node) -> bool:
    """Whether numbers are the status of a span: 0 or nothing says that it is unset, 1 fine, 2 an error."""
    coded = len(path) > 1 and same(str(path[-2]), "status") and same(str(path[-1]), "code")
    return coded and node.kinds.get("number", 0) == node.present > 0 and node.whole and node.least >= 0 and node.most <= 2


def _is_status(path: Path) -> bool:
    """Whether a key holds a word for how it went; a `code` does so in a `status` only."""
    coded = same(str(path[-1]), "code")
    return any(same(str(path[-1]), word) for word in _STATUS) and coded == (len(path) == 2 and same(str(path[0]), "status"))


def _opening(text: str, texts: Sequence[str]) -> ErrorSign | None:
    if not texts or not text:
        return None
    coded = sum(_CODE.search(item[:400]) is not None for item in texts)
    if coded >= _FEW * len(texts):
        return ErrorSign(f"int(capture({text}, {CODE}, 400)) != 0")
    found = [item for item in texts if _ANY.matches(item)]
    if not found:
        return None
    doubt = f"nothing flags an error; {len(found):,} of {len(texts):,} results begin like one"
    listed = "|".join(opening for opening, pattern in zip(_OPENINGS, _EACH, strict=True) if any(map(pattern.matches, found)))
    return ErrorSign(f"matches({text}, /{_BEFORE}({listed})/)", doubt=doubt)


def texts_at(values: Sequence[Json], path: tuple[str | None, ...]) -> list[str]:
    """The texts at a path, the texts of content parts included."""
    found: list[str] = []
    for value in values:
        for item in at_path(value, path):
            if isinstance(item, str):
                found.append(item)
            elif isinstance(item, list):
                found.append("".join(part["text"] for part in item if isinstance(part, dict) and isinstance(part.get("text"), str)))
    return found
