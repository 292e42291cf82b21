"""Mistakes in `monitor` blocks: words left out, percentages, thresholds of one's own, conditions where a rule names a step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stepc.syntax.recovery.draft import Change
from stepc.syntax.recovery.trouble import Repair, Trouble
from stepc.syntax.recovery.words import wants_value

_STATEMENTS = frozenset({"score", "predict", "censored", "alert", "rule"})
_UNITS = frozenset({"steps", "step", "points", "times", "turns", "events", "calls"})
_COUNTED = re.compile(r",[ \t]*(\d{1,9})[ \t]*\)")
_COMPARED = re.compile(r'\.([A-Za-z_]\w*)[ \t]*==?[ \t]*("[^"\\{}]*"|\w+)')
_THRESHOLDS = frozenset({"threshold", "thresholds", "cutoff", "sensitivity"})


def headless(trouble: Trouble) -> Iterator[Repair]:
    """A block of a monitor's statements that does not begin with `monitor`."""
    token = trouble.token
    if not trouble.begins_statement or not trouble.fits("MONITOR"):
        return
    found = re.compile(r"(\w+)[ \t]*\{[ \t]*\n\s*(?:score[ \t]+after|predict)\b").match(trouble.text, token.start)
    if found is not None:
        change = Change(token.start, token.start, "monitor ")
        message = f"`{found[1][:40]}` is no keyword: this is the block of a monitor"
        yield Repair("SV120", message, (token.start, token.end), "`monitor` is missing", (change,), "write `monitor`", certain=True)


def phrases(trouble: Trouble) -> Iterator[Repair]:
    """A word that a statement of a monitor needs before it goes on, or before its line ends."""
    word = trouble.first.text
    if trouble.begins_statement or word not in _STATEMENTS:
        return
    text, message, here = "", "", ""
    if word == "score" and trouble.fits("AFTER"):
        text, message, here = "after", "a monitor looks `score after` some steps", "`after` belongs before this"
    elif word == "predict" and trouble.fits("EVENTUALLY") and trouble.at_line_end:
        text, message, here = "eventually", "`predict` says by when: `eventually`, or `within 3`", "by when?"
    elif word == "censored" and trouble.fits("WHEN"):
        text, message, here = "when", "a run is `censored when` a condition holds", "`when` belongs before this"
    elif word == "alert" and trouble.fits("BUDGET") and trouble.at_line_end:
        text, message, here = "budget 0.10 confidence 0.90", "an alert has a budget of false alarms and a confidence", "how many?"
    elif word == "alert" and trouble.fits("CONFIDENCE") and (trouble.at_line_end or trouble.token.text == "persist"):
        text, message, here = "confidence 0.90", "a budget holds with a confidence", "with which confidence?"
    elif word == "rule" and trouble.fits("WHEN"):
        text, message, here = "when", "a rule alerts `when` something comes again and again", "`when` belongs before this"
    elif word == "rule" and trouble.fits("FOR") and trouble.token.text == "=>":
        text, message, here = "for 3", "a rule says for how many steps in a row", "for how many?"
    elif word == "rule" and trouble.fits("IN") and trouble.token.type == "COMPARE":
        text, message, here = "in 10", "`count` looks at the last steps of a type", "among how many?"
    elif word == "rule" and trouble.fits("COMPARE") and trouble.token.text == "=>":
        text, message, here = ">= 3", "`count` says how many are too many", "how many?"
    elif word == "rule" and trouble.fits("ARROW") and not trouble.at_line_end:
        text, message, here = "=>", "`=>` stands between what comes again and the zone", "`=>` belongs before this"
        text += " yellow" if trouble.token.text.startswith('"') else ""
    elif word == "rule" and trouble.fits("NAME") and trouble.token.text.startswith('"'):
        text, message, here = "yellow", "a rule alerts in a zone, `yellow` or `red`", "in which zone?"
    if text:
        at = trouble.behind
        shown = (at, at) if trouble.at_line_end else (trouble.token.start, trouble.token.end)
        yield Repair("SV103", message, shown, here, (Change(at, at, f" {text}"),), f"write `{text}`")


