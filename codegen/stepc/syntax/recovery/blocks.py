"""Mistakes in the shape of statements and blocks: braces, line breaks, keywords, names, the header."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stepc.syntax import _grammar, tables
from stepc.syntax.machine import is_word
from stepc.syntax.recovery.draft import Change
from stepc.syntax.recovery.marks import indent_of
from stepc.syntax.recovery.trouble import Repair, Trouble
from stepc.syntax.recovery.words import closest, expected_words, wants_value

HEADER = "stepview 1"
_OTHERWISE = frozenset({"default", "else", "_", "*", "any", "other", "others", "ELSE", "Otherwise"})
_FOREIGN_PATTERNS = {
    "None": "absent",
    "nil": "absent",
    "undefined": "absent",
    "NULL": "absent",
    "missing": "absent",
    "True": "true",
    "False": "false",
}
_SYNONYMS = {
    "import": "use",
    "include": "use",
    "from": "use",
    "class": "step",
    "struct": "step",
    "message": "step",
    "switch": "match",
    "labels": "outcome",
    "test": "example",
    "private": "secret",
    "skip": "ignore",
    "drop": "ignore",
    "discard": "ignore",
    "yield": "emit",
    "return": "emit",
    "for": "each",
    "foreach": "each",
    "var": "let",
    "const": "let",
    "def": "let",
    "of": "in",
    "if": "when",
    "where": "when",
    "pass": "unknown",
    "at": "episode",
    "limit": "max",
    "label": "predict",
    "target": "predict",
    "inputs": "features",
    "model": "scorer",
    "zone": "alert",
    "warn": "alert",
}
"""Words of other languages for ours."""

HOMES = {
    "format": "`source`",
    "accept": "`source`",
    "input": "`source`",
    "beside": "`source`",
    "event": "`source`",
    "time": "`source`",
    "banner": "`input`",
    "before": "`beside`",
    "emit": "an arm of `match`",
    "each": "an arm of `match`",
    "let": "an arm of `match`",
    "set": "an arm of `match`",
    "given": "`example`",
    "expect": "`example`",
    "open": "`pair`",
    "close": "`pair`",
    "carry": "`pair`",
    "score": "`monitor`",
    "predict": "`monitor`",
    "scorer": "`monitor`",
    "features": "`monitor`",
    "alert": "`monitor`",
    "cooldown": "`monitor`",
    "censored": "`monitor`",
    "rule": "`monitor`",
    "source": "the file, outside all blocks",
    "start": "the file, outside all blocks",
    "meta": "the file, outside all blocks",
    "outcome": "the file, outside all blocks",
    "state": "the file, outside all blocks",
    "enum": "the file, outside all blocks",
    "reads": "the file, outside all blocks",
    "step": "the file, outside all blocks",
    "pair": "the file, outside all blocks",
    "match": "the file, outside all blocks",
    "sealed": "the file, outside all blocks",
    "secret": "the file, outside all blocks",
    "example": "the file, outside all blocks",
    "monitor": "the file, outside all blocks",
    "use": "the file, outside all blocks",
    "vocabulary": "the file, outside all blocks",
    "stepview": "the first line of the file",
}
"""Where a keyword that begins a statement belongs."""


def header(trouble: Trouble) -> Iterator[Repair]:
    """The first line."""
    if not trouble.statement and trouble.fits("STEPVIEW"):
        token = trouble.token
        near = re.match(r"(?i)step[-_ ]?view\b[^\n]*|stepc\b[^\n]*|stepview[^\n]*|st[^\s{]*[ \t]+[\d.]+$", trouble.rest)
        begin = 1 if trouble.text.startswith("\ufeff") else 0
        if near:
            shown = (token.start, token.start + len(near.group().rstrip()))
            yield Repair(
                "SV101",
                f"the first line is `{HEADER}`",
                shown,
                f"write `{HEADER}`",
                (Change(*shown, HEADER),),
                f"write `{HEADER}`",
                certain=True,
            )
            return
        shown = (begin, begin) if trouble.at_line_end else (token.start, token.end)
        change = Change(begin, begin, HEADER + "\n")
        yield Repair(
            "SV101",
            f"the first line `{HEADER}` is missing",
            shown,
            "a spec begins with its language",
            (change,),
            f"begin with `{HEADER}`",
            certain=True,
        )
    elif len(trouble.statement) and trouble.first.type == "STEPVIEW":
        start = trouble.first.start
        found = re.compile(r"stepview[^\r\n/]*").match(trouble.text, start)
        end = start + len(found.group().rstrip()) if found else trouble.token.end
        message = f"the version of the language is a whole number: `{HEADER}`"
        yield Repair(
            "SV102", message, (start, end), "unknown version", (Change(start, end, HEADER),), "read the file as version 1", certain=True
        )


def braces(trouble: Trouble) -> Iterator[Repair]:
    """A block without its opening brace, or with the brace on the next line."""
    if not trouble.fits("LBRACE") or wants_value(trouble.place) or trouble.token.text in (",", "="):
        return
    behind, token = trouble.behind, trouble.token
    following = re.compile(r"(?:[ \t]*(?://[^\n]*)?\r?\n)*([ \t]*)(\S?)").match(trouble.text, token.start)
    own = len(indent_of(trouble).expandtabs(2))
    if trouble.at_line_end and following is not None and following.group(2) == "{":
        shown = (following.start(2), following.end(2))
        change = Change(behind, following.end(2), " {")
        yield Repair("SV104", "the opening brace stands on the line of its block", shown, "one line up", (change,), "move the brace up")
    elif trouble.at_line_end and following is not None:
        deeper = len(following.group(1).expandtabs(2)) > own or following.group(2) == "}"
        if not deeper and trouble.fits("UNKNOWN"):
            return
        text = " {" if deeper else " {}"
        shown = (trouble.first.start, behind)
        yield Repair(
            "SV104",
            "this block has no opening brace",
            shown,
            "`{` belongs behind this",
            (Change(behind, behind, text),),
            f"write `{text.strip()}`",
        )
    elif not trouble.at_line_end:
        change = Change(behind, behind, " {")
        shown = (token.start, token.end)
        yield Repair("SV104", "this block has no opening brace", shown, "`{` belongs before this", (change,), "write `{`")


def lines(trouble: Trouble) -> Iterator[Repair]:
    """Two statements on one line."""
    token = trouble.token
    if not trouble.fits("_NL") or trouble.at_line_end or trouble.begins_statement:
        return
    previous = trouble.previous
    if previous is not None and previous.text == "{":
        return
    change = Change(trouble.behind, token.start, "\n" + indent_of(trouble))
    message = "a statement stands on a line of its own"
    yield Repair("SV129", message, (token.start, token.end), "begin a new line", (change,), "begin a new line")


def reserved(trouble: Trouble) -> Iterator[Repair]:
    """A reserved word where a name is declared."""
    token = trouble.token
    if token.text in tables.RESERVED and trouble.fits("NAME") and not wants_value(trouble.place):
        shown = (token.start, token.end)
        change = Change(*shown, token.text + "_")
        message = f"`{token.text}` is a word of the language and no name"
        yield Repair("SV118", message, shown, "choose another name", (change,), f"call it `{token.text}_`")


def keywords(trouble: Trouble) -> Iterator[Repair]:
    """Misspelt or foreign keywords, and statements without theirs."""
    token = trouble.token
    shown = (token.start, token.end)
    word = re.match(r"[A-Za-z_*][\w*]*", trouble.rest)
    if word is None:
        return
    written = word.group()
    shown = (token.start, token.start + len(written))
    if trouble.fits("OTHERWISE") and written in _OTHERWISE:
        yield Repair(
            "SV120",
            "the arm for everything else is `otherwise`",
            shown,
            "write `otherwise`",
            (Change(*shown, "otherwise"),),
            "write `otherwise`",
        )
    if trouble.fits("ABSENT") and trouble.fits("ARROW") is False and written in _FOREIGN_PATTERNS and not trouble.fits("NAME"):
        meant = _FOREIGN_PATTERNS[written]
        yield Repair(
            "SV111",
            f"`{written}` is written `{meant}` in a pattern",
            shown,
            f"write `{meant}`",
            (Change(*shown, meant),),
            f"write `{meant}`",
        )
    if trouble.fits("NAME") and trouble.begins_statement:
        return
    allowed = expected_words(trouble.place)
    if trouble.fits("EMIT") and (trouble.begins_statement or (trouble.previous is not None and trouble.previous.type == "ARROW")):
        yield from _without_keyword(trouble, written)
    meant = _SYNONYMS.get(written, "")
    if meant not in allowed:
        meant = closest(written, [choice for choice in allowed if choice != written]) or ""
    if written == "case" and trouble.fits("OTHERWISE"):
        change = Change(token.start, token.start + len(trouble.rest) - len(trouble.rest[4:].lstrip()), "")
        yield Repair("SV120", "an arm begins with its pattern", shown, "remove it", (change,), "remove `case`")
    if meant:
        message = f"`{written}` is no keyword here: did you mean `{meant}`?"
        yield Repair("SV120", message, shown, f"write `{meant}`", (Change(*shown, meant),), f"write `{meant}`")


def _without_keyword(trouble: Trouble, written: str) -> Iterator[Repair]:
    shown = (trouble.token.start, trouble.token.start + len(written))
    behind = trouble.rest[len(written) :].lstrip()
    if behind.startswith(("{", "when ")):
        change = Change(trouble.token.start, trouble.token.start, "emit ")
        yield Repair("SV120", f"a step is made with `emit {written}`", shown, "`emit` is missing", (change,), f"write `emit {written}`")
    elif behind.startswith("=") and not behind.startswith(("==", "=>")):
        change = Change(trouble.token.start, trouble.token.start, "let ")
        yield Repair("SV120", f"a name is given with `let {written} = …`", shown, "`let` is missing", (change,), f"write `let {written}`")


def unquoted(trouble: Trouble) -> Iterator[Repair]:
    """Texts without quotes."""
    token = trouble.token
    if not trouble.fits("STRING") or trouble.at_line_end or wants_value(trouble.place):
        return
    start = token.start
    for _, before in reversed(trouble.trail[trouble.begin :]):
        if before.end != start or not is_word(before.text[-1]):
            break
        start = before.start
    body = re.split(r"\s+//", trouble.text[start : trouble.line_end])[0]
    ends = []
    for mark in (r"\s*=>", r"\s*\{(?=$|\s)", r"\s+(?:input|episode|id)\b", r"\s*[,\]}]", r"\s"):
        found = re.search(mark, body)
        if found and found.start() > 0:
            ends.append(found.start())
    first_word = ends[-1] if ends else len(body)
    for end in dict.fromkeys([*ends[:2], len(body), *ends[2:], first_word]):
        inside = body[:end].strip("\"'")
        if not inside or '"' in inside:
            continue
        protected = re.sub(r"[{}]", lambda found: "\\" + found.group(), inside.replace("\\", "\\\\"))
        shown = (start, start + end)
        yield Repair("SV112", "a text stands in quotes", shown, "quotes are missing", (Change(*shown, f'"{protected}"'),), "write quotes")


def missing_else(trouble: Trouble) -> Iterator[Repair]:
    """`if` without `then` or `else`."""
    if not any(token.type == "IF" for token in trouble.statement):
        return
    behind, shown = trouble.behind, (trouble.token.start, trouble.token.end)
    if trouble.fits("THEN") and not trouble.at_line_end:
        written = r"[:?]" if trouble.token.text in (":", "?") else ""
        end = trouble.token.end if written else behind
        yield Repair("SV103", "an `if` has a `then`", shown, "`then` belongs here", (Change(behind, end, " then"),), "write `then`")
    elif trouble.fits("ELSE") and any(token.type == "THEN" for token in trouble.statement):
        change = Change(behind, behind, " else null")
        yield Repair("SV103", "an `if` has an `else`", (behind, behind), "`else` belongs here", (change,), "otherwise there is no value")


def resorts(trouble: Trouble) -> Iterator[Repair]:
    """`skip` and `drop` where no value is missing yet."""
    token = trouble.token
    if token.text not in ("skip", "drop") or trouble.fits("SKIP"):
        return
    message = f"`{token.text}` stands at the end of a field's value, behind `else`, and not in parentheses"
    advice = f"write `field = value else {token.text}`"
    if trouble.fits("IGNORE"):
        message, advice = f"an arm cannot `{token.text}`", 'write `ignore "why"` or `unknown`'
    yield Repair("SV103", message, (token.start, token.end), "not here", (), advice=advice, certain=True)


def subject(trouble: Trouble) -> Iterator[Repair]:
    """`match {` without what to look at: its block was read as an object."""
    bracket = trouble.bracket
    number = next((at for at, (_, token) in enumerate(trouble.trail) if token == bracket), 0)
    if bracket is None or number == 0 or trouble.trail[number - 1][1].type != "MATCH":
        return
    message, here = "`match` does not say what it looks at", "a path belongs before this"
    change = Change(bracket.start, bracket.start, ". ")
    yield Repair("SV103", message, (bracket.start, bracket.end), here, (change,), advice="write `match .role {`")


def misplaced(trouble: Trouble) -> Iterator[Repair]:
    """A statement of another block: nothing to repair, but it can be named."""
    first = trouble.first
    home = HOMES.get(first.text)
    if home is None or len(trouble.statement) > 1:
        return
    keyword = _grammar.KEYWORDS.get(first.text, "")
    if trouble.begins_statement and trouble.fits(keyword):
        return
    if not trouble.begins_statement and first.type == keyword:
        return
    shown = (first.start, first.end)
    yield Repair(
        "SV126", f"`{first.text}` cannot stand here", shown, f"belongs into {home}", (), advice=f"move it into {home}", certain=True
    )


def documentation(trouble: Trouble) -> Iterator[Repair]:
    """A doc comment that documents nothing."""
    token, previous = trouble.token, trouble.previous
    if trouble.fits("STEPVIEW"):
        return
    if token.type == "DOC":
        change = Change(token.start, token.start + 3, "//")
        shown, here = (token.start, token.end), "a doc comment stands on a line of its own"
        yield Repair(
            "SV126", "a doc comment stands above what it documents", shown, here, (change,), "make it a plain comment", certain=True
        )
    elif previous is not None and previous.type == "DOC" and (token.text == "}" or trouble.at_line_end):
        shown = (previous.start, previous.end)
        change = Change(previous.start, previous.start + 3, "//")
        yield Repair(
            "SV126",
            "a doc comment stands above what it documents",
            shown,
            "nothing follows",
            (change,),
            "make it a plain comment",
            certain=True,
        )


_PLACEHOLDERS = (("NAME", "x"), ("STRING", '""'), ("INT", "0"), ("FIELD", ".x"), ("NULL", "null"), ("REGEX", "/x/"), ("UNKNOWN", "unknown"))


def stopgaps(trouble: Trouble) -> Iterator[Repair]:
    """Changes that serve to go on: something put in where it is missing, or left out where it is too much. Nobody is told to make them."""
    token = trouble.token
    if trouble.begins_statement:
        return
    for terminal, text in _PLACEHOLDERS:
        if trouble.fits(terminal):
            yield Repair("", "", (0, 0), "", (Change(trouble.behind, trouble.behind, f" {text}"),))
    if trouble.at_line_end:
        return
    yield Repair("", "", (0, 0), "", (Change(token.start, token.end, ""),))
    brace = trouble.rest.rfind("{")
    if trouble.rest.endswith("{") and brace > 0 and trouble.fits("LBRACE"):
        yield Repair("", "", (0, 0), "", (Change(token.start, token.start + brace, ""),))
