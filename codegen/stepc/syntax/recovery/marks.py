"""Mistakes in the signs between tokens: `=` and `:`, operators of other languages, commas, brackets within a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stepc.syntax.machine import Token
from stepc.syntax.recovery.draft import Change
from stepc.syntax.recovery.trouble import Repair, Trouble
from stepc.syntax.recovery.words import wants_value

_CLOSER = {"LPAR": ")", "LSQB": "]", "CHOICE_OPEN": "}", "LBRACE": "}"}
_NO_ARITHMETIC = "there is no arithmetic on texts and numbers"
_FOREIGN = {"&&": ("and",), "&": ("and",), "||": ("or", "else"), "|": ("or", "else"), "??": ("else",), "!": ("not ",), "~": ("not ",)}
_COMPARISONS = {"===": "==", "!==": "!=", "<>": "!=", "=<": "<=", "≤": "<=", "≥": ">=", "≠": "!=", "~=": "!="}
_ARROWS = ("->", "→", "⇒", "==>", "-->", "~>", "|>")


def assignments(trouble: Trouble) -> Iterator[Repair]:
    """`:`, `=`, `:=`, `==` or nothing where the block wants the other."""
    token = trouble.token
    wanted = "=" if trouble.fits("EQUAL") else ":" if trouble.fits("COLON") else ""
    both = trouble.fits("EQUAL") and trouble.fits("COLON")
    written = re.match(r":=|\?=|\+=|==|=>|=|:", trouble.rest)
    previous = trouble.previous
    if previous is not None and previous.text in (":", "=") and previous.end == token.start and token.text in ("=", ":") and trouble.trail:
        place = trouble.trail[-1][0]
        stop = token.end
        sign = previous.text
        if place.offset <= previous.start:
            shown = (previous.start, stop)
            change = (Change(previous.start, stop, sign),)
            yield Repair(
                "SV107",
                f"a value follows `{sign}`, without a second sign",
                shown,
                f"write `{sign}`",
                change,
                f"write `{sign}`",
                certain=True,
            )
        return
    if (
        not wanted
        and written is not None
        and written.group() in ("=", ":", ":=")
        and not trouble.fits("ARROW")
        and not trouble.fits("COMPARE")
    ):
        shown = (token.start, token.start + written.end())
        message = f"no `{written.group()}` stands here"
        apart = "" if trouble.text[shown[1] : shown[1] + 1] in ("", " ", "\t", "\n", "{", "=") else " "
        yield Repair("SV107", message, shown, "remove it", (Change(trouble.behind, shown[1], apart),), f"remove the `{written.group()}`")
    if not wanted or both:
        return
    why = "blocks assign with `=`" if wanted == "=" else "declarations, objects and patterns use `:`"
    if written is not None and written.group() != wanted:
        shown = (token.start, token.start + written.end())
        changes = (Change(*shown, wanted),)
        blank = "" if wanted == ":" and trouble.text[token.start - 1 : token.start] != " " else None
        if wanted == ":" and blank is None:
            changes = (Change(trouble.behind, shown[1], ":"),)
        yield Repair("SV107", f"{why}, not `{written.group()}`", shown, f"write `{wanted}`", changes, f"write `{wanted}`", certain=True)
    elif written is None and not trouble.at_line_end and token.text not in ("(", "[", "{", "|"):
        sign = " =" if wanted == "=" else ":"
        changes = (Change(trouble.behind, trouble.behind, sign),)
        yield Repair(
            "SV107", f"a `{wanted}` is missing", (token.start, token.end), f"`{wanted}` belongs before this", changes, f"write `{wanted}`"
        )


def comparisons(trouble: Trouble) -> Iterator[Repair]:
    """Comparison signs of other languages, and `=` where two values are compared."""
    token, previous = trouble.token, trouble.previous
    for written, meant in _COMPARISONS.items():
        start = token.start
        if previous is not None and previous.type in ("COMPARE", "EQUAL", "LESSTHAN") and previous.end == token.start:
            start = previous.start
        if trouble.text.startswith(written, start) and start + len(written) >= token.end:
            shown = (start, start + len(written))
            yield Repair(
                "SV108",
                f"`{written}` is written `{meant}`",
                shown,
                f"write `{meant}`",
                (Change(*shown, meant),),
                f"write `{meant}`",
                certain=True,
            )
            return
    if token.text == "=" and trouble.fits("COMPARE"):
        shown = (token.start, token.end)
        yield Repair("SV108", "values are compared with `==`", shown, "write `==`", (Change(*shown, "=="),), "write `==`")


def arrows(trouble: Trouble) -> Iterator[Repair]:
    """Anything but `=>` between a pattern and what it does."""
    token = trouble.token
    for written in _ARROWS:
        if trouble.rest.startswith(written):
            shown = (token.start, token.start + len(written))
            yield Repair("SV109", "an arm has the arrow `=>`", shown, "write `=>`", (Change(*shown, "=>"),), "write `=>`", certain=True)
            return
    if not trouble.fits("ARROW"):
        return
    if token.text in (":", "="):
        shown = (token.start, token.end)
        yield Repair("SV109", "an arm has the arrow `=>`", shown, "write `=>`", (Change(trouble.behind, token.end, " =>"),), "write `=>`")
    elif not trouble.at_line_end:
        change = Change(trouble.behind, trouble.behind, " =>")
        yield Repair("SV109", "the arrow `=>` is missing", (token.start, token.end), "`=>` belongs before this", (change,), "write `=>`")


def operators(trouble: Trouble) -> Iterator[Repair]:
    """Operators of other languages."""
    token = trouble.token
    optional = re.match(r"\|\s*(?:None|null|nil|undefined)\b", trouble.rest)
    if optional and trouble.fits("OPTIONAL"):
        change = Change(trouble.behind, token.start + optional.end(), "?")
        shown = (token.start, token.start + optional.end())
        yield Repair("SV110", "a type that may be missing ends in `?`", shown, "write `?`", (change,), "write `?`")
        return
    if token.text in ("skip", "drop") and trouble.trail and trouble.trail[-1][1].type == "OR":
        previous = trouble.trail[-1][1]
        shown = (previous.start, previous.end)
        message = f"`{token.text}` stands behind `else`"
        yield Repair("SV110", message, shown, "write `else`", (Change(*shown, "else"),), f"write `else {token.text}`")
    if token.text in ("|", "||", "or", "/") and trouble.fits("COMMA") and trouble.fits("ARROW"):
        end = token.start + len(token.text) + (trouble.rest.startswith("||"))
        change = Change(trouble.behind, end, ",")
        yield Repair("SV110", "patterns are separated by commas", (token.start, end), "write `,`", (change,), "write a comma")
        return
    for written, meant in _FOREIGN.items():
        if trouble.rest.startswith(written):
            shown = (token.start, token.start + len(written))
            word = meant[0].strip()
            after = trouble.text[shown[1] : shown[1] + 1]
            before = trouble.text[token.start - 1 : token.start]
            for choice in meant:
                padded = (
                    (" " if before not in " \t\n([" else "") + choice + (" " if after not in " \t\n" and not choice.endswith(" ") else "")
                )
                if choice == "not " and after in " \t":
                    padded = padded.rstrip()
                yield Repair(
                    "SV110",
                    f"`{written}` is written `{word}`",
                    shown,
                    f"write `{word}`",
                    (Change(*shown, padded),),
                    f"write `{choice.strip()}`",
                    certain=True,
                )
            return
    if token.text == "?" and trouble.text[token.end : token.end + 1] in (".", "["):
        shown = (token.start, token.end)
        message = "a path needs no `?` on the way: what is missing is missing, whatever follows"
        yield Repair("SV110", message, shown, "remove it", (Change(*shown, ""),), "remove the `?`")
    elif token.text == "?" and trouble.fits("COMPARE"):
        advice = "write `if test then value else other`"
        yield Repair(
            "SV110", "`?` and `:` are written as words", (token.start, token.end), "no operator here", (), advice=advice, certain=True
        )
    elif token.text == "not" and re.match(r"not\s+in\b", trouble.rest):
        advice = "write `not (x in list)`"
        yield Repair(
            "SV110",
            "`not` stands before a comparison, not inside it",
            (token.start, token.end),
            "in front instead",
            (),
            advice=advice,
            certain=True,
        )
    elif token.text in ("+", "*", "%", "-") and token.type == "" and trouble.fits("COMPARE"):
        advice = 'join texts with a template: "{a}/{b}"'
        yield Repair("SV110", _NO_ARITHMETIC, (token.start, token.end), "no operator here", (), advice=advice, certain=True)


def commas(trouble: Trouble) -> Iterator[Repair]:
    """A comma too few or too many."""
    token, previous = trouble.token, trouble.previous
    if trouble.fits("COMMA") and not trouble.at_line_end and token.text not in (")", "]", "}"):
        change = Change(trouble.behind, trouble.behind, ",")
        yield Repair(
            "SV119",
            "a comma is missing",
            (token.start, token.end),
            "a comma belongs before this",
            (change,),
            "separate the two with a comma",
        )
    if token.text == ",":
        shown, delete = (token.start, token.end), (Change(token.start, token.end, ""),)
        if re.match(r",\s*(?://.*)?$", trouble.rest) or re.match(r",\s*[})\]]", trouble.rest):
            yield Repair("SV127", "this comma separates nothing", shown, "remove it", delete, "remove the comma", certain=True)
        elif trouble.fits("_NL"):
            blanks = len(trouble.rest[1:]) - len(trouble.rest[1:].lstrip())
            change = Change(token.start, token.end + blanks, "\n" + indent_of(trouble))
            message = "statements stand on lines of their own, without commas"
            yield Repair("SV127", message, shown, "begin a new line", (change,), "begin a new line", certain=True)
        elif previous is not None and previous.text in (",", "(", "["):
            yield Repair("SV127", "this comma separates nothing", shown, "remove it", delete, "remove the comma")
    elif previous is not None and previous.text == "," and (trouble.at_line_end or token.text in (")", "]", "}")):
        shown = (previous.start, previous.end)
        yield Repair("SV127", "this comma separates nothing", shown, "remove it", (Change(*shown, ""),), "remove the comma")


def indent_of(trouble: Trouble) -> str:
    """The indentation of the line on which the statement begins."""
    line = trouble.text.rfind("\n", 0, trouble.first.start) + 1
    body = trouble.text[line : trouble.first.start]
    return body if not body.strip() else body[: len(body) - len(body.lstrip())]


def brackets(trouble: Trouble) -> Iterator[Repair]:
    """A bracket within a line that is not closed, closed twice or of the wrong kind."""
    token, bracket = trouble.token, trouble.bracket
    closes = token.text in (")", "]", "}")
    if bracket is not None and bracket.type in _CLOSER:
        same_line = "\n" not in trouble.text[bracket.end : token.start]
        later = "\n" in trouble.text[trouble.behind : token.start]
        if bracket.type != "LBRACE" or (same_line and closes):
            yield from _unclosed(trouble, bracket, later or closes or not trouble.fits("COMMA"))
        closer = _CLOSER[bracket.type]
        if closes and token.text != closer and not later and (same_line or bracket.type != "LBRACE"):
            shown = (token.start, token.end)
            message = f"a `{bracket.text}` is closed by `{closer}`"
            yield Repair("SV105", message, shown, f"write `{closer}`", (Change(*shown, closer),), f"write `{closer}`")
    if token.text == "{":
        delete = (Change(token.start, token.end, ""),)
        yield Repair("SV106", "this `{` opens nothing", (token.start, token.end), "one bracket too many", delete, "remove it")
    if token.text in (")", "]") or (token.text == "}" and not trouble.begins_statement):
        delete = (Change(token.start, token.end, ""),)
        yield Repair("SV106", f"this `{token.text}` closes nothing", (token.start, token.end), "one bracket too many", delete, "remove it")


def _unclosed(trouble: Trouble, bracket: Token, likely: bool) -> Iterator[Repair]:
    if not likely:
        return
    closer = _CLOSER[bracket.type]
    around = trouble.place.brackets.around if trouble.place.brackets is not None else None
    outer = _CLOSER.get(around.token.type, "") if around is not None and around.token.type != "LBRACE" else ""
    for close in dict.fromkeys((closer, closer + outer)):
        change = Change(trouble.behind, trouble.behind, close)
        shown = (bracket.start, bracket.end)
        yield Repair("SV105", f"this `{bracket.text}` is never closed", shown, "opened here", (change,), f"close it with `{close}`")


def shapes(trouble: Trouble) -> Iterator[Repair]:
    """The shapes of other languages for types, patterns and paths."""
    token, previous = trouble.token, trouble.previous
    for fits, pattern, replacement, message in _SHAPES:
        found = re.match(pattern, trouble.rest)
        if found and trouble.fits(fits):
            meant = found.expand(replacement)
            shown = (token.start, token.start + found.end())
            advised = f"write `{meant.strip()}`" if meant else "remove it"
            yield Repair("SV103", message, shown, advised, (Change(*shown, meant),), advised)
    if token.type == "NAME" and trouble.fits("FIELD") and not trouble.fits("NAME") and (previous is None or previous.end < token.start):
        shown = (token.start, token.end)
        message = "a path into the trace begins with a point"
        yield Repair("SV103", message, shown, f"write `.{token.text}`", (Change(token.start, token.start, "."),), f"write `.{token.text}`")
    if token.text == "{" and previous is not None and previous.end == token.start and trouble.fits("CHOICE_OPEN"):
        shown = (token.start, token.end)
        yield Repair(
            "SV103",
            "a choice of keys is written `.{a, b}`",
            shown,
            "a point is missing",
            (Change(token.start, token.start, "."),),
            "write `.{`",
        )
    if token.text == "[" and trouble.fits("STRING") and not wants_value(trouble.place) and "]" in trouble.rest:
        close = token.start + trouble.rest.rindex("]")
        shown = (token.start, token.end)
        changes = (Change(*shown, ""), Change(close, close + 1, ""))
        yield Repair("SV103", "spellings are listed without brackets", shown, "remove the brackets", changes, "remove the brackets")


_SHAPES = (
    ("LESSTHAN", r"\[\s*(\w+)\s*\]", r"<\1>", "the type of the elements stands in `<` and `>`"),
    ("MAX", r"[(\[]\s*(\d+)\s*[)\]]", r" max \1", "a text is bounded with `max`"),
    ("NAME", r'"([A-Za-z_]\w*)"', r"\1", "a name stands without quotes"),
    ("LBRACE", r"\(([^()\n]*)\)", r"{\1}", "the fields of a step stand in braces"),
    ("GAP", r"\.{2,}", r"...", "any number of steps is written `...`"),
    ("RSQB", r"[0-9]+|\*", r"", "a path pattern means all elements of a list: `[]`"),
)
