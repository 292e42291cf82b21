"""Pieces of a spec as lines of text; the formatter indents them at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from stepc.induce.nodes import quoted

Lines = list[str]


def string(text: str) -> str:
    """A text as a string of the language."""
    return f'"{quoted(text)}"'


def block(head: str, body: Iterable[str]) -> Lines:
    """A block in braces."""
    return [f"{head} {{", *body, "}"]


def arm(head: str, body: Lines) -> Lines:
    """An arm of `match`: a single statement needs no braces."""
    one = body.count("}") == 1 and body[-1] == "}" and body[0].startswith("emit ")
    return [f"{head} => {body[0]}", *body[1:]] if len(body) == 1 or one else block(f"{head} =>", body)


def both(*conditions: str) -> str:
    """Conditions joined by `and`; empty ones are left out."""
    return " and ".join(f"({part})" if " or " in part else part for part in dict.fromkeys(filter(None, conditions)))


def emit(step: str, fields: Mapping[str, str | None], *, when: str = "", doc: str = "") -> Lines:
    """One `emit`; fields without a value are left out."""
    head = f"emit {step}" + (f" when {when}" if when else "")
    return [*([f"/// {doc}"] if doc else []), *block(head, [f"{name} = {value}" for name, value in fields.items() if value])]


_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)+/)')
_ROOTED = re.compile(r'(?<![\w\])"])\.(?=[A-Za-z_])')
_WHOLE = re.compile(r"(?<=[ (])\.(?=[\s,)]|$)")
_EMIT = re.compile(r"(emit \w+)(?: when (.+))? \{")
_LET = re.compile(r"let (\w+) =")


def within(lines: Sequence[str], name: str, condition: str, *, taken: Sequence[str] = ()) -> Lines:
    """Statements about an event as they are about the object with this name, where a condition holds.

    taken  statements in front of them: a `let` that is there already gets another name
    """
    made: Lines = []
    known = {match.group(1) for line in taken if (match := _LET.match(line))}
    other: dict[str, str] = {}
    for line in lines:
        match = _LET.match(line)
        if match and match.group(1) in known:
            other[match.group(1)] = next(
                f"{match.group(1)}_{at}" for at in range(2, len(known) + 3) if f"{match.group(1)}_{at}" not in known
            )
        made.append(_EMIT.sub(lambda found: f"{found[1]} when {both(condition, found[2] or '')} {{", _moved(line, name, other)))
    return made


def _moved(line: str, name: str, other: Mapping[str, str]) -> str:
    """A line with its paths beginning at a name, outside of texts and patterns."""
    parts = _QUOTED.split(line)
    for at in range(0, len(parts), 2):
        part = _WHOLE.sub(name, _ROOTED.sub(f"{name}.", parts[at]))
        for old, new in other.items():
            part = re.sub(rf"(?<![\w.]){old}(?!\w)", new, part)
        parts[at] = part
    return "".join(parts)


def pattern(text: str, flags: str = "") -> str:
    """A regular expression between slashes."""
    return f"/{text}/{flags}"


_SPECIAL = frozenset("\\^$.|?*+()[]{}/")


def literal(text: str) -> str:
    """A text as it stands in a regular expression."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def sentence(text: str, most: int = 120) -> str:
    """A text of the samples within a comment: one line, bounded, nothing that a terminal obeys."""
    bare = " ".join("".join(character if character.isprintable() else " " for character in text[: 4 * most]).split())
    return bare if len(bare) <= most else bare[: most - 1] + "…"
