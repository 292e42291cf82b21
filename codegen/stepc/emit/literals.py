"""Python literals exactly as the formatter would leave them, the same under every version of Python."""

from __future__ import annotations

import math
from typing import Any, Final

_PLAIN: Final = (
    (0x20, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x2FF),
    (0x370, 0x377),
    (0x384, 0x386),
    (0x388, 0x482),
    (0x48A, 0x52F),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
)
_WIDE: Final = (
    (0x20A0, 0x20BF),
    (0x2100, 0x218B),
    (0x2190, 0x23FF),
    (0x2500, 0x27BF),
    (0x3041, 0x3096),
    (0x30A0, 0x30FF),
    (0x4E00, 0x9FEF),
    (0xAC00, 0xD7A3),
)
_NAMED: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}


def readable(character: str) -> bool:
    """Whether a character stands for itself in generated text: fixed ranges, because Python's own table grows with its versions."""
    point = ord(character)
    return any(low <= point <= high for low, high in _PLAIN) or any(low <= point <= high for low, high in _WIDE)


def _escaped(character: str, quote: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character == quote:
        return f"\\{quote}"
    if readable(character):
        return character
    point = ord(character)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def quote_of(text: str) -> str:
    """The quote that needs fewer escapes; double ones when it makes no difference."""
    return "'" if text.count('"') > text.count("'") else '"'


def escape(text: str, quote: str) -> str:
    """`text` as it stands between two quotes."""
    return "".join(_escaped(character, quote) for character in text)


def string(text: str) -> str:
    """A string literal."""
    quote = quote_of(text)
    return f"{quote}{escape(text, quote)}{quote}"


def pieces(text: str, most: int) -> list[str]:
    """A long string as several literals of at most about `most` characters that Python joins; broken behind blanks where there are any."""
    found: list[str] = []
    rest = text
    while len(string(rest)) > most:
        size = most // 2
        while size < len(rest) and len(string(rest[: size + 1])) <= most:
            size += 1
        while size > 1 and len(string(rest[:size])) > most:
            size //= 2
        blank = rest.rfind(" ", size // 2, size) + 1
        size = blank or size
        found.append(string(rest[:size]))
        rest = rest[size:]
    if rest:
        found.append(string(rest))
    return found


def scalar(value: str | int | float | bool | None) -> str:
    """A literal of a JSON scalar."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "1e999" if value > 0 else "-1e999"
    if isinstance(value, float):
        return repr(value)
    return str(value)


def comment(text: str) -> str:
    """Text that may stand in a comment: one line, only characters that show."""
    return "".join(character if readable(character) else " " for character in text).strip()


def docstring(lines: list[str], indent: int, width: int) -> list[str]:
    """A docstring of these lines, indented by `indent` blanks, without the indent of its first line. Long lines are folded."""
    room = width - indent
    folded: list[str] = []
    for line in lines:
        folded.extend(fold(comment(line), room - 6 if not folded else room))
    text = [line.replace("\\", "\\\\").replace('"""', "'''") for line in folded] or [""]
    while text and not text[-1]:
        text.pop()
    if not text:
        return []
    last = text[-1]
    closing = ' """' if last.endswith(('"', "\\")) else '"""'
    opening = '""" ' if text[0].startswith('"') else '"""'
    if len(text) == 1 and len(opening + last + closing) <= room:
        return [opening + last + closing]
    if len(text) == 1:
        return [opening + last, " " * indent + '"""']
    pad = " " * indent
    return [opening + text[0], *(f"{pad}{line}" if line else "" for line in text[1:]), f'{pad}"""']


def fold(text: str, width: int) -> list[str]:
    """One line as lines of at most `width` characters, broken at blanks."""
    words = text.split(" ")
    lines: list[str] = []
    current = ""
    for word in words:
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
        while len(current) > width:
            lines.append(current[:width])
            current = current[width:]
    return [*lines, current]


def constant(value: Any) -> str:
    """A literal of nested tuples, lists and objects of scalars, on one line."""
    if isinstance(value, tuple):
        inner = ", ".join(constant(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(constant(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(key)}: {constant(item)}" for key, item in value.items()) + "}"
    return scalar(value)