def replaced(trouble: Trouble) -> Iterator[Repair]:
    """A word of another notation where a statement of a monitor has its own."""
    word, token, previous = trouble.first.text, trouble.token, trouble.previous
    shown = (token.start, token.end)
    if word == "score" and trouble.fits("COMMA") and token.text in ("or", "and"):
        message = "steps after which a monitor looks are separated by commas"
        yield Repair("SV103", message, shown, "write `,`", (Change(trouble.behind, token.end, ","),), "write a comma")
    elif word == "alert" and trouble.fits("BUDGET") and token.text in ("at", "below", "under", "rate", "within"):
        message = "an alert has a budget of false alarms"
        yield Repair("SV103", message, shown, "write `budget`", (Change(*shown, "budget"),), "write `budget`", certain=True)
    elif word == "alert" and token.text in ("=", ":") and previous is not None and previous.text in ("budget", "confidence"):
        message = f"the number stands right behind `{previous.text}`"
        change = Change(previous.end, token.end, " " if trouble.text[token.end : token.end + 1] != " " else "")
        yield Repair("SV107", message, shown, "remove it", (change,), f"remove the `{token.text}`", certain=True)
    elif word in ("rule", "predict") and token.text in _UNITS and previous is not None and previous.type in ("INT", "NUMBER"):
        change = Change(previous.end, token.end, "")
        yield Repair(
            "SV103", "a number stands alone, without a unit", shown, "remove it", (change,), f"remove `{token.text}`", certain=True
        )
    elif word == "rule" and (found := _COUNTED.match(trouble.rest)) is not None and trouble.fits("RPAR"):
        change = Change(token.start, token.start + found.end(), f") in {found[1]}")
        message = "how far `count` looks back stands behind it"
        yield Repair("SV103", message, shown, f"write `) in {found[1]}`", (change,), f"write `) in {found[1]}`")
    elif word == "rule" and (found := _COMPARED.match(trouble.rest)) is not None and trouble.fits("LBRACE"):
        change = Change(token.start, token.start + found.end(), f"{{{found[1]}: {found[2]}}}")
        message = "what a step is to be like stands in braces behind its name"
        shown = (token.start, token.start + found.end())
        yield Repair("SV103", message, shown, f"write `{change.text[:60]}`", (change,), "write braces")
    elif word == "group" and previous is not None and previous.text == "by" and not trouble.at_line_end:
        message = "the field that keeps runs together stands right behind `group`"
        shown = (previous.start, previous.end)
        yield Repair("SV103", message, shown, "remove it", (Change(previous.start, token.start, ""),), "remove `by`")


def bounds(trouble: Trouble) -> Iterator[Repair]:
    """`words 512`, where the bound has a name."""
    token = trouble.token
    if trouble.fits("MAX") and token.text.isdigit() and not trouble.begins_statement:
        shown = (token.start, token.end)
        yield Repair(
            "SV103",
            "a bound is written `max`",
            shown,
            "`max` belongs before this",
            (Change(token.start, token.start, "max "),),
            "write `max`",
        )


def shares(trouble: Trouble) -> Iterator[Repair]:
    """`10%`."""
    token, number = trouble.token, trouble.previous
    if token.text != "%" or number is None or number.end != token.start or re.fullmatch(r"\d{1,9}(\.\d{1,9})?", number.text) is None:
        return
    shown = (number.start, token.end)
    share = f"{float(number.text) / 100:.12f}".rstrip("0").rstrip(".")
    message = "a share is a number up to 1, without `%`"
    yield Repair("SV128", message, shown, "another notation", (Change(*shown, share),), f"write {share}", certain=True)


def names(trouble: Trouble) -> Iterator[Repair]:
    """`.tool` or `outcome.failed`, where fields of steps and labels are called by their names."""
    token, previous = trouble.token, trouble.previous
    if re.fullmatch(r"\.[A-Za-z_]\w*", token.text) is None or wants_value(trouble.place):
        return
    shown = (token.start, token.end)
    if trouble.fits("NAME"):
        change = Change(token.start, token.start + 1, "")
        message = f"`{token.text[1:]}` is a name here, and names have no point before them"
        yield Repair("SV103", message, shown, "a path", (change,), f"write `{token.text[1:]}`", certain=True)
    elif trouble.first.text == "predict" and previous is not None and previous.text == "outcome" and previous.end == token.start:
        change = Change(previous.start, token.start + 1, "")
        message = "a monitor predicts a field of `outcome`, called by its name alone"
        yield Repair(
            "SV103", message, (previous.start, token.end), "the name is enough", (change,), f"write `{token.text[1:]}`", certain=True
        )


def conditions(trouble: Trouble) -> Iterator[Repair]:
    """A rule over a bare field, and a threshold of one's own: what is meant is known, not how to mend it."""
    token, previous = trouble.token, trouble.previous
    if trouble.first.text == "rule" and trouble.fits("FOR") and token.type == "COMPARE" and previous is not None:
        message = f"a rule names the step that `{previous.text[:40]}` is a field of"
        advice = f"write `Step{{{previous.text[:40]}: true}} for 3`, with the name of the step"
        yield Repair("SV103", message, (token.start, token.end), "no condition stands here", (), advice=advice, certain=True)
    if trouble.begins_statement and token.text in _THRESHOLDS and trouble.fits("ALERT"):
        message = "nobody writes the threshold of an alert: training finds it from `budget` and `confidence`"
        advice = "write `alert red budget 0.05 confidence 0.90`"
        yield Repair("SV120", message, (token.start, token.end), "found by training", (), advice=advice, certain=True)
