"""The built-in functions of the language at run time.

An argument is never None (generated code asks first), and nothing raises: a function that cannot answer gives None. Those that count a
defect for a value that is there and does not fit take the defects and the site it is counted at. All are linear in their argument.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from stepc.runtime.bounds import DEEPEST, deeper

if TYPE_CHECKING:
    from stepc.runtime.defects import Defects
    from stepc.runtime.step import Json

_SMALLEST: Final = -(1 << 63)
_LARGEST: Final = (1 << 63) - 1
_MOST_EXACT: Final = 1 << 53
_LONGEST_NUMBER: Final = 400
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = _EPOCH.replace(tzinfo=None)
_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6))
"""Numbers below the first in size count so many units a second; what is larger counts nanoseconds."""
_LATEST: Final = 1e20
_LONGEST_TIME: Final = 64

# A control sequence, an operating system command up to its end, or a two-character escape. No part can match ESC inside itself but at
# its end, so a text is read once.
_ANSI: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]"
)


# ---- texts -----------------------------------------------------------------------------------------------------------


def before(text: str, mark: str) -> str | None:
    """The text in front of the first `mark`; None if there is none.

    >>> before("a: b: c", ": ")
    'a'
    """
    place = text.find(mark)
    return text[:place] if place >= 0 else None


def after(text: str, mark: str) -> str | None:
    """The text behind the first `mark`; None if there is none.

    >>> after("a: b: c", ": ")
    'b: c'
    """
    place = text.find(mark)
    return text[place + len(mark) :] if place >= 0 else None


def head(text: str, count: int) -> str:
    """The first `count` characters.

    >>> head("abcdef", 3)
    'abc'
    """
    return text[: max(count, 0)]


def tail(text: str, count: int) -> str:
    """The last `count` characters.

    >>> tail("abcdef", 3)
    'def'
    """
    return text[-count:] if count > 0 else ""


def basename(text: str) -> str:
    """The last part of a path, with `/` or `\\` between the parts; separators at the end do not count.

    >>> basename("data/test/a.json")
    'a.json'
    """
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2]


def lines(text: str) -> list[str]:
    """The lines of a text, without their ends (`\\n` or `\\r\\n`; other separators are part of a line).

    >>> lines("a\\r\\nb\\n")
    ['a', 'b']
    """
    found = text.split("\n")
    if not found[-1]:
        found.pop()
    return [line[:-1] if line.endswith("\r") else line for line in found]


def join(items: Sequence[str | None], separator: str) -> str:
    """The texts of a list in one; absent ones are passed over.

    >>> join(["a", None, "b"], " ")
    'a b'
    """
    return separator.join([item for item in items if item is not None])


def strip_ansi(text: str) -> str:
    """The text without terminal control sequences.

    >>> strip_ansi("\\x1b[31mred\\x1b[0m")
    'red'
    """
    return _ANSI.sub("", text) if "\x1b" in text or "\x9b" in text else text


# ---- tags and fences -------------------------------------------------------------------------------------------------


def _opening(text: str, name: str, start: int) -> tuple[int, int] | None:
    """Where the next `<name>` or `<name …>` from `start` on begins and ends."""
    mark = "<" + name
    while True:
        begin = text.find(mark, start)
        if begin < 0:
            return None
        behind = begin + len(mark)
        follows = text[behind : behind + 1]
        if follows == ">":
            return begin, behind + 1
        if follows and follows in " \t\r\n":
            end = text.find(">", behind)
            return (begin, end + 1) if end >= 0 else None
        start = behind


def tag(text: str, name: str) -> str | None:
    """The content of the first `<name>…</name>`, without one newline at each end; None if it is missing or never closed.

    >>> tag("<output>\\nhello\\n</output>", "output")
    'hello'
    """
    if "</" not in text:  # most texts hold no tag at all
        return None
    opening = _opening(text, name, 0)
    if opening is None:
        return None
    end = text.find(f"</{name}>", opening[1])
    if end < 0:
        return None
    content = text[opening[1] : end].removeprefix("\r\n").removeprefix("\n")
    return content[:-2] if content.endswith("\r\n") else content.removesuffix("\n")


def without_tags(text: str, *names: str) -> str:
    """The text without `<name …>…</name>` of these names. A tag that is never closed stays.

    >>> without_tags("<think>hm</think>Hello", "think")
    'Hello'
    """
    if "</" not in text:
        return text
    for name in names:
        closing = f"</{name}>"
        kept: list[str] = []
        last = 0
        while (opening := _opening(text, name, last)) is not None:
            end = text.find(closing, opening[1])
            if end < 0:
                break
            kept.append(text[last : opening[0]])
            last = end + len(closing)
        if last:
            kept.append(text[last:])
            text = "".join(kept)
    return text


def fenced(text: str, *languages: str) -> list[str]:
    """The contents of the fenced blocks of these languages, in order; without languages, of all.

    A block begins where a line ends in three backticks and the language, and ends before the next line that begins with three backticks,
    indented no further than the line that opened it. Blocks do not nest; one that is never closed is none. Behind other text on its line
    only a language asked for opens a block. Harnesses that run such blocks look for them in this way.

    >>> fenced("Run:\\n```bash\\nls\\n```\\n", "bash")
    ['ls']
    """
    if "```" not in text:
        return []
    found: list[str] = []
    begin, indent, wanted = -1, 0, False
    start, place = 0, text.find("```")
    while place >= 0:  # lines without backticks, most of them, are passed over in one search
        start = text.rfind("\n", start, place) + 1 or start
        end = text.find("\n", place)
        line = text[start:] if end < 0 else text[start:end]
        bare = line.lstrip(" \t")
        if begin < 0:
            opening = line.rfind("```")
            language = line[opening + 3 :].strip()
            if "`" not in bare[3:] if bare[:3] == "```" else language and language in languages:
                begin, indent, wanted = start + len(line) + 1, len(line) - len(bare), not languages or language in languages
        elif bare[:3] == "```" and len(line) - len(bare) <= indent:
            if wanted:
                found.append(text[begin : max(start - 1, begin)])
            begin = -1
        if end < 0:
            break
        start, place = end + 1, text.find("```", end)
    return found


# ---- JSON ------------------------------------------------------------------------------------------------------------


def parse_json(text: str, defects: Defects, site: str, line: int = 0) -> Json:
    """The JSON value written in a text; a defect `bad_json` and None where it is none.

    >>> from stepc.runtime.defects import Defects
    >>> parse_json('{"a": 1}', Defects(), "json(.arguments)")
    {'a': 1}
    """
    try:
        value: Json = orjson.loads(text)
    except ValueError:
        defects.add("bad_json", site, line)
        return None
    return value


def canonical(value: Json) -> str | None:
    """A value as JSON with sorted keys and no blanks; None where it cannot be written (nested too deep).

    >>> canonical({"b": 1, "a": [True]})
    '{"a":[true],"b":1}'
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError, RecursionError):
        pass
    if deeper(value, DEEPEST):
        return None
    try:  # an integer of more than 64 bits, a lone surrogate: the slow encoder takes them
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _part(value: Any) -> tuple[bool, str | None]:
    """Whether a value is a part of a message's content, and its text if it has one."""
    if type(value) is str:
        return True, value
    if type(value) is dict:
        text = value.get("text")
        if type(text) is str:
            return True, text
        if type(value.get("type")) is str:
            content = value.get("content")
            return True, content if type(content) is str else None
    return False, None


