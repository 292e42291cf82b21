"""Python expressions as text with just enough structure to parenthesise them and to break long ones as the formatter would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from stepc.emit.literals import pieces, string

ATOM: Final = 0
COMPARISON: Final = 1
NOT: Final = 2
AND: Final = 3
OR: Final = 4
TERNARY: Final = 5

WIDTH: Final = 140
"""Columns of a generated line."""

INDENT: Final = "    "

STRINGS: Final = "strings"
"""The `opening` of a long string: its parts are literals that Python joins."""


@dataclass(frozen=True, slots=True)
class Code:
    """One expression.

    `level` is its loosest operator. `optional` tells that it may be None at run time. `parts`, `opening` and `closing` allow to break it:
    the arguments of a call, the items of a display, the operands of `and`/`or`. `name` tells that it is a bare local.
    """

    text: str
    level: int = ATOM
    optional: bool = False
    parts: tuple[Code, ...] = ()
    opening: str = ""
    closing: str = ""
    name: bool = False
    literal: bool = False
    ternary: tuple[Code, Code, Code] | None = None
    needs: tuple[Code, ...] = ()
    """For `None if x is None or … else inner`: what has to be there."""

    @property
    def atom(self) -> bool:
        """Whether repeating it costs nothing and changes nothing."""
        return self.name or self.literal


NONE: Final = Code("None", optional=True, literal=True)
TRUE: Final = Code("True", literal=True)
FALSE: Final = Code("False", literal=True)


def local(name: str, optional: bool = False) -> Code:
    """A bare name, or another text that is as cheap and as stable as one."""
    return Code(name, optional=optional, name=True)


def literal(text: str) -> Code:
    """A literal other than None."""
    return Code(text, literal=True)


def wrapped(code: Code, loosest: int) -> str:
    """Its text, in parentheses where it binds looser than `loosest`."""
    return code.text if code.level <= loosest else f"({code.text})"


def call(function: str, *arguments: Code, optional: bool = False) -> Code:
    """A call with positional arguments."""
    return bracketed(f"{function}(", arguments, ")", optional=optional)


def bracketed(opening: str, items: Sequence[Code], closing: str, *, optional: bool = False, literal: bool = False) -> Code:
    """Items between brackets, with commas."""
    text = opening + ", ".join(item.text for item in items)
    if opening == "(" and len(items) == 1:
        text += ","
    return Code(text + closing, optional=optional, parts=tuple(items), opening=opening, closing=closing, literal=literal)


def prefixed(prefix: str, code: Code) -> Code:
    """`code` behind `key: ` or `name=`."""
    if code.opening == STRINGS:
        first = replace(code.parts[0], text=prefix + code.parts[0].text)
        return replace(code, text=prefix + code.text, parts=(first, *code.parts[1:]), literal=False)
    opening = prefix + code.opening if code.parts and code.level not in (AND, OR) else code.opening
    return replace(code, text=prefix + code.text, opening=opening, ternary=None, needs=(), name=False, literal=False)


def compared(left: Code, operator: str, right: Code) -> Code:
    """A comparison; never None."""
    return Code(f"{wrapped(left, ATOM)} {operator} {wrapped(right, ATOM)}", COMPARISON)


def negated(code: Code) -> Code:
    """`not code`, for code that is True or False or tested for truth."""
    if code.text == "True":
        return FALSE
    if code.text == "False":
        return TRUE
    return Code(f"not {wrapped(code, ATOM)}", NOT)


def all_of(codes: Sequence[Code]) -> Code:
    """`a and b`, without what is always True."""
    flat: list[Code] = []
    for code in codes:
        if code.text == "True":
            continue
        flat.extend(code.parts if code.level == AND else (code,))
        if code.text == "False":
            break
    if not flat:
        return TRUE
    if len(flat) == 1 or flat[0].text == "False":
        return flat[0]
    return Code(" and ".join(wrapped(code, NOT) for code in flat), AND, parts=tuple(flat), opening="and")


def any_of(codes: Sequence[Code]) -> Code:
    """`a or b`, without what is always False."""
    flat: list[Code] = []
    for code in codes:
        if code.text == "False":
            continue
        flat.extend(code.parts if code.level == OR else (code,))
        if code.text == "True":
            break
    if not flat:
        return FALSE
    if len(flat) == 1 or flat[0].text == "True":
        return flat[0]
    return Code(" or ".join(wrapped(code, NOT) for code in flat), OR, parts=tuple(flat), opening="or")


def choose(test: Code, yes: Code, no: Code) -> Code:
    """`yes if test else no`."""
    if test.text in ("True", "False"):
        return yes if test.text == "True" else no
    text = f"{wrapped(yes, OR)} if {wrapped(test, OR)} else {no.text}"
    return Code(text, TERNARY, optional=yes.optional or no.optional, ternary=(test, yes, no))


def is_none(code: Code) -> Code:
    """`code is None`."""
    return Code(f"{wrapped(code, ATOM)} is None", COMPARISON)


def is_there(code: Code) -> Code:
    """`code is not None`."""
    return Code(f"{wrapped(code, ATOM)} is not None", COMPARISON)


def fits(text: str, depth: int) -> bool:
    """Whether a line of this text stays within the width."""
    return len(INDENT) * depth + len(text) <= WIDTH


def lay_out(prefix: str, code: Code, suffix: str, depth: int, *, bracketed: bool = False) -> list[str]:
    """`prefix code suffix` as lines indented from `depth` on: on one line where it fits, else broken the way the formatter does."""
    pad = INDENT * depth
    whole = prefix + code.text + suffix
    if fits(whole, depth) or not code.parts:
        return [pad + whole]
    if code.opening == STRINGS:
        return _lay_out_string(prefix, code, suffix, depth, bracketed)
    if code.level in (AND, OR):
        deeper = depth if bracketed else depth + 1
        lines = [] if bracketed else [f"{pad}{prefix}("]
        for index, part in enumerate(code.parts):
            lead = (prefix if bracketed else "") if index == 0 else f"{code.opening} "
            last = suffix if bracketed and index == len(code.parts) - 1 else ""
            shown = replace(part, text=wrapped(part, NOT), parts=()) if part.level > NOT else part
            lines.extend(lay_out(lead, shown, last, deeper, bracketed=True))
        return lines if bracketed else [*lines, f"{pad}){suffix}"]
    lines = [f"{pad}{prefix}{code.opening}"]
    for part in code.parts:
        lines.extend(lay_out("", part, ",", depth + 1, bracketed=True))
    return [*lines, f"{pad}{code.closing}{suffix}"]


def _lay_out_string(prefix: str, code: Code, suffix: str, depth: int, bracketed: bool) -> list[str]:
    """A long string: whole on a line of its own where that is enough, else in pieces."""
    if bracketed:
        pad = INDENT * depth
        lines = [pad + part.text for part in code.parts]
        return [*(f"{pad}{prefix}{lines[0].lstrip()}" if index == 0 else line for index, line in enumerate(lines[:-1])), lines[-1] + suffix]
    pad = INDENT * (depth + 1)
    inner = [pad + code.text] if fits(code.text, depth + 1) else [pad + part.text for part in code.parts]
    return [f"{INDENT * depth}{prefix}(", *inner, f"{INDENT * depth}){suffix}"]


def long_string(text: str) -> Code:
    """A string literal that may be broken."""
    return Code(string(text), literal=True, parts=tuple(Code(piece) for piece in pieces(text, 100)), opening=STRINGS)


def unless_none(needed: Sequence[Code], inner: Code) -> Code:
    """`inner`, or None where one of these is None."""
    absent = [code for code in needed if code.optional]
    if not absent:
        return inner
    return replace(choose(any_of([is_none(code) for code in absent]), NONE, inner), needs=tuple(absent))
