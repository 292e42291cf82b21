"""The renderings of diagnostics: text at several widths, JSON, GitHub."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from stepc.diagnostics.model import Diagnostic, Edit, Fix, Label
from stepc.diagnostics.render import apply_fix, as_github, as_json, as_text, changed_lines, summary
from stepc.source_text import Span
from stepc.terminal import Paint, width

TEXT = """stepview 1

step ToolCall {
  tool: str
}
match .role {
  "x" => emit ToolCall {
    tool = call.name // what was called
  }
}
"""
PATH = "specs/x.stepview"


def span(line: int, text: str) -> Span:
    before = sum(len(one) + 1 for one in TEXT.split("\n")[: line - 1])
    column = TEXT.split("\n")[line - 1].index(text)
    return Span(line, column + 1, line, column + 1 + len(text), before + column, before + column + len(text))


def after(line: int, text: str) -> Span:
    found = span(line, text)
    return Span(line, found.end_column, line, found.end_column, found.end, found.end)


MISSING = Diagnostic(
    "SV203",
    "`.tool_calls[].name` may be missing, and `tool` is `str`",
    span(8, "call.name"),
    here="absent in 3 of 7,307 calls",
    labels=(Label(span(4, "str"), "declared here"),),
    fixes=(
        Fix("drop this step, count it", (Edit(after(8, "call.name"), " else skip"),)),
        Fix("keep the step", (Edit(after(8, "call.name"), ' else "unknown"'),)),
        Fix("let readers see that it is missing", (Edit(span(4, "str"), "str?"),)),
    ),
    path=PATH,
)
STYLE = Diagnostic("SV601", "this does nothing", span(3, "ToolCall"), "warning", advice="Take it out.", path=PATH)


def test_the_whole_picture() -> None:
    assert (
        as_text([MISSING], {PATH: TEXT})
        == """\
error[SV203]: `.tool_calls[].name` may be missing, and `tool` is `str`
 --> specs/x.stepview:8:12
  |
8 |     tool = call.name // what was called
  |            ^^^^^^^^^ absent in 3 of 7,307 calls
4 |   tool: str
  |         --- declared here
  |
  = fix 1: tool = call.name else skip       drop this step, count it
  = fix 2: tool = call.name else "unknown"  keep the step
  = fix 3: tool: str?                       let readers see that it is missing