def text_of(value: Json) -> str | None:
    """The text of a message's content.

    A string is itself. Of a list of parts (strings, objects with `text`, objects with `type` and `content`) the texts are joined by
    newlines; parts without text, such as images, are passed over. A number or a truth value is as JSON writes it, and so is the rest.

    >>> text_of([{"type": "text", "text": "hello"}, {"type": "image_url", "image_url": {}}])
    'hello'
    """
    if type(value) is str:
        return value
    if type(value) is list:
        parts = [_part(item) for item in value]
        if all(known for known, _ in parts):
            return "\n".join([text for _, text in parts if text is not None])
    elif type(value) is dict:
        known, text = _part(value)
        if known and text is not None:
            return text
    return canonical(value)


def only_key(value: Json, defects: Defects, site: str, line: int = 0) -> str | None:
    """The key of an object that has exactly one; otherwise a defect `not_one_key` and None.

    >>> from stepc.runtime.defects import Defects
    >>> only_key({"click": {"index": 3}}, Defects(), "only_key(action)")
    'click'
    """
    if type(value) is dict and len(value) == 1:
        for key in value:
            if type(key) is str:
                return key
    defects.add("not_one_key", site, line)
    return None


def only_value(value: Json, defects: Defects, site: str, line: int = 0) -> Json:
    """The value of an object that has exactly one key; otherwise a defect `not_one_key` and None.

    >>> from stepc.runtime.defects import Defects
    >>> only_value({"click": {"index": 3}}, Defects(), "only_value(action)")
    {'index': 3}
    """
    if type(value) is dict and len(value) == 1:
        for item in value.values():
            found: Json = item
            return found
    defects.add("not_one_key", site, line)
    return None


_DEEPEST_ENTRY: Final = 64
"""How deep values of values are taken out of what they are wrapped in."""
_LONGEST_WHOLE: Final = 20
_WRAPPED: Final = {
    name: kind for kind in ("string", "bool", "double", "bytes", "int", "array", "kvlist") for name in (f"{kind}Value", f"{kind}_value")
}
"""What the JSON encoding of OpenTelemetry's `AnyValue` calls a value, in both spellings of its keys (opentelemetry-proto, common.proto)."""


