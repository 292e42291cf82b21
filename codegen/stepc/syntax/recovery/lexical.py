"""Mistakes in single tokens: quotes, escapes, comments, spaces, stray characters, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from stepc.syntax.machine import is_word
from stepc.syntax.recovery.draft import Change
from stepc.syntax.recovery.trouble import Repair, Trouble
from stepc.syntax.recovery.words import expected_words

_QUOTES = {"'": "'", "`": "`", "“": "”", "”": "”", "„": "“", "‘": "’", "’": "’", "«": "»"}
_QUOTE_NAMES = {"'": "single quotes", "`": "backticks"}
_SPACES = frozenset("\u00a0\u2002\u2003\u2009\u200a\u200b\u202f\u3000\ufeff\x0b\x0c\r")
_MOST_ENDS = 12
_ODD_NUMBER = re.compile(r"[-+]?(?:0[xob][0-9A-Fa-f_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+)[A-Za-z_0-9]*")
_SLASHES = re.compile(r"/[a-z]*(?=\s*(?:$|[,)\]{]|=>|//|[a-z]))")


def quotes(trouble: Trouble) -> Iterator[Repair]:
    """Texts in the wrong quotes."""
    token = trouble.token
    closing = _QUOTES.get(token.text) if token.type == "" else None
    if closing is None:
        return
    end = trouble.rest.find(closing, 1)
    name = _QUOTE_NAMES.get(token.text, "typographic quotes")
    message = f"a text stands in double quotes, not in {name}"
    if end < 0:
        yield Repair("SV113", message, (token.start, token.end), 'write `"`', (), certain=True)
        return
    stop = token.start + end + 1
    inside = trouble.text[token.start + 1 : stop - 1]
    change = Change(token.start, stop, f'"{_protected(inside)}"')
    yield Repair("SV113", message, (token.start, stop), "wrong quotes", (change,), "write double quotes", certain=True)


def _protected(inside: str) -> str:
    """Text for double quotes: bare quotes and braces get their backslash, `\\'` loses it."""
    inside = re.sub(r"\\(['`])", r"\1", inside)
    return re.sub(r"\\.|[\"{}]", lambda found: found.group() if len(found.group()) > 1 else "\\" + found.group(), inside)


def texts(trouble: Trouble) -> Iterator[Repair]:
    """Texts that never end, and braces in texts."""
    token, text = trouble.token, trouble.text
    opener = token.start
    if trouble.bracket is not None and trouble.bracket.type == "TEMPLATE_HEAD":
        opener = trouble.bracket.start
    elif token.type != "TEMPLATE_HEAD" and token.text != '"':
        return
    line = text[opener : max(opener, trouble.line_end)]
    closed = _closing_quote(line)
    if closed is not None:
        literal = line[: closed + 1]
        change = Change(opener, opener + len(literal), f'"{_protected(literal[1:-1])}"')
        message = "a brace in a text begins or ends a hole, and a hole holds paths, calls and `else`"
        yield Repair(
            "SV115", message, (token.start, max(token.end, token.start + 1)), "no part of a hole", (change,), "write the braces as text"
        )
        return
    for end in _ends(line):
        change = Change(opener + end, opener + end, '"')
        message = "this text never ends"
        yield Repair("SV114", message, (opener, opener + end), "no closing quote on this line", (change,), "close the text")


def _closing_quote(line: str) -> int | None:
    for found in re.finditer(r'\\.|"', line[1:]):
        if found.group() == '"':
            return found.start() + 1
    return None


def _ends(line: str) -> Iterator[int]:
    """Where something without its closing sign may have ended: before a block's brace, at the end, before a bracket or comma."""
    comment = re.search(r"\s+//", line)
    body = line[: comment.start()] if comment else line
    block = re.search(r"\s*(?:=>.*|\{)$", body)
    if block:
        yield block.start()
    yield len(body)
    for found in islice(reversed(list(re.finditer(r"\s*[)\]},]", body))), _MOST_ENDS):
        yield found.start()


def patterns(trouble: Trouble) -> Iterator[Repair]:
    """Patterns that never end or hold a bare slash, and comments of other languages."""
    token, text = trouble.token, trouble.text
    previous = trouble.previous
    if previous is not None and previous.type == "REGEX" and previous.end == token.start:
        line = text[previous.start : trouble.line_end]
        for found in reversed(list(_SLASHES.finditer(line, 1))):
            inside = re.sub(r"\\.|/", lambda part: "\\/" if part.group() == "/" else part.group(), line[1 : found.start()])
            change = Change(previous.start, previous.start + found.end(), f"/{inside}{found.group()}")
            shown = (previous.start, previous.start + found.end())
            yield Repair("SV115", "a slash inside a pattern is written `\\/`", shown, "ends too early", (change,), "escape the slashes")
    if trouble.rest.startswith("/*"):
        stop = text.find("*/", token.start)
        single = stop >= 0 and "\n" not in text[token.start : stop]
        changes: tuple[Change, ...] = (Change(token.start, token.start + 2, "//"),)
        if single:
            changes += (Change(stop, stop + 2, ""),)
        shown = (token.start, token.start + 2)
        yield Repair("SV124", "a comment begins with `//` and ends with its line", shown, "write `//`", changes, "make it a line comment")
    elif token.type != "":
        return
    elif token.text == "#":
        change = Change(token.start, token.start + 1, "//")
        shown = (token.start, token.end)
        yield Repair("SV124", "a comment begins with `//`", shown, "write `//`", (change,), "make it a comment", certain=True)
    elif token.text == "/":
        for length in _ends(trouble.rest):
            end = token.start + length
            if length > 1:
                shown, here = (token.start, end), "no closing `/` on this line"
                yield Repair("SV114", "this pattern never ends", shown, here, (Change(end, end, "/"),), "close the pattern")


