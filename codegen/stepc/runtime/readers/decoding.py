"""JSON bytes to values: the strict decoder first, and for what it refuses the most that can be told of it."""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Callable
from typing import Any, Final

import orjson

from stepc.runtime.bounds import deeper
from stepc.runtime.readers.projection import Loads
from stepc.runtime.readers.streams import DamagedError
from stepc.runtime.readers.wide import encoding_of, oddity
from stepc.runtime.step import Json

Report = Callable[[str, str], None]
"""Takes the kind of a defect and a sentence about it."""

_LONGEST_INTEGER: Final = 20
_DEEPEST: Final = 500
"""How deep the lenient decoder follows: every version of Python goes as far."""


def decode(data: bytes, report: Report, loads: Loads = orjson.loads) -> Json:
    """The value of a JSON text; `loads` may leave out what nobody reads.

    A byte order mark is passed over. Bytes that are no UTF-8 are read as U+FFFD (`bad_utf8`), UTF-16 and UTF-32 with their mark are read
    as what they are (`bad_utf8` too). NaN, infinite and overlong numbers are null, lone surrogates U+FFFD, control characters in strings
    are taken (`nonstandard_json`). Of equal keys the last counts. Raises DamagedError where nothing can be made of it: `empty`,
    `truncated`, `bad_json`, `too_deep`.
    """
    value: Json
    try:
        return loads(data)
    except orjson.JSONDecodeError as problem:
        first = problem
    text, odd = _text(data)
    if not text or text.isspace():
        raise DamagedError("empty", "no JSON value at all")
    if text.lstrip().startswith("\x00"):
        raise DamagedError("bad_json", "binary data")
    if odd:
        report("bad_utf8", odd)
    try:
        return orjson.loads(text)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError as problem:
        first = problem
    try:
        value = _LENIENT.decode(text)
    except RecursionError:
        raise DamagedError("too_deep", "nested too deep") from None
    except ValueError:
        raise _reason(first, text) from None
    if deeper(value, _DEEPEST):
        raise DamagedError("too_deep", "nested too deep")
    report("nonstandard_json", "read although it is not standard JSON: " + _place(first))
    return _without_surrogates(value) if "\\u" in text else value


def _text(data: bytes) -> tuple[str, str]:
    """The text of bytes, without a byte order mark, and what was odd about them."""
    encoding = encoding_of(data)
    if encoding:
        return data.decode(encoding, "replace"), oddity(encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(), ""
    except UnicodeDecodeError as problem:
        return data.decode("utf-8", "replace"), f"not UTF-8 at byte {problem.start}"


def _place(problem: orjson.JSONDecodeError) -> str:
    return f"{problem.msg} (line {problem.lineno}, column {problem.colno})"


def _reason(problem: orjson.JSONDecodeError, text: str) -> DamagedError:
    if "depth" in problem.msg or "recursion" in problem.msg.lower():
        return DamagedError("too_deep", "nested too deep")
    if problem.pos >= len(text.rstrip()) or "unexpected end" in problem.msg:
        return DamagedError("truncated", f"ends in the middle of a value: {_place(problem)}")
    return DamagedError("bad_json", _place(problem))


def _integer(digits: str) -> int | float | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else _float(digits)


def _float(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _constant(name: str) -> None:
    """NaN and the infinities say that there is no number."""


_LENIENT: Final = json.JSONDecoder(strict=False, parse_int=_integer, parse_float=_float, parse_constant=_constant)


def _repaired(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_surrogates(value: Any) -> Json:
    """The value with U+FFFD for lone surrogates, in keys too."""
    top: list[Any] = [value]
    pending: list[Any] = [top]
    while pending:
        item = pending.pop()
        if type(item) is dict:
            entries = [(_repaired(key), entry) for key, entry in item.items()]
            item.clear()
            for key, entry in entries:
                item[key] = _repaired(entry) if type(entry) is str else entry
                if type(entry) is dict or type(entry) is list:
                    pending.append(entry)
        else:
            for index, entry in enumerate(item):
                if type(entry) is str:
                    item[index] = _repaired(entry)
                elif type(entry) is dict or type(entry) is list:
                    pending.append(entry)
    result: Json = top[0]
    return result