def key_values(value: Json, defects: Defects, site: str, line: int = 0) -> Json:
    """A list of entries `{"key": …, "value": …}` (or `"name"`) as an object; an object as it is. Of equal keys the last counts.

    Values come out of `{"stringValue": …}` and its like. Entries of another shape are left out, with one defect `wrong_type`; a list of
    nothing else, and a value that is neither a list nor an object, give None.

    >>> from stepc.runtime.defects import Defects
    >>> key_values([{"key": "tokens", "value": {"intValue": "12"}}], Defects(), "kv(.attributes)")
    {'tokens': 12}
    """
    if type(value) is dict:
        return value
    found, odd = _entries(value, _DEEPEST_ENTRY)
    if odd:
        defects.add("wrong_type", site, line)
    return found


def _entries(value: Json, depth: int) -> tuple[dict[str, Json] | None, bool]:
    """Entries as an object, and whether some are none."""
    if type(value) is not list:
        return None, True
    found: dict[str, Json] = {}
    odd = False
    for entry in value:
        name = entry.get("key", entry.get("name")) if type(entry) is dict else None
        if type(name) is str and ("value" in entry or "key" in entry):  # a value that is not set may be left out
            found[name] = _unwrapped(entry.get("value"), depth)
        else:
            odd = True
    return (found if found or not odd else None), odd


def _unwrapped(value: Json, depth: int) -> Json:
    """A value out of what says its type; any other as it is."""
    if type(value) is not dict or len(value) != 1 or depth == 0:
        return value
    name, inner = next(iter(value.items()))
    held: Json = inner
    kind = _WRAPPED.get(name) if type(name) is str else None
    if kind is None:
        return value
    if kind == "int":
        digits = inner.removeprefix("-") if type(inner) is str else ""
        return int(inner) if digits.isdecimal() and digits.isascii() and len(digits) < _LONGEST_WHOLE else held
    if kind in ("array", "kvlist"):
        items = inner.get("values") if type(inner) is dict else None
        if kind == "kvlist":
            return _entries(items if items is not None else [], depth - 1)[0]
        return [_unwrapped(item, depth - 1) for item in items] if type(items) is list else []
    return held


# ---- numbers and times -----------------------------------------------------------------------------------------------


def _number(value: Json) -> int | float | None:
    """A finite number, also one written as a text; integers of any size that JSON could hold."""
    if type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is str:
        text = value.strip()
        if len(text) <= _LONGEST_NUMBER:
            if _INTEGER.fullmatch(text):
                return int(text)
            if _NUMBER.fullmatch(text):
                number = float(text)
                return number if math.isfinite(number) else None
    return None


def to_int(value: Json, defects: Defects, site: str, line: int = 0) -> int | None:
    """A whole number of 64 bits, also one written as a text (`2`, `2.0`, `"2"`); otherwise a defect `bad_value` and None.

    >>> from stepc.runtime.defects import Defects
    >>> to_int("2", Defects(), "int(.mistake_step)")
    2
    """
    number = _number(value)
    if type(number) is int and _SMALLEST <= number <= _LARGEST:
        return number
    if type(number) is float and number.is_integer() and -_MOST_EXACT < number < _MOST_EXACT:
        return int(number)
    defects.add("bad_value", site, line)
    return None


def to_float(value: Json, defects: Defects, site: str, line: int = 0) -> float | None:
    """A finite number, also one written as a text; otherwise a defect `bad_value` and None.

    >>> from stepc.runtime.defects import Defects
    >>> to_float("2.5", Defects(), "float(.score)")
    2.5
    """
    number = _number(value)
    if number is not None:
        try:
            return float(number)
        except OverflowError:
            pass
    defects.add("bad_value", site, line)
    return None


def to_time(value: Json, defects: Defects, site: str, line: int = 0) -> float | None:
    """A point in time as seconds since 1970 in UTC; otherwise a defect `bad_value` and None.

    A text is ISO 8601 (without a zone: UTC), or a number. A number counts seconds, milliseconds, microseconds or nanoseconds since 1970
    by its size: seconds below 10^11 (the year 5138), milliseconds below 10^14, microseconds below 10^17, else nanoseconds.

    >>> from stepc.runtime.defects import Defects
    >>> to_time("1970-01-01T00:01:00Z", Defects(), "time(.at)")
    60.0
    >>> to_time(1700000000123, Defects(), "time(.at)")
    1700000000.123
    """
    if type(value) is str and (value[4:5] == "-" or _number(value) is None):  # a year and a dash: the usual spelling, and no number
        if len(value) <= _LONGEST_TIME:
            try:
                moment = datetime.fromisoformat(value)
                return (moment - (_NAIVE_EPOCH if moment.tzinfo is None else _EPOCH)).total_seconds()
            except (ValueError, OverflowError):
                pass
    elif (number := _number(value)) is not None:
        size = abs(number)
        if size <= _LATEST:
            return number / next((per_second for below, per_second in _UNITS if size < below), 1e9)
    defects.add("bad_value", site, line)
    return None