def spaces(trouble: Trouble) -> Iterator[Repair]:
    """A space too few or too many."""
    token, previous = trouble.token, trouble.previous
    if previous is None:
        return
    if trouble.why == "space":
        yield from numbers(trouble)
        change = Change(token.start, token.start, " ")
        shown = (previous.start, token.end)
        yield Repair(
            "SV116", "a space is missing between two words", shown, "two words in one", (change,), "separate the words", certain=True
        )
    elif trouble.why == "touch":
        comma = Repair(
            "SV119",
            "a comma is missing",
            (previous.end, token.end) if "\n" in trouble.text[previous.end : token.start] else (token.start, token.end),
            "a comma belongs before this",
            (Change(previous.end, previous.end, ","),),
            "separate the two with a comma",
        )
        join = Repair(
            "SV117",
            "a path or a call has no spaces in it",
            (previous.end, token.start),
            "remove the space",
            (Change(previous.end, token.start, ""),),
            "join the two",
        )
        listed = trouble.bracket is not None and trouble.bracket.type in ("LSQB", "LPAR", "CHOICE_OPEN")
        listed = listed or token.type == "GLOB_FIELD"
        yield from (comma, join) if listed and token.type in ("FIELD", "GLOB_FIELD") else (join, comma)


def glued(trouble: Trouble) -> Iterator[Repair]:
    """A keyword and what follows it in one word: `max4000`, `emitSaid`."""
    token = trouble.token
    for word in expected_words(trouble.place) if token.type == "NAME" else ():
        rest = token.text.removeprefix(word)
        if rest != token.text and (rest[:1].isdigit() or rest[:1].isupper()):
            change = Change(token.start + len(word), token.start + len(word), " ")
            shown, here = (token.start, token.end), f"`{word}` ends here"
            yield Repair("SV116", "a space is missing between two words", shown, here, (change,), "separate the words")


def numbers(trouble: Trouble) -> Iterator[Repair]:
    """Numbers in the notation of another language."""
    token, previous = trouble.token, trouble.previous
    start = token.start
    if previous is not None and previous.end == token.start and previous.type in ("INT", "NUMBER"):
        start = previous.start
    elif not (token.text[:1].isdigit() or token.text in (".", "+", "-") or (token.type == "" and token.text == ".")):
        return
    found = _ODD_NUMBER.match(trouble.text, start)
    if found is None or found.end() <= token.start:
        return
    value = _value(found.group())
    if value == found.group():
        return  # its notation is right, its place is not
    shown = (start, found.end())
    message = "a number is written with digits, and at most one point between them"
    changes = (Change(start, found.end(), value),) if value else ()
    yield Repair(
        "SV128",
        message,
        shown,
        "another notation",
        changes,
        f"write {value}" if value else "",
        advice="" if value else "write it with digits",
        certain=bool(value),
    )


def _value(text: str) -> str:
    """A number of another notation in ours, or "" where that is not exact."""
    try:
        if text[:2].lower() in ("0x", "0o", "0b"):
            return str(int(text, 0)) if len(text) < 20 else ""
        value = float(text)
    except ValueError:
        return ""
    if abs(value) >= 1e15 or (value != 0 and abs(value) < 1e-9):
        return ""
    if value == int(value):
        return f"{value:.1f}" if "." in text else str(int(value))
    return f"{value:.12f}".rstrip("0")


def stray(trouble: Trouble) -> Iterator[Repair]:
    """Characters that mean nothing here."""
    token = trouble.token
    if token.type != "":
        return
    shown = (token.start, token.end)
    delete = (Change(token.start, token.end, ""),)
    if token.text in _SPACES:
        what = "carriage return in the middle of a line" if token.text == "\r" else "space that only looks like one"
        yield Repair(
            "SV124", f"this is a {what}", shown, "write a plain space", (Change(*shown, " "),), "write a plain space", certain=True
        )
    elif token.text == ";":
        if trouble.rest == ";" or trouble.rest[1:].lstrip().startswith(("//", "}")):
            yield Repair("SV124", "a statement ends with its line, without `;`", shown, "remove it", delete, "remove the semicolon")
        else:
            indent = " " * _indent(trouble)
            blanks = len(trouble.rest[1:]) - len(trouble.rest[1:].lstrip())
            change = Change(token.start, token.end + blanks, f"\n{indent}")
            message = "a statement ends with its line, without `;`"
            yield Repair("SV124", message, shown, "begin a new line", (change,), "begin a new line", certain=True)
    elif token.text == "\\" and trouble.rest == "\\":
        yield Repair("SV124", "a line is not continued with a backslash", shown, "remove it", delete, "remove the backslash")
    elif token.text.isalpha() or (token.text.isdigit() and not token.text.isascii()):
        end = token.end
        while end < len(trouble.text) and is_word(trouble.text[end]):
            end += 1
        begin = trouble.behind if trouble.behind == token.start and trouble.previous and is_word(trouble.previous.text[-1]) else token.start
        start = trouble.previous.start if trouble.previous is not None and begin == trouble.behind and begin == token.start else token.start
        message = f"`{trouble.text[start:end][:40]}` is no name: names are made of a–z, A–Z, 0–9 and `_`"
        yield Repair(
            "SV124",
            message,
            (start, end),
            "outside quotes only these",
            (Change(token.start, end, ""),),
            advice='write the letter in ASCII, or the key in quotes: `.["…"]`',
        )
    else:
        yield Repair("SV124", f"`{token.text}` means nothing here", shown, "stray character", delete, "remove it")


def _indent(trouble: Trouble) -> int:
    line = trouble.text.rfind("\n", 0, trouble.token.start) + 1
    body = trouble.text[line : trouble.token.start]
    return len(body) - len(body.lstrip())
