"""An expression as text: for messages, for the labels of arms and for fixes. What it prints parses to the same tree."""

from __future__ import annotations

import re
from typing import Final

from stepc.syntax import tree

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "{": "\\{", "}": "\\}"}
_LEVELS: Final = {"or": 2, "and": 3, "not": 4, "compare": 5, "unary": 6}
_FALLBACK, _CONDITIONAL, _ATOM = 0, 1, 7


def text_of(expression: tree.Expression) -> str:
    """The expression as it would be written, with the brackets that its tree needs."""
    return _print(expression, 0)


def string(value: str) -> str:
    """A string literal."""
    return '"' + "".join(_character(character) for character in value) + '"'


def key(name: str, first: bool = False) -> str:
    """A key of a path: `.name` or `["odd key"]`; as the first of a path that starts with a dot, `.["odd key"]`."""
    if _WORD.match(name):
        return f".{name}"
    return f".[{string(name)}]" if first else f"[{string(name)}]"


def pattern(value: tree.Pattern) -> str:
    """The pattern of an arm."""
    return "absent" if isinstance(value, tree.AbsentPattern) else _print(value, _ATOM)


def arm_label(arm: tree.Arm, limit: int = 80) -> str:
    """The name of an arm in accounts: its patterns and guard, at most `limit` characters."""
    text = ", ".join(pattern(item) for item in arm.patterns) or "otherwise"
    if arm.guard is not None:
        text += f" when {text_of(arm.guard)}"
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character


def _print(expression: tree.Expression, level: int) -> str:
    text, own = _bare(expression)
    return f"({text})" if own < level else text


def _bare(expression: tree.Expression) -> tuple[str, int]:
    match expression:
        case tree.Literal_(value=value):
            return _literal(value), _ATOM
        case tree.Regex(pattern=source, flags=flags):
            return f"/{_slashes(source)}/{flags}", _ATOM
        case tree.Template(parts=parts):
            return '"' + "".join(_template_part(part) for part in parts) + '"', _ATOM
        case tree.Path(base=base, segments=segments):
            return _path(base, segments), _ATOM
        case tree.Call(function=function, arguments=arguments):
            return f"{function.text}({', '.join(_print(item, 0) for item in arguments)})", _ATOM
        case tree.ListOf(items=items):
            return f"[{', '.join(_print(item, 0) for item in items)}]", _ATOM
        case tree.ObjectOf(entries=entries):
            inner = ", ".join(f"{_entry_key(entry.key)}: {_print(entry.value, 0)}" for entry in entries)
            return f"{{ {inner} }}" if inner else "{}", _ATOM
        case tree.Unary(operator="not", operand=operand):
            return f"not {_print(operand, _LEVELS['not'])}", _LEVELS["not"]
        case tree.Unary(operator=operator, operand=operand):
            return f"{operator} {_print(operand, _ATOM)}", _LEVELS["unary"]
        case tree.Binary(operator=("and" | "or") as operator, left=left, right=right):
            own = _LEVELS[operator]
            return f"{_print(left, own)} {operator} {_print(right, own + 1)}", own
        case tree.Binary(operator=operator, left=left, right=right):
            own = _LEVELS["compare"]
            return f"{_print(left, own + 1)} {operator} {_print(right, own + 1)}", own
        case tree.Fallback(left=left, right=right):
            return f"{_print(left, _CONDITIONAL)} else {_print(right, _FALLBACK)}", _FALLBACK
        case tree.Conditional(test=test, yes=yes, no=no):
            return f"if {_print(test, 2)} then {_print(yes, 2)} else {_print(no, _CONDITIONAL)}", _CONDITIONAL


def _literal(value: str | int | float | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return string(value) if isinstance(value, str) else repr(value)


def _slashes(source: str) -> str:
    """A regex's text with its unescaped `/` escaped."""
    out: list[str] = []
    escaped = False
    for character in source:
        if character == "/" and not escaped:
            out.append("\\")
        out.append(character)
        escaped = character == "\\" and not escaped
    return "".join(out)


def _template_part(part: str | tree.Expression) -> str:
    if isinstance(part, str):
        return "".join(_character(character) for character in part)
    return "{" + _print(part, 0) + "}"


def _entry_key(name: str) -> str:
    return name if _WORD.match(name) else string(name)


def _path(base: tree.Name | tree.Call | None, segments: tuple[tree.Segment, ...]) -> str:
    if base is None:
        head = "" if segments and isinstance(segments[0], tree.Field) and _WORD.match(segments[0].key) else "."
    else:
        head = base.text if isinstance(base, tree.Name) else _print(base, 0)
    text = head
    for segment in segments:
        match segment:
            case tree.Field(key=name):
                text += key(name)
            case tree.Index(value=value):
                text += f"[{_print(value, 0)}]"
            case tree.Every(optional=optional):
                text += "[]?" if optional else "[]"
    return text
