"""What a token's text means: strings without their escapes, numbers, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "{": "{", "}": "}"}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_REGEX_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LARGEST = 2**63

BadEscape = Callable[[int, int, str], None]
"""Told the offsets of a bad escape in the raw text, and why it is bad."""


def unescape(raw: str, bad: BadEscape) -> str:
    """The text that the inside of a string stands for. A bad escape is reported and kept as written."""

    def replace(found: re.Match[str]) -> str:
        digits, sign = found.groups()
        if digits is not None:
            code = int(digits, 16)
            if not 0xD800 <= code <= 0xDFFF:
                return chr(code)
            bad(found.start(), found.end(), f"`{found.group()}` is half a character: write the character itself")
        elif sign in _ESCAPES:
            return _ESCAPES[sign]
        elif sign == "u":
            bad(found.start(), found.end(), "`\\u` takes exactly four hexadecimal digits")
        else:
            bad(found.start(), found.end(), f"`\\{sign}` means nothing in a text")
        return found.group()

    return _ESCAPE.sub(replace, raw)


def integer(text: str) -> int | None:
    """An integer of 64 bits, or None where it is larger."""
    if len(text) > 20:
        return None
    value = int(text)
    return value if -_LARGEST <= value < _LARGEST else None


def number(text: str) -> int | float | None:
    """An integer of 64 bits or a finite decimal number, or None where it is out of range."""
    if "." not in text:
        return integer(text)
    value = float(text) if len(text) <= 400 else float("inf")
    return value if abs(value) < 1e300 else None


def regex(text: str) -> tuple[str, str]:
    """Pattern and flags of `/pattern/flags`: `\\/` is a slash, everything else stays as written."""
    close = text.rindex("/")
    return _REGEX_ESCAPE.sub(lambda found: "/" if found.group(1) == "/" else found.group(), text[1:close]), text[close + 1 :]