"""
    )


def test_order_is_by_place() -> None:
    text = as_text([MISSING, STYLE], {PATH: TEXT})
    assert text.index("SV601") < text.index("SV203")
    assert "  = help: Take it out.\n" in text


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
def test_nothing_is_wider_than_the_terminal(columns: int) -> None:
    here, advice = "evidence " * 20, "advice " * 30
    long = Diagnostic("SV203", "word " * 40, span(8, "call.name"), here=here, advice=advice, fixes=MISSING.fixes, path=PATH)
    lines = as_text([long], {PATH: TEXT}, columns=columns).split("\n")
    assert max(map(width, lines)) <= columns


def test_a_caret_far_to_the_right_is_seen() -> None:
    text = "x" * 300 + "HERE" + "y" * 50
    place = Span(1, 301, 1, 305, 300, 304)
    lines = as_text([Diagnostic("SV100", "m", place, path=PATH)], {PATH: text}, columns=60).split("\n")
    excerpt, carets = next((one, two) for one, two in pairwise(lines) if "HERE" in one)
    assert carets.index("^^^^") == excerpt.index("HERE")


def test_carets_stand_below_wide_characters() -> None:
    text = '  text = "漢字" else nothing'
    start = text.index("nothing")
    place = Span(1, start + 1, 1, start + 8, start, start + 7)
    lines = as_text([Diagnostic("SV130", "m", place, path=PATH)], {PATH: text}).split("\n")
    assert lines[4].index("^") == len("1 | ") + width(text[:start])


def test_places_outside_of_the_text_do_no_harm() -> None:
    place = Span(99, 5, 99, 9, 4000, 4004)
    assert "SV100" in as_text([Diagnostic("SV100", "m", place, path=PATH)], {PATH: TEXT})
    assert as_text([Diagnostic("SV100", "m", place, path=PATH)], {}) == f"error[SV100]: m\n --> {PATH}:99:5\n\n"


def test_hostile_specs_are_escaped() -> None:
    text = 'accept "\x1b[31m"'
    out = as_text([Diagnostic("SV100", "bad \x1b[2J", Span(1, 8, 1, 15, 7, 14), path=PATH)], {PATH: text})
    assert "\x1b" not in out
    assert "\\x1b" in out


def test_colours_only_where_wanted() -> None:
    assert "\x1b" not in as_text([MISSING], {PATH: TEXT})
    assert "\x1b[1;31merror[SV203]\x1b[0m" in as_text([MISSING], {PATH: TEXT}, paint=Paint(True))


def test_fixes_apply() -> None:
    fixed = apply_fix(TEXT, MISSING.fixes[0])
    assert "    tool = call.name else skip // what was called\n" in fixed
    removal = Fix("take it out", (Edit(Span(3, 1, 6, 1, TEXT.index("step ToolCall"), TEXT.index("match")), ""),))
    assert changed_lines(TEXT, removal) == (["step ToolCall {", "  tool: str", "}"], [])
    both = Fix("two edits", (Edit(span(4, "str"), "str?"), Edit(span(8, "call.name"), "call.title")))
    assert "tool: str?\n" in apply_fix(TEXT, both)
    assert "tool = call.title" in apply_fix(TEXT, both)


def test_json() -> None:
    document = json.loads(as_json([MISSING, STYLE]))
    assert (document["errors"], document["warnings"]) == (1, 1)
    second = document["diagnostics"][1]
    assert second["span"] == {"line": 8, "column": 12, "end_line": 8, "end_column": 21, "start": 92, "end": 101}
    assert [fix["title"] for fix in second["fixes"]] == [fix.title for fix in MISSING.fixes]


def test_github_escapes_what_it_reads() -> None:
    odd = Diagnostic("SV601", "50 % of\nlines", span(4, "str"), "warning", path="a,b:c.stepview")
    assert as_github([odd]) == "::warning file=a%2Cb%3Ac.stepview,line=4,endLine=4,col=9,endColumn=12,title=SV601::50 %25 of%0Alines\n"


def test_summary() -> None:
    assert summary([MISSING, MISSING, STYLE]) == "2 errors, 1 warning"
    assert summary([]) == ""


def test_a_long_line_is_cut_around_the_carets() -> None:
    line = ", ".join(f'"k{number}"' for number in range(900)) + " => emit X { text = .q }, tail of the line"
    column = line.index(".q")
    here = Span(1, column + 1, 1, column + 3, column, column + 2)
    fix = Fix("drop it", (Edit(Span(1, column + 3, 1, column + 3, column + 2, column + 2), " else skip"),))
    item = Diagnostic(
        "SV203", "may be missing", here, here="absent", labels=(Label(Span(1, 1, 1, 5, 0, 4), "first"),), fixes=(fix,), path=PATH
    )
    for columns, widest in ((None, 215), (80, 80), (60, 60)):
        lines = as_text([item], {PATH: line + "\n"}, columns=columns).split("\n")
        assert max(width(one) for one in lines) <= widest
        excerpt = next(number for number, one in enumerate(lines) if one.startswith("1 | …"))
        caret = lines[excerpt + 1].index("^^")
        assert lines[excerpt][caret : caret + 2] == ".q"
        assert any(one.startswith("1 | ") and '"k0"' in one for one in lines)
        assert any(".q else skip" in one for one in lines)


def test_line_ends_of_windows_are_no_part_of_a_line() -> None:
    text = TEXT.replace("\n", "\r\n")
    place = text.index("call.name") + len("call.name")
    column = place - text.rindex("\n", 0, place)
    end = Span(8, column, 8, column, place, place)
    item = Diagnostic("SV203", "may be missing", end, fixes=(Fix("drop it", (Edit(end, " else skip"),)),), path=PATH)
    out = as_text([item], {PATH: text})
    assert "\\x0d" not in out
    assert "fix: tool = call.name else skip  drop it" in out
