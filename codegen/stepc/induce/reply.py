"""The spec in a reply. A reply is data: whatever it says, it can only become the text of a spec, which is then compiled."""

from __future__ import annotations

import re
from typing import Final

from stepc.syntax import parse, tree
from stepc.syntax.formatter import Unformattable, format_text

MOST_CHARACTERS: Final = 256 << 10
"""A longer spec is none that anybody could review."""
DOUBT: Final = "// check: a model chose this outcome; nothing but its word says that this path tells success and failure"
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n`]*$", re.MULTILINE)
_HEAD: Final = re.compile(r"^stepview[ \t]+\d", re.MULTILINE)
_FIRST: Final = re.compile(r"(?:^///[^\n]*\n)*^stepview[ \t]+\d", re.MULTILINE)


def spec_in(text: str) -> str | None:
    """The spec that a reply holds, laid out where it parses; None where there is none.

    The last fenced block with a spec in it counts, closed or not; without fences, everything from the first line of a spec on. Characters
    that cannot be seen are left out.
    """
    text = _visible(text[: 4 * MOST_CHARACTERS])
    blocks = [block for block in _blocks(text) if _HEAD.search(block)]
    found = blocks[-1] if blocks else text
    first = _FIRST.search(found)
    if first is None:
        return None
    spec = found[first.start() :].strip() + "\n"
    if len(spec) > MOST_CHARACTERS:
        return None
    try:
        return format_text(_without(spec))
    except Unformattable:
        return spec


def _visible(text: str) -> str:
    """Without what a terminal or an editor would obey or hide."""
    return "".join(character for character in text.replace("\r\n", "\n") if character in "\n\t" or character.isprintable())


def _blocks(text: str) -> list[str]:
    """What stands in fences; the last one may be open."""
    blocks: list[str] = []
    begin, fence = -1, ""
    for found in _FENCE.finditer(text):
        mark = found[1]
        if begin < 0:
            begin, fence = found.end() + 1, mark
        elif mark[0] == fence[0] and len(mark) >= len(fence) and found[0].strip() == mark:
            blocks.append(text[begin : found.start()])
            begin = -1
    if begin >= 0:
        blocks.append(text[begin:])
    return blocks


def _without(spec: str) -> str:
    """A spec without examples and monitors: nobody asked for them, and samples that they name are not there."""
    file = parse(spec).tree
    if file is None:
        return spec
    for item in sorted(file.items, key=lambda item: item.span.start, reverse=True):
        if isinstance(item, tree.Example | tree.Monitor):
            start, end = item.span.start, item.span.end
            lines = spec[:start].rstrip("\n").split("\n")
            while lines and lines[-1].lstrip().startswith("///"):
                lines.pop()
            spec = "\n".join(lines).rstrip("\n") + "\n\n" + spec[end:].lstrip("\n")
    return spec.rstrip("\n") + "\n"


def doubted(text: str) -> str:
    """The spec with a doubt above its outcome, where there is an outcome and the spec itself raises none."""
    file = parse(text).tree
    block = (
        next((item for item in file.items if isinstance(item, tree.FieldsBlock) and item.kind == "outcome"), None)
        if file is not None
        else None
    )
    if block is None or not block.fields or DOUBT in text:
        return text
    start = text.rfind("\n", 0, block.span.start) + 1
    while start > 0 and (line := text[text.rfind("\n", 0, start - 1) + 1 : start]).lstrip().startswith("//"):
        start -= len(line)
    return f"{text[:start]}{DOUBT}\n{text[start:]}"
